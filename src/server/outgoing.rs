//! Messages on their way to a WebSocket's client, without a copy.
//!
//! The library that reads frames would copy each message behind its header into one buffer, move
//! what the socket did not take to the buffer's front, and keep the buffer for as long as the
//! connection lives. A server's frames are not masked: a header before the bytes as they are is all
//! there is to one (RFC 6455, section 5.2). So messages are framed here, and leave as they came.
//! Control frames are still the library's; they may stand between two messages, never within one.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are given to the system at once, in pieces: a header and its message each.
const SLICES: usize = 16;

/// Messages that an idle connection keeps room for, by number.
const KEPT: usize = 2;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
}

/// One message, as far as it has not left.
struct Outbound {
    header: Header,
    payload: Bytes,
}

/// The header of a frame that is a whole message.
struct Header {
    bytes: [u8; 10],
    at: u8,
    end: u8,
}

impl Header {
    fn of(opcode: Opcode, length: usize) -> Self {
        const FINAL: u8 = 0x80;
        let mut bytes = [0; 10];
        bytes[0] = FINAL | opcode as u8;
        let end = match (u8::try_from(length), u16::try_from(length)) {
            (Ok(small @ ..=125), _) => {
                bytes[1] = small;
                2
            }
            (_, Ok(medium)) => {
                bytes[1] = 126;
                bytes[2..4].copy_from_slice(&medium.to_be_bytes());
                4
            }
            _ => {
                bytes[1] = 127;
                bytes[2..].copy_from_slice(&(length as u64).to_be_bytes());
                10
            }
        };
        Self { bytes, at: 0, end }
    }

    fn left(&self) -> &[u8] {
        &self.bytes[usize::from(self.at)..usize::from(self.end)]
    }

    fn advance(&mut self, count: usize) -> usize {
        let taken = count.min(self.left().len());
        self.at += u8::try_from(taken).unwrap_or(u8::MAX);
        taken
    }
}

/// A stream that messages are put on whole.
pub(super) struct Outgoing<S> {
    stream: S,
    messages: VecDeque<Outbound>,
    /// Bytes of them that have not left, headers aside.
    bytes: usize,
    /// The library has written a part of a frame, and the rest comes first.
    foreign: bool,
}

impl<S> Outgoing<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            messages: VecDeque::new(),
            bytes: 0,
            foreign: false,
        }
    }

    /// The stream alone, once everything has left.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Bytes of messages that have not left.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Puts a message behind those there are; it leaves with the next flush.
    pub(super) fn push(&mut self, opcode: Opcode, payload: Bytes) {
        self.bytes += payload.len();
        self.messages.push_back(Outbound {
            header: Header::of(opcode, payload.len()),
            payload,
        });
    }

    /// So many bytes have left.
    fn left(&mut self, mut count: usize) {
        while let Some(first) = self.messages.front_mut() {
            count -= first.header.advance(count);
            let taken = count.min(first.payload.len());
            first.payload.advance(taken);
            self.bytes -= taken;
            count -= taken;
            if !first.header.left().is_empty() || !first.payload.is_empty() {
                return;
            }
            self.messages.pop_front();
        }
        if self.messages.capacity() > KEPT {
            self.messages = VecDeque::with_capacity(KEPT);
        }
    }
}

impl<S: AsyncWrite + Unpin> Outgoing<S> {
    /// Writes the messages; ready once all have left.
    fn poll_messages(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.messages.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let pieces = self.messages.iter();
            let pieces = pieces.flat_map(|it| [it.header.left(), &it.payload[..]]);
            let pieces = pieces.filter(|piece| !piece.is_empty());
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(pieces) {
                *slice = IoSlice::new(piece);
                count += 1;
            }
            let stream = Pin::new(&mut self.stream);
            let written = ready!(stream.poll_write_vectored(context, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.left(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Outgoing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// The library's side: control frames.
impl<S: AsyncWrite + Unpin> AsyncWrite for Outgoing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.foreign {
            ready!(self.poll_messages(context))?;
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.foreign = match &written {
            Poll::Ready(Ok(written)) => *written < bytes.len(),
            Poll::Ready(Err(_)) | Poll::Pending => self.foreign,
        };
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes when it has written all that it had.
        ready!(self.poll_messages(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_messages(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
