//! What a viewer has seen.

use std::collections::BTreeMap;
use std::fmt;

use awp_server::model::channel::{Channel, Lane};
use serde_json::Value;

/// One output channel, as it came.
#[derive(Default)]
pub struct Stream {
    /// The offset of the first byte seen; the dialects that tell none start at 0.
    pub base: u64,
    pub bytes: Vec<u8>,
}

impl Stream {
    /// Adds bytes, which must go on where the last ones ended.
    pub fn push(&mut self, offset: Option<u64>, bytes: &[u8]) {
        if let Some(offset) = offset {
            if self.base == 0 && self.bytes.is_empty() {
                self.base = offset;
            }
            assert_eq!(offset, self.end(), "output goes on where it ended");
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// A snapshot stands for everything below this offset.
    pub fn restart(&mut self, offset: u64) {
        self.base = offset;
        self.bytes.clear();
    }

    /// Keeps nothing of what came, only its offset.
    pub fn forget(&mut self) {
        self.restart(self.end());
    }

    /// The offset behind the last byte.
    pub fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    pub fn contains(&self, text: &str) -> bool {
        self.after(0, text).is_some()
    }

    /// Where `text` ends, looked for from `start` on.
    pub fn after(&self, start: usize, text: &str) -> Option<usize> {
        let found = self.bytes[start..]
            .windows(text.len())
            .position(|at| at == text.as_bytes());
        found.map(|at| start + at + text.len())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl fmt::Debug for Stream {
    /// The end of it: a flood is not worth reading.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 2000;
        let tail = &self.bytes[self.bytes.len().saturating_sub(SHOWN)..];
        write!(formatter, "{} bytes, ", self.end())?;
        fmt::Debug::fmt(&String::from_utf8_lossy(tail), formatter)
    }
}

/// Everything that came.
#[derive(Debug, Default)]
pub struct Seen {
    /// The terminal, or the standard output.
    pub out: Stream,
    pub err: Stream,
    /// The terminals, or the standard outputs, of the processes after the first.
    pub others: BTreeMap<u16, Stream>,
    /// Messages that are not output: `awp.json`'s, and the control messages of `awp.v1`.
    pub said: Vec<Value>,
    /// `awp.v1`: how much input was accepted, as it was told last.
    pub input: u64,
    /// The same, by process.
    pub inputs: BTreeMap<u16, u64>,
    /// The code that the server closed with.
    pub closed: Option<u16>,
    /// The connection is over, however it ended.
    pub over: bool,
}

impl Seen {
    /// Where this channel's output is collected.
    pub fn stream(&mut self, lane: Lane) -> &mut Stream {
        match (lane.channel, lane.process.0) {
            (Channel::Stderr, _) => &mut self.err,
            (_, 1) => &mut self.out,
            (_, process) => self.others.entry(process).or_default(),
        }
    }

    /// The messages of this type.
    pub fn all(&self, kind: &str) -> Vec<&Value> {
        self.said
            .iter()
            .filter(|said| said["type"] == kind)
            .collect()
    }

    /// The codes of the errors told.
    pub fn errors(&self) -> Vec<&str> {
        self.all("error")
            .into_iter()
            .filter_map(|said| said["code"].as_str())
            .collect()
    }
}
