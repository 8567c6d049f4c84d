//! What goes out on stdout and stderr, without letting a slow reader hold up anything else.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf as _, Bytes};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use tokio::sync::mpsc;

use crate::model::channel::Channel;

/// Outlets there are at most: stdout and stderr.
pub const OUTLETS: usize = 2;

/// Pieces that are given to the system at once.
const SLICES: usize = 16;

/// Bytes that the thread is given without a look at what else is there.
const GATHERED: usize = 256 * 1024;

/// What is to be written, as it came: nothing is put together that can be written apart.
type Pieces = VecDeque<Bytes>;

/// Something was written, all of it or not.
pub struct Written {
    /// What for.
    pub channel: Channel,
    /// Whether it could be.
    pub result: io::Result<()>,
}

/// One way out. A thread of its own writes; what comes meanwhile is gathered here, and the window
/// of the protocol bounds how much that can be: only what was written is acknowledged.
pub struct Outlet {
    channel: Channel,
    to_thread: mpsc::Sender<Pieces>,
    pending: Pieces,
    /// Bytes that are pending.
    gathered: usize,
    /// The offset in the channel behind what is pending.
    position: Option<u64>,
    /// The thread is writing.
    busy: bool,
    /// The offset behind what is being written.
    writing: Option<u64>,
    /// What was acknowledged of it.
    acked: u64,
    /// The offset up to which everything is written.
    done: Option<u64>,
}

impl Outlet {
    /// A way out for this channel; `written` is told of everything that was.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn new(channel: Channel, written: mpsc::Sender<Written>) -> io::Result<Self> {
        let (to_thread, pieces) = mpsc::channel(1);
        std::thread::Builder::new()
            .name(channel.name().to_owned())
            .spawn(move || write_all(channel, pieces, &written))?;
        Ok(Self {
            channel,
            to_thread,
            pending: Pieces::new(),
            gathered: 0,
            acked: 0,
            done: None,
            position: None,
            busy: false,
            writing: None,
        })
    }

    /// The channel that comes out here.
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The offset that is expected next; `None` before the first byte.
    pub const fn position(&self) -> Option<u64> {
        self.position
    }

    /// Bytes of the channel, up to this offset.
    pub fn put(&mut self, bytes: Bytes, until: u64) {
        self.position = Some(until);
        self.add(bytes);
    }

    /// Bytes that are none of the channel's, behind all that came.
    pub fn add(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.gathered += bytes.len();
            self.pending.push_back(bytes);
        }
        if self.gathered >= GATHERED {
            self.write();
        }
    }

    /// What was handed to the thread is written: the offset up to which the channel is now.
    pub fn written(&mut self) -> Option<u64> {
        self.done = self.writing.take().or(self.done);
        self.busy = false;
        self.write();
        self.done
    }

    /// The offset up to which everything is written, where at least so many bytes below it were
    /// not acknowledged. They are, from now on.
    pub fn ack(&mut self, least: u64) -> Option<u64> {
        let done = self.done?;
        let due = done.saturating_sub(self.acked) >= least.max(1);
        due.then(|| {
            self.acked = done;
            done
        })
    }

    /// Whether everything is written.
    pub fn is_idle(&self) -> bool {
        !self.busy && self.pending.is_empty()
    }

    /// Hands the thread what is pending, once it has nothing else to do.
    pub fn write(&mut self) {
        if !self.busy && !self.pending.is_empty() {
            // The thread has nothing to do, so there is room.
            let _ = self.to_thread.try_send(std::mem::take(&mut self.pending));
            self.writing = self.position;
            self.gathered = 0;
            self.busy = true;
        }
    }
}

fn write_all(
    channel: Channel,
    mut pieces: mpsc::Receiver<Pieces>,
    written: &mpsc::Sender<Written>,
) {
    let descriptor = match channel {
        Channel::Stderr => rustix::stdio::stderr(),
        _ => rustix::stdio::stdout(),
    };
    while let Some(mut pieces) = pieces.blocking_recv() {
        let result = write_pieces(descriptor, &mut pieces);
        if written.blocking_send(Written { channel, result }).is_err() {
            return;
        }
    }
}

fn write_pieces(descriptor: BorrowedFd<'_>, pieces: &mut Pieces) -> io::Result<()> {
    while !pieces.is_empty() {
        let slices = pieces.iter().take(SLICES);
        let slices: Vec<IoSlice<'_>> = slices.map(|piece| IoSlice::new(piece)).collect();
        let mut count = match rustix::io::writev(descriptor, &slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => count,
            Err(Errno::INTR) => 0,
            // A descriptor that was closed takes everything and keeps nothing.
            Err(Errno::BADF) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        while let Some(first) = pieces.front_mut()
            && (count > 0 || first.is_empty())
        {
            let part = count.min(first.len());
            first.advance(part);
            count -= part;
            if first.is_empty() {
                pieces.pop_front();
            }
        }
    }
    Ok(())
}
