//! What comes in on stdin, whatever that is: a terminal, a pipe or a file.

use std::io::{self, Read as _};

use bytes::Bytes;
use tokio::sync::mpsc;

/// Bytes that are read at once.
pub const PIECE: usize = 16 * 1024;

/// Reads stdin on a thread of its own: files have no readiness to wait for, and a terminal must not
/// be made non-blocking, since other programs share it. The thread reads one piece ahead and ends
/// with the process.
pub struct Source(Option<mpsc::Receiver<io::Result<Bytes>>>);

impl Source {
    /// Begins to read.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn stdin() -> io::Result<Self> {
        let (pieces, read) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || read_all(&pieces))?;
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

fn read_all(pieces: &mpsc::Sender<io::Result<Bytes>>) {
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match stdin.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map(|count| Bytes::copy_from_slice(&buffer[..count])),
        };
        let more = matches!(&piece, Ok(bytes) if !bytes.is_empty());
        if pieces.blocking_send(piece).is_err() || !more {
            return;
        }
    }
}
