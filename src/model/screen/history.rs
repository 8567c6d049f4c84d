//! Lines that scrolled off, kept out of the emulator: each is the bytes that print it at any
//! width, in compressed blocks. A grid would cost two kilobytes for a row that holds one letter.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Lines in a block. Large enough to compress well, small enough that the newest lines, which
/// are still plain, are a few dozen kilobytes.
pub const BLOCK_LINES: usize = 512;

/// Plain bytes after which a block is closed although it has fewer lines.
const BLOCK_BYTES: usize = 256 * 1024;

/// Longest line in bytes; a longer one is broken in two. A program that prints for ever without
/// a newline must not grow one line without bound.
pub const LINE_MAX: usize = 64 * 1024;

/// Compressed bytes that one history may hold; the oldest blocks are dropped above it. 10,000
/// usual lines are about 1 MiB, so only lines full of colours or noise come near.
pub const HISTORY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes that one history may be as plain text, which is what a snapshot of it takes. Lines that
/// pack a thousandfold must not become a snapshot of hundreds of megabytes.
pub const HISTORY_PLAIN_MAX: usize = 16 * 1024 * 1024;

/// Bytes of blocks that stay plain for a while. A program that floods replaces its whole history
/// many times a second; what it drops again was not worth packing.
const HOT_BYTES: usize = 1024 * 1024;

/// Compression level of blocks: the fastest that still shrinks logs about fivefold.
const LEVEL: i32 = 1;

#[derive(Clone, Debug)]
struct Block {
    bytes: Bytes,
    plain_len: usize,
    lines: usize,
}

#[derive(Clone, Debug)]
enum Bytes {
    Plain(Vec<u8>),
    Packed(Box<[u8]>),
}

impl Block {
    /// Bytes of memory that it takes.
    fn held(&self) -> usize {
        match &self.bytes {
            Bytes::Plain(bytes) => bytes.len(),
            Bytes::Packed(bytes) => bytes.len(),
        }
    }

    fn pack(&mut self) {
        if let Bytes::Plain(bytes) = &self.bytes {
            // Compressing into a buffer of sufficient size cannot fail; if it did, the lines would
            // be lost, which is what happens to the oldest ones anyway.
            let packed = zstd::bulk::compress(bytes, LEVEL).unwrap_or_default();
            self.bytes = Bytes::Packed(packed.into_boxed_slice());
        }
    }

    fn unpack(&self) -> Cow<'_, [u8]> {
        match &self.bytes {
            Bytes::Plain(bytes) => bytes.into(),
            Bytes::Packed(bytes) => zstd::bulk::decompress(bytes, self.plain_len)
                .unwrap_or_default()
                .into(),
        }
    }
}

/// The lines above the screen, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    blocks: VecDeque<Block>,
    /// Blocks at the end that are plain still.
    hot: usize,
    /// Bytes that the blocks take.
    held: usize,
    /// What the blocks unpack to.
    unpacked: usize,
    /// The newest lines, each ended by CR LF; the last may be open.
    plain: Vec<u8>,
    plain_lines: usize,
    lines: usize,
    /// Bytes of the last line if it goes on in the row that comes next.
    open: Option<usize>,
    lines_max: usize,
}

impl History {
    /// A history that keeps this many lines.
    pub fn new(lines_max: usize) -> Self {
        Self {
            lines_max,
            ..Self::default()
        }
    }

    /// Lines that are held, up to a block more than the limit.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Bytes of memory that the lines take.
    pub fn bytes(&self) -> usize {
        self.held + self.plain.len()
    }

    /// Whether the last line goes on in the first row of the screen.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Appends a row; `wrapped` says that its line goes on in the next one.
    pub fn push(&mut self, wrapped: bool, write: impl FnOnce(&mut Vec<u8>)) {
        if self.lines_max == 0 {
            return;
        }
        let before = self.plain.len();
        write(&mut self.plain);
        let length = self.open.unwrap_or(0) + (self.plain.len() - before);
        if self.open.is_none() {
            self.lines += 1;
            self.plain_lines += 1;
        }
        self.open = Some(length);
        if !wrapped || length > LINE_MAX {
            self.close();
        }
    }

    /// Ends the open line, if there is one.
    pub fn close(&mut self) {
        if self.open.take().is_none() {
            return;
        }
        self.plain.extend_from_slice(b"\r\n");
        if self.plain_lines >= BLOCK_LINES || self.plain.len() >= BLOCK_BYTES {
            self.seal();
        }
        while self.lines > self.lines_max || self.is_heavy() {
            if !self.drop_oldest() {
                break;
            }
        }
    }

    /// Makes the newest lines a block, and packs the oldest plain ones if there are too many.
    fn seal(&mut self) {
        let next = Vec::with_capacity(self.plain.len());
        let plain = std::mem::replace(&mut self.plain, next);
        self.held += plain.len();
        self.unpacked += plain.len();
        self.hot += 1;
        self.blocks.push_back(Block {
            plain_len: plain.len(),
            bytes: Bytes::Plain(plain),
            lines: std::mem::take(&mut self.plain_lines),
        });
        let hot = |history: &Self| -> usize {
            let hot = history.blocks.iter().rev().take(history.hot);
            hot.map(|block| block.plain_len).sum()
        };
        while hot(self) > HOT_BYTES {
            self.pack_oldest();
        }
    }

    fn pack_oldest(&mut self) {
        let at = self.blocks.len() - self.hot;
        self.hot -= 1;
        let block = &mut self.blocks[at];
        self.held -= block.held();
        block.pack();
        self.held += block.held();
    }

    fn is_heavy(&self) -> bool {
        self.held > HISTORY_BYTES_MAX || self.unpacked > HISTORY_PLAIN_MAX
    }

    /// Drops the oldest lines: whole blocks, so up to a block more than asked is kept.
    fn drop_oldest(&mut self) -> bool {
        let Some(first) = self.blocks.front() else {
            return false;
        };
        if !self.is_heavy() && self.lines - first.lines < self.lines_max {
            return false;
        }
        self.lines -= first.lines;
        self.held -= first.held();
        self.unpacked -= first.plain_len;
        self.blocks.pop_front();
        self.hot = self.hot.min(self.blocks.len());
        true
    }

    /// Packs what is plain still and gives back memory that was only set aside for lines to come.
    pub fn shrink(&mut self) {
        while self.hot > 0 {
            self.pack_oldest();
        }
        self.plain.shrink_to_fit();
        self.blocks.shrink_to_fit();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.lines_max);
    }

    /// Appends the newest lines, oldest first, as bytes to be printed: at most `most`, and no more
    /// than the limit.
    pub fn write(&self, out: &mut Vec<u8>, most: usize) {
        let mut surplus = self.lines.saturating_sub(self.lines_max.min(most));
        let mut blocks = self.blocks.iter().peekable();
        while let Some(block) = blocks.next_if(|block| block.lines <= surplus) {
            surplus -= block.lines;
        }
        let mut skip = |bytes: &[u8], out: &mut Vec<u8>| {
            let mut at = 0;
            while surplus > 0 && at < bytes.len() {
                let newline = bytes[at..].iter().position(|byte| *byte == b'\n');
                at = newline.map_or(bytes.len(), |found| at + found + 1);
                surplus -= 1;
            }
            out.extend_from_slice(&bytes[at..]);
        };
        for block in blocks {
            skip(&block.unpack(), out);
        }
        skip(&self.plain, out);
    }

    /// Takes the newest lines back, at most `count` of them and `bytes_max` bytes, as bytes to
    /// be printed.
    pub fn take_newest(&mut self, count: usize, bytes_max: usize) -> Vec<u8> {
        if self.plain_lines < count
            && let Some(block) = self.blocks.pop_back()
        {
            self.held -= block.held();
            self.unpacked -= block.plain_len;
            self.hot = self.hot.saturating_sub(1);
            let mut plain = block.unpack().into_owned();
            plain.append(&mut self.plain);
            self.plain = plain;
            self.plain_lines += block.lines;
        }
        let mut cut = self.plain.len();
        let mut taken = 0;
        while taken < count.min(self.plain_lines) {
            // Before the newline that ends this line, the line itself.
            let body = cut.saturating_sub(usize::from(taken > 0 || self.open.is_none()));
            let before = self.plain[..body].iter().rposition(|byte| *byte == b'\n');
            let start = before.map_or(0, |at| at + 1);
            if self.plain.len() - start > bytes_max {
                break;
            }
            cut = start;
            taken += 1;
        }
        self.plain_lines -= taken;
        self.lines -= taken;
        if taken > 0 {
            self.open = None;
        }
        self.plain.split_off(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(lines: usize, lines_max: usize) -> History {
        let mut history = History::new(lines_max);
        for index in 0..lines {
            history.push(false, |out| {
                out.extend_from_slice(index.to_string().as_bytes());
            });
        }
        history
    }

    fn text(history: &History) -> String {
        let mut out = Vec::new();
        history.write(&mut out, usize::MAX);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn so_many_of_the_newest_as_are_wanted() {
        let history = filled(2000, 1500);
        for wanted in [0, 1, 100, 464, 465, 1000, 1500, 9999] {
            let mut out = Vec::new();
            history.write(&mut out, wanted);
            let first = 2000 - wanted.min(1500);
            let lines: Vec<String> = (first..2000).map(|line| line.to_string()).collect();
            let text = String::from_utf8(out).expect("digits");
            assert_eq!(text.lines().collect::<Vec<_>>(), lines, "{wanted}");
        }
    }

    #[test]
    fn the_newest_lines_are_kept_and_no_more() {
        let mut history = filled(5000, 1000);
        history.shrink();
        let kept = text(&history);
        assert_eq!(kept.lines().count(), 1000);
        assert!(kept.starts_with("4000\r\n") && kept.ends_with("4999\r\n"));
        assert!(history.bytes() < 8 * 1024, "{} bytes", history.bytes());
    }

    #[test]
    fn a_wrapped_line_stays_one_line() {
        let mut history = History::new(10);
        history.push(true, |out| out.extend_from_slice(b"one "));
        assert!(history.is_open());
        history.push(false, |out| out.extend_from_slice(b"line"));
        assert_eq!(text(&history), "one line\r\n");
        assert_eq!(history.lines(), 1);
    }

    #[test]
    fn lines_come_back_out_of_blocks() {
        let mut history = filled(600, 1000);
        assert_eq!(history.take_newest(2, 99), b"598\r\n599\r\n");
        assert_eq!(history.take_newest(100, 1000).len(), 500);
        assert_eq!(history.lines(), 498);
        assert!(text(&history).ends_with("497\r\n"));
        assert_eq!(filled(3, 9).take_newest(50, 99), b"0\r\n1\r\n2\r\n");
    }

    #[test]
    fn a_line_without_end_is_broken() {
        let mut history = History::new(10);
        for _ in 0..40 {
            history.push(true, |out| out.extend_from_slice(&[b'y'; 4096]));
        }
        assert!(history.lines() >= 2);
    }

    #[test]
    fn lines_that_pack_well_are_bounded_as_plain_text_too() {
        let mut history = History::new(100_000);
        let line = "y".repeat(LINE_MAX);
        for _ in 0..1000 {
            history.push(false, |out| out.extend_from_slice(line.as_bytes()));
        }
        assert!(text(&history).len() <= HISTORY_PLAIN_MAX + BLOCK_BYTES + LINE_MAX);
    }
}
