//! Reads a socket in large pieces for a reader that asks for small ones.
//!
//! A WebSocket keeps the memory that it reads into for as long as it lives, so it asks for little
//! at a time. A flood would then cost a call of the system for each of those pieces. Reads go
//! through memory that all sockets of a thread share; only what the reader did not take at once is
//! kept, and an idle socket holds none.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is read at once, in bytes: a frame of a client that sends a file.
const READ: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// A stream that is read in large pieces.
pub(super) struct ReadAhead<S> {
    stream: S,
    ahead: Bytes,
}

impl<S> ReadAhead<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            ahead: Bytes::new(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            if buffer.remaining() >= READ {
                return Pin::new(&mut self.stream).poll_read(context, buffer);
            }
            let stream = Pin::new(&mut self.stream);
            let rest = SCRATCH.with_borrow_mut(|scratch| {
                let mut read = ReadBuf::new(scratch);
                ready!(stream.poll_read(context, &mut read))?;
                let came = read.filled();
                let (now, later) = came.split_at(came.len().min(buffer.remaining()));
                buffer.put_slice(now);
                Poll::Ready(io::Result::Ok(Bytes::copy_from_slice(later)))
            });
            self.ahead = ready!(rest)?;
            return Poll::Ready(Ok(()));
        }
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        if self.ahead.is_empty() {
            self.ahead = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn every_byte_comes_in_order_whatever_is_asked_for() {
        let all: Vec<u8> = (0..=250).cycle().take(3 * READ + 17).collect();
        for asked in [1, 1000, 1024, READ - 1, READ, 2 * READ] {
            let mut stream = ReadAhead::new(all.as_slice());
            let mut seen = Vec::new();
            let mut piece = vec![0; asked];
            loop {
                let count = stream.read(&mut piece).await.expect("it reads");
                if count == 0 {
                    break;
                }
                seen.extend_from_slice(&piece[..count]);
            }
            assert!(seen == all, "{asked}");
            assert!(stream.ahead.is_empty());
        }
    }
}
