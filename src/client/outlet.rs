//! What goes out on stdout and stderr, without letting a slow reader hold up anything else.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::model::channel::Channel;

/// Outlets there are at most: stdout and stderr.
pub const OUTLETS: usize = 2;

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
    to_thread: mpsc::Sender<Bytes>,
    pending: BytesMut,
    /// The offset in the channel behind what is pending.
    position: Option<u64>,
    /// The thread is writing.
    busy: bool,
    /// The offset behind what is being written.
    writing: Option<u64>,
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
            pending: BytesMut::new(),
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
    pub fn put(&mut self, bytes: &[u8], until: u64) {
        self.pending.extend_from_slice(bytes);
        self.position = Some(until);
        self.write();
    }

    /// Bytes that are none of the channel's, behind all that came.
    pub fn add(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        self.write();
    }

    /// What was handed to the thread is written: the offset up to which the channel is now.
    pub fn written(&mut self) -> Option<u64> {
        let until = self.writing.take();
        self.busy = false;
        self.write();
        until
    }

    /// Whether everything is written.
    pub fn is_idle(&self) -> bool {
        !self.busy && self.pending.is_empty()
    }

    fn write(&mut self) {
        if !self.busy && !self.pending.is_empty() {
            // The thread has nothing to do, so there is room.
            let _ = self.to_thread.try_send(self.pending.split().freeze());
            self.writing = self.position;
            self.busy = true;
        }
    }
}

fn write_all(channel: Channel, mut pieces: mpsc::Receiver<Bytes>, written: &mpsc::Sender<Written>) {
    while let Some(piece) = pieces.blocking_recv() {
        let result = match channel {
            Channel::Stderr => io::stderr().write_all(&piece),
            _ => write_out(&piece),
        };
        if written.blocking_send(Written { channel, result }).is_err() {
            return;
        }
    }
}

fn write_out(piece: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(piece)?;
    stdout.flush()
}
