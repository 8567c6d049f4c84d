//! `raw`, or no subprotocol at all: bare bytes both ways, one process.
//!
//! What a terminal writes (but for the questions that the server answers, which the client's
//! terminal would answer a second time), or the standard output of a process on pipes, comes as binary messages;
//! every message of the client is input. There is no message for anything else: the size is named
//! in the address, the exit status is the close code's matter, and what a process on pipes writes
//! to its standard error is dropped, because mixing it in would not be its standard output.

use bytes::{Bytes, BytesMut};

use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::screen::QueryFilter;

/// The name of the subprotocol, for clients that name one.
pub const NAME: &str = "raw";

/// RIS: a terminal's full reset (ECMA-48, 8.3.105).
const RESET: &[u8] = b"\x1bc";

/// What a viewer sees whose own terminal would answer the questions that the server answers.
#[derive(Default)]
pub(super) struct Shown {
    filter: QueryFilter,
}

impl Shown {
    /// The next bytes of a channel, behind `prefix` bytes that are the dialect's own; the first
    /// `clean` ones ask nothing. `None` where nothing is left to show.
    pub(super) fn output(
        &mut self,
        channel: Channel,
        prefix: usize,
        clean: usize,
        begun: Bytes,
    ) -> Option<Bytes> {
        if channel != Channel::Tty || self.filter.passes(&begun[prefix..], clean) {
            return Some(begun);
        }
        let mut shown = Vec::with_capacity(begun.len());
        shown.extend_from_slice(&begun[..prefix]);
        self.filter.filter(&begun[prefix..], clean, &mut shown);
        (shown.len() > prefix).then(|| shown.into())
    }

    /// A snapshot. Whatever the terminal shows, a reset comes first; of a sequence that was begun
    /// before it nothing is left.
    pub(super) fn snapshot(&mut self, prefix: &[u8], bytes: &[u8]) -> Bytes {
        self.filter = QueryFilter::default();
        [prefix, RESET, bytes].concat().into()
    }
}

/// The dialect, for one process.
pub struct Raw {
    process: ProcessId,
    shown: Shown,
}

impl Raw {
    /// Speaks for this process.
    pub fn new(process: ProcessId) -> Self {
        Self {
            process,
            shown: Shown::default(),
        }
    }
}

impl Dialect for Raw {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let input = ClientEvent::Input {
            process: self.process,
            seq: None,
            bytes: message.into_bytes(),
        };
        Ok(Some(input))
    }

    fn follow(&mut self, process: ProcessId) {
        self.process = process;
        self.shown = Shown::default();
    }

    fn begin_output(&self, _out: &mut BytesMut, _lane: Lane, _offset: u64) {}

    fn output(&mut self, lane: Lane, _offset: u64, clean: usize, begun: Bytes) -> Option<Message> {
        match lane.channel {
            Channel::Stderr => None,
            channel => self
                .shown
                .output(channel, 0, clean, begun)
                .map(Message::Binary),
        }
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        let ServerEvent::Snapshot { bytes, .. } = event else {
            return None;
        };
        Some(Message::Binary(self.shown.snapshot(&[], bytes)))
    }
}
