//! What outlives the server: users and share links, in one `SQLite` file that only its user reads.
//!
//! Every call blocks, as a disk does: the server makes them where blocking is allowed. The file is
//! made when there is first something to keep; a server with nothing but its owner has none.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that cannot go on has failed and says where"
    )
)]

pub mod provided;
pub mod shares;
pub mod users;

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// How long a change waits for another process, such as `awp user`, to finish its own.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Marks the file as ours: "awp1".
const APPLICATION: i32 = 0x6177_7031;

/// The version of the tables. Of these, 1 had no second factors.
const VERSION: i32 = 2;

/// Random bytes in the name of a file that is not finished.
const DRAFT_BYTES: usize = 8;

const TABLES: &str = "
CREATE TABLE counter (epoch INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
CREATE TABLE users (
    name TEXT PRIMARY KEY NOT NULL,
    password TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('watch', 'write', 'owner')),
    epoch INTEGER NOT NULL,
    created INTEGER NOT NULL,
    totp BLOB,
    totp_period INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE shares (
    id TEXT PRIMARY KEY NOT NULL,
    secret BLOB NOT NULL UNIQUE,
    session TEXT NOT NULL,
    write INTEGER NOT NULL,
    creator TEXT,
    epoch TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    once INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_of_session ON shares (session);
";

/// What makes tables of version 1 those of today.
const UPGRADE: &str = "
ALTER TABLE users ADD COLUMN totp BLOB;
ALTER TABLE users ADD COLUMN totp_period INTEGER NOT NULL DEFAULT 0;
";

/// Why the store cannot be used: one line that names the file.
#[derive(Debug, thiserror::Error)]
#[error("database {}: {reason}", path.display())]
pub struct StoreError {
    path: PathBuf,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    #[error("is not a regular file")]
    NotAFile,
    #[error("belongs to another user")]
    Foreign,
    #[error("others can read or write it (mode {0:03o}); chmod 600 it")]
    Mode(u32),
    #[error("is empty; remove it to begin with no users")]
    Empty,
    #[error("is damaged ({0}); put a copy back, or remove it to begin with no users")]
    Damaged(String),
    #[error("is not a database of awp")]
    NotOurs,
    #[error("is of another version of awp (tables {0}, known {VERSION})")]
    Version(i32),
}

/// An open store.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file if it is there.
    ///
    /// # Errors
    /// When it is there and cannot be trusted.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Self::open(path).map(Some),
        }
    }

    /// Opens the file; a missing one is made first, with mode 0600 in a folder with mode 0700.
    ///
    /// # Errors
    /// When it cannot be made, or is there and cannot be trusted.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let run = || {
            match fs::metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
                other => check(&other?)?,
            }
            connect(path)
        };
        let connection = run().map_err(|reason| StoreError::new(path, reason))?;
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that was cut short by a panic is rolled back when it is dropped.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs statements as one transaction.
    fn change<T>(
        &self,
        run: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let run = || {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = run(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|error: rusqlite::Error| StoreError::new(&self.path, error))
    }

    /// Reads.
    fn read<T>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        run(&self.lock()).map_err(|error| StoreError::new(&self.path, error))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Store({})", self.path.display())
    }
}

impl StoreError {
    fn new(path: &Path, reason: impl Into<Reason>) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The next number that no change had before.
fn next_epoch(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.query_row(
        "UPDATE counter SET epoch = epoch + 1 RETURNING epoch",
        [],
        |row| row.get(0),
    )
}

fn check(metadata: &fs::Metadata) -> Result<(), Reason> {
    if !metadata.is_file() {
        return Err(Reason::NotAFile);
    }
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own && metadata.uid() != 0 {
        return Err(Reason::Foreign);
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(Reason::Mode(metadata.mode() & 0o777));
    }
    if metadata.len() == 0 {
        return Err(Reason::Empty);
    }
    Ok(())
}

/// Makes the file whole or not at all: written beside its place under another name, then linked
/// there, which fails where a file is already.
fn create(path: &Path) -> Result<(), Reason> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut random = [0_u8; DRAFT_BYTES];
    getrandom::fill(&mut random).map_err(Reason::Random)?;
    let mut name = ".awp.db-".to_owned();
    for byte in random {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    let draft = folder.join(name);
    let written = fill(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(Reason::from),
    });
    let removed = fs::remove_file(&draft);
    written?;
    removed?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn fill(draft: &Path) -> Result<(), Reason> {
    // SQLite gives its further files the mode of this one.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    let connection = Connection::open_with_flags(draft, flags())?;
    connection.execute_batch("PRAGMA synchronous = FULL; BEGIN;")?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch("COMMIT;")?;
    connection.close().map_err(|(_, error)| Reason::Sql(error))
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE
}

fn connect(path: &Path) -> Result<Connection, Reason> {
    let mut connection = Connection::open_with_flags(path, flags())?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    if number("application_id").map_err(|error| damaged(&error))? != APPLICATION {
        return Err(Reason::NotOurs);
    }
    let version = number("user_version").map_err(|error| damaged(&error))?;
    if ![1, VERSION].contains(&version) {
        return Err(Reason::Version(version));
    }
    let sound: String = connection
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .map_err(|error| damaged(&error))?;
    if sound != "ok" {
        let first = sound.lines().next().unwrap_or_default();
        return Err(Reason::Damaged(first.to_owned()));
    }
    // What is told to be done is on the disk: a link that was revoked stays so after a power cut.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What was deleted is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    if version == 1 {
        upgrade(&mut connection)?;
    }
    Ok(connection)
}

/// Brings the tables up to date, unless another process just has. An older awp that has the file
/// open goes on with it.
fn upgrade(connection: &mut Connection) -> Result<(), Reason> {
    let behavior = rusqlite::TransactionBehavior::Immediate;
    let transaction = connection.transaction_with_behavior(behavior)?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 1 {
        transaction.execute_batch(UPGRADE)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}

fn damaged(error: &rusqlite::Error) -> Reason {
    Reason::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_missing_file_is_made_private_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/awp.db");
        assert!(Store::open_existing(&path).unwrap().is_none());
        let store = Store::open(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        store.change(next_epoch).unwrap();
        for file in fs::read_dir(path.parent().unwrap()).unwrap() {
            let file = file.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
            assert!(!file.ends_with(".awp.db-"));
        }
        let second = Store::open_existing(&path).unwrap().unwrap();
        assert_eq!(second.change(next_epoch).unwrap(), 2);
        assert_eq!(store.change(next_epoch).unwrap(), 3);
        let durable = |store: &Store| -> (String, i64) {
            let read = |name| {
                store
                    .lock()
                    .pragma_query_value(None, name, |row| row.get(0))
            };
            let mode = store
                .lock()
                .pragma_query_value(None, "journal_mode", |row| row.get(0));
            (mode.unwrap(), read("synchronous").unwrap())
        };
        assert_eq!(durable(&store), ("wal".to_owned(), 2));
    }

    #[test]
    fn tables_of_the_version_before_are_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("awp.db");
        drop(Store::open(&path).unwrap());
        let before = "
            ALTER TABLE users DROP COLUMN totp; ALTER TABLE users DROP COLUMN totp_period;
            INSERT INTO users VALUES ('bob', 'x', 'write', 1, 2); PRAGMA user_version = 1;";
        Connection::open(&path)
            .unwrap()
            .execute_batch(before)
            .unwrap();
        for _ in 0..2 {
            let store = Store::open(&path).unwrap();
            let users = store.users().unwrap();
            assert!(users.len() == 1 && !users[0].second_factor, "{users:?}");
            assert!(store.totp("bob").unwrap().is_none());
        }
        let later = Connection::open(&path).unwrap();
        later
            .pragma_update(None, "user_version", VERSION + 1)
            .unwrap();
        assert!(
            Store::open(&path)
                .unwrap_err()
                .to_string()
                .contains("another version")
        );
    }

    #[test]
    fn a_file_that_cannot_be_trusted_is_an_error_of_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("awp.db");
        let refused = |content: &[u8], mode: u32| {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = Store::open(&path).unwrap_err().to_string();
            assert!(!error.contains('\n') && error.contains("awp.db"), "{error}");
            error
        };
        assert!(refused(b"", 0o600).contains("empty"));
        assert!(refused(&[b'x'; 5000], 0o600).contains("damaged"));
        drop(fs::remove_file(&path));
        drop(Store::open(&path).unwrap());
        let mut whole = fs::read(&path).unwrap();
        assert!(refused(&whole, 0o640).contains("640"));
        assert!(refused(&whole, 0o602).contains("602"));
        let cut = whole.len() / 2;
        assert!(refused(&whole[..cut], 0o600).contains("damaged"));
        let page = whole.len() - 3 * 4096;
        whole[page..].fill(0xff);
        assert!(refused(&whole, 0o600).contains("damaged"));
        drop(fs::remove_file(&path));
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE x (a)").unwrap();
        drop(other);
        let whole = fs::read(&path).unwrap();
        assert!(refused(&whole, 0o600).contains("not a database of awp"));
    }
}
