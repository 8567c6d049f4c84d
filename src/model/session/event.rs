//! What happens to a session, and what is to be done about it.

use std::time::Duration;

use crate::model::access::Role;
use crate::model::colors::Colors;
use crate::model::id::{ProcessId, ViewerId};
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// Something that happened to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was made without a viewer, who is still to come.
    Unattended,
    /// Its login program was started.
    LoginStarted,
    /// Its login program is done with: it is forgotten, and the session's first process was started.
    Admitted,
    /// Its login program was started again, beside the processes that it has.
    Renewing,
    /// That one is done with, and forgotten.
    Renewed,
    /// A process was started.
    Started,
    /// A process ended, and its last byte is in its log.
    Exited(ProcessId, ExitStatus),
    /// A viewer came.
    Joined {
        /// Who.
        viewer: ViewerId,
        /// What it may do.
        role: Role,
        /// Its window, if it has one.
        size: Option<Size>,
    },
    /// A viewer left.
    Left(ViewerId),
    /// A viewer has another size to show a process in, or to show those in that it named no size
    /// for.
    Resized(ViewerId, Option<ProcessId>, Size),
    /// A viewer draws text in these colours.
    Colored(ViewerId, Colors),
    /// A viewer typed.
    Typed(ViewerId),
    /// Somebody who is no viewer asked for this size, of one process or of all.
    Sized(Option<ProcessId>, Size),
    /// Somebody wants to hear no more of a process that has ended.
    Closed(ProcessId),
    /// Somebody asked for the session's end.
    End,
    /// The deadline that was asked for has passed.
    Expired,
}

/// Something to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The terminal of this process gets this size.
    Resize(ProcessId, Size),
    /// Programs that ask are told these colours.
    Colors(Colors),
    /// A process that has ended is forgotten, with its output.
    Close(ProcessId),
    /// Every living process is ended.
    EndProcesses,
    /// `Expired` is due after this time, in place of any earlier one.
    Deadline(Duration),
    /// `Expired` is no longer due.
    NoDeadline,
    /// The session is over and forgotten.
    Forget,
}
