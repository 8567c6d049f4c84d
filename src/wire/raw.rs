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

/// The dialect, for one process.
pub struct Raw {
    process: ProcessId,
    filter: QueryFilter,
}

impl Raw {
    /// Speaks for this process.
    pub fn new(process: ProcessId) -> Self {
        Self {
            process,
            filter: QueryFilter::default(),
        }
    }
}

impl Dialect for Raw {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let bytes = match message {
            Message::Text(text) => text.into(),
            Message::Binary(bytes) => bytes,
        };
        let input = ClientEvent::Input {
            process: self.process,
            seq: None,
            bytes,
        };
        Ok(Some(input))
    }

    fn begin_output(&self, _out: &mut BytesMut, _lane: Lane, _offset: u64) {}

    fn output(&mut self, lane: Lane, _offset: u64, begun: Bytes) -> Option<Message> {
        match lane.channel {
            Channel::Stderr => None,
            Channel::Tty if self.filter.passes(&begun) => Some(Message::Binary(begun)),
            Channel::Tty => {
                let mut shown = Vec::with_capacity(begun.len());
                self.filter.filter(&begun, &mut shown);
                (!shown.is_empty()).then(|| Message::Binary(shown.into()))
            }
            _ => Some(Message::Binary(begun)),
        }
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        let ServerEvent::Snapshot { bytes, .. } = event else {
            return None;
        };
        // Whatever the terminal shows, a reset comes first.
        Some(Message::Binary([RESET, bytes].concat().into()))
    }
}
