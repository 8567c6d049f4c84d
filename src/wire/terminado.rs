//! terminado's messages, as Jupyter's terminals speak them: JSON arrays that begin with their kind.
//!
//! The path names the terminal; there is no subprotocol. A message that was refused is told in a
//! kind of our own, `["error", {..}]`, which its clients pass over.

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use super::raw::Shown;
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::size::Size;

/// The dialect, for one process.
pub struct Terminado {
    process: ProcessId,
    shown: Shown,
    /// The beginning of a character that was cut off: at most 3 bytes.
    cut: Vec<u8>,
}

impl Terminado {
    /// Speaks for this process.
    pub fn new(process: ProcessId) -> Self {
        Self {
            process,
            shown: Shown::default(),
            cut: Vec::new(),
        }
    }

    /// Output as text. What is not UTF-8 becomes the replacement character; a character whose end
    /// has not come waits for it.
    fn text(&mut self, bytes: &[u8]) -> String {
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let mut text = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            let last = chunks.peek().is_none();
            // Without an error length, more bytes could make it a character.
            let unfinished =
                std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if last && unfinished {
                self.cut = invalid.to_vec();
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }
}

impl Dialect for Terminado {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let bad = |why: String| Refusal::ignored("bad_message", why);
        let said: Vec<Value> = serde_json::from_slice(&message.into_bytes())
            .map_err(|error| bad(error.to_string()))?;
        let kind = said.first().and_then(Value::as_str);
        Ok(Some(match (kind, said.get(1..).unwrap_or_default()) {
            (Some("stdin"), [Value::String(text)]) => ClientEvent::Input {
                process: self.process,
                seq: None,
                bytes: Bytes::copy_from_slice(text.as_bytes()),
            },
            // Behind the rows and columns clients put the size in pixels.
            (Some("set_size"), [rows, cols, ..]) => {
                let (Some(rows), Some(cols)) = (rows.as_u64(), cols.as_u64()) else {
                    return Err(bad("set_size has rows and columns".to_owned()));
                };
                ClientEvent::Resize {
                    process: Some(self.process),
                    size: Size::clamped(cols, rows),
                }
            }
            (Some("stdin"), _) => return Err(bad("stdin has one text".to_owned())),
            (Some("set_size"), _) => return Err(bad("set_size has rows and columns".to_owned())),
            (Some(_), _) => {
                return Err(Refusal::ignored(
                    "unknown_type",
                    "there are stdin and set_size",
                ));
            }
            (None, _) => return Err(bad("a message begins with its kind".to_owned())),
        }))
    }

    fn follow(&mut self, process: ProcessId) {
        self.process = process;
        self.shown = Shown::default();
        self.cut.clear();
    }

    fn begin_output(&self, _out: &mut BytesMut, _lane: Lane, _offset: u64) {}

    fn output(&mut self, lane: Lane, _offset: u64, clean: usize, begun: Bytes) -> Option<Message> {
        if lane.channel == Channel::Stderr {
            return None;
        }
        let shown = self.shown.output(lane.channel, 0, clean, begun)?;
        let text = self.text(&shown);
        (!text.is_empty()).then(|| said(&json!(["stdout", text])))
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        match event {
            ServerEvent::Welcome { .. } => Some(said(&json!(["setup", {}]))),
            ServerEvent::Snapshot { bytes, .. } => {
                self.cut.clear();
                let shown = self.shown.snapshot(&[], bytes);
                let text = self.text(&shown);
                Some(said(&json!(["stdout", text])))
            }
            ServerEvent::Exited { process, .. } if *process == self.process => {
                Some(said(&json!(["disconnect", 1])))
            }
            ServerEvent::Error { code, message } => {
                Some(said(&json!(["error", {"code": code, "message": message}])))
            }
            _ => None,
        }
    }
}

fn said(value: &Value) -> Message {
    Message::Text(value.to_string())
}

#[cfg(test)]
#[path = "terminado_tests.rs"]
mod tests;
