//! `tty`: what ttyd's page and its clients speak.
//!
//! The first message of a client is JSON and says who it is and how large its window is. After it,
//! the first byte of every message is its kind. What ttyd has no word for, a message that was
//! refused, is told in a kind of our own, which its page writes to the browser's console.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::json;

use super::close::CloseCode;
use super::dialect::{ClientEvent, Dialect, Hello, Message, Refusal, ServerEvent};
use super::message::VERSION;
use super::raw::Shown;
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// The name of the subprotocol.
pub const NAME: &str = "tty";

/// What a client's message is, by its first byte.
const INPUT: u8 = b'0';
const RESIZE: u8 = b'1';
const PAUSE: u8 = b'2';
const RESUME: u8 = b'3';
/// The first message is an object, and this is how that begins.
const OPENING: u8 = b'{';

/// What a server's message is, by its first byte.
const OUTPUT: &[u8] = b"0";
const TITLE: &[u8] = b"1";
const PREFERENCES: &[u8] = b"2";
const REFUSED: &[u8] = b"!";

/// The dialect, for one process.
pub struct Tty {
    process: ProcessId,
    shown: Shown,
    /// Said after the message that is being sent.
    next: Option<Message>,
    failed: bool,
}

#[derive(Deserialize)]
struct Opening {
    #[serde(rename = "AuthToken")]
    token: Option<String>,
    columns: Option<u64>,
    rows: Option<u64>,
}

#[derive(Deserialize)]
struct Window {
    columns: u64,
    rows: u64,
}

impl Tty {
    /// Speaks for this process.
    pub fn new(process: ProcessId) -> Self {
        Self {
            process,
            shown: Shown::default(),
            next: None,
            failed: false,
        }
    }
}

impl Dialect for Tty {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let bytes = message.into_bytes();
        let bad = |error: serde_json::Error| Refusal::ignored("bad_message", error.to_string());
        Ok(Some(match bytes.first() {
            Some(&INPUT) => ClientEvent::Input {
                process: self.process,
                seq: None,
                bytes: bytes.slice(1..),
            },
            Some(&RESIZE) => {
                let window: Window = serde_json::from_slice(&bytes[1..]).map_err(bad)?;
                ClientEvent::Resize {
                    process: Some(self.process),
                    size: Size::clamped(window.columns, window.rows),
                }
            }
            Some(&PAUSE) => ClientEvent::Flow { paused: true },
            Some(&RESUME) => ClientEvent::Flow { paused: false },
            Some(&OPENING) => {
                let opening: Opening = serde_json::from_slice(&bytes).map_err(bad)?;
                let size = opening.columns.zip(opening.rows);
                ClientEvent::Hello(Hello {
                    version: VERSION,
                    client: String::new(),
                    page_key: opening.token.filter(|token| !token.is_empty()),
                    size: size.map(|(columns, rows)| Size::clamped(columns, rows)),
                    colors: None,
                    label: None,
                    notices: false,
                    from: Vec::new(),
                })
            }
            Some(_) => {
                let kinds = "a message begins with 0, 1, 2 or 3";
                return Err(Refusal::ignored("unknown_type", kinds));
            }
            None => {
                return Err(Refusal::ignored("bad_message", "the message is empty"));
            }
        }))
    }

    fn follow(&mut self, process: ProcessId) {
        self.process = process;
        self.shown = Shown::default();
    }

    fn begin_output(&self, out: &mut BytesMut, _lane: Lane, _offset: u64) {
        out.extend_from_slice(OUTPUT);
    }

    fn output(&mut self, lane: Lane, _offset: u64, clean: usize, begun: Bytes) -> Option<Message> {
        match lane.channel {
            Channel::Stderr => None,
            channel => {
                let shown = self.shown.output(channel, OUTPUT.len(), clean, begun);
                shown.map(Message::Binary)
            }
        }
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        let say = |kind: &[u8], text: &str| {
            Some(Message::Binary([kind, text.as_bytes()].concat().into()))
        };
        match event {
            ServerEvent::Welcome { processes, .. } => {
                let shown = processes.iter().find(|info| info.process == self.process)?;
                self.next = say(PREFERENCES, "{}");
                say(TITLE, &shown.title)
            }
            ServerEvent::Snapshot { bytes, .. } => {
                Some(Message::Binary(self.shown.snapshot(OUTPUT, bytes)))
            }
            ServerEvent::Exited { process, status } => {
                let own = *process == self.process;
                self.failed |= own && *status != ExitStatus::Code(0);
                None
            }
            ServerEvent::Error { code, message } => {
                let error = json!({"code": code, "message": message});
                say(REFUSED, &error.to_string())
            }
            _ => None,
        }
    }

    fn more(&mut self) -> Option<Message> {
        self.next.take()
    }

    fn farewell(&self) -> CloseCode {
        if self.failed {
            CloseCode::Failed
        } else {
            CloseCode::Ended
        }
    }

    fn begins_with_hello(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[path = "tty_tests.rs"]
mod tests;
