//! Everything about a session that is not bytes, as its viewers see it: the newest value, never a
//! backlog.

use std::sync::Arc;

use crate::model::access::Role;
use crate::model::id::{ProcessId, ViewerId};
use crate::model::mode::Mode;
use crate::model::process::ExitStatus;
use crate::model::session::Phase;
use crate::model::size::Size;
use crate::process::Process;

/// A session at one moment.
#[derive(Clone)]
pub struct SessionView {
    /// How far it has come.
    pub phase: Phase,
    /// The name that somebody gave it.
    pub name: Option<Arc<str>>,
    /// The size of its terminals.
    pub size: Size,
    /// The viewer whose window decides.
    pub active: Option<ViewerId>,
    /// Who is attached, and what each may do.
    pub viewers: Arc<[(ViewerId, Role)]>,
    /// Its processes, in start order.
    pub processes: Arc<[ProcessView]>,
}

/// A process at one moment.
#[derive(Clone)]
pub struct ProcessView {
    /// Its number.
    pub id: ProcessId,
    /// How it is connected.
    pub mode: Mode,
    /// Its program's name.
    pub title: Arc<str>,
    /// Its channels.
    pub process: Process,
    /// How it ended, once it has.
    pub exit: Option<ExitStatus>,
}
