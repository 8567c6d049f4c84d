//! The control sockets of a session's processes: one per process, gone when it has ended.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use tracing::warn;

use super::calls::Calls;
use super::catalog::Catalog;
use super::handle::SessionHandle;
use crate::control::slot::{Folder, Slot};
use crate::control::{VARIABLE, shims};
use crate::model::id::{ProcessId, SessionId};
use crate::model::process::{ProcessSpec, Shims};

/// Where the control sockets of a server are, if it has any.
pub(super) struct Sockets {
    folder: Option<Folder>,
    /// Made when it is first asked for.
    shims: OnceLock<Option<shims::Folder>>,
}

impl Sockets {
    /// In this folder. Where that cannot be, its sessions go without.
    pub(super) fn open(folder: Option<&Path>) -> Self {
        let opened = folder.map(Folder::open).transpose();
        let folder = opened.unwrap_or_else(|error| {
            warn!("{error}; programs have no control socket");
            None
        });
        Self {
            folder,
            shims: OnceLock::new(),
        }
    }

    /// Makes the socket of a process that is to be started, and names it in its environment.
    pub(super) fn make(
        &self,
        session: &SessionId,
        process: ProcessId,
        spec: &mut ProcessSpec,
    ) -> Option<Slot> {
        spec.env.retain(|(key, _)| key != VARIABLE);
        // The socket is its account's alone, and that is the server's.
        if spec.account.is_some() {
            return None;
        }
        let folder = self.folder.as_ref()?;
        let made = folder.slot(&format!("{session}.{process}"));
        let slot = made
            .inspect_err(|error| warn!(%session, %process, "no control socket: {error}"))
            .ok()?;
        let path = slot.path().to_str()?.to_owned();
        spec.env.push((VARIABLE.to_owned(), path));
        if spec.shims != Shims::default() {
            let folder = || {
                let made = folder.shims();
                made.inspect_err(|error| warn!("no shims: {error}")).ok()
            };
            if let Some(shims) = self.shims.get_or_init(folder) {
                shims.name(spec.shims, &mut spec.env);
            }
        }
        Some(slot)
    }
}

/// The open sockets of one session.
pub(super) struct Slots {
    pub(super) catalog: Arc<Catalog>,
    pub(super) session: SessionHandle,
    open: Vec<(ProcessId, Slot)>,
}

impl Slots {
    pub(super) fn new(catalog: Arc<Catalog>, session: SessionHandle) -> Self {
        Self {
            catalog,
            session,
            open: Vec::new(),
        }
    }

    /// Makes the socket of the next process.
    pub(super) fn make(&self, process: ProcessId, spec: &mut ProcessSpec) -> Option<Slot> {
        let (sockets, id) = (self.catalog.sockets(), self.session.id());
        sockets.make(id, process, spec)
    }

    /// Serves the socket of a process that was started.
    pub(super) fn serve(&mut self, process: ProcessId, slot: Option<Slot>) {
        let Some(mut slot) = slot else {
            return;
        };
        let calls = Calls::new(Arc::clone(&self.catalog), self.session.clone(), process);
        match slot.serve(Arc::new(calls)) {
            Ok(()) => {
                self.open.reserve_exact(1);
                self.open.push((process, slot));
            }
            Err(error) => warn!(%process, "a control socket is not served: {error}"),
        }
    }

    /// The process has ended: whoever still holds its socket holds nothing.
    pub(super) fn close(&mut self, process: ProcessId) {
        self.open.retain(|(open, _)| *open != process);
    }

    /// The session is over.
    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }
}
