//! Lines: one message per line, both ways, as websocketd means them. For the modes `lines` and
//! `json`, where a client names no subprotocol or `raw`.
//!
//! The line break is added to what a client says and taken off what the program writes. A line is
//! a text message, or a binary one where it is not UTF-8. The standard error is not shown.

use std::collections::VecDeque;

use bytes::{BufMut as _, Bytes, BytesMut};
use memchr::{memchr, memchr_iter};
use serde::de::IgnoredAny;
use serde_json::json;

use super::close::CloseCode;
use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::line::{LineError, MAX_LINE};

/// What a viewer is told whose program has written a line that is too long. A close frame has room
/// for 123 bytes.
const OVERLONG: &str = "the program wrote a line longer than 1 MiB";

/// The dialect, for one process.
pub struct Lines {
    process: ProcessId,
    /// Each line is to be one JSON text.
    checks_json: bool,
    /// The beginning of a line whose end has not come: at most [`MAX_LINE`] bytes.
    begun: Vec<u8>,
    /// The bytes up to the next break belong to a line whose beginning is lost.
    skipping: bool,
    overlong: bool,
    /// Lines that were read and not sent: no more than one piece of output brings.
    ready: VecDeque<Bytes>,
}

impl Lines {
    /// Speaks for this process; with `checks_json`, lines that are not JSON are told apart.
    pub fn new(process: ProcessId, checks_json: bool) -> Self {
        Self {
            process,
            checks_json,
            begun: Vec::new(),
            skipping: false,
            overlong: false,
            ready: VecDeque::new(),
        }
    }

    /// Splits output into lines.
    fn split(&mut self, bytes: &Bytes) {
        let mut rest = bytes.clone();
        while let Some(at) = memchr(b'\n', &rest) {
            let end = rest.split_to(at);
            let _ = rest.split_to(1);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if self.begun.len() + end.len() > MAX_LINE {
                self.overlong = true;
                return;
            }
            let line = if self.begun.is_empty() {
                end
            } else {
                self.begun.extend_from_slice(&end);
                std::mem::take(&mut self.begun).into()
            };
            self.ready.push_back(line);
        }
        if self.skipping {
            return;
        }
        if self.begun.len() + rest.len() > MAX_LINE {
            self.overlong = true;
            return;
        }
        self.begun.extend_from_slice(&rest);
    }

    fn message(&self, line: &Bytes) -> Message {
        let end = line.strip_suffix(b"\r").unwrap_or(line).len();
        let line = line.slice(..end);
        if self.checks_json && serde_json::from_slice::<IgnoredAny>(&line).is_err() {
            return refused("bad_output", "the program wrote a line that is not JSON");
        }
        match std::str::from_utf8(&line) {
            Ok(text) => Message::Text(text.to_owned()),
            Err(_) => Message::Binary(line),
        }
    }
}

impl Dialect for Lines {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let said = message.into_bytes();
        if self.checks_json {
            let mut lines = said.split(|byte| *byte == b'\n');
            if let Some(error) =
                lines.find_map(|line| serde_json::from_slice::<IgnoredAny>(line).err())
            {
                return Err(Refusal::ignored("bad_json", error.to_string()));
            }
        }
        let mut bytes = BytesMut::with_capacity(said.len() + 1);
        bytes.put(said);
        bytes.put_u8(b'\n');
        Ok(Some(ClientEvent::Input {
            process: self.process,
            seq: None,
            bytes: bytes.freeze(),
        }))
    }

    fn follow(&mut self, process: ProcessId) {
        *self = Self::new(process, self.checks_json);
    }

    fn begin_output(&self, _out: &mut BytesMut, _lane: Lane, _offset: u64) {}

    fn output(&mut self, lane: Lane, _offset: u64, _clean: usize, begun: Bytes) -> Option<Message> {
        if lane.channel == Channel::Stderr {
            return None;
        }
        self.ready.reserve(memchr_iter(b'\n', &begun).count());
        self.split(&begun);
        self.more()
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        match event {
            ServerEvent::Gap { lane, .. } if lane.channel == Channel::Stdout => {
                self.begun.clear();
                self.skipping = true;
                None
            }
            // A last line without its break.
            ServerEvent::Ended { lane, .. } if lane.channel == Channel::Stdout => {
                let last = std::mem::take(&mut self.begun);
                (!last.is_empty()).then(|| self.message(&last.into()))
            }
            ServerEvent::Error { code, message } if self.checks_json => {
                Some(refused(code, message))
            }
            _ => None,
        }
    }

    fn more(&mut self) -> Option<Message> {
        let line = self.ready.pop_front()?;
        Some(self.message(&line))
    }

    fn failed(&mut self) -> Option<Refusal> {
        let overlong = std::mem::take(&mut self.overlong);
        let refusal = || Refusal::fatal(CloseCode::TooLarge, OVERLONG);
        overlong.then(|| refusal().named(LineError::TooLong.code()))
    }
}

/// What the protocol says itself, in a dialect whose every message is JSON.
fn refused(code: &str, message: &str) -> Message {
    Message::Text(json!({"error": {"code": code, "message": message}}).to_string())
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
