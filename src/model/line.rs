//! Input in mode `json`: whole lines, each one JSON text.

use bytes::{Buf as _, Bytes, BytesMut};
use serde::de::IgnoredAny;

/// The longest line, in bytes without its end: as long as a client's longest message.
pub const MAX_LINE: usize = 1024 * 1024;

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
#[derive(Default)]
pub struct JsonLines {
    /// A line whose end has not come; at most [`MAX_LINE`] and a piece's share.
    partial: BytesMut,
    /// The rest of a line that was too long is still to come.
    skipping: bool,
}

impl JsonLines {
    /// Takes bytes off the front of `piece` up to the end of a line, and gives that line. `None`
    /// when all of it was taken and the line goes on.
    pub fn next(&mut self, piece: &mut Bytes) -> Option<Result<Bytes, LineError>> {
        loop {
            if piece.is_empty() {
                return None;
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
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
            return Some(checked(line));
        }
    }

    /// The last line, if its end is missing.
    pub fn end(&mut self) -> Option<Result<Bytes, LineError>> {
        let line = std::mem::take(&mut self.partial).freeze();
        line.has_remaining().then(|| checked(line))
    }
}

fn checked(line: Bytes) -> Result<Bytes, LineError> {
    let text = line.strip_suffix(b"\n").unwrap_or(&line);
    check_json(text).map(|()| line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(lines: &mut JsonLines, piece: &[u8]) -> Vec<Result<Bytes, LineError>> {
        let mut piece = Bytes::copy_from_slice(piece);
        std::iter::from_fn(|| lines.next(&mut piece)).collect()
    }

    #[test]
    fn a_line_that_is_not_json_is_left_out_and_the_others_pass_as_they_are() {
        let mut lines = JsonLines::default();
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
        let mut lines = JsonLines::default();
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

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in prop::collection::vec(prop::sample::select(
            b"{}[]1,\"a\n\n:\xff".to_vec()), 0..80), size in 1_usize..9) {
            let mut whole = JsonLines::default();
            let mut parts = JsonLines::default();
            let expected = all(&mut whole, &bytes);
            let passed: Vec<_> = bytes.chunks(size).flat_map(|piece| all(&mut parts, piece)).collect();
            prop_assert_eq!(passed, expected);
            prop_assert_eq!(parts.end(), whole.end());
        }
    }
}
