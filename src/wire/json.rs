//! `awp.json`: one process, in JSON text messages, for any language in ten lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use super::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use crate::model::channel::{Channel, Lane};
use crate::model::id::{ProcessId, SessionId};
use crate::model::mode::Mode;
use crate::model::process::ExitStatus;
use crate::model::size::Size;

/// The name of the subprotocol.
pub const NAME: &str = "awp.json";

/// Bytes that are sent again because a client asked for them are marked up to this offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// In which channel.
    pub lane: Lane,
    /// The offset that had been reached when the client came.
    pub until: u64,
}

/// The dialect, for one process.
pub struct Json {
    process: ProcessId,
    replay: Vec<Replay>,
    /// The size that the client was told last.
    size: Option<Size>,
    /// What is said behind the last message.
    next: Option<Message>,
}

impl Json {
    /// Speaks for this process; output below the `replay` marks is told to be a repetition.
    pub fn new(process: ProcessId, replay: Vec<Replay>) -> Self {
        Self {
            process,
            replay,
            size: None,
            next: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Stdin {
        payload: Option<String>,
        text: Option<String>,
    },
    Eof,
    Resize {
        cols: u64,
        rows: u64,
    },
    Signal {
        name: String,
    },
    Auth {
        page_key: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Says<'a> {
    Session {
        id: &'a SessionId,
        process: ProcessId,
        mode: Mode,
        cols: u16,
        rows: u16,
    },
    Stdout(Output),
    Stderr(Output),
    Resize {
        offset: u64,
        cols: u16,
        rows: u16,
    },
    Snapshot {
        offset: u64,
        cols: u16,
        rows: u16,
        payload: String,
    },
    Gap {
        channel: Channel,
        from: u64,
        offset: u64,
    },
    Exit(&'a ExitStatus),
    Login {
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        launch: Option<&'a str>,
    },
    Error {
        code: &'a str,
        message: &'a str,
    },
}

#[derive(Serialize)]
struct Output {
    offset: u64,
    payload: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replay: bool,
}

impl Dialect for Json {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let Message::Text(text) = message else {
            return Err(Refusal::ignored(
                "bad_message",
                "awp.json has text messages only",
            ));
        };
        let said: Said = serde_json::from_str(&text)
            .map_err(|error| Refusal::ignored("bad_message", error.to_string()))?;
        let process = self.process;
        Ok(Some(match said {
            Said::Stdin {
                payload: Some(payload),
                text: None,
            } => {
                let bytes = BASE64.decode(payload);
                let bytes = bytes
                    .map_err(|_| Refusal::ignored("bad_message", "the payload is not base64"))?
                    .into();
                ClientEvent::Input {
                    process,
                    seq: None,
                    bytes,
                }
            }
            Said::Stdin {
                payload: None,
                text: Some(text),
            } => ClientEvent::Input {
                process,
                seq: None,
                bytes: text.into(),
            },
            Said::Stdin { .. } => {
                return Err(Refusal::ignored(
                    "bad_message",
                    "stdin has either a payload or a text",
                ));
            }
            Said::Eof => ClientEvent::InputEnd { process, seq: None },
            Said::Resize { cols, rows } => ClientEvent::Resize {
                process: Some(process),
                size: Size::clamped(cols, rows),
            },
            Said::Signal { name } => ClientEvent::Signal { process, name },
            Said::Auth { page_key } => ClientEvent::Auth { page_key },
        }))
    }

    fn follow(&mut self, process: ProcessId) {
        self.process = process;
        self.replay.clear();
    }

    fn more(&mut self) -> Option<Message> {
        self.next.take()
    }

    fn begin_output(&self, _out: &mut BytesMut, _lane: Lane, _offset: u64) {}

    fn output(&mut self, lane: Lane, offset: u64, _clean: usize, begun: Bytes) -> Option<Message> {
        let replay = self
            .replay
            .iter()
            .any(|replay| replay.lane == lane && offset < replay.until);
        let output = Output {
            offset,
            payload: BASE64.encode(begun),
            replay,
        };
        write(&match lane.channel {
            Channel::Stderr => Says::Stderr(output),
            _ => Says::Stdout(output),
        })
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        match event {
            ServerEvent::Welcome {
                session, processes, ..
            } => {
                let shown = processes.iter().find(|info| info.process == self.process)?;
                let Size { cols, rows } = shown.size;
                self.size = Some(shown.size);
                write(&Says::Session {
                    id: session,
                    process: shown.process,
                    mode: shown.mode,
                    cols,
                    rows,
                })
            }
            ServerEvent::Sized { size, .. } if self.size == Some(*size) => None,
            ServerEvent::Sized { offset, size, .. } => {
                self.size = Some(*size);
                write(&Says::Resize {
                    offset: *offset,
                    cols: size.cols,
                    rows: size.rows,
                })
            }
            ServerEvent::Snapshot {
                offset,
                size,
                bytes,
                ..
            } => {
                self.size = Some(*size);
                let Size { cols, rows } = *size;
                write(&Says::Snapshot {
                    offset: *offset,
                    cols,
                    rows,
                    payload: BASE64.encode(bytes),
                })
            }
            ServerEvent::Gap { lane, from, offset } => write(&Says::Gap {
                channel: lane.channel,
                from: *from,
                offset: *offset,
            }),
            ServerEvent::Exited { status, .. } => write(&Says::Exit(status)),
            ServerEvent::Error { code, message } => write(&Says::Error { code, message }),
            ServerEvent::Admitted { .. }
            | ServerEvent::Renewed { .. }
            | ServerEvent::Denied
            | ServerEvent::Locked
            | ServerEvent::Unlocked
            | ServerEvent::Started(_) => self.login(event),
            ServerEvent::Session(_)
            | ServerEvent::Ended { .. }
            | ServerEvent::Notice { .. }
            | ServerEvent::InputAck { .. }
            | ServerEvent::Pong { .. } => None,
        }
    }
}

impl Json {
    /// What there is to say of a login. A process that is started is another one's business, unless
    /// it is the login program, once more.
    fn login(&mut self, event: &ServerEvent) -> Option<Message> {
        let mut code = None;
        let (state, subject) = match event {
            ServerEvent::Admitted {
                session,
                subject,
                process,
                launch,
            } => {
                code = launch.as_deref();
                let Size { cols, rows } = process.size;
                self.size = Some(process.size);
                self.next = write(&Says::Session {
                    id: session,
                    process: process.process,
                    mode: process.mode,
                    cols,
                    rows,
                });
                ("granted", Some(subject.as_str()))
            }
            ServerEvent::Renewed { subject } => ("granted", Some(subject.as_str())),
            ServerEvent::Denied => ("denied", None),
            ServerEvent::Locked => ("locked", None),
            ServerEvent::Unlocked => ("unlocked", None),
            // Its offsets begin at 0.
            ServerEvent::Started(info) if info.process == ProcessId::LOGIN => {
                self.size = Some(info.size);
                ("asked", None)
            }
            _ => return None,
        };
        write(&Says::Login {
            state,
            subject,
            launch: code,
        })
    }
}

fn write(says: &Says<'_>) -> Option<Message> {
    serde_json::to_string(says).ok().map(Message::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: ProcessId = ProcessId(1);

    fn lane(channel: Channel) -> Lane {
        Lane {
            process: FIRST,
            channel,
        }
    }

    fn text(message: Option<Message>) -> String {
        match message {
            Some(Message::Text(text)) => text,
            other => panic!("no text: {other:?}"),
        }
    }

    #[test]
    fn output_carries_its_offset_and_says_when_it_is_a_repetition() {
        let replay = vec![Replay {
            lane: lane(Channel::Tty),
            until: 5,
        }];
        let mut json = Json::new(FIRST, replay);
        let mut output = |channel, offset| {
            text(json.output(lane(channel), offset, 0, Bytes::from_static(b"\xff")))
        };
        assert_eq!(
            output(Channel::Stderr, 7),
            r#"{"type":"stderr","offset":7,"payload":"/w=="}"#
        );
        assert_eq!(
            output(Channel::Tty, 4),
            r#"{"type":"stdout","offset":4,"payload":"/w==","replay":true}"#
        );
        assert_eq!(
            output(Channel::Tty, 5),
            r#"{"type":"stdout","offset":5,"payload":"/w=="}"#
        );
    }

    #[test]
    fn an_exit_is_a_code_or_a_signal() {
        let mut json = Json::new(FIRST, Vec::new());
        let mut exit = |status| {
            text(json.event(&ServerEvent::Exited {
                process: FIRST,
                status,
            }))
        };
        assert_eq!(exit(ExitStatus::Code(7)), r#"{"type":"exit","code":7}"#);
        assert_eq!(
            exit(ExitStatus::Signal("KILL".into())),
            r#"{"type":"exit","signal":"KILL"}"#
        );
    }

    #[test]
    fn input_is_a_payload_or_a_text_and_not_both() {
        let mut json = Json::new(FIRST, Vec::new());
        let mut said = |text: &str| json.decode(Message::Text(text.into()));
        let input = |bytes: &'static [u8]| {
            Ok(Some(ClientEvent::Input {
                process: FIRST,
                seq: None,
                bytes: Bytes::from_static(bytes),
            }))
        };
        assert_eq!(said(r#"{"type":"stdin","payload":"aGk="}"#), input(b"hi"));
        assert_eq!(said(r#"{"type":"stdin","text":"hi"}"#), input(b"hi"));
        assert_eq!(
            said(r#"{"type":"eof"}"#),
            Ok(Some(ClientEvent::InputEnd {
                process: FIRST,
                seq: None
            }))
        );
        for bad in [
            r#"{"type":"stdin"}"#,
            r#"{"type":"stdin","payload":"a","text":"b"}"#,
            r#"{"type":"x"}"#,
            "[",
        ] {
            assert!(
                said(bad).is_err_and(|refusal| refusal.close.is_none()),
                "{bad}"
            );
        }
        let size = said(r#"{"type":"resize","cols":99999999,"rows":0}"#);
        assert_eq!(
            size,
            Ok(Some(ClientEvent::Resize {
                process: Some(ProcessId(1)),
                size: Size {
                    cols: 1000,
                    rows: 1
                }
            }))
        );
    }
}
