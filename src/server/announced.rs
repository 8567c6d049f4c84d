//! Clients of ttyd's protocol show their token in the first message, not in a header. Such a
//! socket is opened before anybody has proven anything on it; here is what holds until then.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Door;
use super::auth::Tenure;
use super::peer::Source;

/// Sockets that may be open at once whose token has not come, of all addresses together. Each
/// lasts as long as the first message may take, and holds one message.
const MAX_ANNOUNCED: usize = 32;

/// Of these, how many one source may have: a client's token comes at once, so this many arrive at
/// one moment only from behind a proxy, and the rest stays free for everybody else.
const MAX_PER_SOURCE: usize = 8;

/// How many there are, by source; as a whole no more than [`MAX_ANNOUNCED`].
#[derive(Debug, Default)]
pub(super) struct Announcements(Mutex<HashMap<Source, usize>>);

impl Announcements {
    fn counts(&self) -> MutexGuard<'_, HashMap<Source, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, source: Source) -> bool {
        let mut counts = self.counts();
        let all: usize = counts.values().sum();
        let own = counts.get(&source).copied().unwrap_or_default();
        let room = all < MAX_ANNOUNCED && own < MAX_PER_SOURCE;
        if room {
            counts.insert(source, own + 1);
        }
        room
    }

    fn leave(&self, source: Source) {
        let mut counts = self.counts();
        match counts.get_mut(&source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&source)),
        }
    }
}

/// A credential that was announced and not shown; it allows nothing.
#[derive(Clone)]
pub struct Announced {
    door: Arc<Door>,
    source: Source,
    /// Since before the token was looked at.
    tenure: Tenure,
    _place: Arc<Place>,
}

struct Place {
    door: Arc<Door>,
    source: Source,
}

impl Announced {
    /// Takes a place, if there is one for this source.
    pub(super) fn take(door: &Arc<Door>, source: Source) -> Option<Self> {
        if !door.announcements.enter(source) {
            return None;
        }
        let place = Place {
            door: Arc::clone(door),
            source,
        };
        Some(Self {
            door: Arc::clone(door),
            source,
            tenure: Tenure(door.rotated.subscribe()),
            _place: Arc::new(place),
        })
    }

    /// How long the token that is proven holds.
    pub(super) fn tenure(self) -> Tenure {
        self.tenure
    }

    /// Whether this is the owner's token.
    pub(super) fn prove(&self, token: &str) -> bool {
        self.door.token_matches(token)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.door.announcements.leave(self.source);
    }
}

impl fmt::Debug for Announced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Announced({:?})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn source(number: u32) -> Source {
        Source::Address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn one_source_cannot_take_every_place() {
        let places = Announcements::default();
        let taken = (0..100).filter(|_| places.enter(source(1))).count();
        assert_eq!(taken, MAX_PER_SOURCE);
        assert!(places.enter(source(2)));
        places.leave(source(1));
        assert!(places.enter(source(1)));
        assert!(!places.enter(source(1)));
    }

    #[test]
    fn all_sources_together_have_so_many_and_what_is_left_is_forgotten() {
        let places = Announcements::default();
        let taken = (0..100)
            .filter(|number| places.enter(source(*number)))
            .count();
        assert_eq!(taken, MAX_ANNOUNCED);
        for number in 0..100 {
            places.leave(source(number));
        }
        assert!(places.counts().is_empty());
    }
}
