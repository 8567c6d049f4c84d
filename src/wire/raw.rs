//! `raw`, or no subprotocol at all: bare bytes both ways, one process.
//!
//! What a terminal writes, or the standard output of a process on pipes, comes as binary messages;
//! every message of the client is input. There is no message for anything else: the size is named
//! in the address, the exit status is the close code's matter, and what a process on pipes writes
//! to its standard error is dropped, because mixing it in would not be its standard output.

use bytes::{Bytes, BytesMut};

use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;

/// The name of the subprotocol, for clients that name one.
pub const NAME: &str = "raw";

/// The dialect, for one process.
pub struct Raw {
    process: ProcessId,
}

impl Raw {
    /// Speaks for this process.
    pub const fn new(process: ProcessId) -> Self {
        Self { process }
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

    fn output(&self, lane: Lane, _offset: u64, begun: Bytes) -> Option<Message> {
        (lane.channel != Channel::Stderr).then_some(Message::Binary(begun))
    }

    fn event(&mut self, _event: &ServerEvent) -> Option<Message> {
        None
    }
}
