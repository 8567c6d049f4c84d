//! The socket of one process slot: made before the process starts, gone when the slot ends.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener as StdListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::{Pid, geteuid, test_kill_process};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{AbortHandle, JoinSet};
use tracing::{debug, warn};

use super::serve::{Caller, Service, serve};
use super::{MAX_CONNECTIONS, shims};
use crate::model::access::AUDIT;

/// What the names of these sockets begin with, before the server's process id.
const PREFIX: &str = "slot-";

/// The folder of a server's sockets.
#[derive(Debug)]
pub struct Folder(PathBuf);

/// A socket that waits for its process. Dropping it removes it.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    listener: Option<StdListener>,
    accepting: Option<AbortHandle>,
}

impl Folder {
    /// Makes sure of the folder, which is ours alone, and removes what a server that is gone has
    /// left in it.
    ///
    /// # Errors
    /// When it cannot be made, or is somebody else's.
    pub fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let metadata = fs::symlink_metadata(path)?;
        let own = metadata.uid() == geteuid().as_raw();
        if !metadata.is_dir() || !own || metadata.mode() & 0o077 != 0 {
            let why = format!("{}: the folder is not ours alone", path.display());
            return Err(io::Error::other(why));
        }
        for entry in fs::read_dir(path)?.flatten() {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            if is_left_over(name, PREFIX) {
                let _ = fs::remove_file(entry.path());
            } else if is_left_over(name, shims::PREFIX) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// Makes the folder of the programs that stand for others.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn shims(&self) -> io::Result<shims::Folder> {
        shims::Folder::make(&self.0)
    }

    /// Makes the socket of a slot, by a name that no other slot of this server has.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn slot(&self, name: &str) -> io::Result<Slot> {
        let path = self
            .0
            .join(format!("{PREFIX}{}.{name}", std::process::id()));
        let listener = StdListener::bind(&path)?;
        let slot = Slot {
            path,
            listener: Some(listener),
            accepting: None,
        };
        fs::set_permissions(&slot.path, Permissions::from_mode(0o600))?;
        Ok(slot)
    }
}

/// Whether the server that made something of this name is gone.
fn is_left_over(name: &str, prefix: &str) -> bool {
    let pid = name
        .strip_prefix(prefix)
        .and_then(|rest| rest.split('.').next())
        .and_then(|pid| pid.parse().ok())
        .and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

impl Slot {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Serves it from now on, on the current runtime.
    ///
    /// # Errors
    /// When the runtime cannot watch it.
    pub fn serve(&mut self, service: Arc<dyn Service>) -> io::Result<()> {
        let Some(listener) = self.listener.take() else {
            return Ok(());
        };
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        let accepting = tokio::spawn(accept(listener, service));
        self.accepting = Some(accepting.abort_handle());
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// Accepts until it is aborted; its connections end with it.
async fn accept(listener: UnixListener, service: Arc<dyn Service>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    warn!(%error, "a control socket takes no more connections");
                    while connections.join_next().await.is_some() {}
                    return;
                }
            },
            Some(_) = connections.join_next() => continue,
        };
        if connections.len() >= MAX_CONNECTIONS {
            debug!("a control socket has as many connections as it may");
            continue;
        }
        if let Some(caller) = caller(&stream) {
            connections.spawn(serve(stream, caller, Arc::clone(&service)));
        } else {
            warn!(target: AUDIT, event = "caller_refused", "a control socket refused another user's process");
        }
    }
}

/// Who it is, if it is our own user or root.
fn caller(stream: &UnixStream) -> Option<Caller> {
    let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
    let trusted = peer.uid.is_root() || peer.uid == geteuid();
    let pid = peer.pid.as_raw_nonzero().get().unsigned_abs();
    trusted.then_some(Caller { pid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_and_the_socket_are_ours_alone_and_leftovers_go() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("awp");
        let folder = Folder::open(&path).expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        let slot = folder.slot("s-0000000000.1").expect("made");
        assert_eq!(mode(slot.path()), 0o600);
        let file = slot.path().to_owned();
        assert!(Folder::open(&path).is_ok() && file.exists(), "we live");
        drop(slot);
        assert!(!file.exists());
        // Above what a process id can be: nobody has it.
        let stale = path.join(format!("{PREFIX}2147483646.s-0000000000.1"));
        fs::write(&stale, "").expect("written");
        assert!(Folder::open(&path).is_ok() && !stale.exists());
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("ours");
        assert!(Folder::open(&path).is_err());
    }
}
