//! What is written down of who did what in a session: one event each, under the target
//! [`AUDIT`]. Never a secret, nor what was typed or shown.

use std::path::Path;

use tracing::info;

use super::auth::Credential;
use super::peer::Peer;
use crate::model::access::{AUDIT, Role};
use crate::model::id::ProcessId;
use crate::session::handle::SessionHandle;

/// A session was made.
pub fn start(by: &Credential, from: Peer, session: &SessionHandle) {
    let (user, app) = (by.user(), session.app());
    info!(target: AUDIT, event = "start", user, from = %from, session = %session.id(), app);
}

/// A further process was started in a session.
pub fn start_process(by: &Credential, from: Peer, session: &SessionHandle, process: ProcessId) {
    let user = by.user();
    info!(target: AUDIT, event = "start", user, from = %from, session = %session.id(), process = process.0);
}

/// A connection sees a session from now on, with this role at most, in this dialect.
pub fn attach(by: &Credential, from: Peer, session: &SessionHandle, role: Role, dialect: &str) {
    let user = by.user();
    info!(target: AUDIT, event = "attach", user, from = %from, session = %session.id(), ?role, dialect);
}

/// Somebody ended a session, or one process of it. That it is over is an event of its own.
pub fn end(by: &Credential, from: Peer, session: &SessionHandle, process: Option<ProcessId>) {
    let (user, process) = (by.user(), process.map(|process| process.0));
    info!(target: AUDIT, event = "end", user, from = %from, session = %session.id(), process);
}

/// Somebody sent a signal to a process.
pub fn signal(
    by: &Credential,
    from: Peer,
    session: &SessionHandle,
    process: ProcessId,
    name: &str,
) {
    let user = by.user();
    info!(target: AUDIT, event = "signal", user, from = %from, session = %session.id(), process = process.0, signal = name);
}

/// A program's question was answered; what was answered is nobody else's business.
pub fn answered(by: &Credential, from: Peer, session: &SessionHandle, ask: u64) {
    let user = by.user();
    info!(target: AUDIT, event = "answered", user, from = %from, session = %session.id(), ask);
}

/// Somebody saw a recording (`replay`), or deleted it.
pub fn recording(by: &Credential, from: Peer, event: &str, recording: &str) {
    let user = by.user();
    info!(target: AUDIT, event, user, from = %from, recording);
}

/// A file was put into the folder of a process (`upload`), or taken out of it (`download`).
pub fn file(by: &Credential, from: Peer, session: &SessionHandle, event: &str, path: &Path) {
    let user = by.user();
    info!(target: AUDIT, event, user, from = %from, session = %session.id(), ?path);
}
