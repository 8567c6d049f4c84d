//! What comes in on stdin, whatever that is: a terminal, a pipe or a file.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::model::mode::Mode;

/// Bytes that are read at once for a pipe: as much as one holds.
const PIPE_PIECE: usize = 64 * 1024;

/// Bytes that are read at once for a terminal, which takes less.
const TERMINAL_PIECE: usize = 16 * 1024;

/// Pieces that are read ahead: while one is sent the next is read.
const AHEAD: usize = 2;

/// Reads stdin on a thread of its own: files have no readiness to wait for, and a terminal must not
/// be made non-blocking, since other programs share it. The thread reads a few pieces ahead and ends
/// with the process.
pub struct Source(Option<mpsc::Receiver<io::Result<Bytes>>>);

impl Source {
    /// How many bytes are read at once for a process of this mode.
    pub const fn piece(mode: Mode) -> usize {
        if mode.has_terminal() {
            TERMINAL_PIECE
        } else {
            PIPE_PIECE
        }
    }

    /// Begins to read, at most so many bytes at once.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn stdin(size: usize) -> io::Result<Self> {
        let (pieces, read) = mpsc::channel(AHEAD);
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || read_all(&pieces, size))?;
        Ok(Self(Some(read)))
    }

    /// Nothing will come.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Whether more may come.
    pub const fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Takes no more.
    pub fn close(&mut self) {
        self.0 = None;
    }

    /// The next piece; empty when the input has ended. Cancel safe.
    ///
    /// # Errors
    /// What the system said; the input has then ended.
    pub async fn next(&mut self) -> io::Result<Bytes> {
        let piece = match &mut self.0 {
            Some(read) => read.recv().await.unwrap_or_else(|| Ok(Bytes::new())),
            None => Ok(Bytes::new()),
        };
        if !matches!(&piece, Ok(bytes) if !bytes.is_empty()) {
            self.close();
        }
        piece
    }
}

fn read_all(pieces: &mpsc::Sender<io::Result<Bytes>>, size: usize) {
    let stdin = rustix::stdio::stdin();
    let mut buffer = BytesMut::new();
    loop {
        buffer.resize(size, 0);
        let piece = match rustix::io::read(stdin, &mut buffer[..]) {
            Err(rustix::io::Errno::INTR) => continue,
            // A descriptor that was closed has nothing to give.
            Err(rustix::io::Errno::BADF) => Ok(Bytes::new()),
            Err(error) => Err(error.into()),
            Ok(count) => Ok(buffer.split_to(count).freeze()),
        };
        let more = matches!(&piece, Ok(bytes) if !bytes.is_empty());
        if pieces.blocking_send(piece).is_err() || !more {
            return;
        }
    }
}
