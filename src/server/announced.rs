//! Clients of ttyd's protocol show their token in the first message, not in a header. Such a
//! socket is opened before anybody has proven anything on it; here is what holds until then.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Door;
use super::auth::Tenure;
use super::peer::Source;

/// Sockets that may be open at once whose token has not come, of all addresses together. Each
/// lasts as long as the first message may take, and holds one message.
const MAX_ANNOUNCED: usize = 32;

/// How many there are.
#[derive(Debug, Default)]
pub(super) struct Announcements(AtomicUsize);

/// A credential that was announced and not shown; it allows nothing.
#[derive(Clone)]
pub struct Announced {
    door: Arc<Door>,
    source: Source,
    /// Since before the token was looked at.
    tenure: Tenure,
    _place: Arc<Place>,
}

struct Place(Arc<Door>);

impl Announced {
    /// Takes a place, if there is one.
    pub(super) fn take(door: &Arc<Door>, source: Source) -> Option<Self> {
        let grow = |count: usize| (count < MAX_ANNOUNCED).then_some(count + 1);
        let count = &door.announcements.0;
        count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow)
            .ok()?;
        Some(Self {
            door: Arc::clone(door),
            source,
            tenure: Tenure(door.rotated.subscribe()),
            _place: Arc::new(Place(Arc::clone(door))),
        })
    }

    /// How long the token that is proven holds.
    pub(super) fn tenure(self) -> Tenure {
        self.tenure
    }

    /// Whether this is the owner's token. A wrong one is counted.
    pub(super) fn prove(&self, token: &str) -> bool {
        let proven = self.door.token_matches(token);
        if !proven {
            let _ = self.door.refuse(self.source);
        }
        proven
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.announcements.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Announced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Announced({:?})", self.source)
    }
}
