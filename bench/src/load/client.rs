//! A client of the servers that are measured, in each of their dialects.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::ProcessId;
use awp_server::wire::frame::Frame;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::child::{END, READY};

/// How long anything may take that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Received output, in bytes, that an `awp.v1` client acknowledges at once.
const ACK: u64 = 64 * 1024;

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Bare bytes.
    Raw,
    /// `awp.json`.
    Json,
    /// `awp.v1`.
    V1,
    /// ttyd's.
    Tty,
    /// gotty's.
    Gotty,
}

impl Dialect {
    fn subprotocol(self) -> Option<&'static str> {
        match self {
            Self::Raw => None,
            Self::Json => Some("awp.json"),
            Self::V1 => Some("awp.v1"),
            Self::Tty => Some("tty"),
            Self::Gotty => Some("webtty"),
        }
    }
}

/// A connection.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    dialect: Dialect,
    /// Messages that brought output.
    pub frames: u64,
    /// The session that one is attached to, where the dialect tells.
    pub session: Option<String>,
    /// `awp.v1`: how much input was sent, what was received, and what of it was acknowledged.
    sent: u64,
    lane: Lane,
    received: u64,
    acknowledged: u64,
}

/// A message of `awp.json`, as far as it matters here.
#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow, rename = "type")]
    kind: &'a str,
    #[serde(borrow, default)]
    payload: &'a str,
    #[serde(borrow, default)]
    id: &'a str,
}

impl Client {
    /// Opens a socket that reads up to `buffer` bytes at once, and says what is said first.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open(
        address: SocketAddr,
        path: &str,
        dialect: Dialect,
        buffer: usize,
    ) -> anyhow::Result<Self> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        if let Some(name) = dialect.subprotocol() {
            let name = HeaderValue::from_static(name);
            request.headers_mut().insert("sec-websocket-protocol", name);
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut config = WebSocketConfig::default();
        config.read_buffer_size = buffer;
        let opening = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        let (socket, _) = opening
            .await
            .with_context(|| format!("a socket at {path}"))?;
        let mut client = Self {
            socket,
            dialect,
            frames: 0,
            session: None,
            sent: 0,
            lane: Lane {
                process: ProcessId(1),
                channel: Channel::Tty,
            },
            received: 0,
            acknowledged: 0,
        };
        client.hello().await?;
        Ok(client)
    }

    async fn hello(&mut self) -> anyhow::Result<()> {
        match self.dialect {
            Dialect::Raw | Dialect::Json => Ok(()),
            Dialect::V1 => {
                let hello = r#"{"type":"hello","version":1,"client":"awp-bench","from":[]}"#;
                let hello = Frame::Control(Bytes::from_static(hello.as_bytes()));
                self.say(Message::Binary(hello.encode())).await
            }
            Dialect::Tty => {
                let hello = r#"{"AuthToken":"","columns":80,"rows":24}"#;
                self.say(Message::binary(hello)).await
            }
            Dialect::Gotty => {
                let hello = r#"{"Arguments":"","AuthToken":""}"#;
                self.say(Message::text(hello)).await?;
                let size = r#"3{"columns":80,"rows":24}"#;
                self.say(Message::text(size)).await
            }
        }
    }

    async fn say(&mut self, message: Message) -> anyhow::Result<()> {
        self.socket.send(message).await.map_err(Into::into)
    }

    /// Types something.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let prefixed = |kind: &[u8]| [kind, bytes].concat();
        let message = match self.dialect {
            Dialect::Raw => Message::binary(bytes.to_vec()),
            Dialect::Json => {
                let payload = BASE64.encode(bytes);
                Message::text(format!(r#"{{"type":"stdin","payload":"{payload}"}}"#))
            }
            Dialect::V1 => {
                let (lane, seq) = (self.lane, self.sent);
                self.sent += bytes.len() as u64;
                let bytes = Bytes::copy_from_slice(bytes);
                Message::Binary(Frame::Input { lane, seq, bytes }.encode())
            }
            Dialect::Tty => Message::binary(prefixed(b"0")),
            Dialect::Gotty => Message::text(String::from_utf8(prefixed(b"1"))?),
        };
        self.say(message).await
    }

    /// The next piece of output. Cancel safe but for the acknowledgements of a flood.
    ///
    /// # Errors
    /// When the connection is lost or closed.
    pub async fn next(&mut self) -> anyhow::Result<Bytes> {
        loop {
            let message = self.socket.next().await.context("closed")??;
            let output = match (self.dialect, message) {
                (_, Message::Close(_)) => bail!("closed"),
                (Dialect::Raw, Message::Binary(bytes)) => Some(bytes),
                (Dialect::Json, Message::Text(text)) => self.told(text.as_str())?,
                (Dialect::V1, Message::Binary(bytes)) => self.framed(bytes).await?,
                (Dialect::Tty, Message::Binary(bytes)) if bytes.first() == Some(&b'0') => {
                    Some(bytes.slice(1..))
                }
                (Dialect::Gotty, Message::Text(text)) if text.starts_with('1') => {
                    Some(BASE64.decode(&text.as_str()[1..])?.into())
                }
                _ => None,
            };
            if let Some(output) = output {
                self.frames += 1;
                return Ok(output);
            }
        }
    }

    fn told(&mut self, text: &str) -> anyhow::Result<Option<Bytes>> {
        let told: Told<'_> = serde_json::from_str(text)?;
        match told.kind {
            "session" => self.session = Some(told.id.to_owned()),
            "stdout" | "snapshot" => return Ok(Some(BASE64.decode(told.payload)?.into())),
            _ => {}
        }
        Ok(None)
    }

    async fn framed(&mut self, bytes: Bytes) -> anyhow::Result<Option<Bytes>> {
        let (lane, end, bytes) = match Frame::decode(bytes)? {
            Frame::Output {
                lane,
                offset,
                bytes,
            } => (lane, offset + bytes.len() as u64, bytes),
            Frame::Snapshot {
                lane,
                offset,
                bytes,
                ..
            } => (lane, offset, bytes),
            _ => return Ok(None),
        };
        self.received = end;
        if self.received - self.acknowledged >= ACK {
            self.acknowledged = end;
            let ack = Frame::Ack { lane, offset: end };
            self.say(Message::Binary(ack.encode())).await?;
        }
        Ok(Some(bytes))
    }

    /// Reads until `mark` has come; how many bytes came.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn until(&mut self, mark: &[u8]) -> anyhow::Result<u64> {
        let reading = async {
            let (mut count, mut tail) = (0, Vec::new());
            loop {
                let bytes = self.next().await?;
                count += bytes.len() as u64;
                let last = bytes.len().saturating_sub(2 * mark.len());
                tail.extend_from_slice(&bytes[last..]);
                if tail.windows(mark.len()).any(|window| window == mark) {
                    return anyhow::Ok(count);
                }
                let old = tail.len().saturating_sub(mark.len());
                tail.drain(..old);
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.with_context(|| format!("waiting for {}", String::from_utf8_lossy(mark)))?
    }

    /// Waits until the program in the session is ready.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        self.until(READY).await.map(drop)
    }

    /// Has the program write a file so many times; how many bytes came.
    ///
    /// # Errors
    /// When they do not come to an end.
    pub async fn flood(&mut self, file: &str, times: u64) -> anyhow::Result<u64> {
        self.send(format!("flood {file} {times}\n").as_bytes())
            .await?;
        self.until(END).await
    }

    /// Has the program's terminal change nothing.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn raw(&mut self) -> anyhow::Result<()> {
        self.send(b"raw\n").await?;
        self.ready().await
    }

    /// Puts the program into its echoing state.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn echoing(&mut self) -> anyhow::Result<()> {
        self.send(b"echo\n").await?;
        self.ready().await
    }
}
