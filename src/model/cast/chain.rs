//! The chain of hashes that shows whether a recording is what was written.
//!
//! Each mark hashes the mark before it and every byte between the two; with the server's key it is
//! sealed, so that nobody without the key makes another. The last mark says that it is the last.
//! A mark names its time as well: marks are the recording's index.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// What every mark begins with.
const MARK: &str = "# awp ";

/// A line that is read at most, in bytes: far above what is ever written here.
const MAX_LINE: u64 = 1 << 20;

/// The key of a server's seals.
#[derive(Clone)]
pub struct Key(pub [u8; 32]);

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// More may follow.
    Block,
    /// Nothing follows.
    End,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::End => "end",
        }
    }
}

/// The chain of a recording that is being written, or checked.
pub struct Chain {
    key: Option<Key>,
    before: [u8; 32],
    block: Sha256,
    number: u64,
}

impl Chain {
    /// Nothing was written yet. Without a key the marks hold their hash alone.
    pub fn new(key: Option<Key>) -> Self {
        Self {
            key,
            before: [0; 32],
            block: Sha256::new(),
            number: 0,
        }
    }

    /// These bytes were written.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.block.update(bytes);
    }

    /// The mark that is to be written now, as a line, for a time in milliseconds.
    pub fn mark(&mut self, kind: Kind, now: u64) -> String {
        self.number += 1;
        let said = format!("{MARK}{} {} {now} ", kind.name(), self.number);
        let hash = self.hash(&said);
        let seal = self.seal(&hash);
        format!("{said}{} {seal}\n", hex(&hash))
    }

    fn hash(&mut self, said: &str) -> [u8; 32] {
        let block = std::mem::take(&mut self.block);
        let hash = block.chain_update(self.before).chain_update(said);
        self.before = hash.finalize().into();
        self.before
    }

    fn seal(&self, hash: &[u8; 32]) -> String {
        let sealed = self.key.as_ref().and_then(|key| {
            let mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
            Some(hex(&mac.chain_update(hash).finalize().into_bytes()))
        });
        sealed.unwrap_or_else(|| "-".to_owned())
    }

    /// The hash of everything up to the newest mark.
    pub fn head(&self) -> String {
        hex(&self.before)
    }
}

/// Bytes as digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What the check of a recording says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was written, to its end; this is the hash of all of it.
    Intact(String),
    /// It is what was written as far as this line, and has no end: the server was cut off, or
    /// somebody took the end away. What comes after that line is not covered.
    Unsealed(u64),
    /// Up to this line something was changed, added or taken away.
    Broken(u64),
    /// There is no mark in it.
    Unmarked,
}

/// Checks a recording; with the key its seals as well.
///
/// # Errors
/// When it cannot be read.
pub fn verify(mut file: impl BufRead, key: Option<&Key>) -> io::Result<Verdict> {
    let mut chain = Chain::new(key.cloned());
    let (mut number, mut covered, mut ended) = (0, 0, false);
    let mut line = Vec::new();
    loop {
        line.clear();
        if file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        if ended {
            return Ok(Verdict::Broken(number));
        }
        if !line.starts_with(MARK.as_bytes()) {
            chain.feed(&line);
            continue;
        }
        // The last line of a server that was cut off may be half a mark.
        if !line.ends_with(b"\n") {
            break;
        }
        let Some(kind) = check(&mut chain, &line, key.is_some()) else {
            return Ok(Verdict::Broken(number));
        };
        (covered, ended) = (number, kind == Kind::End);
    }
    Ok(match (ended, covered) {
        (true, _) => Verdict::Intact(chain.head()),
        (false, 0) => Verdict::Unmarked,
        (false, line) => Verdict::Unsealed(line),
    })
}

/// The kind of a mark that is right.
fn check(chain: &mut Chain, line: &[u8], sealed: bool) -> Option<Kind> {
    let text = std::str::from_utf8(line).ok()?;
    let words: Vec<&str> = text.trim_end().split(' ').collect();
    let [_, _, kind, _, time, _, seal] = words[..] else {
        return None;
    };
    let kind = [Kind::Block, Kind::End]
        .into_iter()
        .find(|one| one.name() == kind)?;
    let expected = chain.mark(kind, time.parse().ok()?);
    let (expected, line) = if sealed {
        (expected.as_str(), text)
    } else {
        // Without the key what is known ends before the seal.
        (
            expected.strip_suffix("-\n")?,
            text.strip_suffix(&format!("{seal}\n"))?,
        )
    };
    (expected == line).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> (Vec<u8>, String) {
        let mut chain = Chain::new(Some(Key([7; 32])));
        let mut file = Vec::new();
        for (index, kind) in [Kind::Block, Kind::Block, Kind::End]
            .into_iter()
            .enumerate()
        {
            let text = format!("[0.{index}, \"o\", \"line\"]\n");
            chain.feed(text.as_bytes());
            file.extend_from_slice(text.as_bytes());
            file.extend_from_slice(chain.mark(kind, index as u64).as_bytes());
        }
        (file, chain.head())
    }

    fn verdict(file: &[u8]) -> Verdict {
        verify(file, Some(&Key([7; 32]))).expect("memory is read")
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_seen() {
        let (file, head) = written();
        assert_eq!(verdict(&file), Verdict::Intact(head.clone()));
        assert_eq!(
            verify(file.as_slice(), None).expect("read"),
            Verdict::Intact(head.clone())
        );
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(
                !matches!(verdict(&changed), Verdict::Intact(_)),
                "byte {at}"
            );
            assert!(
                !matches!(verdict(&file[..at]), Verdict::Intact(_)),
                "cut {at}"
            );
        }
        let longer = [file.as_slice(), b"[0.1, \"o\", \"more\"]\n"].concat();
        assert_eq!(verdict(&longer), Verdict::Broken(7));
        assert_eq!(verdict(&file[..file.len() - 5]), Verdict::Unsealed(4));
    }

    #[test]
    fn a_chain_made_anew_without_the_key_is_seen_by_whoever_has_it() {
        let (file, _) = written();
        let text = String::from_utf8(file).expect("text");
        let mut forged = Chain::new(Some(Key([8; 32])));
        let mut other = String::new();
        for line in text.lines() {
            if line.starts_with(MARK) {
                let kind = if line.contains("end") {
                    Kind::End
                } else {
                    Kind::Block
                };
                other.push_str(&forged.mark(kind, 0));
            } else {
                let line = format!("{}\n", line.replace("line", "lies"));
                forged.feed(line.as_bytes());
                other.push_str(&line);
            }
        }
        assert_eq!(verdict(other.as_bytes()), Verdict::Broken(2));
        assert!(matches!(
            verify(other.as_bytes(), None),
            Ok(Verdict::Intact(_))
        ));
        assert_eq!(verdict(b"{}\n"), Verdict::Unmarked);
    }
}
