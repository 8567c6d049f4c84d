//! What becomes of a session when its last viewer has left.

use std::time::Duration;

use super::mode::Mode;

/// How long a terminal waits for its viewer to come back: a closed lid, a lost network, a lunch.
const PTY_KEEP: Duration = Duration::from_secs(15 * 60);

/// How long an ended session that was to be kept stays readable: long enough to come back to a
/// build that has finished.
const LINGER: Duration = Duration::from_secs(10 * 60);

/// What becomes of a session when its last viewer has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisconnect {
    /// It lives on for this long, or until its processes end where no time is given.
    Keep(Option<Duration>),
    /// It is ended at once.
    Hangup,
}

impl OnDisconnect {
    /// The rule of an app that does not say: terminals are come back to, pipes belong to their
    /// connection.
    pub const fn default_of(mode: Mode) -> Self {
        match mode {
            Mode::Pty | Mode::PtyErr => Self::Keep(Some(PTY_KEEP)),
            Mode::Pipe | Mode::Lines | Mode::Json => Self::Hangup,
        }
    }

    /// How long a session stays readable once its processes have ended; one that is hung up goes
    /// with its connection.
    pub const fn linger(self) -> Duration {
        match self {
            Self::Keep(_) => LINGER,
            Self::Hangup => Duration::ZERO,
        }
    }
}
