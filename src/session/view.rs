//! Everything about a session that is not bytes, as its viewers see it: the newest value, never a
//! backlog.

use std::sync::Arc;

use crate::model::access::Role;
use crate::model::id::{ProcessId, ViewerId};
use crate::model::layout::Layout;
use crate::model::mode::Mode;
use crate::model::process::ExitStatus;
use crate::model::session::Phase;
use crate::model::size::{Size, SizePolicy};
use crate::process::Process;

/// A session at one moment.
#[derive(Clone)]
pub struct SessionView {
    /// How far it has come.
    pub phase: Phase,
    /// The name that somebody gave it.
    pub name: Option<Arc<str>>,
    /// The size of its newest terminal, and of the next one.
    pub size: Size,
    /// Whose window decides.
    pub policy: SizePolicy,
    /// The viewer whose window does, under the policy `active`.
    pub active: Option<ViewerId>,
    /// Who is attached.
    pub viewers: Arc<[ViewerView]>,
    /// How its processes are laid out.
    pub layout: Arc<Layout>,
    /// The number of this layout.
    pub revision: u32,
    /// Its processes, in start order.
    pub processes: Arc<[ProcessView]>,
}

/// A viewer, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerView {
    /// Its number.
    pub id: ViewerId,
    /// What it may do.
    pub role: Role,
    /// Who it is, as the server knows it.
    pub user: Option<Arc<str>>,
    /// What it calls itself.
    pub label: Option<Arc<str>>,
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
    /// The size of its terminal.
    pub size: Size,
    /// Its channels.
    pub process: Process,
    /// How it ended, once it has.
    pub exit: Option<ExitStatus>,
}
