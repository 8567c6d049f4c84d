//! The own terminal while it shows a session: raw, and given back on every way out.

use std::io;

use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};

use crate::model::size::Size;

/// A terminal in raw mode; dropping it gives it back as it was, also while a panic unwinds.
pub struct Terminal {
    before: Termios,
    raw: Termios,
}

impl Terminal {
    /// Puts the terminal on stdin into raw mode. `None` where stdin is none.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Option<Self>> {
        if !isatty(stdin()) {
            return Ok(None);
        }
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        let terminal = Self { before, raw };
        terminal.enter()?;
        Ok(Some(terminal))
    }

    /// Makes it raw again, after somebody else may have changed it.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn enter(&self) -> io::Result<()> {
        Ok(tcsetattr(stdin(), OptionalActions::Now, &self.raw)?)
    }

    /// Gives it back and stops this process, until somebody continues it.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn suspend(&self) -> io::Result<()> {
        self.leave();
        stop()?;
        self.enter()
    }

    fn leave(&self) {
        // Not after its output was drained: a terminal that was halted would never be given back.
        // Should it be gone, there is nothing to give back.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Stops this process, until somebody continues it.
///
/// # Errors
/// When the system refuses.
pub fn stop() -> io::Result<()> {
    Ok(kill_process(getpid(), Signal::STOP)?)
}

/// Whether output goes to a terminal.
pub fn shows() -> bool {
    isatty(stdout())
}

/// The size of the terminal that output goes to, or input comes from; `None` where there is none.
pub fn size() -> Option<Size> {
    let size = tcgetwinsize(stdout())
        .or_else(|_| tcgetwinsize(stdin()))
        .ok()?;
    let known = size.ws_col > 0 && size.ws_row > 0;
    known.then(|| Size::clamped(size.ws_col.into(), size.ws_row.into()))
}
