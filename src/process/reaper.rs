//! A child as its parent sees it: when it ended and how.

use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, WaitId, WaitIdOptions, WaitOptions, pidfd_open, waitid, waitpid,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{signal, spawn};
use crate::model::process::ExitStatus;

/// A child process, reaped through its pidfd: no signal handler, no polling.
pub struct Child {
    pid: Pid,
    pidfd: AsyncFd<OwnedFd>,
}

impl Child {
    /// Watches a child of this process that was not reaped yet.
    ///
    /// # Errors
    /// When no descriptor is to be had.
    pub fn watch(pid: Pid) -> io::Result<Self> {
        let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK)?;
        Ok(Self {
            pid,
            pidfd: spawn::watch(pidfd, Interest::READABLE)?,
        })
    }

    /// Its process id, which is also its session's and its first process group's.
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until it ended, and reaps it. Cancel safe; to be called until it has returned once.
    pub async fn ended(&self) -> ExitStatus {
        loop {
            let Ok(mut ready) = self.pidfd.readable().await else {
                return unknown();
            };
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            match waitid(
                WaitId::PidFd(rustix::fd::AsFd::as_fd(self.pidfd.get_ref())),
                options,
            ) {
                Ok(Some(status)) => {
                    let code = status
                        .exit_status()
                        .and_then(|code| u8::try_from(code).ok());
                    let signal = status.terminating_signal().map(signal::name_of);
                    return match (code, signal) {
                        (_, Some(signal)) => ExitStatus::Signal(signal),
                        (code, None) => ExitStatus::Code(code.unwrap_or(u8::MAX)),
                    };
                }
                Ok(None) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                // Somebody else reaped it: that it ended is all that can be said.
                Err(_) => return unknown(),
            }
        }
    }
}

/// Waits on the calling thread for a child that was killed because it cannot be watched: an instant,
/// and where no descriptor is left a thread may not be to be had either.
pub fn reap(pid: Pid) {
    while matches!(waitpid(Some(pid), WaitOptions::empty()), Err(Errno::INTR)) {}
}

fn unknown() -> ExitStatus {
    ExitStatus::Code(u8::MAX)
}
