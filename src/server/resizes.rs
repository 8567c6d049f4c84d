//! Merges resizes that come faster than programs can follow.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::id::ProcessId;
use crate::model::session::MAX_PROCESSES;
use crate::model::size::Size;

/// A terminal's window changes at most this often, 20 times a second: each change makes every
/// program in it redraw.
const INTERVAL: Duration = Duration::from_millis(50);

/// The newest size of each process that was not applied yet; without a process, of all that were
/// named none.
#[derive(Default)]
pub(super) struct Resizes {
    last: Option<Instant>,
    pending: BTreeMap<Option<ProcessId>, Size>,
}

impl Resizes {
    /// Takes note of a size.
    pub(super) fn push(&mut self, process: Option<ProcessId>, size: Size) {
        // More than a session has are not its processes.
        if self.pending.len() <= MAX_PROCESSES {
            self.pending.insert(process, size);
        }
    }

    /// When the next ones are due; never while there are none.
    pub(super) fn due(&self) -> Option<Instant> {
        let last = self.last.filter(|_| !self.pending.is_empty())?;
        Some(last + INTERVAL)
    }

    /// The sizes to apply now, if it is time.
    pub(super) fn take(&mut self) -> BTreeMap<Option<ProcessId>, Size> {
        let waits = self.last.is_some_and(|last| last.elapsed() < INTERVAL);
        if waits || self.pending.is_empty() {
            return BTreeMap::new();
        }
        self.last = Some(Instant::now());
        std::mem::take(&mut self.pending)
    }
}
