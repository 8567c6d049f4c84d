//! `awp.v1` as its client speaks it: one attached connection. The rules are in [`crate::wire`].

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::connect::{Server, Stream};
use super::error::ClientError;
use super::text::percent;
use crate::model::channel::{Channel, Lane};
use crate::model::id::{ProcessId, SessionId};
use crate::model::line::LineError;
use crate::model::pace::{INPUT_WINDOW, PIPE_INPUT_WINDOW};
use crate::model::process::ExitStatus;
use crate::model::size::Size;
use crate::wire::close::CloseCode;
use crate::wire::frame::Frame;
use crate::wire::message::{ClientMessage, ProcessInfo, ServerMessage, VERSION};

/// How long the server may take to welcome us.
const WELCOME_TIMEOUT: Duration = Duration::from_secs(10);

/// The code of the error that says that a process takes no more input.
const INPUT_CLOSED: &str = "input_closed";

/// The process that every session begins with.
const FIRST: ProcessId = ProcessId(1);

/// What a client asks for when it attaches.
pub struct Attach<'a> {
    /// The session, as it was named.
    pub session: &'a str,
    /// The process that is shown.
    pub process: ProcessId,
    /// Only to watch.
    pub watch: bool,
    /// The own window, if there is one that counts.
    pub size: Option<Size>,
}

/// Something that the server said.
pub enum Heard {
    /// Bytes of a channel.
    Output {
        /// Which one.
        lane: Lane,
        /// The offset of the first byte.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
    },
    /// What a terminal shows at an offset; the stream goes on there.
    Snapshot {
        /// Which channel.
        lane: Lane,
        /// Where it goes on.
        offset: u64,
        /// The terminal's size.
        size: Size,
        /// What to write into a terminal that was cleared.
        bytes: Bytes,
    },
    /// The program writes for this size from here on.
    Sized(Lane, Size),
    /// Bytes are no longer held.
    Gap {
        /// Of which channel.
        lane: Lane,
        /// The first one missing.
        from: u64,
        /// Where it goes on.
        offset: u64,
    },
    /// More input may be sent.
    Room,
    /// The process takes no more input.
    InputClosed,
    /// A line of the input was left out.
    Refused {
        /// What kind, for programs.
        code: String,
        /// What is wrong with it, for people.
        message: String,
    },
    /// The process has ended; all it wrote was heard before.
    Exit(ExitStatus),
    /// What this connection showed is over.
    Over,
}

/// An attached connection to one process.
pub struct Conversation {
    socket: WebSocketStream<Box<dyn Stream>>,
    unflushed: bool,
    input: Lane,
    /// The position of the next byte of input.
    seq: u64,
    /// Input below this was taken.
    acked: u64,
}

impl Conversation {
    /// Attaches. Also gives the session's id and what is known of the process.
    ///
    /// # Errors
    /// When there is no server or no such session, or it refuses.
    pub async fn open(
        server: &Server,
        attach: &Attach<'_>,
    ) -> Result<(Self, SessionId, ProcessInfo), ClientError> {
        let role = if attach.watch { "&role=watch" } else { "" };
        let process = attach.process;
        let session = percent(attach.session);
        let path = format!("/ws?session={session}&process={process}{role}");
        let socket = server.socket(&path).await?;
        let mut conversation = Self {
            socket,
            unflushed: false,
            input: Lane {
                process,
                channel: Channel::Stdin,
            },
            seq: 0,
            acked: 0,
        };
        // What a hello says of the window holds for every process of the session.
        let is_first = process == FIRST;
        conversation.say(&ClientMessage::Hello {
            version: VERSION,
            client: client_id()?,
            page_key: None,
            size: attach.size.filter(|_| is_first),
            colors: None,
            label: Some("awp".to_owned()),
            notices: None,
            from: Vec::new(),
        })?;
        let welcome = tokio::time::timeout(WELCOME_TIMEOUT, conversation.welcome()).await;
        let (id, processes) =
            welcome.unwrap_or_else(|_| Err(ClientError::Lost("no answer".to_owned())))?;
        let shown = processes.into_iter().find(|info| info.process == process);
        let shown = shown.ok_or_else(|| ClientError::NoSession {
            name: attach.session.to_owned(),
            why: format!("the session has no process {process}"),
        })?;
        conversation.input.channel = shown.mode.input();
        conversation.seq = shown.input;
        conversation.acked = shown.input;
        if let Some(size) = attach.size.filter(|_| !is_first) {
            conversation.say(&ClientMessage::Resize {
                process: Some(process),
                cols: size.cols,
                rows: size.rows,
            })?;
        }
        Ok((conversation, id, shown))
    }

    async fn welcome(&mut self) -> Result<(SessionId, Vec<ProcessInfo>), ClientError> {
        loop {
            let Frame::Control(json) = self.frame().await?.ok_or_else(closed_early)? else {
                continue;
            };
            match serde_json::from_slice(&json) {
                Ok(ServerMessage::Welcome {
                    session, processes, ..
                }) => return Ok((session, processes)),
                Ok(ServerMessage::Error { message, .. }) => {
                    return Err(ClientError::Failed(message));
                }
                // A newer server may say what we do not know.
                _ => {}
            }
        }
    }

    /// The next thing that concerns us. Cancel safe.
    ///
    /// # Errors
    /// When the connection is lost, or was closed for another reason than the session's end.
    pub async fn next(&mut self) -> Result<Heard, ClientError> {
        loop {
            let Some(frame) = self.frame().await? else {
                return Ok(Heard::Over);
            };
            match frame {
                Frame::Output {
                    lane,
                    offset,
                    bytes,
                } => {
                    return Ok(Heard::Output {
                        lane,
                        offset,
                        bytes,
                    });
                }
                Frame::Snapshot {
                    lane,
                    offset,
                    size,
                    bytes,
                    ..
                } => {
                    return Ok(Heard::Snapshot {
                        lane,
                        offset,
                        size,
                        bytes,
                    });
                }
                Frame::Size { lane, size, .. } => return Ok(Heard::Sized(lane, size)),
                Frame::Gap { lane, from, offset } => return Ok(Heard::Gap { lane, from, offset }),
                Frame::InputAck { seq, .. } if seq <= self.seq => {
                    self.acked = self.acked.max(seq);
                    return Ok(Heard::Room);
                }
                Frame::Control(json) => {
                    if let Some(heard) = control(&json) {
                        return Ok(heard);
                    }
                }
                _ => {}
            }
        }
    }

    /// How many bytes of input may be sent now.
    pub fn room(&self) -> usize {
        let unacked = self.seq - self.acked;
        let window = match self.input.channel {
            Channel::Stdin => PIPE_INPUT_WINDOW,
            _ => INPUT_WINDOW,
        };
        usize::try_from(window.saturating_sub(unacked)).unwrap_or_default()
    }

    /// Sends input; not more than there is [room](Self::room) for.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn input(&mut self, bytes: Bytes) -> Result<(), ClientError> {
        let seq = self.seq;
        self.seq += bytes.len() as u64;
        let lane = self.input;
        self.send(&Frame::Input { lane, seq, bytes })
    }

    /// Ends the input.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn end_input(&mut self) -> Result<(), ClientError> {
        let (lane, seq) = (self.input, self.seq);
        self.send(&Frame::InputEnd { lane, seq })
    }

    /// Says that everything below this offset was consumed.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn ack(&mut self, lane: Lane, offset: u64) -> Result<(), ClientError> {
        self.send(&Frame::Ack { lane, offset })
    }

    /// Says something about the session or its process.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn say(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        let json = serde_json::to_vec(message).map_err(|error| lost(&error))?;
        self.send(&Frame::Control(json.into()))
    }

    /// Hands a frame to the socket; it leaves while the next one is waited for.
    fn send(&mut self, frame: &Frame) -> Result<(), ClientError> {
        self.unflushed = true;
        let message = Message::Binary(frame.encode());
        Pin::new(&mut self.socket)
            .start_send(message)
            .map_err(|error| lost(&error))
    }

    /// The next frame; `None` when the session has ended. Sends what is to be sent meanwhile:
    /// reading never waits for writing, nor the other way round.
    async fn frame(&mut self) -> Result<Option<Frame>, ClientError> {
        loop {
            let received = poll_fn(|context| {
                if self.unflushed {
                    match Pin::new(&mut self.socket).poll_flush(context) {
                        Poll::Ready(Ok(())) => self.unflushed = false,
                        // Reading tells why, if the server said it.
                        Poll::Ready(Err(_)) | Poll::Pending => {}
                    }
                }
                Pin::new(&mut self.socket).poll_next(context)
            });
            match received.await {
                Some(Ok(Message::Binary(bytes))) => {
                    let frame = Frame::decode(bytes).map_err(|error| lost(&error))?;
                    return Ok(Some(frame));
                }
                Some(Ok(Message::Close(close))) => {
                    let code = close.map_or(0, |close| u16::from(close.code));
                    return closed(code).map_or(Ok(None), Err);
                }
                // Its answer leaves with the next flush.
                Some(Ok(Message::Ping(_))) => self.unflushed = true,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(lost(&error)),
                None => return Err(ClientError::Lost("it was closed".to_owned())),
            }
        }
    }
}

fn control(json: &[u8]) -> Option<Heard> {
    match serde_json::from_slice(json).ok()? {
        ServerMessage::Exit { status, .. } => Some(Heard::Exit(status)),
        ServerMessage::Error { code, .. } if code == INPUT_CLOSED => Some(Heard::InputClosed),
        ServerMessage::Error { code, message }
            if LineError::ALL.iter().any(|it| it.code() == code) =>
        {
            Some(Heard::Refused { code, message })
        }
        _ => None,
    }
}

/// Why a close code is an error; the session's end is none.
fn closed(code: u16) -> Option<ClientError> {
    let known = CloseCode::ALL.into_iter().find(|it| it.number() == code);
    let Some(known) = known else {
        return Some(ClientError::Lost(format!("it was closed with {code}")));
    };
    let reason = known.reason().to_owned();
    match known {
        CloseCode::Ended => None,
        CloseCode::GoingAway => Some(ClientError::GoingAway),
        CloseCode::Policy | CloseCode::LoginEnded | CloseCode::RoleTaken => {
            Some(ClientError::NotAllowed(reason))
        }
        CloseCode::NoSuchSession => Some(ClientError::NoSession {
            name: String::new(),
            why: reason,
        }),
        _ => Some(ClientError::Failed(reason)),
    }
}

fn closed_early() -> ClientError {
    ClientError::Lost("it was closed at once".to_owned())
}

fn lost(error: &dyn std::fmt::Display) -> ClientError {
    ClientError::Lost(error.to_string())
}

/// A name of our own, for as long as this connection lives: 128 random bits.
fn client_id() -> Result<String, ClientError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|_| ClientError::Failed("no random number is to be had".to_owned()))?;
    Ok(format!("{:032x}", u128::from_le_bytes(random)))
}
