//! Reads a socket in large pieces for a reader that asks for small ones.
//!
//! A WebSocket keeps the memory that it reads into for as long as it lives, so it asks for little
//! at a time. A flood would then cost a call of the system for each of those pieces. Reads go
//! through memory that all sockets of a thread share; only what the reader did not take at once is
//! kept, and an idle socket holds none.
//!
//! Before a client has proven itself it is read [`warily`](ReadAhead::warily): little at once, and
//! never beyond the frame that is just being read, so that what follows the proof is still here
//! when the reader of frames is given its real limits.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is read at once, in bytes: a frame of a client that sends a file.
const READ: usize = 64 * 1024;

/// What is read at once of a client that has not proven itself, in bytes.
const READ_WARILY: usize = 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// A stream that is read in large pieces.
pub(super) struct ReadAhead<S> {
    stream: S,
    ahead: Bytes,
    /// The frame that is being read, where the reader is stopped at its end.
    frame: Option<FrameEnd>,
}

impl<S> ReadAhead<S> {
    /// The stream, behind what was `read` of it already.
    pub(super) fn new(stream: S, read: Bytes) -> Self {
        Self {
            stream,
            ahead: read,
            frame: None,
        }
    }

    /// Reads no further than to the end of each frame, until [`freely`](Self::freely).
    pub(super) fn warily(mut self) -> Self {
        self.frame = Some(FrameEnd::default());
        self
    }

    /// From now on reads whatever comes.
    pub(super) fn freely(mut self) -> Self {
        self.frame = None;
        self
    }
}

/// Where the frame ends that is being read (RFC 6455, section 5.2).
#[derive(Debug, Default)]
struct FrameEnd {
    head: Vec<u8>,
    payload: u64,
}

impl FrameEnd {
    /// How many of these bytes belong to this frame; they are taken.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while self.payload == 0 && taken < bytes.len() {
            self.head.push(bytes[taken]);
            taken += 1;
            if let Some(payload) = Self::length(&self.head) {
                self.head.clear();
                self.payload = payload;
                if payload == 0 {
                    return taken;
                }
            }
        }
        let left = usize::try_from(self.payload).unwrap_or(usize::MAX);
        let count = left.min(bytes.len() - taken);
        self.payload -= count as u64;
        taken + count
    }

    /// The payload's length, once the head of the frame is whole.
    fn length(head: &[u8]) -> Option<u64> {
        let [_, second, extended @ ..] = head else {
            return None;
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let width = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if extended.len() < width + mask {
            return None;
        }
        let number = extended[..width].iter();
        let number = number.fold(0, |number, byte| number << 8 | u64::from(*byte));
        Some(if width == 0 {
            u64::from(second & 0x7f)
        } else {
            number
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ahead.is_empty() {
            if this.frame.is_none() && buffer.remaining() >= READ {
                return Pin::new(&mut this.stream).poll_read(context, buffer);
            }
            let wary = this.frame.is_some();
            let stream = Pin::new(&mut this.stream);
            let rest = SCRATCH.with_borrow_mut(|scratch| {
                let most = if wary { READ_WARILY } else { READ };
                let mut read = ReadBuf::new(&mut scratch[..most]);
                ready!(stream.poll_read(context, &mut read))?;
                let came = read.filled();
                let now = if wary {
                    0
                } else {
                    came.len().min(buffer.remaining())
                };
                let (now, later) = came.split_at(now);
                buffer.put_slice(now);
                Poll::Ready(io::Result::Ok(Bytes::copy_from_slice(later)))
            });
            this.ahead = ready!(rest)?;
            if !wary {
                return Poll::Ready(Ok(()));
            }
        }
        let mut count = this.ahead.len().min(buffer.remaining());
        if let Some(frame) = &mut this.frame {
            count = frame.take(&this.ahead[..count]);
        }
        buffer.put_slice(&this.ahead[..count]);
        this.ahead.advance(count);
        if this.ahead.is_empty() {
            this.ahead = Bytes::new();
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
            let mut stream = ReadAhead::new(all.as_slice(), Bytes::new());
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

    /// A frame as clients send it: masked with zeros, its length in the shortest form.
    fn frame(length: usize) -> Vec<u8> {
        let mut bytes = vec![0x82];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..126), _) => bytes.push(0x80 | short),
            (_, Ok(middle)) => {
                bytes.push(0xfe);
                bytes.extend(middle.to_be_bytes());
            }
            _ => {
                bytes.push(0xff);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.extend(vec![b'x'; length]);
        bytes
    }

    #[tokio::test]
    async fn a_wary_reader_stops_behind_each_frame() {
        let frames: Vec<_> = [0, 1, 125, 126, 4000, 0, 70_000].map(frame).into();
        let all = frames.concat();
        for early in [0, 1, 3, 150, all.len()] {
            let (read, rest) = all.split_at(early);
            let stream = ReadAhead::new(rest, Bytes::copy_from_slice(read));
            let mut stream = stream.warily();
            for frame in &frames {
                let mut seen = Vec::new();
                let mut piece = vec![0; 100_000];
                while seen.len() < frame.len() {
                    let count = stream.read(&mut piece).await.expect("it reads");
                    assert_ne!(count, 0);
                    seen.extend_from_slice(&piece[..count]);
                }
                assert!(seen == *frame, "{early} {}", frame.len());
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_lost_where_the_reader_is_let_go() {
        let all = [frame(10), frame(300), frame(5)].concat();
        let mut stream = ReadAhead::new(all.as_slice(), Bytes::new()).warily();
        let mut first = vec![0; frame(10).len()];
        stream.read_exact(&mut first).await.expect("a frame");
        let mut rest = Vec::new();
        let mut stream = stream.freely();
        stream.read_to_end(&mut rest).await.expect("the rest");
        assert!([first, rest].concat() == all);
    }
}
