//! The control messages of `awp.v1`, in JSON, both directions.
//!
//! The TypeScript of these types is generated from here into `frontend/src/gen`; a test fails when
//! the two differ.

use serde::{Deserialize, Serialize};

use crate::model::access::Role;
use crate::model::channel::Channel;
use crate::model::colors::Colors;
use crate::model::id::{ProcessId, SessionId, ViewerId};
use crate::model::layout::Layout;
use crate::model::mode::Mode;
use crate::model::notice::Notice;
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// The version of `awp.v1` that this build speaks.
pub const VERSION: u32 = 1;

/// Where a client wants to go on in one output channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Position {
    /// The process.
    #[cfg_attr(test, ts(type = "number"))]
    pub process: ProcessId,
    /// The output channel.
    pub channel: Channel,
    /// The first byte that the client has not consumed.
    #[cfg_attr(test, ts(type = "number"))]
    pub offset: u64,
}

/// A control message from a client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ClientMessage {
    /// The first frame of a connection.
    Hello {
        /// The version that the client speaks.
        version: u32,
        /// The client's own random name, kept over reconnects: input is numbered per client.
        client: String,
        /// Proves a cookie; see the contract.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        page_key: Option<String>,
        /// The client's window, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        size: Option<Size>,
        /// What the client draws text in, for programs that ask.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        colors: Option<Colors>,
        /// What the client calls itself, for the others who are there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        label: Option<String>,
        /// Whether the client shows what programs tell those who watch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        notices: Option<bool>,
        /// Where to go on, per channel; empty on a first visit.
        #[serde(default)]
        from: Vec<Position>,
    },
    /// The client shows a process, or all that it names no size for, in another size.
    Resize {
        /// The process; all of them where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "number"))]
        process: Option<ProcessId>,
        /// Columns asked for.
        cols: u16,
        /// Rows asked for.
        rows: u16,
    },
    /// The client draws text in other colours from now on.
    Colors {
        /// The new ones.
        colors: Colors,
    },
    /// Send a signal to a process.
    Signal {
        /// The process.
        #[cfg_attr(test, ts(type = "number"))]
        process: ProcessId,
        /// The signal's name without `SIG`, such as `INT`.
        name: String,
    },
    /// Lay the session's processes out anew.
    Layout {
        /// The number of the layout that this one was made from.
        revision: u32,
        /// The new one.
        layout: Layout,
    },
    /// Send what a terminal shows anew: answered with a snapshot.
    Snapshot {
        /// The process.
        #[cfg_attr(test, ts(type = "number"))]
        process: ProcessId,
        /// Lines above the screen, at most: as many as are held and fit into a message, in this
        /// snapshot and in those that come on this connection because the client fell behind or the
        /// terminal became narrower. Until a client has said how many, 5,000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        lines: Option<u32>,
    },
    /// Measure the round trip: answered with `pong` and the same number.
    Ping {
        /// Any number below 2^53.
        #[cfg_attr(test, ts(type = "number"))]
        id: u64,
    },
}

/// A process as a viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProcessInfo {
    /// Its number in the session.
    #[cfg_attr(test, ts(type = "number"))]
    pub process: ProcessId,
    /// How it is connected.
    pub mode: Mode,
    /// Its program's name.
    pub title: String,
    /// Its terminal's size.
    pub size: Size,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub exit: Option<ExitStatus>,
    /// How much of this client's input was accepted: the next `seq`.
    #[cfg_attr(test, ts(type = "number"))]
    pub input: u64,
}

/// A viewer as the others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ViewerInfo {
    /// Its number in the session.
    #[cfg_attr(test, ts(type = "number"))]
    pub viewer: ViewerId,
    /// What it may do.
    pub role: Role,
    /// Who it is, as the server knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub user: Option<String>,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub label: Option<String>,
}

/// A session as a whole, as its viewers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SessionInfo {
    /// The viewer that is told.
    #[cfg_attr(test, ts(type = "number"))]
    pub you: ViewerId,
    /// The session's name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// Whose window decides the size of its terminals, as the configuration names it.
    pub size_policy: String,
    /// The viewer whose window does under the policy `active`: who typed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub active: Option<ViewerId>,
    /// How many are there; in a crowd about as many, so that not everybody is told of every one.
    pub count: usize,
    /// Whom the session is for has to log in again: nothing is shown or taken until then. Whoever
    /// sits before the login program shows it as process 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub locked: bool,
    /// Who is there, in the order in which they came; of a crowd the first.
    pub viewers: Vec<ViewerInfo>,
    /// The number of the layout.
    pub revision: u32,
    /// How the processes are laid out.
    pub layout: Layout,
}

/// A control message from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ServerMessage {
    /// The answer to `hello`.
    Welcome {
        /// The version that both speak.
        version: u32,
        /// The session.
        #[cfg_attr(test, ts(type = "string"))]
        session: SessionId,
        /// Its name, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        name: Option<String>,
        /// What this viewer may do.
        role: Role,
        /// The processes so far.
        processes: Vec<ProcessInfo>,
        /// The server answers what programs ask the terminal; viewers keep silent.
        answers_queries: bool,
    },
    /// The session as a whole: after `welcome`, and whenever something of it has changed.
    Session(SessionInfo),
    /// A process was started after `welcome`. Its output follows.
    Process {
        /// The process.
        process: ProcessInfo,
    },
    /// A process ended. Follows the `end` of each of its channels.
    Exit {
        /// The process.
        #[cfg_attr(test, ts(type = "number"))]
        process: ProcessId,
        /// How it ended.
        status: ExitStatus,
    },
    /// The login program is done with. What it showed is over; if somebody was let in, the session's
    /// first process follows.
    Login {
        /// Whether somebody was.
        granted: bool,
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        subject: Option<String>,
        /// For a visitor: a code, good once, for a login that leads back here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        launch: Option<String>,
    },
    /// A program tells those who watch something. Only for clients that said they show it; one
    /// that comes late or falls behind misses some.
    Notice {
        /// Whose it is.
        #[cfg_attr(test, ts(type = "number"))]
        process: ProcessId,
        /// What it says.
        notice: Notice,
    },
    /// The answer to `ping`.
    Pong {
        /// The number that came.
        #[cfg_attr(test, ts(type = "number"))]
        id: u64,
    },
    /// A message was refused and changed nothing.
    Error {
        /// What kind of error, for programs.
        code: String,
        /// What happened, for people.
        message: String,
    },
}
