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
    /// Three pipes whose bytes are lines; each line is one message.
    Lines,
    /// As lines, and each of stdin and stdout is one JSON text.
    Json,
    /// A terminal for stdin and stdout, and a pipe of its own for stderr.
    #[serde(rename = "pty+err")]
    PtyErr,
}

impl Mode {
    /// Every mode with the name that users write. A new mode is one line here.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Pty, "pty"),
        (Self::Pipe, "pipe"),
        (Self::Lines, "lines"),
        (Self::Json, "json"),
        (Self::PtyErr, "pty+err"),
    ];

    /// The channels that carry the process's output.
    pub const fn outputs(self) -> &'static [Channel] {
        match self {
            Self::Pty => &[Channel::Tty],
            Self::Pipe | Self::Lines | Self::Json => &[Channel::Stdout, Channel::Stderr],
            Self::PtyErr => &[Channel::Tty, Channel::Stderr],
        }
    }

    /// The channel that carries its input.
    pub const fn input(self) -> Channel {
        match self {
            Self::Pty | Self::PtyErr => Channel::Tty,
            Self::Pipe | Self::Lines | Self::Json => Channel::Stdin,
        }
    }

    /// Whether its process has a terminal.
    pub const fn has_terminal(self) -> bool {
        matches!(self, Self::Pty | Self::PtyErr)
    }

    /// Whether its messages are lines.
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Lines | Self::Json)
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
            let written = serde_json::to_string(&mode).expect("a name");
            assert_eq!(written, format!("{name:?}"));
        }
    }

    #[test]
    fn an_unknown_mode_is_refused_with_the_names_that_exist() {
        let error = "turn".parse::<Mode>().expect_err("not a mode yet");
        assert_eq!(
            error.to_string(),
            "there is no mode \"turn\"; the modes are pty, pipe, lines, json, pty+err"
        );
    }
}
