//! `v4.channel.k8s.io` and `v5.channel.k8s.io`: what clients of Kubernetes' `exec` speak.
//!
//! The first byte of every message is its channel. Channel 3 carries a `Status` object: the last
//! message is how the process ended, and one before it is why a message was refused.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use super::raw::Shown;
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// The name of the subprotocol without half-close.
pub const NAME_V4: &str = "v4.channel.k8s.io";
/// The name of the subprotocol with it.
pub const NAME_V5: &str = "v5.channel.k8s.io";

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
/// v5: the next byte is a channel, and nothing more comes on it.
const CLOSE: u8 = 255;

/// The names of the signals in the order of their numbers on Linux, from 1. A shell, and with it
/// everybody who reads an exit code, calls the end by signal n 128 + n.
const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The dialect, for one process.
pub struct K8s {
    process: ProcessId,
    half_closes: bool,
    has_terminal: bool,
    shown: Shown,
}

/// Field names as Go writes them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Window {
    width: u64,
    height: u64,
}

impl K8s {
    /// Speaks for this process; `half_closes` is version 5.
    pub fn new(process: ProcessId, half_closes: bool) -> Self {
        Self {
            process,
            half_closes,
            has_terminal: false,
            shown: Shown::default(),
        }
    }

    /// Nothing more comes on this channel. A terminal's input has no end: there it says nothing.
    fn closed(&self, channel: &[u8]) -> Result<Option<ClientEvent>, Refusal> {
        match channel {
            [STDIN] if self.has_terminal => Ok(None),
            [STDIN] => Ok(Some(ClientEvent::InputEnd {
                process: self.process,
                seq: None,
            })),
            [STDOUT..=RESIZE] => Ok(None),
            _ => Err(Refusal::ignored(
                "bad_message",
                "255 and one channel close it",
            )),
        }
    }
}

impl Dialect for K8s {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let bytes = message.into_bytes();
        match bytes.first() {
            // An empty message of a channel says nothing.
            Some(&(STDIN | RESIZE)) if bytes.len() == 1 => Ok(None),
            Some(&STDIN) => Ok(Some(ClientEvent::Input {
                process: self.process,
                seq: None,
                bytes: bytes.slice(1..),
            })),
            Some(&RESIZE) => {
                let window: Window = serde_json::from_slice(&bytes[1..])
                    .map_err(|error| Refusal::ignored("bad_message", error.to_string()))?;
                Ok(Some(ClientEvent::Resize {
                    process: Some(self.process),
                    size: Size::clamped(window.width, window.height),
                }))
            }
            Some(&CLOSE) if self.half_closes => self.closed(&bytes[1..]),
            Some(_) => {
                let known = "a client has the channels 0 and 4, and in v5 255";
                Err(Refusal::ignored("unknown_channel", known))
            }
            None => Err(Refusal::ignored(
                "bad_message",
                "the message has no channel",
            )),
        }
    }

    fn follow(&mut self, process: ProcessId) {
        self.process = process;
        self.shown = Shown::default();
    }

    fn begin_output(&self, out: &mut BytesMut, lane: Lane, _offset: u64) {
        let channel = if lane.channel == Channel::Stderr {
            STDERR
        } else {
            STDOUT
        };
        out.extend_from_slice(&[channel]);
    }

    fn output(&mut self, lane: Lane, _offset: u64, clean: usize, begun: Bytes) -> Option<Message> {
        let shown = self.shown.output(lane.channel, 1, clean, begun);
        shown.map(Message::Binary)
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        match event {
            ServerEvent::Welcome { processes, .. } => {
                let own = processes.iter().find(|info| info.process == self.process);
                self.has_terminal = own.is_some_and(|info| info.mode.has_terminal());
                None
            }
            ServerEvent::Snapshot { bytes, .. } => {
                Some(Message::Binary(self.shown.snapshot(&[STDOUT], bytes)))
            }
            ServerEvent::Exited { process, status } if *process == self.process => {
                Some(told(&ended(status)))
            }
            ServerEvent::Error { code, message } => Some(told(&json!({
                "metadata": {}, "status": "Failure", "reason": code, "message": message,
            }))),
            _ => None,
        }
    }
}

fn ended(status: &ExitStatus) -> Value {
    let code = match status {
        ExitStatus::Code(0) => return json!({"metadata": {}, "status": "Success"}),
        ExitStatus::Code(code) => usize::from(*code),
        ExitStatus::Signal(name) => {
            let at = SIGNALS.iter().position(|known| known == name);
            at.map_or(255, |at| 129 + at)
        }
    };
    json!({
        "metadata": {},
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": format!("command terminated with non-zero exit code: {code}"),
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

fn told(status: &Value) -> Message {
    let mut bytes = vec![STATUS];
    bytes.extend_from_slice(status.to_string().as_bytes());
    Message::Binary(bytes.into())
}

#[cfg(test)]
#[path = "k8s_tests.rs"]
mod tests;
