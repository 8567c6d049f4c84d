//! The master side of a pseudo-terminal.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use portable_pty::{MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::Pid;
use rustix::termios::{self, InputModes, OptionalActions};

use super::StartError;
use super::spawn;
use crate::model::size::Size;

/// The master of a pty: `portable-pty` opened it and resizes it, the runtime reads and writes it.
pub struct Master {
    /// Behind a lock only because the trait object is not `Sync`; resizes are rare.
    pty: Mutex<Box<dyn MasterPty + Send>>,
    fd: BorrowedFd<'static>,
}

/// The slave side, held open until the child has opened it for itself.
pub struct Slave {
    /// Its path, which the child opens as its controlling terminal.
    pub path: PathBuf,
    /// The slave itself.
    pub side: Box<dyn SlavePty + Send>,
}

/// Opens a terminal of this size.
///
/// # Errors
/// When the system has no pty or no descriptor left.
pub fn open(size: Size) -> Result<(Master, Slave), StartError> {
    let resource = |source: std::io::Error| StartError::Resource {
        what: "no terminal is to be had",
        source,
    };
    let last = |_| resource(std::io::Error::last_os_error());
    let pair = native_pty_system().openpty(pty_size(size)).map_err(last)?;
    let fd = spawn::master_descriptor(pair.master.as_ref())
        .ok_or_else(|| resource(std::io::ErrorKind::Unsupported.into()))?;
    let path = pair
        .master
        .tty_name()
        .ok_or_else(|| resource(std::io::ErrorKind::NotFound.into()))?;
    assume_utf8(fd).map_err(resource)?;
    Ok((
        Master {
            pty: Mutex::new(pair.master),
            fd,
        },
        Slave {
            path,
            side: pair.slave,
        },
    ))
}

/// Tells the line discipline that input is UTF-8, so that erase takes a whole character.
fn assume_utf8(fd: BorrowedFd<'_>) -> std::io::Result<()> {
    let mut attributes = termios::tcgetattr(fd)?;
    attributes.input_modes |= InputModes::IUTF8;
    termios::tcsetattr(fd, OptionalActions::Now, &attributes)?;
    Ok(())
}

fn pty_size(size: Size) -> PtySize {
    let (width, height) = Size::CELL_PIXELS;
    PtySize {
        rows: size.rows,
        cols: size.cols,
        pixel_width: size.cols * width,
        pixel_height: size.rows * height,
    }
}

impl Master {
    /// Resizes the terminal; its foreground processes get SIGWINCH. A terminal that is gone has
    /// nobody left to tell.
    pub fn resize(&self, size: Size) {
        let pty = self.pty.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = pty.resize(pty_size(size));
    }

    /// The process group that the terminal's keys speak to.
    pub fn foreground(&self) -> Option<Pid> {
        termios::tcgetpgrp(self.fd).ok()
    }
}

impl AsFd for Master {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd
    }
}
