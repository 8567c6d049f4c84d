//! A descriptor that the runtime watches, and the scratch memory that reads go through.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::pty::Master;
use super::spawn;

/// One read takes at most this many bytes: what a pipe holds whose program writes without pause. A
/// terminal gives far less at once.
pub const READ: usize = PIPE;

/// What a pipe holds that was full once, in bytes: each time that one side finds it full or empty
/// costs both a change of threads, which costs more than the bytes. The system begins with 64 KiB.
const PIPE: usize = 256 * 1024;

/// Pipes that are enlarged at a time. All together stay far below what the system lets one user
/// have (64 MiB), beyond which it would give every other program's pipes next to nothing.
const MAX_LARGE_PIPES: usize = 64;

/// What the system's pipes hold, in bytes.
const DEFAULT_PIPE: usize = 64 * 1024;

/// How many pipes are enlarged now.
static LARGE_PIPES: AtomicUsize = AtomicUsize::new(0);

/// Reads in one turn. Then everybody else on the thread has a turn: while a program writes a few
/// bytes at a time as fast as it is read, one turn could go on for milliseconds.
const READS: usize = 2;

thread_local! {
    /// Reads go through memory that all processes of a thread share: an idle process holds none.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// The master of a pty, or one end of a pipe. Non-blocking.
pub enum Endpoint {
    /// The master of a pty, both directions.
    Master(Master),
    /// One end of a pipe.
    Pipe(OwnedFd),
}

impl AsFd for Endpoint {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Master(master) => master.as_fd(),
            Self::Pipe(pipe) => pipe.as_fd(),
        }
    }
}

impl AsRawFd for Endpoint {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

/// What one turn of reading brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Bytes read.
    pub bytes: usize,
    /// Whether the descriptor ended: end of file, or a terminal that was hung up.
    pub ended: bool,
    /// Whether the descriptor was empty at its end.
    pub empty: bool,
}

/// An endpoint under the runtime's watch.
pub struct Descriptor {
    endpoint: AsyncFd<Endpoint>,
    /// Set once its pipe was full, or could not be enlarged.
    large: OnceLock<Option<LargePipe>>,
}

/// One of the pipes that are enlarged.
struct LargePipe;

impl LargePipe {
    /// Enlarges a pipe, if one more may be and the system lets us.
    fn make(pipe: &OwnedFd) -> Option<Self> {
        let more = |count: usize| (count < MAX_LARGE_PIPES).then_some(count + 1);
        LARGE_PIPES
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        let counted = Self;
        enlarge(pipe).ok().map(|()| counted)
    }
}

impl Drop for LargePipe {
    fn drop(&mut self) {
        LARGE_PIPES.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(target_os = "linux")]
fn enlarge(pipe: &OwnedFd) -> rustix::io::Result<()> {
    rustix::pipe::fcntl_setpipe_size(pipe, PIPE).map(drop)
}

#[cfg(not(target_os = "linux"))]
fn enlarge(_: &OwnedFd) -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

impl Descriptor {
    /// Puts an endpoint under the watch of the current runtime.
    ///
    /// # Errors
    /// When the runtime cannot register it.
    pub fn new(endpoint: Endpoint, interest: Interest) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&endpoint, true)?;
        Ok(Self {
            endpoint: spawn::watch(endpoint, interest)?,
            large: OnceLock::new(),
        })
    }

    /// The terminal behind it, if it is one.
    pub fn master(&self) -> Option<&Master> {
        match self.endpoint.get_ref() {
            Endpoint::Master(master) => Some(master),
            Endpoint::Pipe(_) => None,
        }
    }

    /// Waits until there is something to read, then reads a turn, at most `limit` bytes (and at
    /// most [`READ`]), and hands what came to `take`, once. Cancel safe: nothing is read before
    /// the last wait.
    pub async fn drain(&self, limit: usize, take: impl FnOnce(&[u8])) -> Drained {
        let Ok(mut ready) = self.endpoint.readable().await else {
            return Drained {
                bytes: 0,
                ended: true,
                empty: true,
            };
        };
        let drained = SCRATCH.with_borrow_mut(|scratch| {
            let limit = limit.min(scratch.len());
            let drained = read_turn(self.endpoint.get_ref(), &mut scratch[..limit]);
            if drained.bytes > 0 {
                take(&scratch[..drained.bytes]);
            }
            drained
        });
        if drained.bytes >= DEFAULT_PIPE {
            self.was_full();
        }
        if drained.empty {
            ready.clear_ready();
        } else {
            ready.retain_ready();
        }
        drained
    }

    /// Writes as much as fits now, waiting until something does.
    ///
    /// # Errors
    /// When the other end is closed.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let mut ready = self.endpoint.writable().await?;
            let attempt = ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), bytes)?));
            match attempt {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(result) => {
                    if result.as_ref().is_ok_and(|count| *count < bytes.len()) {
                        self.was_full();
                    }
                    return result;
                }
                Err(_would_block) => {}
            }
        }
    }

    /// A pipe was full: it becomes larger, once.
    fn was_full(&self) {
        if let Endpoint::Pipe(pipe) = self.endpoint.get_ref() {
            self.large.get_or_init(|| LargePipe::make(pipe));
        }
    }
}

/// Reads a turn: until the descriptor is empty, ended, `scratch` is full or others wait.
fn read_turn(endpoint: &Endpoint, scratch: &mut [u8]) -> Drained {
    let mut drained = Drained {
        bytes: 0,
        ended: false,
        empty: false,
    };
    for _ in 0..READS {
        if drained.bytes == scratch.len() {
            break;
        }
        match rustix::io::read(endpoint, &mut scratch[drained.bytes..]) {
            Ok(0) => {
                drained.ended = true;
                break;
            }
            Ok(count) => drained.bytes += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                drained.empty = true;
                break;
            }
            // A terminal whose last slave was closed answers EIO once its output was read: that
            // is its end of file. Any other error ends the channel just the same.
            Err(_) => {
                drained.ended = true;
                break;
            }
        }
    }
    drained
}
