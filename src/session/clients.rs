//! The clients of a session that have a name: which connection speaks for each, and how much of
//! its input was accepted.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::model::id::ViewerId;
use crate::model::ledger::Ledger;

/// The clients of a session. One lock around it all: what a connection that was replaced still
/// sends can never come behind the position that the new one was told.
#[derive(Default)]
pub(super) struct Clients {
    pub(super) ledger: Ledger,
    /// Only of those who are attached.
    speakers: BTreeMap<Box<str>, Speaker>,
}

struct Speaker {
    viewer: ViewerId,
    replaced: Arc<Notify>,
}

impl Clients {
    /// This connection speaks for the client from now on; an earlier one is told so.
    pub(super) fn take_over(&mut self, client: &str, viewer: ViewerId, replaced: &Arc<Notify>) {
        let replaced = Arc::clone(replaced);
        let speaker = Speaker { viewer, replaced };
        if let Some(earlier) = self.speakers.insert(client.into(), speaker) {
            earlier.replaced.notify_one();
        }
    }

    /// Whether another connection speaks for the client.
    pub(super) fn is_replaced(&self, client: &str, viewer: ViewerId) -> bool {
        self.speakers
            .get(client)
            .is_some_and(|speaker| speaker.viewer != viewer)
    }

    /// A connection has gone.
    pub(super) fn leave(&mut self, client: &str, viewer: ViewerId) {
        if !self.is_replaced(client, viewer) {
            self.speakers.remove(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_latest_connection_speaks_for_a_client() {
        let (old, new) = (ViewerId(1), ViewerId(2));
        let (told, untold) = (Arc::default(), Arc::default());
        let mut clients = Clients::default();
        clients.take_over("a", old, &told);
        clients.take_over("b", ViewerId(3), &Arc::default());
        assert!(!clients.is_replaced("a", old));
        clients.take_over("a", new, &untold);
        told.notified().await;
        assert!(clients.is_replaced("a", old) && !clients.is_replaced("a", new));
        clients.leave("a", old);
        assert!(clients.is_replaced("a", old), "the new one is still there");
        clients.leave("a", new);
        clients.leave("b", ViewerId(3));
        assert!(clients.speakers.is_empty());
    }
}
