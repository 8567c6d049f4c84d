//! What becomes of a session that nobody is attached to.

use std::time::Duration;

/// The rule of an app for a session whose last viewer has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisconnect {
    /// It lives on: for this long, or for ever.
    Keep(Option<Duration>),
    /// It ends at once.
    Hangup,
}

impl OnDisconnect {
    /// What terminals do where nobody says otherwise.
    pub const TERMINAL: Self = Self::Keep(Some(Duration::from_secs(15 * 60)));

    /// How long an ended session stays readable: long enough to come back to a build that has
    /// finished, not at all where it ends with its connection anyway.
    pub const fn linger(self) -> Duration {
        match self {
            Self::Keep(_) => Duration::from_secs(10 * 60),
            Self::Hangup => Duration::ZERO,
        }
    }
}
