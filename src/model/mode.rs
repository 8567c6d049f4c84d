//! How a process's input and output are connected.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::channel::Channel;

/// How a process is connected to its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Mode {
    /// One terminal for stdin, stdout and stderr.
    #[default]
    Pty,
    /// Three byte pipes.
    Pipe,
}

impl Mode {
    /// Every mode with the name that users write. A new mode is one line here.
    pub const NAMES: [(Self, &'static str); 2] = [(Self::Pty, "pty"), (Self::Pipe, "pipe")];

    /// The channels that carry the process's output.
    pub const fn outputs(self) -> &'static [Channel] {
        match self {
            Self::Pty => &[Channel::Tty],
            Self::Pipe => &[Channel::Stdout, Channel::Stderr],
        }
    }

    /// The channel that carries its input.
    pub const fn input(self) -> Channel {
        match self {
            Self::Pty => Channel::Tty,
            Self::Pipe => Channel::Stdin,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::NAMES.iter().find(|(mode, _)| mode == self);
        formatter.write_str(found.map_or("unnamed", |(_, name)| name))
    }
}

/// A mode that this version does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no mode {0:?}; the modes are {names}", names = names())]
pub struct UnknownMode(String);

fn names() -> String {
    Mode::NAMES.map(|(_, name)| name).join(", ")
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text);
        found
            .map(|(mode, _)| *mode)
            .ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_back_as_it_is_written() {
        for (mode, name) in Mode::NAMES {
            assert_eq!(mode.to_string(), name);
            assert_eq!(name.parse(), Ok(mode));
        }
    }

    #[test]
    fn an_unknown_mode_is_refused_with_the_names_that_exist() {
        let error = "lines".parse::<Mode>().expect_err("not a mode yet");
        assert_eq!(
            error.to_string(),
            "there is no mode \"lines\"; the modes are pty, pipe"
        );
    }
}
