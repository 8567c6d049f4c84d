//! Descriptors and children: starting a process on a pty or on pipes, moving its bytes, ending it.
//!
//! Knows nothing of viewers' sockets or of HTTP. [`start`] makes a process; from then
//! on a `ProcessTask` alone owns its descriptors, and the rest of the server holds a [`Process`]:
//! the way in (an [`InputQueue`](input::InputQueue)), the ways out (an [`Output`](output::Output)
//! per channel) and a small control mailbox.

pub mod descriptor;
pub mod fold;
pub mod group;
pub mod input;
pub mod ladder;
pub mod launcher;
pub mod memory;
pub mod output;
pub mod partial;
#[cfg(any(test, not(target_os = "linux")))]
pub mod portable;
pub mod program;
pub mod pty;
pub mod pump;
#[cfg(target_os = "linux")]
pub mod reaper;
mod rest;
pub mod root;
pub mod signal;
pub mod spawn;
#[cfg(target_os = "linux")]
mod starter;
pub mod sweep;
pub mod task;
mod wiring;

pub use task::{Ended, Process, Settings, start};

/// Gets the calling thread ready for starting processes, which it does at the latest with the first.
pub fn prepare() {
    #[cfg(target_os = "linux")]
    starter::prepare();
}

/// Why a process could not be started. Nothing was left behind.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The command is empty.
    #[error("the command is empty")]
    Empty,
    /// There is no such program, or it is not one.
    #[error("{program}: {why}")]
    Program {
        /// The program as it was named.
        program: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The logs and screens of those there are take all the memory that they may.
    #[error("no memory is left for another process; end a session, or allow more with --memory")]
    Memory,
    /// The session holds as many as it may.
    #[error("a session holds at most {0} processes")]
    Full(usize),
    /// Its login is not over.
    #[error("the session waits for its login")]
    Login,
    /// A shell's prompt and what is typed to it would not be seen on the terminal.
    #[error(
        "{0} is a shell: it writes its prompt and what is typed to stderr, which pty+err takes off \
         the terminal; use mode pty, or set force_pty_err = true for the app"
    )]
    Shell(String),
    /// The program that makes others write line by line is not there.
    #[error("stdbuf = \"line\" needs the program stdbuf: {0}; it is part of GNU coreutils")]
    Stdbuf(Box<StartError>),
    /// A string with a NUL byte cannot be given to a program.
    #[error("{0} contains a NUL byte")]
    Nul(&'static str),
    /// The working directory cannot be entered.
    #[error("{cwd}: {source}")]
    Cwd {
        /// The directory.
        cwd: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No terminal, pipe, descriptor or process was to be had.
    #[error("{what}: {source}")]
    Resource {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}
