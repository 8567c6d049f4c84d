//! A stricter reader in front of hyper: what two servers could read differently is refused.
//!
//! hyper takes a bare line feed for a line's end, takes two equal `Content-Length`, and drops
//! `Content-Length` beside `Transfer-Encoding` before anyone sees it. A proxy in front of us may
//! read such a request otherwise and so let a client smuggle a second one. This reader follows the
//! bytes of each head; at the first offence it hands hyper something that no parser takes, so that
//! hyper answers 400 and closes.
//!
//! Bodies of known length are skipped. Behind a chunked body or an upgrade it looks no further: the
//! accept loop closes the connection after the answer to such a request.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes of one line that are looked at. hyper refuses a head that is longer than this.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// What no parser takes for a request: NUL is allowed nowhere in a head. The rest ends the head, as
/// hyper looks at a slow head only once it is complete.
const POISON: &[u8] = b"\0\r\n\r\n";

/// A stream whose request heads are checked while they are read.
pub(super) struct StrictHead<S> {
    stream: S,
    place: Place,
}

enum Place {
    Head(Head),
    Body(u64),
    Through,
    Poisoned(&'static [u8]),
}

#[derive(Default)]
struct Head {
    line: Vec<u8>,
    started: bool,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

/// The request can be read in two ways.
struct Ambiguous;

impl<S> StrictHead<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            place: Place::Head(Head::default()),
        }
    }

    /// The stream alone, once it was upgraded to something that has no heads.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

impl Place {
    /// Follows these bytes; gives how many of them may pass.
    fn follow(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            match self {
                Self::Through => return bytes.len(),
                Self::Poisoned(_) => return at,
                Self::Body(left) => {
                    let skip = usize::try_from(*left).unwrap_or(usize::MAX);
                    let skip = skip.min(bytes.len() - at);
                    at += skip;
                    *left -= skip as u64;
                    if *left == 0 {
                        *self = Self::Head(Head::default());
                    }
                }
                Self::Head(head) => match head.take(bytes[at]) {
                    Ok(None) => at += 1,
                    Ok(Some(next)) => {
                        *self = next;
                        at += 1;
                    }
                    Err(Ambiguous) => *self = Self::Poisoned(POISON),
                },
            }
        }
        at
    }
}

impl Head {
    /// Takes one byte; gives what follows the head once it is complete.
    fn take(&mut self, byte: u8) -> Result<Option<Place>, Ambiguous> {
        if byte != b'\n' {
            if self.line.last() == Some(&b'\r') {
                return Err(Ambiguous);
            }
            if self.line.len() > MAX_HEAD {
                return Ok(Some(Place::Through));
            }
            self.line.push(byte);
            return Ok(None);
        }
        if self.line.pop() != Some(b'\r') {
            return Err(Ambiguous);
        }
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            if self.started {
                self.field(&line)?;
            }
            self.started = true;
            return Ok(None);
        }
        if !self.started {
            // An empty line before a request is allowed (RFC 9112, 2.2).
            return Ok(None);
        }
        match self.length {
            Some(_) if self.chunked => Err(Ambiguous),
            _ if self.chunked || self.upgrade => Ok(Some(Place::Through)),
            Some(length) if length > 0 => Ok(Some(Place::Body(length))),
            _ => Ok(Some(Place::Head(Self::default()))),
        }
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return Err(Ambiguous);
        };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(Ambiguous);
        }
        let value = line[colon + 1..].trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(value).ok().filter(|_| digits);
            let number = number.and_then(|text| text.parse().ok()).ok_or(Ambiguous)?;
            if self.length.replace(number).is_some() {
                return Err(Ambiguous);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Ambiguous);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.upgrade = true;
        }
        Ok(())
    }
}

/// Whether a byte may be part of a field's name (RFC 9110, 5.6.2): no space before the colon, no line
/// that goes on with the one before.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl<S: AsyncRead + Unpin> AsyncRead for StrictHead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !matches!(this.place, Place::Poisoned(_)) {
            let before = buffer.filled().len();
            std::task::ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
            let passed = this.place.follow(&buffer.filled()[before..]);
            buffer.set_filled(before + passed);
        }
        if let Place::Poisoned(rest) = &mut this.place {
            let (now, later) = rest.split_at(rest.len().min(buffer.remaining()));
            buffer.put_slice(now);
            *rest = later;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for StrictHead<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &str) -> bool {
        // However the bytes arrive, the verdict is the same.
        let whole = Place::Head(Head::default()).follow(text.as_bytes()) == text.len();
        let mut place = Place::Head(Head::default());
        let bytewise = text.bytes().all(|byte| place.follow(&[byte]) == 1);
        assert_eq!(whole, bytewise, "{text:?}");
        whole
    }

    #[test]
    fn ordinary_requests_pass() {
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
            "\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\n\n\n",
            "GET / HTTP/1.1\r\nX-A_b.c~1!: d: e\r\n\r\n",
        ] {
            assert!(passes(text), "{text:?}");
        }
    }

    #[test]
    fn ambiguous_requests_do_not() {
        for text in [
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\n\n",
            "POST / HTTP/1.1\r\nContent-Length\x0b: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nA: b\r\n Content-Length: 3\r\n\r\nabc",
            "GET / HTTP/1.1\r\n: b\r\n\r\n",
        ] {
            assert!(!passes(text), "{text:?}");
        }
    }
}
