//! A client of `awp.v1` that keeps to the specification, insists that the server does, and comes
//! back after every cut: it goes on at its offsets and sends again what was not acknowledged.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::ProcessId;
use awp_server::model::pace::VIEWER_WINDOW;
use awp_server::wire::frame::Frame;
use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::deadline::within;
use super::random::Random;
use super::server::TOKEN;

/// Bytes of input that may be unacknowledged: the protocol's number.
const INPUT_WINDOW: usize = 64 * 1024;

/// Bytes that may be consumed without an acknowledgement: an eighth of the window.
const ACK_OWED: u64 = VIEWER_WINDOW / 8;

/// What becomes of the bytes of a channel: given the offset of the first.
pub type Consume = Box<dyn FnMut(u64, &[u8]) + Send>;

/// An output channel as this client has it.
struct Received {
    lane: Lane,
    /// The next byte; everything below was consumed.
    next: u64,
    /// The last acknowledgement that was sent over this connection.
    acked: u64,
    /// The end was told over this connection.
    ended: bool,
    consume: Consume,
}

/// Input, numbered.
pub struct Typed {
    pub lane: Lane,
    pub bytes: Vec<u8>,
    /// Whether the input ends after that.
    pub ends: bool,
    /// Bytes of a frame at most.
    pub piece: usize,
    /// Bytes that may be on their way, within what the protocol allows.
    pub window: usize,
    /// It begins when so many bytes of the first channel were read.
    pub after: u64,
    /// Somebody else sends the same under the same name.
    pub shared: bool,
}

impl Typed {
    /// No input.
    pub fn nothing(lane: Lane) -> Self {
        Self::all(lane, Vec::new(), false)
    }

    /// This, as fast as it is taken.
    pub fn all(lane: Lane, bytes: Vec<u8>, ends: bool) -> Self {
        Self {
            lane,
            bytes,
            ends,
            piece: 16 * 1024,
            window: INPUT_WINDOW,
            after: 0,
            shared: false,
        }
    }
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// It broke.
    Lost,
    /// It was closed with this code.
    Closed(u16),
}

/// A client over all its connections.
pub struct Client {
    proxy: SocketAddr,
    session: String,
    name: String,
    random: Random,
    outputs: Vec<Received>,
    typed: Typed,
    /// Input that was sent once, on whichever connection.
    sent_ever: usize,
    /// Input below this was acknowledged.
    accepted: usize,
    /// How the process ended.
    pub exit: Option<Value>,
    /// Connections that were welcomed.
    pub welcomes: usize,
    /// Codes of errors that were told.
    pub errors: Vec<String>,
}

/// The state of one connection.
#[derive(Default)]
struct Talk {
    welcomed: bool,
    exited: bool,
    /// Input below this was sent over this connection.
    sent: usize,
    input_ended: bool,
    queue: VecDeque<Message>,
}

impl Client {
    /// A client of a session, over whatever is at this address.
    pub fn new(proxy: SocketAddr, session: &str, name: &str, random: Random, typed: Typed) -> Self {
        Self {
            proxy,
            session: session.to_owned(),
            name: name.to_owned(),
            random,
            outputs: Vec::new(),
            typed,
            sent_ever: 0,
            accepted: 0,
            exit: None,
            welcomes: 0,
            errors: Vec::new(),
        }
    }

    /// It reads this channel of the first process, from its first byte.
    pub fn reading(mut self, channel: Channel, consume: Consume) -> Self {
        let lane = Lane {
            process: ProcessId(1),
            channel,
        };
        self.outputs.push(Received {
            lane,
            next: 0,
            acked: 0,
            ended: false,
            consume,
        });
        self
    }

    /// Where the next byte of a channel goes.
    pub fn position(&self, channel: Channel) -> u64 {
        let found = self
            .outputs
            .iter()
            .find(|output| output.lane.channel == channel);
        found.expect("a channel that is read").next
    }

    /// Comes back until the server closes.
    pub async fn run(&mut self) -> u16 {
        loop {
            if let Parting::Closed(code) = self.connection().await {
                return code;
            }
        }
    }

    /// One connection, from its opening to its end.
    pub async fn connection(&mut self) -> Parting {
        let Some(mut socket) = self.open().await else {
            return Parting::Lost;
        };
        let from: Vec<Value> = self.outputs.iter().map(position).collect();
        for output in &mut self.outputs {
            output.acked = output.next;
            output.ended = false;
        }
        let hello = json!({"type": "hello", "version": 1, "client": self.name, "from": from});
        let hello = Frame::Control(hello.to_string().into()).encode();
        let mut talk = Talk::default();
        talk.queue.push_back(Message::Binary(hello));
        loop {
            let what = format!("{}: the next frame, {}", self.name, self.state());
            let next = poll_fn(|context| self.transfer(&mut socket, &mut talk, context));
            match within(what, next).await {
                Some(Ok(Message::Binary(bytes))) => {
                    let frame = Frame::decode(bytes).expect("a frame");
                    self.take(&mut talk, frame);
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    if code == 1000 {
                        assert!(talk.exited, "{}: closed before the exit", self.state());
                    }
                    return Parting::Closed(code);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("awp.v1 has no {other:?}"),
                Some(Err(_)) | None => return Parting::Lost,
            }
        }
    }

    /// Opens a socket, unless it is cut.
    async fn open(&self) -> Option<WebSocketStream<TcpStream>> {
        let path = format!("ws://{}/ws?session={}", self.proxy, self.session);
        let mut request = path.into_client_request().expect("an address");
        let bearer = format!("Bearer {TOKEN}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        let dialect = "awp.v1".parse().expect("a header");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", dialect);
        let opening = async {
            let stream = TcpStream::connect(self.proxy).await.expect("a proxy");
            tokio_tungstenite::client_async(request, stream).await
        };
        match within("a socket", opening).await {
            Ok((socket, _)) => Some(socket),
            Err(Error::Http(answer)) => panic!("{}: {answer:?}", self.session),
            Err(_) => None,
        }
    }

    /// Sends what there is to send and waits for what comes.
    fn transfer(
        &mut self,
        socket: &mut WebSocketStream<TcpStream>,
        talk: &mut Talk,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let mut socket = Pin::new(socket);
        loop {
            self.fill(talk);
            if talk.queue.is_empty() || socket.as_mut().poll_ready(context).is_pending() {
                break;
            }
            let message = talk.queue.pop_front().expect("just looked at");
            // A connection that is lost says so where it is read.
            if socket.as_mut().start_send(message).is_err() {
                break;
            }
        }
        let _ = socket.as_mut().poll_flush(context);
        socket.poll_next(context)
    }

    /// Queues the next piece of input, within the window.
    fn fill(&mut self, talk: &mut Talk) {
        let read = self.outputs.first().map_or(0, |output| output.next);
        if !talk.welcomed || !talk.queue.is_empty() || read < self.typed.after {
            return;
        }
        let Typed {
            lane,
            ref bytes,
            ends,
            piece,
            window,
            ..
        } = self.typed;
        let until = bytes.len().min(self.accepted + window);
        if talk.sent < until {
            let length = self.random.length(piece).min(until - talk.sent);
            let part = Bytes::copy_from_slice(&bytes[talk.sent..talk.sent + length]);
            let seq = talk.sent as u64;
            talk.sent += length;
            self.sent_ever = self.sent_ever.max(talk.sent);
            let frame = Frame::Input {
                lane,
                seq,
                bytes: part,
            };
            talk.queue.push_back(Message::Binary(frame.encode()));
        } else if ends && talk.sent == bytes.len() && !talk.input_ended {
            talk.input_ended = true;
            let seq = talk.sent as u64;
            talk.queue
                .push_back(Message::Binary(Frame::InputEnd { lane, seq }.encode()));
        }
    }

    fn take(&mut self, talk: &mut Talk, frame: Frame) {
        if let Frame::Control(json) = frame {
            let said: Value = serde_json::from_slice(&json).expect("JSON");
            return self.take_control(talk, &said);
        }
        assert!(
            talk.welcomed,
            "{}: a frame before the welcome",
            self.state()
        );
        match frame {
            Frame::Output {
                lane,
                offset,
                bytes,
            } => {
                let ack_all = self.random.once_in(4);
                let output = self.output(lane);
                assert_eq!(offset, output.next, "{lane:?} goes on where it was");
                assert!(!output.ended && !bytes.is_empty());
                (output.consume)(offset, &bytes);
                output.next += bytes.len() as u64;
                let beyond = output.next - output.acked;
                assert!(
                    beyond <= VIEWER_WINDOW,
                    "{beyond} bytes beyond the last ack"
                );
                if ack_all || beyond >= ACK_OWED {
                    output.acked = output.next;
                    let ack = Frame::Ack {
                        lane,
                        offset: output.next,
                    };
                    talk.queue.push_back(Message::Binary(ack.encode()));
                }
            }
            Frame::Size { lane, offset, .. } => {
                assert_eq!(offset, self.output(lane).next, "a size between two bytes");
            }
            Frame::End { lane, offset } => {
                let output = self.output(lane);
                assert_eq!(offset, output.next, "{lane:?} ends after its last byte");
                assert!(!output.ended, "{lane:?} ends once");
                output.ended = true;
            }
            Frame::InputAck { lane, seq } => {
                let seq = usize::try_from(seq).expect("it fits");
                assert_eq!(lane, self.typed.lane);
                assert!(seq <= talk.sent, "{seq} accepted of {}", talk.sent);
                assert!(seq >= self.accepted, "acknowledgements only grow");
                self.accepted = seq;
            }
            Frame::Snapshot {
                offset, skipped, ..
            } => {
                panic!("{}: a snapshot at {offset} skips {skipped}", self.state())
            }
            Frame::Gap { from, offset, .. } => {
                panic!("{}: a gap from {from} to {offset}", self.state())
            }
            _ => panic!("a client's frame from the server"),
        }
    }

    fn take_control(&mut self, talk: &mut Talk, said: &Value) {
        match said["type"].as_str() {
            Some("welcome") => {
                assert!(!talk.welcomed, "welcome is said once");
                talk.welcomed = true;
                self.welcomes += 1;
                let known = said["processes"][0]["input"].as_u64();
                let known = usize::try_from(known.expect("a position")).expect("it fits");
                assert!(known >= self.accepted, "{known} after {}", self.accepted);
                let sent = self.typed.shared || known <= self.sent_ever;
                assert!(sent, "{known} of {}", self.sent_ever);
                self.accepted = known;
                talk.sent = known;
            }
            Some("exit") => {
                assert!(!talk.exited, "the exit is told once");
                let open = self.outputs.iter().any(|output| !output.ended);
                assert!(!open, "{}: an exit before the end", self.state());
                talk.exited = true;
                let before = self.exit.replace(said["status"].clone());
                assert!(before.is_none_or(|before| before == said["status"]));
            }
            Some("error") => {
                let code = said["code"].as_str().expect("a code");
                // The process may have ended before all of its input was sent again.
                self.errors.push(code.to_owned());
            }
            _ => {}
        }
    }

    fn output(&mut self, lane: Lane) -> &mut Received {
        let found = self.outputs.iter_mut().find(|output| output.lane == lane);
        found.unwrap_or_else(|| panic!("{lane:?} is not read"))
    }

    fn state(&self) -> String {
        let outputs: Vec<_> = self
            .outputs
            .iter()
            .map(|output| (output.lane.channel, output.next, output.acked))
            .collect();
        format!(
            "connection {}, input {} of {}, outputs {outputs:?}, errors {:?}",
            self.welcomes, self.accepted, self.sent_ever, self.errors
        )
    }
}

fn position(output: &Received) -> Value {
    json!({
        "process": output.lane.process,
        "channel": output.lane.channel,
        "offset": output.next,
    })
}
