//! How often a client may ask whether the server is there. Each answer costs the server more than
//! the question costs the client, and a client that asks all the time leaves others less.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::allowance::Allowance;

/// Pings that may come at once: far above a client that asks every second and was cut off a while.
const BURST: u32 = 100;

/// The time after which one more may come: 20 a second, as often as a window may change its size.
const EVERY: Duration = Duration::from_millis(50);

/// The pings of one connection, in frames and in messages, and answers that were not asked for.
pub(super) struct Pings {
    opened: Instant,
    allowance: Allowance,
}

impl Pings {
    /// None has come yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            opened: now,
            allowance: Allowance::new(BURST, EVERY),
        }
    }

    /// Whether one more may come now.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.allowance
            .take(now.saturating_duration_since(self.opened))
    }
}
