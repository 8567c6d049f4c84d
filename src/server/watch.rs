//! Sees when the owner's token or the database is changed by somebody else, such as `awp user`: the
//! kernel tells, nobody has to look.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::net::unix::pipe::Receiver;

/// Bytes of the events that are read at once.
const BUFFER: usize = 4096;

/// Bytes of an event before its name (inotify(7)): what is watched, what happened, a cookie, and
/// how long the name is.
const HEAD: usize = 16;

/// The files that are watched, by what their names begin with.
#[derive(Debug)]
pub struct Watch {
    /// The kernel's descriptor is read as a pipe is.
    events: Receiver,
    names: Vec<OsString>,
}

impl Watch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// When the kernel has no more of them to give.
    pub fn new() -> io::Result<Self> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Self {
            events: Receiver::from_file_unchecked(File::from(kernel))?,
            names: Vec::new(),
        })
    }

    /// Watches a file and those beside it whose names begin as its own does, which is how `SQLite`
    /// names what belongs to a database. The file may be replaced by another one.
    ///
    /// # Errors
    /// When its folder cannot be watched.
    pub fn add(&mut self, file: &Path) -> io::Result<()> {
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let written = WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE;
        let replaced = WatchFlags::MOVED_TO | WatchFlags::CREATE;
        inotify::add_watch(&self.events, folder, written | replaced)?;
        self.names
            .extend(file.file_name().map(std::ffi::OsStr::to_owned));
        Ok(())
    }

    /// Waits until one of the files was changed.
    ///
    /// # Errors
    /// When the kernel says nothing any more.
    pub async fn changed(&self) -> io::Result<()> {
        let mut buffer = [0; BUFFER];
        loop {
            self.events.readable().await?;
            match self.events.try_read(&mut buffer) {
                Ok(count) if self.concerns(&buffer[..count]) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether one of these events is about a file that is watched.
    fn concerns(&self, mut events: &[u8]) -> bool {
        while let Some((head, rest)) = events.split_at_checked(HEAD) {
            let [.., a, b, c, d] = *head else { break };
            let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            let Some((name, next)) = rest.split_at_checked(length) else {
                break;
            };
            // Without a name it says that events were lost.
            let mut names = self.names.iter();
            if name.is_empty() || names.any(|known| name.starts_with(known.as_bytes())) {
                return true;
            }
            events = next;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn a_change_of_a_watched_file_is_seen_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut watch = Watch::new().unwrap();
        watch.add(&path("token")).unwrap();
        fs::write(path("log"), "x").unwrap();
        fs::write(path("draft"), "x").unwrap();
        fs::rename(path("draft"), path("token")).unwrap();
        watch.changed().await.unwrap();
        fs::write(path("log"), "x").unwrap();
        let waiting = tokio::time::timeout(std::time::Duration::ZERO, watch.changed());
        assert!(waiting.await.is_err(), "the log is nobody's business");
        watch.add(&path("awp.db")).unwrap();
        fs::write(path("awp.db-wal"), "x").unwrap();
        watch.changed().await.unwrap();
    }
}
