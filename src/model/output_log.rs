//! The output of one channel: a bounded log of bytes addressed by absolute offset, with marks.
//!
//! Readers are cursors into it. What is older than the capacity is forgotten; a cursor that points
//! there is told so. Size changes and the end are marks: each stands at an offset, after the bytes
//! below it and before the bytes above, and is read exactly once by every cursor that passes.

use std::collections::VecDeque;

use bytes::BytesMut;

use super::size::Size;

/// Marks held at most, by number. Resizes come at the pace of a hand on a window's edge; a log that
/// holds more than this many has them merged, oldest first (a reader so far behind is only
/// interested in the newest size).
pub const MAX_MARKS: usize = 256;

/// Something that happened between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// From here on the program writes for a terminal of this size.
    Size(Size),
    /// There is no byte here or above.
    End,
}

/// A reader's place: the next byte, and the next mark by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    offset: u64,
    mark: u64,
}

impl Cursor {
    /// The next byte to read.
    pub const fn offset(self) -> u64 {
        self.offset
    }
}

/// What a cursor finds next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This many bytes were copied out; the cursor stands after them.
    Bytes(usize),
    /// A mark; the cursor stands after it.
    Mark(Mark),
    /// Nothing yet.
    Nothing,
    /// The bytes at the cursor are forgotten; the oldest one held is at this offset.
    Lost(u64),
}

/// A bounded log of one channel's output.
#[derive(Debug)]
pub struct OutputLog {
    /// Grows with what comes, to `capacity` at most.
    ring: VecDeque<u8>,
    capacity: usize,
    head: u64,
    marks: VecDeque<(u64, Mark)>,
    /// The number of the first mark still held.
    first_mark: u64,
    ended: bool,
}

impl OutputLog {
    /// An empty log that holds at most `capacity` bytes. Memory is taken as bytes come.
    ///
    /// # Panics
    /// If `capacity` is 0.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a log holds at least one byte");
        Self {
            ring: VecDeque::new(),
            capacity,
            head: 0,
            marks: VecDeque::new(),
            first_mark: 0,
            ended: false,
        }
    }

    /// What it takes, in bytes.
    pub fn memory(&self) -> usize {
        self.ring.capacity()
    }

    /// The offset after the newest byte.
    pub const fn head(&self) -> u64 {
        self.head
    }

    /// The offset of the oldest byte still held.
    pub fn tail(&self) -> u64 {
        self.head - self.ring.len() as u64
    }

    /// How many bytes the log can hold.
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether the end mark was set.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// A cursor at the oldest byte held, which is first told the size in force there.
    pub fn oldest(&self) -> Cursor {
        self.cursor_at(self.tail()).unwrap_or_default()
    }

    /// A cursor at `offset`, which is first told the size in force there; `None` if `offset` lies
    /// beyond what was written.
    pub fn cursor_at(&self, offset: u64) -> Option<Cursor> {
        if offset > self.head {
            return None;
        }
        let passed = self.marks.iter().take_while(|(at, _)| *at < offset).count();
        Some(Cursor {
            offset,
            mark: self.first_mark + passed.saturating_sub(1) as u64,
        })
    }

    /// Adds bytes at the head and forgets as many old ones as no longer fit.
    /// Bytes after the end are dropped: a channel ends once.
    pub fn append(&mut self, bytes: &[u8]) {
        if self.ended {
            return;
        }
        self.head += bytes.len() as u64;
        let kept = &bytes[bytes.len().saturating_sub(self.capacity)..];
        let room = self.capacity - self.ring.len();
        self.ring.drain(..kept.len().saturating_sub(room));
        self.ring.extend(kept);
        self.forget_marks();
    }

    /// Forgets all but the newest `keep` bytes and gives their memory back.
    pub fn trim(&mut self, keep: usize) {
        self.ring.drain(..self.ring.len().saturating_sub(keep));
        self.ring.shrink_to_fit();
        self.forget_marks();
    }

    /// Sets a mark at the head.
    pub fn mark(&mut self, mark: Mark) {
        if self.ended {
            return;
        }
        self.ended = mark == Mark::End;
        self.marks.push_back((self.head, mark));
        if self.marks.len() > MAX_MARKS {
            self.marks.pop_front();
            self.first_mark += 1;
        }
    }

    /// Copies what comes next at `cursor`, at most `limit` bytes and never past a mark, to the end
    /// of `out`, and moves the cursor.
    pub fn read(&self, cursor: &mut Cursor, limit: usize, out: &mut BytesMut) -> Next {
        if cursor.offset < self.tail() {
            return Next::Lost(self.tail());
        }
        let waiting =
            usize::try_from(cursor.mark.saturating_sub(self.first_mark)).unwrap_or(usize::MAX);
        let mut until = self.head;
        if let Some((at, mark)) = self.marks.get(waiting) {
            if *at <= cursor.offset {
                cursor.mark = self.first_mark + waiting as u64 + 1;
                return Next::Mark(*mark);
            }
            until = *at;
        }
        let length = usize::try_from(until - cursor.offset)
            .unwrap_or(usize::MAX)
            .min(limit);
        if length == 0 {
            return Next::Nothing;
        }
        let start = usize::try_from(cursor.offset - self.tail()).unwrap_or(usize::MAX);
        let (front, back) = self.ring.as_slices();
        let first = front.get(start..).unwrap_or_default();
        let first = &first[..length.min(first.len())];
        let second = &back[start.saturating_sub(front.len())..][..length - first.len()];
        out.reserve(length);
        out.extend_from_slice(first);
        out.extend_from_slice(second);
        cursor.offset += length as u64;
        Next::Bytes(length)
    }

    /// Forgets the marks below the tail, but for the newest size among them.
    fn forget_marks(&mut self) {
        let tail = self.tail();
        while self.marks.len() > 1 && self.marks[0].0 < tail && self.marks[1].0 <= tail {
            self.marks.pop_front();
            self.first_mark += 1;
        }
    }
}

#[cfg(test)]
#[path = "output_log_tests.rs"]
mod tests;
