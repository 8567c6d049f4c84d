//! What a viewer asks for, and what it is shown.

use std::net::IpAddr;
use std::sync::Arc;

use super::gate::Identity;
use crate::model::channel::Lane;
use crate::model::id::ProcessId;
use crate::model::notice::Posted;
use crate::model::process::ExitStatus;
use crate::model::size::Size;
pub use crate::process::fold::Snapshot;

/// Where a viewer that comes back goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// In which channel.
    pub lane: Lane,
    /// At which offset.
    pub offset: u64,
}

/// What a viewer asks for when it comes.
#[derive(Default)]
pub struct Attach {
    /// The one process that it shows; all of them if there is none.
    pub process: Option<ProcessId>,
    /// Its window, if it has one.
    pub size: Option<Size>,
    /// Who it is, as the server knows it.
    pub user: Option<Arc<str>>,
    /// Where it comes from; `None`: this machine.
    pub from: Option<IpAddr>,
    /// What it calls itself.
    pub label: Option<Arc<str>>,
    /// It shows what programs tell those who watch.
    pub notices: bool,
    /// When a terminal becomes narrower it wants what that shows anew, instead of wrapping it in
    /// its own way.
    pub rewraps: bool,
    /// Where it goes on; what is not named starts at the oldest byte held.
    pub resume: Vec<Resume>,
    /// The client's own name, where it has one. A client has one connection: this one takes the
    /// place of an earlier one, which may be half open and nobody's any more.
    pub client: Option<Box<str>>,
}

/// The next thing for a viewer to show.
#[derive(Clone, PartialEq, Eq)]
pub enum ViewerEvent {
    /// The session as a whole has changed: who is there, whose size counts, the layout, the name.
    /// What it is now is in the viewer's view.
    Session,
    /// The login program has said who is there: what it showed is over, the first process follows.
    Admitted(Arc<Identity>),
    /// The login program let nobody in.
    Denied,
    /// Whom the session is for has to log in again: nothing is shown or taken meanwhile.
    Locked,
    /// This viewer sits before the login program, which runs again.
    Seated,
    /// Whom the session is for has logged in again, here. It is about to be unlocked.
    Renewed(Arc<Identity>),
    /// The session goes on where it was.
    Unlocked,
    /// A program tells those who watch something.
    Notice(Posted),
    /// A process was started after the viewer came. Its output follows.
    Started(ProcessId),
    /// Bytes; they are in the buffer that was given.
    Output {
        /// Of which channel.
        lane: Lane,
        /// The offset of the first one.
        offset: u64,
        /// So many of them, from the first one on, ask the terminal nothing.
        clean: usize,
    },
    /// The program writes for this size from here on.
    Sized {
        /// In which channel.
        lane: Lane,
        /// From where on.
        offset: u64,
        /// The size.
        size: Size,
    },
    /// What a terminal shows, for one who came late or fell behind: reset, write, go on.
    Snapshot {
        /// Of which channel.
        lane: Lane,
        /// What to write, its size, and where it goes on.
        snapshot: Snapshot,
        /// Bytes that this viewer never saw.
        skipped: u64,
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
    /// A process has ended; all that it wrote was shown.
    Exited {
        /// Which one.
        process: ProcessId,
        /// How.
        status: ExitStatus,
    },
    /// All that this viewer shows has ended.
    Over,
}

/// What became of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It is on its way; more of it may follow at once.
    Taken,
    /// What is left of it has to wait; the viewer is woken when there is room.
    Wait,
    /// The process takes no more.
    Closed,
    /// A line was left out; what is left of it is still to be offered.
    Refused(crate::model::line::LineError),
    /// There is no such process.
    NoProcess,
    /// It is dropped: whom the session is for has to log in again first.
    Locked,
    /// Something before it is missing.
    Ahead,
    /// The client has come again over another connection, which speaks for it now.
    Replaced,
}

/// Why a viewer cannot attach.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    /// It wants to go on beyond what was written.
    #[error(transparent)]
    BeyondEnd(#[from] BeyondEnd),
    /// Whoever logs in is alone with the login program.
    #[error("a login is under way in this session")]
    Login,
}

/// A position that was never written, or an acknowledgement of bytes that were never sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the offset lies beyond what was written")]
pub struct BeyondEnd;
