//! The folder that a process is in, and what can be opened below it: regular files, and nothing
//! that a link leads to elsewhere.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Pid;

use super::sweep::session_of;
use crate::model::file_path::FilePath;

/// How often a path is looked up again that somebody renames meanwhile.
#[cfg(target_os = "linux")]
const RACES: usize = 32;

/// Holding a place without opening what is there; where a system has no such way, nothing of this
/// comes to pass, as it does not tell where a process is either.
#[cfg(target_os = "linux")]
const HOLD: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const HOLD: OFlags = OFlags::NONBLOCK;

/// File systems whose files are not files but questions to the kernel, by their magic numbers (in
/// `statfs(2)`): proc, sys, debugfs, tracefs, cgroup, cgroup2, securityfs, configfs, bpf, efivarfs,
/// pstore, `binfmt_misc`, selinux.
#[cfg(target_os = "linux")]
const NOT_FILES: [u32; 13] = [
    0x9fa0,
    0x6265_6572,
    0x6462_6720,
    0x7472_6163,
    0x0027_e0eb,
    0x6367_7270,
    0x7363_6673,
    0x6265_6570,
    0xcafe_4a11,
    0xde5e_81e4,
    0x6165_676c,
    0x4249_4e4d,
    0xf97c_ff8c,
];

/// Why a file cannot be had, or made.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is none.
    #[error("there is no such file or folder")]
    Missing,
    /// It lies elsewhere, behind a link.
    #[error("the path leads out of the process's folder")]
    Outside,
    /// It is a folder, a device, a pipe, a socket, or a question to the kernel.
    #[error("this is not a regular file")]
    Special,
    /// The system, or this server for its own files, says no.
    #[error("this file may not be used")]
    Denied,
    /// There is one, and it is not to be replaced.
    #[error("there is a file of this name")]
    Exists,
    /// There is no room for it.
    #[error("there is no room left for the file")]
    Full,
    /// The system failed.
    #[error("the system failed: {0}")]
    System(io::Error),
}

impl From<Errno> for FileError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG => Self::Missing,
            Errno::XDEV | Errno::LOOP | Errno::AGAIN => Self::Outside,
            Errno::ACCESS | Errno::PERM | Errno::ROFS => Self::Denied,
            Errno::EXIST => Self::Exists,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Self::Full,
            Errno::ISDIR | Errno::NXIO => Self::Special,
            other => Self::System(other.into()),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            Some(errno) => errno.into(),
            None => Self::System(error),
        }
    }
}

/// A folder that is held: what is opened below it is below it whatever is renamed meanwhile.
pub struct Root {
    folder: OwnedFd,
    path: PathBuf,
    /// What belongs to the server alone, wherever a path leads.
    private: Arc<[PathBuf]>,
}

impl Root {
    /// Where the foreground of a Unix session is, or its leader if there is none or it keeps that to
    /// itself. Blocks.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn of(leader: Pid, foreground: Option<Pid>, private: Arc<[PathBuf]>) -> io::Result<Self> {
        let front = foreground.filter(|group| *group != leader);
        let folder = match front.and_then(|front| folder_of(front, leader).ok()) {
            Some(folder) => folder,
            None => folder_of(leader, leader)?,
        };
        Self::at(folder, private)
    }

    /// A folder that a process names by its absolute path, links included: what that means in its own
    /// root. Of one that may do more than we may, the system does not tell. Blocks.
    ///
    /// # Errors
    /// When there is none, or the system does not tell.
    #[cfg(target_os = "linux")]
    pub fn seen_by(pid: Pid, folder: &Path, private: Arc<[PathBuf]>) -> Result<Self, FileError> {
        use rustix::fs::{ResolveFlags, openat2};
        let flags = HOLD | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = format!("/proc/{}/root", pid.as_raw_nonzero());
        let root = rustix::fs::open(root, flags, Mode::empty())?;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        // The root itself has no name.
        let named = Path::new(".").join(folder.strip_prefix("/").unwrap_or(folder));
        let found = match openat2(&root, &named, flags, Mode::empty(), resolve) {
            Err(Errno::NOSYS | Errno::PERM) => {
                step_by_step(&root, &named.to_string_lossy(), flags)?
            }
            found => found?,
        };
        Ok(Self::at(found, private)?)
    }

    /// A folder by its absolute path.
    ///
    /// # Errors
    /// When there is none.
    #[cfg(not(target_os = "linux"))]
    pub fn seen_by(_: Pid, folder: &Path, private: Arc<[PathBuf]>) -> Result<Self, FileError> {
        let folder = Path::new("/").join(folder);
        Ok(Self::at(File::open(folder)?.into(), private)?)
    }

    /// A folder that is open.
    ///
    /// # Errors
    /// When the system does not tell where it is.
    pub fn at(folder: OwnedFd, private: Arc<[PathBuf]>) -> io::Result<Self> {
        let path = place(&folder)?;
        Ok(Self {
            folder,
            path,
            private,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a regular file to be read. Nothing else is opened, not even for a moment: to open a
    /// device or a pipe may already do something.
    ///
    /// # Errors
    /// When there is none below the folder.
    pub fn file(&self, path: &FilePath) -> Result<File, FileError> {
        let found = beneath(&self.folder, &path.joined(), HOLD)?;
        let kind = FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode);
        if kind != FileType::RegularFile || asks_the_kernel(&found)? {
            return Err(FileError::Special);
        }
        self.check_private(&place(&found)?)?;
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = rustix::fs::open(by_number(&found), flags, Mode::empty())?;
        Ok(File::from(file))
    }

    /// Holds the folder that a file is to be made in.
    ///
    /// # Errors
    /// When there is none below this one.
    pub fn folder(&self, path: &FilePath) -> Result<(OwnedFd, PathBuf), FileError> {
        let flags = HOLD | OFlags::DIRECTORY;
        let folder = beneath(&self.folder, path.folder(), flags)?;
        if asks_the_kernel(&folder)? {
            return Err(FileError::Special);
        }
        let file = place(&folder)?.join(path.name());
        self.check_private(&file)?;
        Ok((folder, file))
    }

    fn check_private(&self, place: &Path) -> Result<(), FileError> {
        if self.private.iter().any(|own| place.starts_with(own)) {
            return Err(FileError::Denied);
        }
        Ok(())
    }
}

/// Holds the folder that a process is in, if the process is of this Unix session: the kernel may
/// have given the number of one that has ended to another.
fn folder_of(pid: Pid, session: Pid) -> io::Result<OwnedFd> {
    let link = format!("/proc/{}/cwd", pid.as_raw_nonzero());
    let flags = HOLD | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(link, flags, Mode::empty())?;
    if session_of(pid)? == Some(session) {
        Ok(folder)
    } else {
        Err(Errno::SRCH.into())
    }
}

/// Opens what a path names below a folder; links are followed as long as they stay below it.
#[cfg(target_os = "linux")]
fn beneath(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, FileError> {
    use rustix::fs::{ResolveFlags, openat2};
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let flags = flags | OFlags::CLOEXEC;
    for _ in 0..RACES {
        match openat2(folder, path, flags, Mode::empty(), resolve) {
            Ok(found) => return Ok(found),
            // Something on the way was renamed, so that it cannot be told whether it was below.
            Err(Errno::AGAIN) => {}
            // An old kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => return Ok(step_by_step(folder, path, flags)?),
            Err(errno) => return Err(errno.into()),
        }
    }
    Err(FileError::Outside)
}

#[cfg(not(target_os = "linux"))]
fn beneath(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, FileError> {
    Ok(step_by_step(folder, path, flags | OFlags::CLOEXEC)?)
}

/// The same part by part, following no link at all.
fn step_by_step(folder: &OwnedFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let step = HOLD | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut here = rustix::fs::openat(folder, ".", step, Mode::empty())?;
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        if part == ".." {
            return Err(Errno::XDEV);
        }
        let flags = match parts.peek() {
            Some(_) => step,
            None => flags | OFlags::NOFOLLOW,
        };
        here = rustix::fs::openat(&here, part, flags, Mode::empty())?;
    }
    Ok(here)
}

#[cfg(target_os = "linux")]
fn asks_the_kernel(fd: &OwnedFd) -> rustix::io::Result<bool> {
    // Of a type and a sign that differ between architectures; its low 32 bits do not.
    let magic = rustix::fs::fstatfs(fd)?.f_type.to_le_bytes();
    let mut low = [0; 4];
    low.copy_from_slice(&magic[..4]);
    Ok(NOT_FILES.contains(&u32::from_le_bytes(low)))
}

#[cfg(not(target_os = "linux"))]
fn asks_the_kernel(_fd: &OwnedFd) -> rustix::io::Result<bool> {
    Ok(false)
}

/// The path by which a descriptor of ours can be opened anew.
fn by_number(fd: &impl AsFd) -> String {
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd())
}

fn place(fd: &impl AsFd) -> io::Result<PathBuf> {
    std::fs::read_link(by_number(fd))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use tempfile::TempDir;

    use super::*;

    fn root(folder: &Path, private: &[PathBuf]) -> Root {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let folder = rustix::fs::open(folder, flags, Mode::empty()).expect("a folder");
        Root::at(folder, private.into()).expect("a place")
    }

    fn read(root: &Root, path: &str) -> Result<String, FileError> {
        let path = FilePath::parse(path, &root.path().display().to_string()).expect(path);
        let file = root.file(&path)?;
        Ok(io::read_to_string(file).expect("text"))
    }

    fn tree() -> TempDir {
        let tree = tempfile::tempdir().expect("a folder");
        let at = |name: &str| tree.path().join(name);
        fs::create_dir_all(at("root/sub")).expect("made");
        fs::write(at("secret"), "outside").expect("written");
        fs::write(at("root/sub/a"), "inside").expect("written");
        symlink("sub/a", at("root/in")).expect("made");
        symlink("../secret", at("root/out")).expect("made");
        symlink(at("secret"), at("root/absolute")).expect("made");
        symlink("..", at("root/up")).expect("made");
        symlink("loop", at("root/loop")).expect("made");
        tree
    }

    #[test]
    fn links_are_followed_as_long_as_they_stay_below() {
        let tree = tree();
        let root = root(&tree.path().join("root"), &[]);
        for path in ["sub/a", "in"] {
            assert_eq!(read(&root, path).expect(path), "inside");
        }
        for path in ["out", "absolute", "up/secret", "loop"] {
            let refused = read(&root, path).expect_err(path);
            assert!(matches!(refused, FileError::Outside), "{path}: {refused}");
        }
        let missing = read(&root, "nosuch").expect_err("nothing there");
        assert!(matches!(missing, FileError::Missing));
    }

    #[test]
    fn step_by_step_no_link_is_followed_at_all() {
        let tree = tree();
        let Root { folder, .. } = root(&tree.path().join("root"), &[]);
        assert!(step_by_step(&folder, "sub/a", OFlags::RDONLY).is_ok());
        assert!(step_by_step(&folder, ".", OFlags::RDONLY).is_ok());
        for path in ["in", "out", "absolute", "up/secret", "loop", "../secret"] {
            assert!(
                step_by_step(&folder, path, OFlags::RDONLY).is_err(),
                "{path}"
            );
        }
    }

    #[test]
    fn only_regular_files_are_opened() {
        let tree = tree();
        let at = |name: &str| tree.path().join("root").join(name);
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), FileType::Fifo, Mode::RUSR, 0)
            .expect("made");
        let _socket = UnixListener::bind(at("socket")).expect("made");
        let here = root(&tree.path().join("root"), &[]);
        for path in ["sub", "fifo", "socket"] {
            let refused = read(&here, path).expect_err(path);
            assert!(matches!(refused, FileError::Special), "{path}: {refused}");
        }
        let all = root(Path::new("/"), &[]);
        for path in [
            "dev/null",
            "proc/self/environ",
            "proc/version",
            "sys/kernel/uevent_seqnum",
        ] {
            let refused = read(&all, path).expect_err(path);
            assert!(
                !matches!(refused, FileError::System(_)),
                "{path}: {refused}"
            );
        }
        let through = FilePath::parse("/proc/self/x", "/").expect("a path");
        assert!(all.folder(&through).is_err());
    }

    #[test]
    fn what_is_the_servers_own_is_nobody_elses() {
        let tree = tree();
        let sub = tree.path().join("root/sub");
        let root = root(
            &tree.path().join("root"),
            &[sub.canonicalize().expect("there")],
        );
        for path in ["sub/a", "in"] {
            let refused = read(&root, path).expect_err(path);
            assert!(matches!(refused, FileError::Denied), "{path}: {refused}");
        }
        let path = FilePath::parse("sub/new", "/").expect("a path");
        assert!(matches!(root.folder(&path), Err(FileError::Denied)));
    }
}
