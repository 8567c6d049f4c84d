//! A client of the server under test, in each of its dialects.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::ProcessId;
use awp_server::wire::frame::Frame;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures_util::{Sink as _, SinkExt as _, Stream as _, StreamExt as _};
use http::{HeaderValue, Response};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::deadline::{DEADLINE, within};
use super::seen::Seen;
use super::server::{Server, TOKEN};

/// A name that an `awp.v1` viewer may have for itself.
pub const CLIENT: &str = "client-of-the-tests";

/// Viewers that were given a name of their own.
static NAMED: AtomicU64 = AtomicU64::new(0);

/// How a viewer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Json,
    /// Named in the handshake.
    Raw,
    /// Without a subprotocol.
    Bare,
    V1,
}

impl Dialect {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("awp.json"),
            Self::Raw => Some("raw"),
            Self::Bare => None,
            Self::V1 => Some("awp.v1"),
        }
    }
}

/// A connection and what came over it.
pub struct Viewer {
    socket: WebSocketStream<TcpStream>,
    dialect: Dialect,
    /// `awp.v1`: whether what comes is acknowledged.
    pub acks: bool,
    pub seen: Seen,
}

/// The channel that a process on pipes takes its input from, in the first process.
pub const STDIN: Lane = lane(Channel::Stdin);
pub const STDOUT: Lane = lane(Channel::Stdout);
pub const TTY: Lane = lane(Channel::Tty);

const fn lane(channel: Channel) -> Lane {
    Lane {
        process: ProcessId(1),
        channel,
    }
}

/// Opens a socket with these further headers; what is refused is the answer.
pub async fn connect(
    server: &Server,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<TcpStream>, Box<Response<Option<Vec<u8>>>>> {
    let mut request = format!("ws://{}{path}", server.address)
        .into_client_request()
        .expect("an address");
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a header");
        request.headers_mut().insert(*name, value);
    }
    let opening = async {
        let stream = TcpStream::connect(server.address).await.expect("a server");
        tokio_tungstenite::client_async(request, stream).await
    };
    match within(format!("a socket at {path}"), opening).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer),
        Err(error) => panic!("{path}: {error}"),
    }
}

impl Viewer {
    /// Opens a socket as the owner and, in `awp.v1`, says hello.
    pub async fn open(server: &Server, dialect: Dialect, path: &str) -> Self {
        let mut viewer = Self::unopened(server, dialect, path).await;
        if dialect == Dialect::V1 {
            let client = format!("client-{}", NAMED.fetch_add(1, Ordering::Relaxed));
            let hello = json!({"type": "hello", "version": 1, "client": client});
            viewer.say(hello).await;
        }
        viewer
    }

    /// Opens a socket as the owner, in `awp.v1`, as one that shows notices.
    pub async fn noticing(server: &Server, path: &str) -> Self {
        let mut viewer = Self::unopened(server, Dialect::V1, path).await;
        let client = format!("client-{}", NAMED.fetch_add(1, Ordering::Relaxed));
        let hello = json!({"type": "hello", "version": 1, "client": client, "notices": true});
        viewer.say(hello).await;
        viewer
    }

    /// Opens a socket as the owner, in `awp.v1`, under the name [`CLIENT`].
    pub async fn open_named(server: &Server, path: &str) -> Self {
        let mut viewer = Self::unopened(server, Dialect::V1, path).await;
        let hello = json!({"type": "hello", "version": 1, "client": CLIENT});
        viewer.say(hello).await;
        viewer
    }

    /// A viewer of a new session, in `awp.json`.
    pub async fn json(server: &Server) -> Self {
        Self::open(server, Dialect::Json, "/ws").await
    }

    /// Opens a socket as the owner and says nothing.
    pub async fn unopened(server: &Server, dialect: Dialect, path: &str) -> Self {
        let bearer = format!("Bearer {TOKEN}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(dialect.name().map(|name| ("sec-websocket-protocol", name)));
        let socket = connect(server, path, &headers).await;
        let socket = socket.unwrap_or_else(|answer| panic!("{path}: {answer:?}"));
        Self::over(socket, dialect)
    }

    /// A viewer over a socket that is open.
    pub fn over(socket: WebSocketStream<TcpStream>, dialect: Dialect) -> Self {
        Self {
            socket,
            dialect,
            acks: true,
            seen: Seen::default(),
        }
    }

    /// Sends a message as it is. Whoever was closed finds out by reading.
    pub async fn send(&mut self, message: Message) {
        let sent = timeout(DEADLINE, self.socket.send(message)).await;
        assert!(sent.is_ok(), "a message is not taken: {:#?}", self.seen);
    }

    /// Sends a frame of `awp.v1`.
    pub async fn frame(&mut self, frame: &Frame) {
        self.send(Message::Binary(frame.encode())).await;
    }

    /// Says this in the dialect's own JSON.
    pub async fn say(&mut self, said: Value) {
        let text = said.to_string();
        match self.dialect {
            Dialect::V1 => self.frame(&Frame::Control(text.into())).await,
            _ => self.send(Message::text(text)).await,
        }
    }

    /// Types bytes, in `awp.json` or raw.
    pub async fn type_bytes(&mut self, bytes: &[u8]) {
        match self.dialect {
            Dialect::Json => {
                self.say(json!({"type": "stdin", "payload": BASE64.encode(bytes)}))
                    .await;
            }
            Dialect::Raw | Dialect::Bare => {
                self.send(Message::Binary(Bytes::copy_from_slice(bytes)))
                    .await;
            }
            Dialect::V1 => panic!("input of awp.v1 is numbered"),
        }
    }

    /// Types text and waits for nothing.
    pub async fn type_text(&mut self, text: &str) {
        self.type_bytes(text.as_bytes()).await;
    }

    /// Sends these messages as fast as they are taken and reads all the while, until something was
    /// seen.
    pub async fn pour(
        &mut self,
        messages: impl IntoIterator<Item = Message>,
        what: &str,
        found: impl Fn(&Seen) -> bool,
    ) {
        let mut messages = messages.into_iter().peekable();
        let pouring = async {
            while !found(&self.seen) {
                assert!(!self.seen.over, "{what}: closed after {:#?}", self.seen);
                let socket = &mut self.socket;
                let next = poll_fn(|context| {
                    let mut socket = Pin::new(&mut *socket);
                    while messages.peek().is_some()
                        && socket.as_mut().poll_ready(context).is_ready()
                    {
                        let message = messages.next().expect("just looked at");
                        socket.as_mut().start_send(message).expect("an open socket");
                    }
                    let _ = socket.as_mut().poll_flush(context);
                    socket.poll_next(context)
                });
                let next = next.await;
                self.came(next).await;
            }
        };
        let in_time = timeout(DEADLINE, pouring).await.is_ok();
        assert!(in_time, "{what}: not within {DEADLINE:?}: {:#?}", self.seen);
    }

    /// Asks for a round trip: whatever the server sent before its answer was seen then.
    pub async fn round_trip(&mut self) {
        let id = self.seen.all("pong").len();
        self.say(json!({"type": "ping", "id": id})).await;
        self.until("a pong", |seen| seen.all("pong").len() > id)
            .await;
    }

    /// The session's id, once it was told.
    pub async fn id(&mut self) -> String {
        let key = match self.dialect {
            Dialect::V1 => "session",
            _ => "id",
        };
        self.until("the session's id", |seen| !seen.said.is_empty())
            .await;
        let id = self.seen.said[0][key].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no session: {:#?}", self.seen))
    }

    /// Reads until something was seen; fails when the connection ends before.
    pub async fn until(&mut self, what: &str, found: impl Fn(&Seen) -> bool) {
        let reading = async {
            while !found(&self.seen) {
                assert!(!self.seen.over, "{what}: closed after {:#?}", self.seen);
                self.read().await;
            }
        };
        let in_time = timeout(DEADLINE, reading).await.is_ok();
        assert!(in_time, "{what}: not within {DEADLINE:?}: {:#?}", self.seen);
    }

    /// Reads until this text was written behind the first `start` bytes; gives where it ends.
    pub async fn until_text(&mut self, start: usize, text: &str) -> usize {
        self.until(text, |seen| seen.out.after(start, text).is_some())
            .await;
        self.seen.out.after(start, text).expect("just found")
    }

    /// Reads until everything below `goal` was seen, and keeps none of it.
    pub async fn drain(&mut self, goal: u64) {
        /// Read between two moments of forgetting, in bytes.
        const PIECE: u64 = 1024 * 1024;
        while self.seen.out.end() < goal {
            let next = goal.min(self.seen.out.end() + PIECE);
            self.until("output", |seen| seen.out.end() >= next).await;
            self.seen.out.forget();
        }
    }

    /// Reads for this long, in which nothing may be said; pings may be.
    pub async fn silent(&mut self, period: Duration) {
        let before = (self.seen.out.end(), self.seen.said.len());
        let reading = async {
            while !self.seen.over {
                self.read().await;
            }
        };
        let open = timeout(period, reading).await.is_err();
        let after = (self.seen.out.end(), self.seen.said.len());
        assert!(open && before == after, "not silent: {:#?}", self.seen);
    }

    /// `awp.v1`: input for the terminal of the first process; gives the number of the next byte.
    pub async fn press(&mut self, seq: u64, keys: &'static [u8]) -> u64 {
        let bytes = Bytes::from_static(keys);
        let lane = TTY;
        self.frame(&Frame::Input { lane, seq, bytes }).await;
        seq + keys.len() as u64
    }

    /// Reads to the end of the connection.
    pub async fn rest(mut self) -> Seen {
        self.until("the end", |seen| seen.over).await;
        self.seen
    }

    async fn read(&mut self) {
        let next = self.socket.next().await;
        self.came(next).await;
    }

    async fn came(&mut self, next: Option<Result<Message, Error>>) {
        match next {
            Some(Ok(Message::Close(frame))) => {
                self.seen.closed = frame.map(|frame| frame.code.into());
            }
            Some(Ok(message)) => self.take(message).await,
            Some(Err(_)) | None => self.seen.over = true,
        }
    }

    async fn take(&mut self, message: Message) {
        match (self.dialect, message) {
            (_, Message::Ping(_) | Message::Pong(_)) => {}
            (Dialect::Json, Message::Text(text)) => self.take_json(&text),
            (Dialect::Raw | Dialect::Bare, Message::Binary(bytes)) => {
                self.seen.out.push(None, &bytes);
            }
            (Dialect::V1, Message::Binary(bytes)) => self.take_frame(bytes).await,
            (dialect, message) => panic!("{dialect:?} does not say {message:?}"),
        }
    }

    fn take_json(&mut self, text: &str) {
        let said: Value = serde_json::from_str(text).expect("JSON");
        assert!(
            self.seen.all("exit").is_empty(),
            "{said} after the exit: {:#?}",
            self.seen
        );
        let stream = match said["type"].as_str() {
            Some("stdout") => &mut self.seen.out,
            Some("stderr") => &mut self.seen.err,
            // Another process follows the login program, or it follows one: with offsets of its own.
            Some("login") if said["state"] == "asked" || said["state"] == "unlocked" => {
                self.seen.out.restart(0);
                return self.seen.said.push(said);
            }
            Some("session") => {
                self.seen.out.restart(0);
                return self.seen.said.push(said);
            }
            Some("snapshot") => {
                self.seen
                    .out
                    .restart(said["offset"].as_u64().expect("an offset"));
                return self.seen.said.push(said);
            }
            _ => return self.seen.said.push(said),
        };
        let bytes = BASE64.decode(said["payload"].as_str().expect("a payload"));
        stream.push(said["offset"].as_u64(), &bytes.expect("base64"));
    }

    async fn take_frame(&mut self, bytes: Bytes) {
        match Frame::decode(bytes).expect("a frame") {
            Frame::Control(json) => {
                let said: Value = serde_json::from_slice(&json).expect("JSON");
                if said["type"] == "login" {
                    // Its next run begins at 0.
                    self.seen.others.remove(&0);
                    let of_login =
                        |said: &Value| said["type"] == "snapshot" && said["process"] == 0;
                    self.seen.said.retain(|said| !of_login(said));
                }
                self.seen.said.push(said);
            }
            Frame::Output {
                lane,
                offset,
                bytes,
            } => {
                let stream = self.seen.stream(lane);
                stream.push(Some(offset), &bytes);
                let offset = stream.end();
                if self.acks {
                    self.frame(&Frame::Ack { lane, offset }).await;
                }
            }
            Frame::InputAck { lane, seq } => {
                let before = self.seen.inputs.insert(lane.process.0, seq);
                assert!(
                    before.is_none_or(|before| seq >= before),
                    "acknowledgements only grow"
                );
                self.seen.input = seq;
            }
            Frame::End { lane, offset } => {
                self.seen
                    .said
                    .push(json!({"type": "end", "channel": lane.channel, "offset": offset}));
            }
            Frame::Size { lane, size, .. } => {
                let said = json!({
                    "type": "size", "process": lane.process, "cols": size.cols, "rows": size.rows,
                });
                self.seen.said.push(said);
            }
            Frame::Snapshot {
                lane,
                offset,
                size,
                skipped,
                bytes,
            } => {
                self.seen.stream(lane).restart(offset);
                let said = json!({
                    "type": "snapshot", "process": lane.process, "offset": offset, "cols": size.cols, "rows": size.rows,
                    "skipped": skipped, "payload": BASE64.encode(bytes),
                });
                self.seen.said.push(said);
                if self.acks {
                    self.frame(&Frame::Ack { lane, offset }).await;
                }
            }
            _ => panic!("a frame that no test expects"),
        }
    }
}
