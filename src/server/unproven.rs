//! Connections that have not shown credentials yet: only so many are held at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The connections of one server that nobody has proven anything on.
#[derive(Debug, Default)]
pub(super) struct Unproven {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// A request is being answered on it at the moment.
    busy: bool,
    evicted: Arc<Notify>,
}

/// A connection's place among the unproven. Each request carries it as an extension.
#[derive(Clone, Debug)]
pub struct Pass {
    number: u64,
    unproven: Arc<Unproven>,
}

/// Gives the place back when the connection ends.
#[derive(Debug)]
pub(super) struct PassGuard {
    pub(super) pass: Pass,
    pub(super) evicted: Arc<Notify>,
}

impl Unproven {
    /// Takes a new connection in. Over `most`, the oldest gives way: first one that is not just
    /// being answered, so that a flood of silent or slow ones cannot shut a real user out.
    pub(super) fn enter(self: &Arc<Self>, most: usize) -> PassGuard {
        let evicted = Arc::new(Notify::new());
        let mut table = self.table();
        while table.waiting.len() >= most.max(1) {
            table.evict();
        }
        let number = table.next;
        table.next += 1;
        let waiting = Waiting {
            busy: false,
            evicted: Arc::clone(&evicted),
        };
        table.waiting.insert(number, waiting);
        drop(table);
        let pass = Pass {
            number,
            unproven: Arc::clone(self),
        };
        PassGuard { pass, evicted }
    }

    /// Closes one of them to free its descriptor, but none that is just being answered. Whether
    /// there was one.
    pub(super) fn evict_idle(&self) -> bool {
        self.table().evict_idle()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn evict(&mut self) {
        if !self.evict_idle()
            && let Some((_, oldest)) = self.waiting.pop_first()
        {
            oldest.evicted.notify_one();
        }
    }

    fn evict_idle(&mut self) -> bool {
        let idle = self.waiting.iter().find(|(_, waiting)| !waiting.busy);
        let number = idle.map(|(number, _)| *number);
        let evicted = number.and_then(|number| self.waiting.remove(&number));
        if let Some(evicted) = &evicted {
            evicted.evicted.notify_one();
        }
        evicted.is_some()
    }
}

impl Pass {
    /// Says that a request on this connection showed good credentials: it no longer counts, and it
    /// will not have to give way.
    pub fn proven(&self) {
        self.unproven.table().waiting.remove(&self.number);
    }

    pub(super) fn set_busy(&self, busy: bool) {
        if let Some(waiting) = self.unproven.table().waiting.get_mut(&self.number) {
            waiting.busy = busy;
        }
    }
}

impl Drop for PassGuard {
    fn drop(&mut self) {
        self.pass.proven();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_idle_one_gives_way() {
        let unproven = Arc::new(Unproven::default());
        let busy = unproven.enter(3);
        busy.pass.set_busy(true);
        let idle = unproven.enter(3);
        let proven = unproven.enter(3);
        proven.pass.proven();
        let third = unproven.enter(3);
        assert_eq!(unproven.table().waiting.len(), 3);
        let _fourth = unproven.enter(3);
        idle.evicted.notified().await;
        assert_eq!(unproven.table().waiting.len(), 3);
        drop(third);
        assert_eq!(unproven.table().waiting.len(), 2);
    }
}
