//! The folder of recordings: a file each, and the key that they are sealed with.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::clock;
use crate::model::cast::chain::{self, Key};
use crate::model::cast::{TOTAL, read};

/// Recordings at most: so many that a list of them is still read in a moment.
const MOST: usize = 1000;

/// Random bytes of a recording's name.
const NAME: usize = 6;

/// The first lines of a recording that are read to say what it is, in bytes.
const HEAD: u64 = 4096;

/// What the line says after which the recording may go.
const KEEP: &str = "# keep until ";

/// The folder.
#[derive(Clone, Debug)]
pub struct Recordings {
    folder: PathBuf,
}

/// What is known of a recording without playing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its name.
    pub id: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was begun, in seconds since 1970.
    pub begun: u64,
    /// After this it goes, in seconds since 1970.
    pub until: u64,
    /// What was recorded.
    pub title: String,
}

/// Draws a name.
///
/// # Errors
/// When the system has no randomness.
pub fn fresh_id() -> io::Result<String> {
    let mut random = [0; NAME];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("r-{}", chain::hex(&random)))
}

/// The line that says until when a recording is kept.
pub fn keep_line(until: u64) -> String {
    format!("{KEEP}{until}\n")
}

fn is_id(text: &str) -> bool {
    let rest = text.strip_prefix("r-").unwrap_or_default();
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    rest.len() == 2 * NAME && rest.bytes().all(digit)
}

impl Recordings {
    /// What is in this folder, if there is one.
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes the folder where it is missing. It must be nobody else's.
    ///
    /// # Errors
    /// When it cannot be, or others may read it.
    pub fn prepare(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.folder)?;
        private(&self.folder, &fs::symlink_metadata(&self.folder)?)
    }

    /// The key of the seals; made where it is missing.
    ///
    /// # Errors
    /// When there is none to be had, or others may read it.
    pub fn key(&self) -> io::Result<Key> {
        let path = self.folder.join("key");
        if !path.exists() {
            let mut key = [0; 32];
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            let draft = self.folder.join(fresh_id()?);
            let mut file = create(&draft)?;
            file.write_all(&key)?;
            file.sync_all()?;
            // Two servers that begin at once have one key: the first one that is there.
            let linked = fs::hard_link(&draft, &path);
            fs::remove_file(&draft)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        self.known_key()
    }

    /// The key of the seals, where there is one.
    ///
    /// # Errors
    /// When there is none, or others may read it.
    pub fn known_key(&self) -> io::Result<Key> {
        let path = self.folder.join("key");
        let mut file = File::open(&path)?;
        private(&path, &file.metadata()?)?;
        let mut key = [0; 32];
        file.read_exact(&mut key)?;
        Ok(Key(key))
    }

    /// Makes the file of a recording.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, id: &str) -> io::Result<File> {
        create(&self.path(id))
    }

    /// Where a recording is; also for a name that none can have.
    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.cast"))
    }

    /// The recording of this name.
    pub fn find(&self, id: &str) -> Option<PathBuf> {
        let path = is_id(id).then(|| self.path(id))?;
        let kind = fs::symlink_metadata(&path).ok()?;
        kind.is_file().then_some(path)
    }

    /// Deletes the recording of this name. False: there is none.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub fn delete(&self, id: &str) -> io::Result<bool> {
        match self.find(id).map(fs::remove_file) {
            None => Ok(false),
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Some(removed) => removed.map(|()| true),
        }
    }

    /// All recordings, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read. Where it is missing there are none.
    pub fn list(&self) -> io::Result<Vec<Info>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut all: Vec<Info> = names
            .filter_map(|name| self.info(name.strip_suffix(".cast")?))
            .collect();
        all.sort_by(|one, other| (one.begun, &one.id).cmp(&(other.begun, &other.id)));
        Ok(all)
    }

    fn info(&self, id: &str) -> Option<Info> {
        let file = File::open(self.find(id)?).ok()?;
        let metadata = file.metadata().ok()?;
        let mut lines = BufReader::new(file.take(HEAD)).lines();
        let header = lines.next().and_then(Result::ok);
        let header = header.and_then(|line| read::header(&line).ok());
        let until = lines.next().and_then(Result::ok);
        let until = until.and_then(|line| line.strip_prefix(KEEP)?.parse().ok());
        let changed = metadata.mtime().try_into().unwrap_or(0);
        let begun = header.as_ref().and_then(|cast| cast.timestamp);
        Some(Info {
            id: id.to_owned(),
            bytes: metadata.len(),
            begun: begun.unwrap_or(changed),
            until: until.unwrap_or(u64::MAX),
            title: header.and_then(|cast| cast.title).unwrap_or_default(),
        })
    }

    /// Takes away what is kept no longer, then the oldest ones until `bytes` more fit. What is
    /// `live` is still being written and counts as `reserved` bytes. False: there is no room.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be taken away.
    pub fn make_room(&self, live: &[String], reserved: u64, bytes: u64) -> io::Result<bool> {
        let mut finished = self.list()?;
        finished.retain(|info| !live.contains(&info.id));
        let now = clock::seconds();
        let (kept, over): (Vec<_>, Vec<_>) = finished.into_iter().partition(|it| it.until > now);
        for info in over {
            fs::remove_file(self.path(&info.id))?;
        }
        let mut used: u64 = kept.iter().map(|info| info.bytes).sum();
        let mut count = kept.len() + live.len();
        for info in kept {
            if used + reserved + bytes <= TOTAL && count < MOST {
                break;
            }
            fs::remove_file(self.path(&info.id))?;
            used -= info.bytes;
            count -= 1;
        }
        Ok(used + reserved + bytes <= TOTAL && count < MOST)
    }
}

/// A new file that only its owner may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

fn private(path: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() == own && metadata.mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    let why = format!("{}: others may read it", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cast::encode;
    use crate::model::size::Size;

    fn write(recordings: &Recordings, begun: u64, until: u64) -> String {
        let id = fresh_id().expect("random");
        let mut file = recordings.create(&id).expect("a file");
        let head = encode::header(Size::DEFAULT, begun, "app");
        file.write_all(head.as_bytes()).expect("written");
        file.write_all(keep_line(until).as_bytes())
            .expect("written");
        id
    }

    #[test]
    fn the_folder_and_the_key_are_the_owner_s_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let recordings = Recordings::at(folder.path().join("a/b"));
        assert_eq!(recordings.list().expect("none"), []);
        recordings.prepare().expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
        assert_eq!(mode(&folder.path().join("a/b")), 0o700);
        let key = recordings.key().expect("a key").0;
        assert_eq!(recordings.key().expect("the same").0, key);
        assert_eq!(mode(&folder.path().join("a/b/key")), 0o600);
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path().join("a/b"), open).expect("ours");
        assert!(recordings.prepare().is_err());
    }

    #[test]
    fn what_is_kept_no_longer_goes_then_the_oldest() {
        let folder = tempfile::tempdir().expect("a folder");
        let recordings = Recordings::at(folder.path().to_owned());
        let later = clock::seconds() + 1000;
        let over = write(&recordings, 30, 1);
        let (old, new) = (write(&recordings, 10, later), write(&recordings, 20, later));
        let names = || -> Vec<String> {
            let all = recordings.list().expect("a list").into_iter();
            all.map(|info| info.id).collect()
        };
        assert_eq!(names(), [old.clone(), new.clone(), over.clone()]);
        assert!(recordings.make_room(&[], 0, 1).expect("room"));
        assert_eq!(names(), [old.clone(), new.clone()]);
        // One of the two has to go, and the one that is written is not it.
        let bytes: u64 = recordings.list().expect("a list")[0].bytes;
        assert!(recordings.make_room(&[], 0, TOTAL - bytes).expect("room"));
        assert_eq!(names(), std::slice::from_ref(&new));
        assert!(
            !recordings
                .make_room(std::slice::from_ref(&new), TOTAL, 1)
                .expect("none")
        );
        assert_eq!(names(), [new]);
        assert!(recordings.find("../key").is_none() && recordings.find(&old).is_none());
    }
}
