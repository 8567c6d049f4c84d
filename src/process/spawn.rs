//! The only module with `unsafe`: starting a child by `posix_spawn`, from a short table of
//! descriptors, putting its account on, watching its descriptors, and giving its memory back.
//!
//! `fork` copies the server's page tables while it blocks the calling thread, about 17 ms per GiB
//! of memory; `posix_spawn` shares them until the child's exec and costs the same at any size. The
//! attributes and file actions used are those of glibc 2.34 and newer, and of musl:
//! `POSIX_SPAWN_SETSID` runs before the file actions, so the terminal that is opened as descriptor 0
//! becomes the controlling terminal of the new session.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use portable_pty::MasterPty;
use rustix::process::Pid;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::pty::Slave;

/// What owns one descriptor, the same and open for as long as it lives.
pub trait Owner: AsRawFd {}

impl Owner for OwnedFd {}
impl Owner for super::descriptor::Endpoint {}

/// Puts a descriptor under the watch of the current runtime.
///
/// # Errors
/// When the runtime cannot register it.
pub fn watch<T: Owner>(owner: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    // SAFETY: an `Owner` keeps its descriptor open, and the same, until it is dropped; `AsyncFd`
    // takes it off the watch before that.
    Ok(unsafe { AsyncFd::register_with_interest(owner, interest) }?)
}

/// What becomes the child's descriptors 0, 1 and 2. It has no others.
pub enum Stdio<'a> {
    /// All are this terminal, which becomes the controlling one.
    Terminal {
        /// The terminal.
        slave: &'a Slave,
        /// What becomes descriptor 2 in its place: the writing end of a pipe.
        stderr: Option<OwnedFd>,
    },
    /// One pipe each, the child's ends.
    Pipes {
        /// The reading end of its input.
        stdin: OwnedFd,
        /// The writing end of its output.
        stdout: OwnedFd,
        /// The writing end of its errors.
        stderr: OwnedFd,
    },
}

/// A child to start, in the strings that the system takes.
pub struct Image {
    /// The file to execute.
    pub path: CString,
    /// Its arguments, the program's name first.
    pub arguments: Vec<CString>,
    /// Its whole environment, `KEY=value`.
    pub environment: Vec<CString>,
    /// Where it starts.
    pub cwd: Option<CString>,
}

/// The descriptor of a terminal's master.
///
/// The caller keeps it together with the master and drops both at once.
pub fn master_descriptor(master: &dyn MasterPty) -> Option<BorrowedFd<'static>> {
    let fd = master.as_raw_fd()?;
    // SAFETY: the master owns the descriptor. `pty::Master` is the only caller: it keeps both in
    // one value and lends the descriptor for no longer than that value lives.
    Some(unsafe { BorrowedFd::borrow_raw(fd) })
}

#[cfg(target_os = "linux")]
/// `posix_spawn_file_actions_t`, destroyed when dropped.
struct Actions(MaybeUninit<libc::posix_spawn_file_actions_t>);

#[cfg(target_os = "linux")]
impl Actions {
    fn new() -> io::Result<Self> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the pointer is valid for writes; the call initialises what it points to.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        Ok(Self(actions))
    }

    fn open_terminal(&mut self, path: &CStr) -> io::Result<()> {
        // SAFETY: initialised in `new`; the library copies the path.
        check(unsafe {
            libc::posix_spawn_file_actions_addopen(
                self.0.as_mut_ptr(),
                0,
                path.as_ptr(),
                libc::O_RDWR,
                0,
            )
        })?;
        self.duplicate(0, 1)?;
        self.duplicate(0, 2)
    }

    fn duplicate(&mut self, from: RawFd, to: RawFd) -> io::Result<()> {
        // SAFETY: initialised in `new`; descriptors are plain numbers here.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(self.0.as_mut_ptr(), from, to) })
    }

    #[cfg(not(target_env = "musl"))]
    fn close_from(&mut self, first: RawFd) -> io::Result<()> {
        // SAFETY: initialised in `new`.
        check(unsafe { libc::posix_spawn_file_actions_addclosefrom_np(self.0.as_mut_ptr(), first) })
    }

    /// musl has no such action, so each that is open is named. What another thread opens meanwhile
    /// is closed by the exec, as everything is that this program opens.
    #[cfg(target_env = "musl")]
    fn close_from(&mut self, first: RawFd) -> io::Result<()> {
        for entry in std::fs::read_dir("/proc/thread-self/fd")? {
            let number = entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(number) = number.filter(|number| *number >= first) {
                // SAFETY: initialised in `new`; a descriptor is a plain number here, and one that
                // is open no more is not missed.
                check(unsafe {
                    libc::posix_spawn_file_actions_addclose(self.0.as_mut_ptr(), number)
                })?;
            }
        }
        Ok(())
    }

    fn change_directory(&mut self, path: &CStr) -> io::Result<()> {
        // SAFETY: initialised in `new`; the library copies the path.
        check(unsafe {
            libc::posix_spawn_file_actions_addchdir_np(self.0.as_mut_ptr(), path.as_ptr())
        })
    }
}

#[cfg(target_os = "linux")]
impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised in `new` and destroyed only here.
        unsafe { libc::posix_spawn_file_actions_destroy(self.0.as_mut_ptr()) };
    }
}

#[cfg(target_os = "linux")]
/// `posix_spawnattr_t`, destroyed when dropped.
struct Attributes(MaybeUninit<libc::posix_spawnattr_t>);

#[cfg(target_os = "linux")]
impl Attributes {
    /// A new session, no signal blocked, every signal at its default.
    fn new() -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the pointer is valid for writes; the call initialises what it points to.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        let mut attributes = Self(attributes);
        let flags = libc::c_int::from(libc::POSIX_SPAWN_SETSID)
            | libc::POSIX_SPAWN_SETSIGMASK
            | libc::POSIX_SPAWN_SETSIGDEF;
        let flags = libc::c_short::try_from(flags).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut none = MaybeUninit::uninit();
        let mut all = MaybeUninit::uninit();
        // SAFETY: the sets are initialised by the first two calls before they are read by the
        // next two; the attributes are initialised above.
        unsafe {
            libc::sigemptyset(none.as_mut_ptr());
            libc::sigfillset(all.as_mut_ptr());
            check(libc::posix_spawnattr_setsigmask(
                attributes.0.as_mut_ptr(),
                none.as_ptr(),
            ))?;
            check(libc::posix_spawnattr_setsigdefault(
                attributes.0.as_mut_ptr(),
                all.as_ptr(),
            ))?;
            check(libc::posix_spawnattr_setflags(
                attributes.0.as_mut_ptr(),
                flags,
            ))?;
        }
        Ok(attributes)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised in `new` and destroyed only here.
        unsafe { libc::posix_spawnattr_destroy(self.0.as_mut_ptr()) };
    }
}

#[cfg(target_os = "linux")]
/// Starts a child in a session and process group of its own. The terminal, where there is one,
/// becomes its descriptors 0, 1 and 2; then each of those given takes the number beside it.
///
/// # Errors
/// What `posix_spawn(3)` reports, the failure of the exec included.
pub fn spawn(
    image: &Image,
    terminal: Option<&CStr>,
    given: &[(OwnedFd, RawFd)],
) -> io::Result<Pid> {
    let mut actions = Actions::new()?;
    if let Some(path) = terminal {
        actions.open_terminal(path)?;
    }
    for (descriptor, number) in given {
        actions.duplicate(descriptor.as_raw_fd(), *number)?;
    }
    if let Some(cwd) = &image.cwd {
        actions.change_directory(cwd)?;
    }
    actions.close_from(3)?;
    let attributes = Attributes::new()?;
    let arguments = pointers(&image.arguments);
    let environment = pointers(&image.environment);
    let mut pid = 0;
    // SAFETY: every pointer is valid for the call: the strings live in `image`, the two arrays end
    // with a null pointer, actions and attributes were initialised above. The call does not write
    // through the string pointers.
    check(unsafe {
        libc::posix_spawn(
            &raw mut pid,
            image.path.as_ptr(),
            actions.0.as_ptr(),
            attributes.0.as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    })?;
    Pid::from_raw(pid).ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(target_os = "linux")]
/// Gives the calling thread a table of descriptors of its own. Open in it are 0, 1 and 2 of those
/// there were, and this one, which has another number from here on.
///
/// No other value that owns a descriptor may be used or dropped on this thread afterwards, unless
/// it was made here: the number would be that of another file, or of none.
///
/// # Errors
/// When the system cannot do it.
pub fn keep_only(kept: RawFd) -> io::Result<OwnedFd> {
    let number = libc::c_uint::try_from(kept).map_err(|_| io::ErrorKind::InvalidInput)?;
    let unshare = libc::c_int::try_from(libc::CLOSE_RANGE_UNSHARE);
    let unshare = unshare.map_err(|_| io::ErrorKind::InvalidInput)?;
    let close = |first: libc::c_uint, last: libc::c_uint, flags: libc::c_int| {
        // SAFETY: plain numbers. The first call gives this thread a table of its own and closes in
        // that alone; what runs on other threads keeps what it owns. Not every C library has a
        // function for it.
        match unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    close(number + 1, libc::c_uint::MAX, unshare)?;
    // SAFETY: it is open in the table that is this thread's alone, where nothing else owns it.
    let kept = unsafe { OwnedFd::from_raw_fd(kept) };
    if number > 3 {
        close(3, number - 1, 0)?;
    }
    // What a child copies reaches to the highest number that is open.
    Ok(rustix::io::fcntl_dupfd_cloexec(kept, 3)?)
}

#[cfg(target_os = "linux")]
/// The null-terminated array of pointers that C takes for a list of strings.
fn pointers(strings: &[CString]) -> Vec<*mut libc::c_char> {
    strings
        .iter()
        .map(|string| string.as_ptr().cast_mut())
        .chain([std::ptr::null_mut()])
        .collect()
}

#[cfg(target_os = "linux")]
/// These functions return the error instead of setting `errno`.
fn check(error: libc::c_int) -> io::Result<()> {
    if error == 0 {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(error))
    }
}

/// Gives what the allocator holds and nobody uses back to the system.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_memory_back() {
    // SAFETY: it takes no pointer, and may be called at any time by any thread.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators than glibc's do so by themselves, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_memory_back() {}

/// Puts another account on, for good: its groups, then its group, then itself, the real, effective
/// and saved ones. For a process of one thread that is about to become another program.
///
/// # Errors
/// When the system does not allow it, or when it could be taken back.
pub fn put_on(uid: u32, gid: u32, groups: &[u32]) -> io::Result<()> {
    let done = |result: libc::c_int| match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    };
    #[allow(
        clippy::useless_conversion,
        reason = "the number's type differs between systems"
    )]
    let count = groups
        .len()
        .try_into()
        .map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the pointer is valid for `count` reads; the call keeps nothing.
    done(unsafe { libc::setgroups(count, groups.as_ptr()) })?;
    // SAFETY: a plain number. As root both calls set the real, the effective and the saved one.
    done(unsafe { libc::setgid(gid) })?;
    // SAFETY: as above.
    done(unsafe { libc::setuid(uid) })?;
    // SAFETY: a plain number. Who is no longer root must not become it again.
    if uid != 0 && unsafe { libc::setuid(0) } == 0 {
        return Err(io::Error::other("the account can be taken off again"));
    }
    Ok(())
}
