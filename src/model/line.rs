//! Input in the modes `lines` and `json`: whole lines, in `json` each one JSON text.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::{memchr, memrchr};
use serde::de::IgnoredAny;

/// The longest line, in bytes without its end: as long as a client's longest message.
pub const MAX_LINE: usize = 1024 * 1024;

/// Lines that pass together, in bytes at most: what an input queue holds.
const RUN: usize = 64 * 1024;

/// Why a line does not reach the process. The lines after it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is not JSON.
    #[error("a line is not JSON, and was not passed on")]
    NotJson,
    /// It is longer than [`MAX_LINE`].
    #[error("a line is longer than 1 MiB, and was not passed on")]
    TooLong,
}

impl LineError {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::NotJson, Self::TooLong];

    /// What kind, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::TooLong => "line_too_long",
        }
    }
}

/// Whether a line, without its end, is one JSON text.
///
/// # Errors
/// What is wrong with it.
pub fn check_json(line: &[u8]) -> Result<(), LineError> {
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong);
    }
    let text = std::str::from_utf8(line).map_err(|_| LineError::NotJson)?;
    let read: Result<IgnoredAny, _> = serde_json::from_str(text);
    read.map(drop).map_err(|_| LineError::NotJson)
}

/// Gathers lines out of pieces of any size. What passes, passes byte for byte.
pub struct LineGate {
    /// Each line is to be one JSON text.
    checks_json: bool,
    /// A line whose end has not come; at most [`MAX_LINE`] and a piece's share.
    partial: BytesMut,
    /// The rest of a line that was too long is still to come.
    skipping: bool,
}

impl LineGate {
    /// Lets lines pass that are not too long.
    pub fn lines() -> Self {
        Self {
            checks_json: false,
            partial: BytesMut::new(),
            skipping: false,
        }
    }

    /// Lets lines of JSON pass.
    pub fn json() -> Self {
        Self {
            checks_json: true,
            ..Self::lines()
        }
    }

    /// Takes bytes off the front of `piece` up to the end of a line, and gives that line, or several
    /// where they need no look each. `None`
    /// when all of it was taken and the line goes on.
    pub fn next(&mut self, piece: &mut Bytes) -> Option<Result<Bytes, LineError>> {
        loop {
            if piece.is_empty() {
                return None;
            }
            if let Some(lines) = self.run(piece) {
                return Some(Ok(lines));
            }
            let end = memchr(b'\n', piece);
            let part = piece.split_to(end.map_or(piece.len(), |end| end + 1));
            if self.skipping {
                self.skipping = end.is_none();
                continue;
            }
            if self.partial.len() + part.len() > MAX_LINE + 1 {
                self.partial = BytesMut::new();
                self.skipping = end.is_none();
                return Some(Err(LineError::TooLong));
            }
            if end.is_none() {
                self.partial.extend_from_slice(&part);
                return None;
            }
            let line = if self.partial.is_empty() {
                part
            } else {
                self.partial.extend_from_slice(&part);
                std::mem::take(&mut self.partial).freeze()
            };
            return Some(self.checked(line));
        }
    }

    /// Whole lines at the front of `piece` none of which can be too long.
    fn run(&self, piece: &mut Bytes) -> Option<Bytes> {
        if self.checks_json || self.skipping || !self.partial.is_empty() {
            return None;
        }
        let last = memrchr(b'\n', &piece[..piece.len().min(RUN)])?;
        Some(piece.split_to(last + 1))
    }

    /// The last line, if its end is missing.
    pub fn end(&mut self) -> Option<Result<Bytes, LineError>> {
        let line = std::mem::take(&mut self.partial).freeze();
        line.has_remaining().then(|| self.checked(line))
    }

    fn checked(&self, line: Bytes) -> Result<Bytes, LineError> {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if !self.checks_json {
            let fits = text.len() <= MAX_LINE;
            return fits.then_some(line).ok_or(LineError::TooLong);
        }
        check_json(text).map(|()| line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(lines: &mut LineGate, piece: &[u8]) -> Vec<Result<Bytes, LineError>> {
        let mut piece = Bytes::copy_from_slice(piece);
        std::iter::from_fn(|| lines.next(&mut piece)).collect()
    }

    #[test]
    fn a_line_that_is_not_json_is_left_out_and_the_others_pass_as_they_are() {
        let mut lines = LineGate::json();
        let passed = all(&mut lines, b"{\"a\": 1}\r\nno\n\n[1,\n \"\xff\"\n2\n{\"b");
        let wrong = Err(LineError::NotJson);
        let ok = |text: &'static [u8]| Ok(Bytes::from_static(text));
        assert_eq!(
            passed,
            [
                ok(b"{\"a\": 1}\r\n"),
                wrong.clone(),
                wrong.clone(),
                wrong.clone(),
                wrong.clone(),
                ok(b"2\n"),
            ]
        );
        assert_eq!(all(&mut lines, b"\":2}"), []);
        assert_eq!(lines.end(), Some(ok(b"{\"b\":2}")));
        assert_eq!(lines.end(), None);
        assert_eq!(all(&mut lines, b"{"), []);
        assert_eq!(lines.end(), Some(wrong));
    }

    #[test]
    fn a_line_has_an_end_to_its_length() {
        let mut lines = LineGate::json();
        let just = format!("\"{}\"\n", "x".repeat(MAX_LINE - 2));
        assert_eq!(all(&mut lines, just.as_bytes()), [Ok(just.clone().into())]);
        let over = format!("\"{}\"\n1\n", "x".repeat(MAX_LINE - 1));
        let passed: Vec<_> = over
            .as_bytes()
            .chunks(1000)
            .flat_map(|piece| all(&mut lines, piece))
            .collect();
        let one = Ok(Bytes::from_static(b"1\n"));
        assert_eq!(passed, [Err(LineError::TooLong), one]);
    }

    #[test]
    fn lines_pass_whole_whatever_is_in_them_and_one_that_is_too_long_does_not() {
        let mut lines = LineGate::lines();
        assert_eq!(all(&mut lines, b"no"), []);
        assert_eq!(
            all(&mut lines, b" json\none\ntwo\nthr"),
            [
                Ok(Bytes::from_static(b"no json\n")),
                Ok(Bytes::from_static(b"one\ntwo\n"))
            ]
        );
        assert_eq!(lines.end(), Some(Ok(Bytes::from_static(b"thr"))));
        let most = "x".repeat(MAX_LINE);
        let just = format!("{most}\n");
        assert_eq!(all(&mut lines, just.as_bytes()), [Ok(just.clone().into())]);
        let over = format!("{most}x\nnext\n");
        let next = Ok(Bytes::from_static(b"next\n"));
        for size in [1000, over.len()] {
            let pieces = over.as_bytes().chunks(size);
            let passed: Vec<_> = pieces.flat_map(|piece| all(&mut lines, piece)).collect();
            assert_eq!(passed, [Err(LineError::TooLong), next.clone()]);
        }
        assert_eq!(all(&mut lines, most.as_bytes()), []);
        assert_eq!(all(&mut lines, b"xx"), [Err(LineError::TooLong)]);
        assert_eq!(lines.end(), None);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in prop::collection::vec(prop::sample::select(
            b"{}[]1,\"a\n\n:\xff".to_vec()), 0..80), size in 1_usize..9) {
            let mut whole = LineGate::json();
            let mut parts = LineGate::json();
            let expected = all(&mut whole, &bytes);
            let passed: Vec<_> = bytes.chunks(size).flat_map(|piece| all(&mut parts, piece)).collect();
            prop_assert_eq!(passed, expected);
            prop_assert_eq!(parts.end(), whole.end());
        }
    }
}
