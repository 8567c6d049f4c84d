//! The first words on a socket: who the client is, and its proof where one is still missing.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Message as Frame;

use super::{FIRST, Opening};
use crate::model::mode::Mode;
use crate::server::adapter;
use crate::server::read_ahead::ReadAhead;
use crate::server::socket::{self, Socket, WebSocket};
use crate::wire::close::CloseCode;
use crate::wire::dialect::{ClientEvent, Dialect, Hello, Message};
use crate::wire::json::Json;
use crate::wire::message::VERSION;

/// How long a client may take to say who it is, whatever it sends meanwhile.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// Messages that a client may send before it said who it is.
const MAX_HELLO_MESSAGES: usize = 4;

/// A socket, and what was said on it.
type Greeted<S> = (Hello, WebSocket<S>);

/// Opens the socket over a stream, behind what was `read` of it already, and hears who the client
/// is. Until a client has proven what it still has to prove, its messages are short.
///
/// # Errors
/// What the socket is to be closed with.
pub(super) async fn hear<S>(
    stream: S,
    read: Bytes,
    opening: &Opening,
) -> Result<Greeted<S>, (CloseCode, WebSocket<S>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let unproven = opening.credential.needs_page_key();
    let stream = ReadAhead::new(stream, read);
    let (stream, settings) = if unproven {
        (stream.warily(), socket::unproven())
    } else {
        (stream, socket::settings())
    };
    let mut socket = socket::wrap(stream, settings).await;
    let greeting = async {
        let hello = greet(&mut socket, opening).await?;
        if unproven {
            // Answers to pings leave before the reader of frames is exchanged for another.
            let flushed = poll_fn(|context| Pin::new(&mut socket).poll_flush(context)).await;
            flushed.map_err(|_| CloseCode::Policy)?;
        }
        Ok(hello)
    };
    let greeted = tokio::time::timeout(HELLO_TIMEOUT, greeting).await;
    let hello = match greeted.unwrap_or(Err(CloseCode::LoginEnded)) {
        Ok(hello) => hello,
        Err(code) => return Err((code, socket)),
    };
    if unproven {
        let stream = socket.into_inner().into_inner().freely();
        socket = socket::wrap(stream, socket::settings()).await;
    }
    Ok((hello, socket))
}

/// Hears who the client is, where that is still to be said.
async fn greet<S: Socket>(socket: &mut S, opening: &Opening) -> Result<Hello, CloseCode> {
    let speaks = adapter::dialect(opening.dialect, Mode::Pty, FIRST, Vec::new());
    let hello = speaks.begins_with_hello();
    let unproven = opening.credential.needs_page_key();
    let anonymous = Hello {
        version: VERSION,
        client: String::new(),
        page_key: None,
        size: opening.query.size,
        colors: None,
        label: None,
        notices: false,
        from: Vec::new(),
    };
    if !hello && !unproven {
        return Ok(anonymous);
    }
    // Whatever the dialect, a client without `hello` proves its page key in the same words.
    let mut reader: Box<dyn Dialect> = if hello {
        speaks
    } else {
        Box::new(Json::new(FIRST, Vec::new()))
    };
    for _ in 0..MAX_HELLO_MESSAGES {
        let message = match socket.next().await {
            Some(Ok(Frame::Text(text))) => Message::Text(text.as_str().to_owned()),
            Some(Ok(Frame::Binary(bytes))) => Message::Binary(bytes),
            Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => continue,
            Some(Err(error)) => {
                return Err(socket::violation(&error).unwrap_or(CloseCode::Policy));
            }
            _ => return Err(CloseCode::Policy),
        };
        let event = reader
            .decode(message)
            .map_err(|refusal| refusal.close.unwrap_or(CloseCode::LoginEnded))?;
        let shown = match &event {
            Some(ClientEvent::Hello(hello)) => hello.page_key.as_deref(),
            Some(ClientEvent::Auth { page_key }) => Some(page_key.as_str()),
            _ => return Err(CloseCode::LoginEnded),
        };
        match shown {
            _ if !unproven => {}
            Some(key) if opening.credential.prove(key) => {}
            Some(_) => {
                let Opening { door, peer, .. } = opening;
                return Err(door.refuse_first(&opening.credential, *peer));
            }
            None => return Err(CloseCode::LoginEnded),
        }
        return match event {
            Some(ClientEvent::Hello(hello)) if hello.version != VERSION => Err(CloseCode::Version),
            Some(ClientEvent::Hello(hello)) => Ok(hello),
            _ => Ok(anonymous),
        };
    }
    Err(CloseCode::Policy)
}
