//! A question on a terminal, and the line that answers it.

use std::io::{BufRead, Write};
use std::os::fd::AsFd;

use anyhow::Context as _;
use rustix::termios::{self, LocalModes, OptionalActions};

/// Bytes of a line at most: far more than anybody types, less than the server looks at.
const MAX_TYPED: u64 = 1024;

/// Asks for a line; `None` at the end of the input. What is typed is seen only where that is `shown`.
///
/// # Errors
/// When the terminal fails.
pub fn ask(
    terminal: impl AsFd,
    input: impl BufRead,
    mut output: impl Write,
    (question, shown): (&str, bool),
) -> anyhow::Result<Option<String>> {
    let before = termios::tcgetattr(&terminal)?;
    if !shown {
        // Before the question is seen: whoever answers it at once is not shown either.
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        termios::tcsetattr(&terminal, OptionalActions::Now, &silent)?;
    }
    output.write_all(question.as_bytes())?;
    output.flush()?;
    let line = line(input);
    termios::tcsetattr(&terminal, OptionalActions::Now, &before)?;
    line
}

/// Reads a line; `None` at the end of the input.
///
/// # Errors
/// When it cannot be read.
pub fn line(input: impl BufRead) -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let read = input.take(MAX_TYPED).read_line(&mut line);
    if read.context("what is typed cannot be read")? == 0 {
        return Ok(None);
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(Some(line))
}
