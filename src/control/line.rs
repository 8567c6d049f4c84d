//! Lines out of a stream of bytes, none longer than it may be.

use bytes::{Buf as _, Bytes, BytesMut};

use super::MAX_LINE;

/// A line was longer than it may be. Nothing after it can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line has at most {MAX_LINE} bytes")]
pub struct TooLong;

/// Gathers bytes until they are a line.
#[derive(Default)]
pub struct Lines {
    bytes: BytesMut,
    /// Bytes that were searched for an end already.
    searched: usize,
}

impl Lines {
    /// More bytes have come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole line, without its end; empty ones are left out.
    ///
    /// # Errors
    /// When it is too long, whether its end has come or not.
    pub fn next_line(&mut self) -> Result<Option<Bytes>, TooLong> {
        loop {
            let Some(at) = memchr::memchr(b'\n', &self.bytes[self.searched..]) else {
                self.searched = self.bytes.len();
                let long = self.searched > MAX_LINE;
                if self.bytes.is_empty() {
                    // An idle connection holds no memory for what it once said.
                    self.bytes = BytesMut::new();
                }
                return if long { Err(TooLong) } else { Ok(None) };
            };
            let length = self.searched + at;
            self.searched = 0;
            if length > MAX_LINE {
                return Err(TooLong);
            }
            let mut line = self.bytes.split_to(length);
            self.bytes.advance(1);
            if line.last() == Some(&b'\r') {
                line.truncate(length - 1);
            }
            if !line.is_empty() {
                return Ok(Some(line.freeze()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_the_same_however_the_bytes_are_cut(
            lines in prop::collection::vec("[ -~]{0,40}", 0..20),
            rest in "[ -~]{0,10}",
            cuts in prop::collection::vec(0_usize..200, 0..10),
        ) {
            let mut text = lines.join("\n");
            text.push_str(if lines.is_empty() { "" } else { "\n" });
            text.push_str(&rest);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let (mut reader, mut seen) = (Lines::default(), Vec::new());
            for pair in cuts.windows(2) {
                reader.push(&text.as_bytes()[pair[0]..pair[1]]);
                while let Some(line) = reader.next_line().expect("short lines") {
                    seen.push(line);
                }
            }
            let expected: Vec<&str> =
                lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn no_bytes_are_too_odd(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..64)) {
            let mut reader = Lines::default();
            for piece in pieces {
                reader.push(&piece);
                while let Ok(Some(line)) = reader.next_line() {
                    prop_assert!(!line.is_empty() && !line.contains(&b'\n'));
                }
            }
        }
    }

    #[test]
    fn a_line_may_be_as_long_as_it_may_and_no_longer() {
        let mut reader = Lines::default();
        reader.push(&vec![b'x'; MAX_LINE]);
        assert_eq!(reader.next_line(), Ok(None));
        reader.push(b"\n");
        let line = reader.next_line().expect("not too long");
        assert_eq!(line.map(|line| line.len()), Some(MAX_LINE));
        // Refused on sight of its length, before its end has come.
        reader.push(&vec![b'x'; MAX_LINE + 1]);
        assert_eq!(reader.next_line(), Err(TooLong));
        let mut whole = Lines::default();
        whole.push(&[vec![b'x'; MAX_LINE + 1], b"\n".to_vec()].concat());
        assert_eq!(whole.next_line(), Err(TooLong));
    }
}
