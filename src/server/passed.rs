//! Sockets that were opened by whoever started the server, as systemd does for a `.socket` unit.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use listenfd::ListenFd;

use super::policy::ListenAddr;

/// Why what was passed on cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PassedError {
    /// It is of another kind.
    #[error("socket {0} that was passed on is neither TCP nor a Unix socket with a path")]
    Kind(usize),
    /// The system does not take it.
    #[error("a socket that was passed on cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// The sockets that were passed on and not taken yet, by where they listen.
#[derive(Debug, Default)]
pub struct Passed(Vec<(ListenAddr, Inherited)>);

/// A socket of another's making.
#[derive(Debug)]
pub(super) enum Inherited {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Passed {
    /// Takes what was passed on to this very process (`LISTEN_PID`, `LISTEN_FDS`); mostly nothing.
    /// What stands in the environment for another process is none of ours.
    ///
    /// # Errors
    /// When one of the sockets is not one to listen on.
    pub fn take() -> Result<Self, PassedError> {
        let ours = std::env::var("LISTEN_PID").ok();
        if ours.and_then(|pid| pid.parse().ok()) != Some(std::process::id()) {
            return Ok(Self::default());
        }
        let mut passed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for at in 0..passed.len() {
            if let Ok(Some(socket)) = passed.take_tcp_listener(at) {
                socket.set_nonblocking(true)?;
                let place = ListenAddr::Tcp(socket.local_addr()?);
                sockets.push((place, Inherited::Tcp(socket)));
            } else if let Ok(Some(socket)) = passed.take_unix_listener(at) {
                socket.set_nonblocking(true)?;
                let address = socket.local_addr()?;
                let path = address.as_pathname().ok_or(PassedError::Kind(at))?;
                sockets.push((ListenAddr::Unix(path.into()), Inherited::Unix(socket)));
            } else {
                return Err(PassedError::Kind(at));
            }
        }
        Ok(Self(sockets))
    }

    /// Where they listen.
    pub fn places(&self) -> impl Iterator<Item = &ListenAddr> {
        self.0.iter().map(|(place, _)| place)
    }

    /// Hands out the one that listens there.
    pub(super) fn remove(&mut self, place: &ListenAddr) -> Option<Inherited> {
        let at = self.0.iter().position(|(known, _)| known == place)?;
        Some(self.0.swap_remove(at).1)
    }
}
