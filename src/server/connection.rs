//! One attached connection: a socket, a dialect, a viewer. The only loop that moves bytes between
//! them, whatever the dialect.
//!
//! Output is not queued: while the socket takes what was given to it, the logs keep the rest. While
//! a process's input queue is full, a window of the client's input waits here, and the socket keeps
//! what comes after that. Both directions go on independently, so that a paste whose echo nobody
//! reads cannot stand still.

mod asked;
mod locking;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message as Frame};
use tracing::debug;

use super::Door;
use super::heartbeat::{Beat, Heartbeat, KeepAlive};
use super::pings::Pings;
use super::resizes::Resizes;
use super::socket::{self, Socket, Transfer};
use super::waiting::{Piece, Waiting};
use crate::model::channel::Lane;
use crate::model::id::ProcessId;
use crate::model::mode::Mode;
use crate::model::pace::INPUT_WINDOW;
use crate::session::viewer::{Input, Viewer, ViewerEvent};
use crate::wire::close::CloseCode;
use crate::wire::dialect::{Dialect, Message, Refusal, ServerEvent};

/// Why a session takes nothing for now.
const LOCKED: &str = "the login is over; whoever the session is for has to log in again";

/// Output that is given to the socket before it is flushed, in bytes: as much as one drain of a
/// process brings, so that a flood travels in large writes and a keystroke's echo at once.
const BATCH: usize = 128 * 1024;

/// Input that was accepted is acknowledged with the next output, or after this long; nobody waits
/// for it but a paste, and that is told at every [`ACK_BYTES`].
const ACK_DELAY: Duration = Duration::from_millis(50);

/// Accepted input, in bytes, that is acknowledged at once: half of what may be on its way to a
/// terminal.
const ACK_BYTES: u64 = INPUT_WINDOW / 2;

/// Says when the connection must end for a reason of its own: a login that ended, a server that
/// goes away.
pub type Revoked = Pin<Box<dyn Future<Output = CloseCode> + Send>>;

/// A connection that is attached.
pub struct Connection<S> {
    socket: S,
    dialect: Box<dyn Dialect>,
    viewer: Viewer,
    /// The client's own name, where it numbers its input.
    client: String,
    heartbeat: Heartbeat,
    pings: Pings,
    /// Something was given to the socket and not flushed.
    unflushed: bool,
    /// The client wants no output for now: the logs keep it, and the process waits.
    paused: bool,
    /// Input that has to wait for room.
    waiting: Waiting,
    /// Accepted input that was not acknowledged yet.
    unacked: Option<Unacked>,
    resizes: Resizes,
    /// The client is a visitor, who gets a way to come back with the login program's grant.
    admits: Option<Arc<Door>>,
    closing: Option<CloseCode>,
    /// What the close says in words, where its code alone does not tell.
    why: Option<String>,
}

struct Unacked {
    process: ProcessId,
    seq: u64,
    told: u64,
    due: Instant,
}

/// Why the loop goes round.
enum Wake {
    Socket(Transfer),
    Changed,
    Timer,
    Revoked(CloseCode),
    Replaced,
}

impl<S: Socket> Connection<S> {
    /// A connection that was let in and attached.
    pub fn new(
        socket: S,
        dialect: Box<dyn Dialect>,
        viewer: Viewer,
        client: String,
        keep_alive: KeepAlive,
    ) -> Self {
        Self {
            socket,
            dialect,
            viewer,
            client,
            heartbeat: Heartbeat::new(keep_alive, Instant::now()),
            pings: Pings::new(Instant::now()),
            unflushed: false,
            paused: false,
            waiting: Waiting::default(),
            unacked: None,
            resizes: Resizes::default(),
            admits: None,
            closing: None,
            why: None,
        }
    }

    /// The same, of a visitor at this door.
    pub fn admitting(mut self, door: Option<Arc<Door>>) -> Self {
        self.admits = door;
        self
    }

    /// Lives as long as the connection; `first` is said before all else. Boxed: a future holds what
    /// it is given once for each function that it passes through.
    pub async fn run(mut self: Box<Self>, mut revoked: Revoked, first: Option<Message>) {
        let opened = first.map_or(Ok(()), |message| self.send_all(Some(message)));
        let ended = match opened {
            Ok(()) => self.converse(&mut revoked).await,
            Err(error) => Err(error),
        };
        let Self {
            socket,
            viewer,
            closing,
            why,
            ..
        } = *self;
        debug!(session = %viewer.session().id(), ?closing, lost = ended.is_err(), "connection ends");
        // Leaving comes first: nobody waits for this client's answer to the close.
        drop(viewer);
        let code = match ended {
            Ok(()) => closing,
            Err(error) => socket::violation(&error),
        };
        if let Some(code) = code {
            socket::close_saying(socket, code, why.unwrap_or_default()).await;
        }
    }

    /// Moves bytes until one side has had enough. An error is a lost socket.
    async fn converse(&mut self, revoked: &mut Revoked) -> Result<(), SocketError> {
        loop {
            self.offer_waiting()?;
            if !self.unflushed && !self.paused {
                self.fill()?;
            }
            if self.closing.is_some() && !self.unflushed {
                return Ok(());
            }
            match self.wake(revoked).await {
                Wake::Socket(Transfer::Flushed) => {
                    self.unflushed = false;
                    if !self.dialect.acknowledges() {
                        self.viewer.ack_all();
                    }
                }
                Wake::Socket(Transfer::Received(frame)) => {
                    self.heartbeat.heard(Instant::now());
                    self.received(frame?)?;
                }
                Wake::Socket(Transfer::Gone) => return Err(SocketError::ConnectionClosed),
                Wake::Changed => {}
                Wake::Timer => self.timer()?,
                Wake::Revoked(code) => {
                    self.closing = Some(code);
                    return Ok(());
                }
                Wake::Replaced => {
                    let why = "this client has come again over another connection";
                    self.closing = Some(CloseCode::Policy);
                    return self.error("replaced", why);
                }
            }
        }
    }

    /// Gives the socket what there is to show, up to a batch.
    fn fill(&mut self) -> Result<(), SocketError> {
        let mut given = 0;
        while given < BATCH && self.closing.is_none() {
            let mut out = BytesMut::new();
            let dialect = &self.dialect;
            let begin = |out: &mut BytesMut, lane, offset| dialect.begin_output(out, lane, offset);
            let Some(event) = self.viewer.next(&mut out, begin) else {
                break;
            };
            given += out.len();
            self.show(event, out.freeze())?;
        }
        if given > 0 {
            self.tell_accepted()?;
            // Also where the dialect shows nothing of it: taken output counts from the flush on.
            self.unflushed = true;
        }
        Ok(())
    }

    fn show(&mut self, event: ViewerEvent, begun: Bytes) -> Result<(), SocketError> {
        match event {
            ViewerEvent::Output {
                lane,
                offset,
                clean,
            } => {
                let message = self.dialect.output(lane, offset, clean, begun);
                self.send_all(message)?;
                match self.dialect.failed() {
                    Some(refusal) => {
                        self.why = Some(format!("{}: {}", refusal.code, refusal.message));
                        self.refuse(refusal)
                    }
                    None => Ok(()),
                }
            }
            ViewerEvent::Over => {
                self.closing = Some(self.dialect.farewell());
                Ok(())
            }
            ViewerEvent::Admitted(_) => self.admitted(event),
            ViewerEvent::Locked
            | ViewerEvent::Seated
            | ViewerEvent::Renewed(_)
            | ViewerEvent::Unlocked => self.lock(event),
            ViewerEvent::Denied if self.viewer.is_locked() => self.lock(event),
            event => self.tell(event),
        }
    }

    /// Waits for whatever comes first.
    async fn wake(&mut self, revoked: &mut Revoked) -> Wake {
        let timer = self.next_timer();
        let Self {
            socket,
            viewer,
            unflushed,
            waiting,
            ..
        } = self;
        let reading = waiting.has_room();
        let transfer = poll_fn(|context| socket::transfer(socket, *unflushed, reading, context));
        tokio::select! {
            biased;
            // First of all: who is out does not stay by sending without end.
            code = &mut *revoked => Wake::Revoked(code),
            moved = transfer => Wake::Socket(moved),
            () = viewer.changed(), if !*unflushed || !waiting.is_empty() => Wake::Changed,
            () = viewer.replaced() => Wake::Replaced,
            () = tokio::time::sleep_until(timer) => Wake::Timer,
        }
    }

    fn received(&mut self, frame: Frame) -> Result<(), SocketError> {
        let message = match frame {
            Frame::Text(text) => Message::Text(text.as_str().to_owned()),
            Frame::Binary(bytes) => Message::Binary(bytes),
            // The answers to pings and to a close are given by the socket itself, at its next
            // flush.
            Frame::Ping(_) => {
                self.unflushed = true;
                return self.pinged();
            }
            Frame::Pong(_) => return self.pinged(),
            Frame::Close(_) => return Err(SocketError::ConnectionClosed),
            Frame::Frame(_) => return Ok(()),
        };
        match self.dialect.decode(message) {
            Ok(Some(event)) => self.handle(event),
            Ok(None) => Ok(()),
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// A client that does nothing but ask is cut off, also where it does not read the answers.
    fn pinged(&mut self) -> Result<(), SocketError> {
        if self.pings.take(Instant::now()) {
            Ok(())
        } else {
            Err(SocketError::AttackAttempt)
        }
    }

    fn take_input(&mut self, piece: Piece) -> Result<(), SocketError> {
        self.waiting.push(piece);
        self.offer_waiting()
    }

    /// Offers the processes the input that waits, as far as there is room.
    fn offer_waiting(&mut self) -> Result<(), SocketError> {
        while let Some(piece) = self.waiting.take() {
            let (process, mut seq, mut bytes) = match piece {
                Piece::Input {
                    process,
                    seq,
                    bytes,
                } => (process, seq, bytes),
                Piece::End { process, seq } => {
                    self.end_input(process, seq)?;
                    continue;
                }
            };
            let before = seq;
            let outcome = match &mut seq {
                Some(seq) => self.viewer.numbered(&self.client, process, seq, &mut bytes),
                None => self.viewer.input(process, &mut bytes),
            };
            if let (Some(before), Some(seq)) = (before, seq)
                && matches!(
                    outcome,
                    Input::Taken | Input::Wait | Input::Refused(_) | Input::Locked
                )
            {
                self.accepted(process, before, seq)?;
            }
            match outcome {
                Input::Taken => {}
                Input::Wait => {
                    self.waiting.put_back(Piece::Input {
                        process,
                        seq,
                        bytes,
                    });
                    return Ok(());
                }
                Input::Refused(error) => {
                    self.error(error.code(), error.to_string())?;
                    if !bytes.is_empty() {
                        self.waiting.put_back(Piece::Input {
                            process,
                            seq,
                            bytes,
                        });
                    }
                }
                // The connection ends at the next wake.
                Input::Replaced => return Ok(()),
                Input::Closed => self.error("input_closed", "the process takes no more input")?,
                Input::Locked => self.error("locked", LOCKED)?,
                Input::NoProcess => self.error("no_process", "there is no such process")?,
                Input::Ahead => {
                    self.refuse(missing())?;
                }
            }
        }
        Ok(())
    }

    fn end_input(&mut self, process: ProcessId, seq: Option<u64>) -> Result<(), SocketError> {
        match self.viewer.end_input(&self.client, process, seq) {
            Input::Ahead => self.refuse(missing()),
            Input::Refused(error) => self.error(error.code(), error.to_string()),
            Input::Locked => self.error("locked", LOCKED),
            Input::NoProcess => self.error("not_supported", "a terminal's input has no end"),
            _ => Ok(()),
        }
    }

    fn accepted(&mut self, process: ProcessId, before: u64, seq: u64) -> Result<(), SocketError> {
        if self
            .unacked
            .as_ref()
            .is_some_and(|unacked| unacked.process != process)
        {
            self.tell_accepted()?;
        }
        let due = Instant::now() + ACK_DELAY;
        let unacked = self.unacked.get_or_insert(Unacked {
            process,
            seq,
            told: before,
            due,
        });
        unacked.seq = seq;
        if unacked.seq >= unacked.told + ACK_BYTES {
            self.tell_accepted()?;
        }
        Ok(())
    }

    /// Acknowledges the input that was accepted.
    fn tell_accepted(&mut self) -> Result<(), SocketError> {
        let Some(Unacked { process, seq, .. }) = self.unacked.take() else {
            return Ok(());
        };
        let mode = self
            .viewer
            .processes()
            .find(|view| view.id == process)
            .map(|view| view.mode);
        let lane = Lane {
            process,
            channel: mode.map_or(Mode::Pty.input(), Mode::input),
        };
        self.say(&ServerEvent::InputAck { lane, seq })
    }

    fn next_timer(&self) -> Instant {
        let ack = self.unacked.as_ref().map(|unacked| unacked.due);
        [self.resizes.due(), ack]
            .into_iter()
            .flatten()
            .fold(self.heartbeat.due(), Instant::min)
    }

    fn timer(&mut self) -> Result<(), SocketError> {
        let now = Instant::now();
        self.apply_resizes();
        if self
            .unacked
            .as_ref()
            .is_some_and(|unacked| unacked.due <= now)
        {
            self.tell_accepted()?;
        }
        match self.heartbeat.look(now) {
            Beat::Rest => Ok(()),
            Beat::Ask => self.give(Frame::Ping(Bytes::new())),
            Beat::Gone => {
                debug!(session = %self.viewer.session().id(), "client does not answer");
                Err(SocketError::ConnectionClosed)
            }
        }
    }

    fn apply_resizes(&mut self) {
        for (process, size) in self.resizes.take() {
            self.viewer.resize(process, size);
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Result<(), SocketError> {
        let Refusal {
            code,
            message,
            close,
        } = refusal;
        self.closing = close.or(self.closing);
        self.error(code, message)
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>) -> Result<(), SocketError> {
        self.say(&ServerEvent::Error {
            code,
            message: message.into(),
        })
    }

    /// Says something, where the dialect has it.
    fn say(&mut self, event: &ServerEvent) -> Result<(), SocketError> {
        let message = self.dialect.event(event);
        self.send_all(message)
    }

    /// Sends what something became in the dialect: usually one message.
    fn send_all(&mut self, mut message: Option<Message>) -> Result<(), SocketError> {
        while let Some(next) = message {
            self.send(next)?;
            message = self.dialect.more();
        }
        Ok(())
    }

    fn send(&mut self, message: Message) -> Result<(), SocketError> {
        self.give(message.into())
    }

    /// Gives the socket a frame; it leaves with the next flush.
    fn give(&mut self, frame: Frame) -> Result<(), SocketError> {
        socket::give(&mut self.socket, frame)?;
        self.unflushed = true;
        Ok(())
    }
}

/// A client has left out some of its input.
fn missing() -> Refusal {
    Refusal::fatal(CloseCode::Policy, "input is missing before this")
}
