//! A client that knows no dialect, and readers of what it heard.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::server::TOKEN;
use crate::harness::viewer::connect;
use crate::harness::{Server, within};

/// A client that says and hears messages as they are.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    pub heard: Vec<Message>,
    closed: Option<u16>,
    /// What the close said in words.
    pub reason: String,
}

impl Client {
    pub async fn open(server: &Server, subprotocol: Option<&str>, path: &str) -> Self {
        let bearer = format!("Bearer {TOKEN}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(subprotocol.map(|name| ("sec-websocket-protocol", name)));
        let socket = connect(server, path, &headers).await;
        Self::over(socket.unwrap_or_else(|answer| panic!("{path}: {answer:?}")))
    }

    pub fn over(socket: WebSocketStream<TcpStream>) -> Self {
        Self {
            socket,
            heard: Vec::new(),
            closed: None,
            reason: String::new(),
        }
    }

    pub async fn say(&mut self, bytes: impl Into<Vec<u8>>) {
        let message = Message::binary(bytes.into());
        let sent = within("a message to leave", self.socket.send(message)).await;
        sent.expect("an open socket");
    }

    pub async fn text(&mut self, text: &str) {
        let message = Message::text(text);
        let sent = within("a message to leave", self.socket.send(message)).await;
        sent.expect("an open socket");
    }

    /// Hears until `found`, or to the end.
    pub async fn until(&mut self, what: &str, found: impl Fn(&[Message]) -> bool) {
        while !found(&self.heard) {
            let next = within(what, self.socket.next()).await;
            match next {
                Some(Ok(Message::Close(frame))) => {
                    self.closed = frame.map(|frame| frame.code.into());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => self.heard.push(message),
                Some(Err(_)) | None => {
                    panic!("{what}: closed {:?}, heard {:?}", self.closed, self.heard)
                }
            }
        }
    }

    /// Hears to the close; its code.
    pub async fn close(&mut self) -> Option<u16> {
        while let Some(Ok(message)) = within("the close", self.socket.next()).await {
            match message {
                Message::Close(frame) => {
                    let reason = frame.as_ref().map(|frame| frame.reason.as_str().to_owned());
                    self.reason = reason.unwrap_or_default();
                    self.closed = frame.map(|frame| frame.code.into());
                }
                Message::Ping(_) | Message::Pong(_) => {}
                message => self.heard.push(message),
            }
        }
        self.closed
    }
}

/// What came in messages that begin with this byte, without it.
pub fn channel(heard: &[Message], kind: u8) -> String {
    let bytes: Vec<u8> = heard
        .iter()
        .filter_map(|message| match message {
            Message::Binary(bytes) => bytes.strip_prefix(&[kind]),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What came in JSON arrays of this kind, joined.
pub fn arrays(heard: &[Message], kind: &str) -> String {
    let arrays = heard.iter().filter_map(|message| match message {
        Message::Text(text) => serde_json::from_str::<Value>(text).ok(),
        _ => None,
    });
    let own = arrays.filter(|array| array[0] == kind);
    own.map(|array| match &array[1] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
    .collect()
}
