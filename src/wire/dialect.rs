//! What every dialect says, in one vocabulary: clients' messages become [`ClientEvent`]s, what a
//! viewer is shown becomes messages. The connection behind them is the same for all.

use bytes::{Bytes, BytesMut};

use super::close::CloseCode;
use super::message::{Position, ProcessInfo, SessionInfo};
use crate::model::access::{Action, Role};
use crate::model::channel::Lane;
use crate::model::colors::Colors;
use crate::model::id::{ProcessId, SessionId};
use crate::model::layout::Layout;
use crate::model::notice::Notice;
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// A message as it travels.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Message {
    /// Text, UTF-8.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

impl Message {
    /// Its bytes, whatever it is.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// What a client said.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum ClientEvent {
    /// The first message of a dialect that begins with one.
    Hello(Hello),
    /// Proof of a cookie.
    Auth {
        /// The page key.
        page_key: String,
    },
    /// Bytes for a process.
    Input {
        /// Where to.
        process: ProcessId,
        /// Their position, in a dialect that numbers them.
        seq: Option<u64>,
        /// The bytes.
        bytes: Bytes,
    },
    /// No more input for a process.
    InputEnd {
        /// Where to.
        process: ProcessId,
        /// How much input there was, in a dialect that numbers it.
        seq: Option<u64>,
    },
    /// Everything below `offset` was consumed.
    Ack {
        /// Of which channel.
        lane: Lane,
        /// The first byte that was not.
        offset: u64,
    },
    /// The client shows a process, or all that it named no size for, in this size.
    Resize {
        /// The process.
        process: Option<ProcessId>,
        /// The size.
        size: Size,
    },
    /// The client draws text in these colours.
    Colors(Colors),
    /// The session's processes are to be laid out anew.
    Layout {
        /// The number of the layout that this one was made from.
        revision: u32,
        /// The new one.
        layout: Layout,
    },
    /// What a terminal shows is to be sent anew.
    Snapshot {
        /// The process.
        process: ProcessId,
        /// Lines above the screen at most; `None`: as many as are usual.
        lines: Option<u32>,
    },
    /// A signal for a process.
    Signal {
        /// Which one.
        process: ProcessId,
        /// The signal's name.
        name: String,
    },
    /// The client wants output to stop, or to go on.
    Flow {
        /// Whether it is to stop.
        paused: bool,
    },
    /// To be answered with the same number.
    Ping {
        /// The number.
        id: u64,
    },
}

impl ClientEvent {
    /// What the client needs to be allowed for this.
    pub const fn action(&self) -> Action {
        match self {
            Self::Hello(_)
            | Self::Auth { .. }
            | Self::Ack { .. }
            // They only count where the client types as well.
            | Self::Colors(_)
            | Self::Snapshot { .. }
            | Self::Flow { .. }
            | Self::Ping { .. } => Action::Watch,
            Self::Input { .. } | Self::InputEnd { .. } => Action::Type,
            Self::Resize { .. } => Action::Resize,
            Self::Layout { .. } => Action::Arrange,
            Self::Signal { .. } => Action::Signal,
        }
    }
}

/// How a connection begins.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Hello {
    /// The version that the client speaks.
    pub version: u32,
    /// The client's own random name.
    pub client: String,
    /// Proof of a cookie.
    pub page_key: Option<String>,
    /// The client's window.
    pub size: Option<Size>,
    /// What the client draws text in.
    pub colors: Option<Colors>,
    /// What the client calls itself.
    pub label: Option<String>,
    /// Whether it shows what programs tell those who watch.
    pub notices: bool,
    /// Where it goes on.
    pub from: Vec<Position>,
}

/// What the server says, besides output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// The connection is open and attached.
    Welcome {
        /// To which session.
        session: SessionId,
        /// Its name.
        name: Option<String>,
        /// What the client may do.
        role: Role,
        /// The processes that are shown.
        processes: Vec<ProcessInfo>,
    },
    /// The session as a whole, when something of it has changed.
    Session(SessionInfo),
    /// A process was started.
    Started(ProcessInfo),
    /// From `offset` on the program writes for this size.
    Sized {
        /// In which channel.
        lane: Lane,
        /// From where on.
        offset: u64,
        /// The size.
        size: Size,
    },
    /// What a terminal shows: reset, write, go on.
    Snapshot {
        /// Of which channel.
        lane: Lane,
        /// Where it goes on.
        offset: u64,
        /// The terminal's size.
        size: Size,
        /// Bytes that this client never saw.
        skipped: u64,
        /// What to write.
        bytes: Bytes,
    },
    /// Bytes are no longer held.
    Gap {
        /// Of which channel.
        lane: Lane,
        /// The first one missing.
        from: u64,
        /// Where it goes on.
        offset: u64,
    },
    /// A channel has ended.
    Ended {
        /// Which one.
        lane: Lane,
        /// Its length.
        offset: u64,
    },
    /// A process has ended.
    Exited {
        /// Which one.
        process: ProcessId,
        /// How.
        status: ExitStatus,
    },
    /// The login program has said who is there: what it showed is over, a process follows.
    Admitted {
        /// The session.
        session: SessionId,
        /// Who.
        subject: String,
        /// What follows.
        process: ProcessInfo,
        /// For a visitor: a code, good once, for a login that leads back here.
        launch: Option<String>,
    },
    /// Whom the session is for has to log in again: nothing is shown or taken meanwhile.
    Locked,
    /// The session goes on where it was.
    Unlocked,
    /// The login program, which ran again, is done with: the session goes on.
    Renewed {
        /// Who.
        subject: String,
    },
    /// The login program let nobody in.
    Denied,
    /// A program tells those who watch something.
    Notice {
        /// Whose it is.
        process: ProcessId,
        /// What it says.
        notice: Notice,
    },
    /// Input below `seq` was accepted.
    InputAck {
        /// Of which process and channel.
        lane: Lane,
        /// The next position.
        seq: u64,
    },
    /// The answer to a ping.
    Pong {
        /// Its number.
        id: u64,
    },
    /// A message was refused.
    Error {
        /// What kind, for programs.
        code: &'static str,
        /// What happened, for people.
        message: String,
    },
}

/// Why a message was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// Whether the connection ends with it.
    pub close: Option<CloseCode>,
}

impl Refusal {
    /// The message changes nothing; the connection goes on.
    pub fn ignored(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            close: None,
        }
    }

    /// The connection ends.
    pub fn fatal(close: CloseCode, message: impl Into<String>) -> Self {
        Self {
            code: "protocol",
            message: message.into(),
            close: Some(close),
        }
    }

    /// The same, under a name of its own.
    pub fn named(self, code: &'static str) -> Self {
        Self { code, ..self }
    }
}

/// One dialect: how these events look on the line.
pub trait Dialect: Send {
    /// Reads a client's message. `None` is one that says nothing.
    ///
    /// # Errors
    /// When the dialect does not have such a message.
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal>;

    /// Puts what stands before the bytes of an output message.
    fn begin_output(&self, out: &mut BytesMut, lane: Lane, offset: u64);

    /// Finishes an output message that begins as [`Dialect::begin_output`] put it. So many of its
    /// bytes are known to ask the terminal nothing: the first `clean` ones.
    fn output(&mut self, lane: Lane, offset: u64, clean: usize, begun: Bytes) -> Option<Message>;

    /// Writes an event, where the dialect has it.
    fn event(&mut self, event: &ServerEvent) -> Option<Message>;

    /// Speaks for this process from now on, in the place of the session's login program.
    fn follow(&mut self, _process: ProcessId) {}

    /// What else the last output or event became, one message at a time, until there is none.
    fn more(&mut self) -> Option<Message> {
        None
    }

    /// Why it cannot go on with what it was given; told once.
    fn failed(&mut self) -> Option<Refusal> {
        None
    }

    /// How the connection closes when all that it shows has ended.
    fn farewell(&self) -> CloseCode {
        CloseCode::Ended
    }

    /// Whether clients begin with `hello`.
    fn begins_with_hello(&self) -> bool {
        false
    }

    /// Whether clients acknowledge output. Where they do not, what the socket took counts.
    fn acknowledges(&self) -> bool {
        false
    }
}
