//! Recordings of terminals in the form asciicast v3: written, read, and checked.
//!
//! A recording is a file of lines: a header, then one event per line, each with the time since the
//! one before it. Lines that begin with `#` are comments to every player; the marks of the
//! [`chain`] that shows whether somebody changed the file are such lines.

pub mod chain;
pub mod encode;
pub mod read;

use std::time::Duration;

/// What all recordings may take together, in bytes; then the oldest ones give way. Room for a
/// few dozen of the longest, and little on any disk.
pub const TOTAL: u64 = 2 << 30;

/// How terminals are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// A recording has this many bytes at most, and stops then.
    pub max: u64,
    /// It is kept for this long.
    pub keep: Duration,
}
