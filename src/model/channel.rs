//! The byte channels of a process.

use serde::{Deserialize, Serialize};

use super::id::ProcessId;

/// One byte channel. A terminal process has `tty` for both directions, and `stderr` only where
/// that was split off; the others have the three of Unix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Channel {
    /// Standard input of a process on pipes.
    Stdin,
    /// Standard output of a process on pipes.
    Stdout,
    /// Standard error of a process on pipes.
    Stderr,
    /// The terminal of a process on a pty.
    Tty,
}

impl Channel {
    /// The channel's name as clients write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdin => "stdin",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Tty => "tty",
        }
    }
}

/// A channel of one process among those of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// The process.
    pub process: ProcessId,
    /// Its channel.
    pub channel: Channel,
}
