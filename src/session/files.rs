//! The files that go to and from one session: how many at once, how much altogether, and those that
//! wait for their rest.
//!
//! An upload is known by the process, the path and a word of its client. Each request for it is a
//! [`Turn`]; the newest one has it, so that whoever comes back does not wait for a connection that
//! is dead. Between turns it waits for [`WAIT`], then what is there is removed.

use std::collections::HashMap;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{Notify, OwnedMutexGuard, watch};
use tokio::task::spawn_blocking;

pub use crate::process::partial::Partial;
pub use crate::process::root::{FileError, Root};

use crate::model::id::ProcessId;

/// How long an upload that broke off waits for its rest: a train's tunnel, a laptop's lunch.
pub const WAIT: Duration = Duration::from_secs(15 * 60);

/// Uploads of a session that wait for their rest, at most: each holds two descriptors.
const MAX_WAITING: usize = 4;

/// Files that programs of a session were given on asking: each has a folder. Their bytes are bounded
/// with those of all uploads.
const MAX_INBOXES: u32 = 1024;

/// Bytes of one file, where nobody says otherwise.
pub const FILE_BYTES: u64 = 1024 * 1024 * 1024;

/// Bytes that are uploaded to one session altogether, where nobody says otherwise.
pub const SESSION_BYTES: u64 = 4 * FILE_BYTES;

/// Files on their way at once, where nobody says otherwise.
pub const TRANSFERS: u32 = 4;

/// What may be done with files, by an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether anything may.
    pub enabled: bool,
    /// Bytes of one file that is uploaded.
    pub file_bytes: u64,
    /// Bytes that are uploaded to a session altogether.
    pub session_bytes: u64,
    /// Files on their way at once, both ways.
    pub transfers: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            enabled: true,
            file_bytes: FILE_BYTES,
            session_bytes: SESSION_BYTES,
            transfers: TRANSFERS,
        }
    }
}

/// Why a file is not taken, or not given.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The app has no files.
    #[error("files are switched off for this app")]
    Off,
    /// As many are on their way as may be.
    #[error("{0} files are on their way already, which is the limit")]
    Busy(u32),
    /// The file is larger than files may be.
    #[error("a file may have {0} bytes")]
    TooLarge(u64),
    /// The session has taken as much as it may.
    #[error("{0} bytes may be uploaded to a session, and this is more")]
    SessionFull(u64),
    /// The session is over, or the process has ended.
    #[error("the process has ended")]
    Gone,
    /// A newer request has taken the upload over.
    #[error("another request has taken this upload over")]
    TakenOver,
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What an upload is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// The process whose folder it goes to.
    pub process: ProcessId,
    /// The path as the client says it.
    pub path: String,
    /// The client's own word for it.
    pub word: String,
}

/// The path by which an upload is known that answers a question: no file's path begins so.
pub fn asked_path(ask: u64, path: &str) -> String {
    format!("\0{ask}\0{path}")
}

/// The files of one session.
pub struct Files {
    rules: Rules,
    private: Arc<[PathBuf]>,
    state: Mutex<State>,
    /// Notified when the session is over.
    closing: Notify,
}

#[derive(Default)]
struct State {
    closed: bool,
    transfers: u32,
    /// Bytes that were uploaded, or were promised room.
    bytes: u64,
    uploads: HashMap<UploadKey, Arc<Upload>>,
    turns: u64,
    /// The folders of files that programs asked for, by question; each is removed with the session.
    inboxes: Vec<(u64, TempDir)>,
}

struct Upload {
    key: UploadKey,
    size: u64,
    partial: Arc<tokio::sync::Mutex<Option<Partial>>>,
    /// The number of the newest turn.
    turn: watch::Sender<u64>,
}

/// A file on its way, counted as long as this is held.
pub struct Transfer(Arc<Files>);

impl Drop for Transfer {
    fn drop(&mut self) {
        self.0.lock().transfers -= 1;
    }
}

impl Files {
    /// None yet. What lies below `private` is the server's own.
    pub fn new(rules: Rules, private: Arc<[PathBuf]>) -> Arc<Self> {
        Arc::new(Self {
            rules,
            private,
            state: Mutex::default(),
            closing: Notify::new(),
        })
    }

    /// What is the server's own.
    pub fn private(&self) -> Arc<[PathBuf]> {
        Arc::clone(&self.private)
    }

    /// Whether there may be any.
    ///
    /// # Errors
    /// When there may be none.
    pub const fn check(&self) -> Result<(), Refused> {
        if self.rules.enabled {
            Ok(())
        } else {
            Err(Refused::Off)
        }
    }

    /// Counts one more file on its way.
    ///
    /// # Errors
    /// When there may be none, or no more.
    pub fn transfer(self: &Arc<Self>) -> Result<Transfer, Refused> {
        self.check()?;
        let mut state = self.lock();
        if state.transfers >= self.rules.transfers {
            return Err(Refused::Busy(self.rules.transfers));
        }
        state.transfers += 1;
        drop(state);
        Ok(Transfer(Arc::clone(self)))
    }

    /// Resolves when the session is over.
    pub async fn closed(&self) {
        let mut closing = pin!(self.closing.notified());
        closing.as_mut().enable();
        if !self.lock().closed {
            closing.await;
        }
    }

    /// Takes a turn at an upload of this many bytes; room for all of them is held from the first
    /// one on. Whoever had the last turn loses it.
    ///
    /// # Errors
    /// When there is no room for it, or the session is over.
    pub async fn turn(self: &Arc<Self>, key: UploadKey, size: u64) -> Result<Turn, Refused> {
        if size > self.rules.file_bytes {
            return Err(Refused::TooLarge(self.rules.file_bytes));
        }
        loop {
            let (upload, number) = self.upload(&key, size)?;
            let partial = Arc::clone(&upload.partial).lock_owned().await;
            // It may have been finished, or dropped, while this waited.
            let known = self.lock().uploads.get(&key).map(Arc::as_ptr);
            if known == Some(Arc::as_ptr(&upload)) {
                let newest = upload.turn.subscribe();
                return Ok(Turn {
                    files: Arc::clone(self),
                    upload,
                    number,
                    newest,
                    partial: Some(partial),
                    over: false,
                });
            }
        }
    }

    /// The upload of this key, a new one if there is none of this size; and the number of the turn.
    fn upload(&self, key: &UploadKey, size: u64) -> Result<(Arc<Upload>, u64), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Gone);
        }
        state.turns += 1;
        let turn = state.turns;
        if let Some(upload) = state.uploads.get(key).cloned() {
            upload.turn.send_replace(turn);
            if upload.size == size {
                return Ok((upload, turn));
            }
            // Another file of the same name: what there was of the old one is of no use.
            state.forget(&upload);
        }
        if size > self.rules.session_bytes - state.bytes.min(self.rules.session_bytes) {
            return Err(Refused::SessionFull(self.rules.session_bytes));
        }
        state.make_room(self.rules.transfers as usize + MAX_WAITING);
        state.bytes += size;
        let upload = Arc::new(Upload {
            key: key.clone(),
            size,
            partial: Arc::default(),
            turn: watch::Sender::new(turn),
        });
        state.uploads.insert(key.clone(), Arc::clone(&upload));
        Ok((upload, turn))
    }

    /// Holds the folder for the file that a program asked for. Blocks.
    ///
    /// # Errors
    /// When the session is over, has too many, or the system fails.
    pub fn inbox(&self, ask: u64) -> Result<Root, Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Gone);
        }
        let known = state.inboxes.iter().find(|(of, _)| *of == ask);
        let path = match known {
            Some((_, folder)) => folder.path().to_owned(),
            None if state.inboxes.len() >= MAX_INBOXES as usize => {
                return Err(Refused::Busy(MAX_INBOXES));
            }
            None => {
                let mut builder = tempfile::Builder::new();
                builder.permissions(Permissions::from_mode(0o700));
                let made = builder.prefix("awp-file-").tempdir();
                let folder = made.map_err(FileError::from)?;
                let path = folder.path().to_owned();
                state.inboxes.push((ask, folder));
                path
            }
        };
        drop(state);
        let folder = File::open(path).map_err(FileError::from)?;
        Ok(Root::at(folder.into(), self.private()).map_err(FileError::from)?)
    }

    /// Forgets an upload that nobody wants any more; says whether there was one. A file that is
    /// whole is not an upload any more.
    pub fn abandon(&self, key: &UploadKey) -> bool {
        let mut state = self.lock();
        let upload = state.uploads.get(key).cloned();
        upload.inspect(|upload| state.forget(upload)).is_some()
    }

    /// Forgets what came of the file that a question was about, if it is not whole.
    pub(super) fn abandon_asked(&self, ask: u64) {
        let answers = asked_path(ask, "");
        let mut state = self.lock();
        let uploads = state.uploads.values();
        let uploads = uploads.filter(|one| one.key.path.starts_with(&answers));
        for upload in uploads.cloned().collect::<Vec<_>>() {
            state.forget(&upload);
        }
    }

    /// Bytes that a file may have.
    pub const fn file_bytes(&self) -> u64 {
        self.rules.file_bytes
    }

    /// Takes nothing more, and removes what is not whole.
    pub async fn close(&self) {
        let (uploads, inboxes) = {
            let mut state = self.lock();
            state.closed = true;
            self.closing.notify_waiters();
            let uploads: Vec<_> = state.uploads.drain().map(|(_, upload)| upload).collect();
            (uploads, std::mem::take(&mut state.inboxes))
        };
        for upload in uploads {
            upload.turn.send_replace(u64::MAX);
            remove(Arc::clone(&upload.partial).lock_owned().await).await;
        }
        if !inboxes.is_empty() {
            let _ = spawn_blocking(move || drop(inboxes)).await;
        }
    }

    /// Forgets an upload that is not whole, and removes what is there of it. If `turn` is given, only
    /// while no newer turn was taken.
    fn forget(&self, upload: &Arc<Upload>, turn: Option<u64>) {
        let mut state = self.lock();
        if turn.is_none_or(|turn| *upload.turn.borrow() == turn) {
            state.forget(upload);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, upload: &Arc<Upload>) {
        let known = self.uploads.get(&upload.key);
        if known.is_none_or(|known| !Arc::ptr_eq(known, upload)) {
            return;
        }
        self.uploads.remove(&upload.key);
        self.bytes -= upload.size;
        upload.turn.send_replace(u64::MAX);
        let partial = Arc::clone(&upload.partial);
        tokio::spawn(async move { remove(partial.lock_owned().await).await });
    }

    /// Forgets the one that nobody came back to for longest, where there are as many as may be.
    fn make_room(&mut self, most: usize) {
        if self.uploads.len() < most {
            return;
        }
        let waiting = self.uploads.values();
        let waiting = waiting.filter(|upload| upload.partial.try_lock().is_ok());
        let oldest = waiting.min_by_key(|upload| *upload.turn.borrow()).cloned();
        if let Some(oldest) = oldest {
            self.forget(&oldest);
        }
    }
}

type Held = OwnedMutexGuard<Option<Partial>>;

/// To remove a file blocks.
async fn remove(mut held: Held) {
    let _ = spawn_blocking(move || drop(held.take())).await;
}

/// One request's time with an upload. Dropped, it leaves the upload to wait for the next one.
pub struct Turn {
    files: Arc<Files>,
    upload: Arc<Upload>,
    number: u64,
    newest: watch::Receiver<u64>,
    /// Away while a thread works with it; should this be dropped meanwhile, that thread ends its
    /// work first.
    partial: Option<Held>,
    over: bool,
}

impl Turn {
    /// Resolves when a newer request, or the end of the session, has taken the upload over.
    pub async fn taken_over(&mut self) {
        let number = self.number;
        let _ = self.newest.wait_for(|newest| *newest != number).await;
    }

    /// Whether nothing of it is there yet, not even a name.
    pub fn is_new(&self) -> bool {
        self.partial.as_ref().is_none_or(|held| held.is_none())
    }

    /// Works with what is there of the file, on a thread that may block. An error other than a wrong
    /// beginning ends the upload.
    ///
    /// # Errors
    /// Whatever the work says.
    pub async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Option<Partial>) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, Refused> {
        let mut held = self.partial.take().ok_or(Refused::TakenOver)?;
        let done = spawn_blocking(move || {
            let result = work(&mut held);
            (held, result)
        });
        let (held, result) = done.await.map_err(|_| Refused::Gone)?;
        self.partial = Some(held);
        result.map_err(|error| {
            self.give_up();
            error.into()
        })
    }

    /// Forgets the upload and what is there of it.
    pub fn give_up(&mut self) {
        self.partial = None;
        self.over = true;
        self.files.forget(&self.upload, None);
    }

    /// The file is whole and in its place: its bytes stay counted.
    pub fn done(mut self) {
        self.over = true;
        let mut state = self.files.lock();
        let known = state.uploads.get(&self.upload.key);
        if known.is_some_and(|known| Arc::ptr_eq(known, &self.upload)) {
            state.uploads.remove(&self.upload.key);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.partial = None;
        let mut newest = self.upload.turn.subscribe();
        newest.mark_unchanged();
        if *newest.borrow() != self.number {
            return;
        }
        let (files, number) = (Arc::downgrade(&self.files), self.number);
        let upload = Arc::downgrade(&self.upload);
        // One timer for each that waits, which ends with the waiting.
        tokio::spawn(async move {
            let changed = newest.wait_for(|newest| *newest != number);
            if tokio::time::timeout(WAIT, changed).await.is_ok() {
                return;
            }
            if let Some((files, upload)) = Weak::upgrade(&files).zip(Weak::upgrade(&upload)) {
                files.forget(&upload, Some(number));
            }
        });
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
