//! The WebSocket under a connection: giving, flushing, reading and closing without losing the tail.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role as Side, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Error as SocketError, Message as Frame};

use super::outgoing::{Opcode, Outgoing};
use super::read_ahead::ReadAhead;
use crate::wire::close::CloseCode;
use crate::wire::dialect::Message;
use crate::wire::frame::MAX_FRAME;

/// What a socket reads at once, in bytes. It is held for as long as the socket lives, so it is
/// small: keystrokes fit, and a paste takes a few reads more.
const READ_BUFFER: usize = 256;

/// Control frames that the library gathers before it writes by itself, in bytes: some hundred.
const CONTROL_BUFFER: usize = 16 * 1024;

/// Control frames that wait for a client that does not read, in bytes: then it is cut off.
const MAX_CONTROL_BUFFER: usize = 2 * CONTROL_BUFFER;

/// Messages that wait for a client that does not read, in bytes. The output given to it stays below:
/// two batches, which grow to three times their size where each line of a byte or none is a message,
/// and one line of the greatest length. Only answers that a client asks for and does not read get
/// here, and then it is cut off.
const MAX_WAITING: usize = 2 * 1024 * 1024;

/// How long a client may take to answer a close before the socket is dropped.
const CLOSE_GRACE: Duration = Duration::from_secs(5);

/// A WebSocket, whatever it runs over.
pub trait Socket:
    Stream<Item = Result<Frame, SocketError>> + Sink<Frame, Error = SocketError> + Unpin + Send
{
    /// Takes a frame, without waiting for those before it; it leaves with the next flush.
    ///
    /// # Errors
    /// When the connection is lost, or more is waiting than may.
    fn take(&mut self, frame: Frame) -> Result<(), SocketError>;

    /// Ends what is sent, below the frames.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads whatever comes, below the frames, and forgets it; how many bytes, 0 at the end.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>>;
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for WebSocketStream<Outgoing<S>> {
    fn take(&mut self, frame: Frame) -> Result<(), SocketError> {
        let (opcode, length) = match &frame {
            Frame::Text(text) => (Opcode::Text, text.len()),
            Frame::Binary(bytes) => (Opcode::Binary, bytes.len()),
            _ => return Pin::new(self).start_send(frame),
        };
        let outgoing = self.get_mut();
        if outgoing.bytes() + length > MAX_WAITING {
            return Err(SocketError::WriteBufferFull(frame.into()));
        }
        outgoing.push(opcode, frame.into_data());
        Ok(())
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.get_mut()).poll_shutdown(context)
    }

    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [0; READ_BUFFER];
        let mut read = ReadBuf::new(&mut scratch);
        let came = ready!(Pin::new(self.get_mut()).poll_read(context, &mut read));
        Poll::Ready(came.map(|()| read.filled().len()))
    }
}

impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        match message {
            Message::Text(text) => Self::text(text),
            Message::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

/// What a socket brought.
pub enum Transfer {
    /// Everything given to it has left.
    Flushed,
    /// A frame, or the loss of the connection.
    Received(Result<Frame, SocketError>),
    /// The client is gone.
    Gone,
}

/// A server's end of a WebSocket: reads in large pieces, sends messages as they are.
pub(super) type WebSocket<S> = WebSocketStream<Outgoing<ReadAhead<S>>>;

/// A server's end of a WebSocket over this stream, once the handshake is done.
pub async fn over<S>(stream: S) -> impl Socket
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    wrap(ReadAhead::new(stream, Bytes::new()), settings()).await
}

/// As [`over`], of a stream that is read in its own way.
pub(super) async fn wrap<S>(stream: ReadAhead<S>, settings: WebSocketConfig) -> WebSocket<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let stream = Outgoing::new(stream);
    WebSocketStream::from_raw_socket(stream, Side::Server, Some(settings)).await
}

/// The longest message of a client that has yet to prove itself, in bytes: a `hello` with a name, a
/// page key and the places of a few programs takes a tenth of it.
const MAX_UNPROVEN: usize = 4 * 1024;

/// The settings of a WebSocket whose client has yet to prove itself.
pub(super) fn unproven() -> WebSocketConfig {
    let mut settings = settings();
    settings.max_message_size = Some(MAX_UNPROVEN);
    settings.max_frame_size = Some(MAX_UNPROVEN);
    settings
}

/// The settings of every other WebSocket.
pub(super) fn settings() -> WebSocketConfig {
    let mut settings = WebSocketConfig::default();
    settings.read_buffer_size = READ_BUFFER;
    settings.write_buffer_size = CONTROL_BUFFER;
    settings.max_write_buffer_size = MAX_CONTROL_BUFFER;
    settings.max_message_size = Some(MAX_FRAME);
    settings.max_frame_size = Some(MAX_FRAME);
    settings
}

/// Flushes and reads, both at once.
pub fn transfer<S: Socket>(
    socket: &mut S,
    flushing: bool,
    reading: bool,
    context: &mut Context<'_>,
) -> Poll<Transfer> {
    let mut socket = Pin::new(socket);
    // Reading comes first: a key must not wait for the flood that it is to stop.
    if reading {
        match socket.as_mut().poll_next(context) {
            Poll::Ready(Some(frame)) => return Poll::Ready(Transfer::Received(frame)),
            Poll::Ready(None) => return Poll::Ready(Transfer::Gone),
            Poll::Pending => {}
        }
    }
    if flushing {
        return match socket.poll_flush(context) {
            Poll::Ready(Ok(())) => Poll::Ready(Transfer::Flushed),
            Poll::Ready(Err(error)) => Poll::Ready(Transfer::Received(Err(error))),
            Poll::Pending => Poll::Pending,
        };
    }
    Poll::Pending
}

/// Gives a socket a frame, without waiting for what it was given before: the socket buffers it,
/// up to the bound of its settings, and a client that lets it come to that is cut off. Waiting here
/// would mean not to hear the key that stops a flood.
///
/// # Errors
/// When the connection is lost, or the client has let more than the bound pile up.
pub fn give<S: Socket>(socket: &mut S, frame: Frame) -> Result<(), SocketError> {
    socket.take(frame)
}

/// What a client is told that broke the rules of the framing; `None` where the connection is lost.
pub fn violation(error: &SocketError) -> Option<CloseCode> {
    match error {
        SocketError::Capacity(_) => Some(CloseCode::TooLarge),
        SocketError::Utf8(_) => Some(CloseCode::NotText),
        // Gone without a close: nobody is left to be told.
        SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        SocketError::Protocol(_) => Some(CloseCode::Protocol),
        SocketError::AttackAttempt => Some(CloseCode::OverLimit),
        _ => None,
    }
}

/// Closes a socket with the words of the code itself.
pub async fn close<S: Socket>(socket: S, code: CloseCode) {
    close_saying(socket, code, String::new()).await;
}

/// Closes a socket and waits for the client's answer: what was sent before must not be lost to a
/// reset, which is what the system sends when a socket is dropped that still has bytes to read. A
/// client that broke the framing gives no answer that can be read, so then the end is waited for.
pub async fn close_saying<S: Socket>(mut socket: S, code: CloseCode, why: String) {
    let reason = if why.is_empty() {
        code.reason().into()
    } else {
        why.into()
    };
    let frame = CloseFrame {
        code: tungstenite::protocol::frame::coding::CloseCode::from(code.number()),
        reason,
    };
    let farewell = async {
        give(&mut socket, Frame::Close(Some(frame)))?;
        poll_fn(|context| Pin::new(&mut socket).poll_flush(context)).await?;
        // What a flood brings is not looked at any more.
        while code != CloseCode::OverLimit
            && let Some(Ok(frame)) =
                poll_fn(|context| Pin::new(&mut socket).poll_next(context)).await
        {
            if matches!(frame, Frame::Close(_)) {
                return Ok(());
            }
        }
        poll_fn(|context| socket.poll_end(context)).await?;
        while poll_fn(|context| socket.poll_discard(context)).await? > 0 {}
        Ok::<(), SocketError>(())
    };
    let _ = tokio::time::timeout(CLOSE_GRACE, farewell).await;
}
