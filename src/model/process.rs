//! What a process is, before and after its life: what to start, and how it ended.

use std::ffi::OsStr;

use serde::{Deserialize, Serialize};

use super::mode::Mode;
use super::resource::Resources;
use super::size::Size;

/// What to start. The environment is complete: nothing is inherited besides.
#[derive(Clone, PartialEq, Eq)]
pub struct ProcessSpec {
    /// The program and its arguments; the program is found as `execvp` does. Never a shell string.
    pub command: Vec<String>,
    /// How it is connected.
    pub mode: Mode,
    /// Its working directory; `None` is the server's own.
    pub cwd: Option<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// The terminal's first size. Pipes have none.
    pub size: Size,
    /// What else is to be done about its output.
    pub stdio: Stdio,
    /// The account that it runs as; `None` is the server's own.
    pub account: Option<Account>,
    /// What the system lets it have.
    pub resources: Resources,
    /// What it finds awp in the place of.
    pub shims: Shims,
}

/// What a program finds awp in the place of, so that it happens in the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shims {
    /// What asks for a password: `SSH_ASKPASS`, `SUDO_ASKPASS`, `GIT_ASKPASS`.
    pub askpass: bool,
    /// What opens a link: `BROWSER`, `xdg-open`.
    pub browser: bool,
}

/// An account of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its own group.
    pub gid: u32,
    /// The numbers of all its groups.
    pub groups: Vec<u32>,
    /// Where its processes start: its home, if there is one.
    pub home: String,
    /// Its shell.
    pub shell: String,
}

impl Account {
    /// What its environment says of it.
    pub fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("HOME", &self.home),
            ("SHELL", &self.shell),
            ("USER", &self.name),
            ("LOGNAME", &self.name),
        ]
    }
}

/// Programs that read their commands from people, and talk to them on stderr.
const SHELLS: [&str; 16] = [
    "ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh",
    "rbash", "sh", "tcsh", "xonsh", "zsh",
];

/// Whether a program of this name is a shell.
pub fn is_shell(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| SHELLS.contains(&name))
}

/// How a program's standard streams are treated beyond what the mode says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stdio {
    /// A program that gathers its output on a pipe is made to write it line by line.
    pub line_buffered: bool,
    /// `pty+err` even for a shell, whose prompt and echo are on its standard error.
    pub force_pty_err: bool,
}

impl ProcessSpec {
    /// What the process is called until it says otherwise: its program's file name.
    pub fn title(&self) -> String {
        let program = self.command.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program).to_owned()
    }
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ExitStatus {
    /// It called `exit` with this code.
    Code(u8),
    /// This signal ended it; the name without `SIG`, such as `KILL`.
    Signal(String),
}

/// What a shell adds to a signal's number.
const SIGNALLED: u8 = 128;

impl ExitStatus {
    /// As shells say it: the code, or 128 and the signal's number.
    pub fn as_shell(&self) -> u8 {
        match self {
            Self::Code(code) => *code,
            Self::Signal(name) => {
                // A signal without a name is told by its number.
                let number = super::signal::number(name).or_else(|| name.parse().ok());
                Self::of_signal(number.unwrap_or_default())
            }
        }
    }

    /// The status of a process that this signal ended.
    pub fn of_signal(number: i32) -> u8 {
        SIGNALLED.saturating_add(u8::try_from(number).unwrap_or_default())
    }
}
