//! A file that arrives piece by piece: under a name of its own until it is whole, then in its place
//! at once. One that never is leaves nothing. Everything here blocks.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::root::{FileError, Root};
use crate::model::file_path::FilePath;

/// What a file is called before it is whole; the rest is random.
const PREFIX: &str = ".awp-upload-";

/// Reading, writing, running, for owner, group and others. What is beyond that (setuid, setgid)
/// nobody gets from here.
const PLAIN: Mode = Mode::RWXU.union(Mode::RWXG).union(Mode::RWXO);

/// A file on its way.
#[derive(Debug)]
pub struct Partial {
    folder: OwnedFd,
    temporary: String,
    file: File,
    name: String,
    path: PathBuf,
    held: u64,
    size: u64,
    whole: bool,
}

impl Partial {
    /// Begins one of this many bytes.
    ///
    /// # Errors
    /// When there can be none at this path, or there is one and it is not to be replaced.
    pub fn begin(
        root: &Root,
        path: &FilePath,
        size: u64,
        replace: bool,
    ) -> Result<Self, FileError> {
        let (folder, place) = root.folder(path)?;
        check_target(&folder, path.name(), replace)?;
        let disk = rustix::fs::fstatvfs(&folder)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < size {
            return Err(FileError::Full);
        }
        let temporary = temporary()?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        // As any program would make it: the umask of the server says who may read it.
        let mode = Mode::from_raw_mode(0o666);
        let file = rustix::fs::openat(&folder, &temporary, flags | OFlags::CLOEXEC, mode)?;
        Ok(Self {
            folder,
            temporary,
            file: file.into(),
            name: path.name().to_owned(),
            path: place,
            held: 0,
            size,
            whole: false,
        })
    }

    /// Whether one could begin at this path now.
    ///
    /// # Errors
    /// When there can be none, or there is one and it is not to be replaced.
    pub fn possible(root: &Root, path: &FilePath, replace: bool) -> Result<(), FileError> {
        let (folder, _) = root.folder(path)?;
        check_target(&folder, path.name(), replace).map(|_| ())
    }

    /// Bytes that are here.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Bytes that it will have.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be written; how many were is [`Partial::held`].
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), FileError> {
        while !bytes.is_empty() {
            let count = match self.file.write(bytes) {
                Ok(0) => return Err(FileError::Full),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.held += count as u64;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// Forgets what is here and begins anew.
    ///
    /// # Errors
    /// When the system fails.
    pub fn restart(&mut self) -> Result<(), FileError> {
        rustix::fs::ftruncate(&self.file, 0)?;
        rustix::fs::seek(&self.file, rustix::fs::SeekFrom::Start(0))?;
        self.held = 0;
        Ok(())
    }

    /// Puts the whole file in its place, for good; says whether it replaced one.
    ///
    /// # Errors
    /// When there is one by now that is not to be replaced, or the system fails.
    pub fn finish(&mut self, replace: bool) -> Result<bool, FileError> {
        let replaced = check_target(&self.folder, &self.name, replace)?;
        if let Some(mode) = replaced {
            rustix::fs::fchmod(&self.file, mode & PLAIN)?;
        }
        self.file.sync_all()?;
        let (folder, name) = (&self.folder, self.name.as_str());
        if replaced.is_some() {
            rustix::fs::renameat(folder, &self.temporary, folder, name)?;
        } else {
            self.place_as_new()?;
        }
        self.whole = true;
        // That the name stays after a power cut is the folder's business. One that cannot be read
        // cannot be told so.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if let Ok(folder) = rustix::fs::openat(folder, ".", flags, Mode::empty()) {
            let _ = rustix::fs::fsync(folder);
        }
        Ok(replaced.is_some())
    }

    /// Gives it its name unless another file has taken that meanwhile.
    fn place_as_new(&self) -> Result<(), FileError> {
        let (folder, name) = (&self.folder, self.name.as_str());
        #[cfg(target_os = "linux")]
        let placed = rustix::fs::renameat_with(
            folder,
            &self.temporary,
            folder,
            name,
            rustix::fs::RenameFlags::NOREPLACE,
        );
        #[cfg(not(target_os = "linux"))]
        let placed: rustix::io::Result<()> = Err(Errno::NOSYS);
        match placed {
            // A file system that does not know how; a second name is refused just the same.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(folder, &self.temporary, folder, name, AtFlags::empty())?;
                rustix::fs::unlinkat(folder, &self.temporary, AtFlags::empty())?;
                Ok(())
            }
            other => Ok(other?),
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.whole {
            let _ = rustix::fs::unlinkat(&self.folder, &self.temporary, AtFlags::empty());
        }
    }
}

/// What is there already: its mode if it may be replaced, nothing if there is nothing.
fn check_target(folder: &OwnedFd, name: &str, replace: bool) -> Result<Option<Mode>, FileError> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
        Ok(found) => match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile if replace => Ok(Some(Mode::from_raw_mode(found.st_mode))),
            // A link is replaced itself; what it leads to stays as it is.
            FileType::Symlink if replace => Ok(Some(Mode::from_raw_mode(0o644))),
            FileType::RegularFile | FileType::Symlink => Err(FileError::Exists),
            _ => Err(FileError::Special),
        },
    }
}

/// A name that nobody else has thought of.
fn temporary() -> Result<String, FileError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| FileError::System(std::io::Error::other(error)))?;
    Ok(format!("{PREFIX}{:016x}", u64::from_ne_bytes(random)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    fn begin(folder: &TempDir, name: &str, size: u64, replace: bool) -> Result<Partial, FileError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let held = rustix::fs::open(folder.path(), flags, Mode::empty()).expect("a folder");
        let root = Root::at(held, [].into()).expect("a place");
        Partial::begin(
            &root,
            &FilePath::parse(name, "/").expect("a path"),
            size,
            replace,
        )
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_file_is_there_once_it_is_whole_and_not_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = begin(&folder, "a", 6, false).expect("begun");
        partial.write(b"xyz").expect("written");
        partial.restart().expect("anew");
        partial.write(b"abc").expect("written");
        assert_eq!(partial.held(), 3);
        assert!(names(&folder)[0].starts_with(PREFIX));
        partial.write(b"def").expect("written");
        assert!(!partial.finish(false).expect("placed"));
        drop(partial);
        assert_eq!(names(&folder), ["a"]);
        assert_eq!(fs::read(folder.path().join("a")).expect("read"), b"abcdef");
    }

    #[test]
    fn one_that_is_never_whole_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = begin(&folder, "a", 6, false).expect("begun");
        partial.write(b"abc").expect("written");
        drop(partial);
        assert_eq!(names(&folder), [] as [String; 0]);
        assert!(matches!(
            begin(&folder, "a", u64::MAX / 2, false),
            Err(FileError::Full)
        ));
        assert_eq!(names(&folder), [] as [String; 0]);
    }

    #[test]
    fn nothing_is_replaced_unless_that_was_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let mut late = begin(&folder, "a", 0, false).expect("begun");
        fs::write(at("a"), "old").expect("written");
        fs::set_permissions(at("a"), fs::Permissions::from_mode(0o4751)).expect("set");
        assert!(matches!(late.finish(false), Err(FileError::Exists)));
        assert!(matches!(late.place_as_new(), Err(FileError::Exists)));
        drop(late);
        assert!(matches!(
            begin(&folder, "a", 0, false),
            Err(FileError::Exists)
        ));
        assert_eq!(fs::read(at("a")).expect("read"), b"old");
        let mut over = begin(&folder, "a", 3, true).expect("begun");
        over.write(b"new").expect("written");
        assert!(over.finish(true).expect("placed"));
        assert_eq!(fs::read(at("a")).expect("read"), b"new");
        // Whoever could run it still can, but not as somebody else.
        assert_eq!(fs::metadata(at("a")).expect("there").mode() & 0o7777, 0o751);
    }

    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("target"), "kept").expect("written");
        symlink("target", at("link")).expect("made");
        fs::create_dir(at("dir")).expect("made");
        assert!(matches!(
            begin(&folder, "link", 0, false),
            Err(FileError::Exists)
        ));
        assert!(matches!(
            begin(&folder, "dir", 0, true),
            Err(FileError::Special)
        ));
        begin(&folder, "link", 0, true)
            .expect("begun")
            .finish(true)
            .expect("placed");
        assert_eq!(fs::read(at("target")).expect("read"), b"kept");
        assert!(fs::symlink_metadata(at("link")).expect("there").is_file());
    }
}
