//! `awp.v1`, as a dialect: the specification is [`crate::wire`].

use bytes::{Bytes, BytesMut};

use super::close::CloseCode;
use super::dialect::{ClientEvent, Dialect, Hello, Message, Refusal, ServerEvent};
use super::frame::{self, Frame, FrameError};
use super::message::{ClientMessage, ServerMessage, VERSION};
use crate::model::channel::Lane;
use crate::model::size::Size;

/// The name of the subprotocol.
pub const NAME: &str = "awp.v1";

/// The longest client id, in bytes. 128 random bits take a quarter of it.
const MAX_CLIENT: usize = 128;

/// The longest label of a client, in characters; it is shown beside others.
const MAX_LABEL: usize = 64;

/// The control messages of a client.
const TYPES: [&str; 6] = ["hello", "resize", "layout", "snapshot", "signal", "ping"];

/// Our own protocol. All state is in the connection.
pub struct V1;

impl Dialect for V1 {
    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let Message::Binary(bytes) = message else {
            return Err(Refusal::fatal(
                CloseCode::Policy,
                "awp.v1 has no text messages",
            ));
        };
        let frame = Frame::decode(bytes).map_err(|error| {
            let code = if error == FrameError::Long {
                CloseCode::TooLarge
            } else {
                CloseCode::Policy
            };
            Refusal::fatal(code, error.to_string())
        })?;
        match frame {
            Frame::Control(json) => control(&json).map(Some),
            Frame::Input { lane, seq, bytes } => Ok(Some(ClientEvent::Input {
                process: lane.process,
                seq: Some(seq),
                bytes,
            })),
            Frame::InputEnd { lane, seq } => Ok(Some(ClientEvent::InputEnd {
                process: lane.process,
                seq: Some(seq),
            })),
            Frame::Ack { lane, offset } => Ok(Some(ClientEvent::Ack { lane, offset })),
            _ => Err(Refusal::fatal(
                CloseCode::Policy,
                "a server's frame came from a client",
            )),
        }
    }

    fn begin_output(&self, out: &mut BytesMut, lane: Lane, offset: u64) {
        frame::begin_output(out, lane, offset);
    }

    fn output(
        &mut self,
        _lane: Lane,
        _offset: u64,
        _clean: usize,
        begun: Bytes,
    ) -> Option<Message> {
        Some(Message::Binary(begun))
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        let frame = match event.clone() {
            ServerEvent::Welcome {
                session,
                name,
                role,
                processes,
            } => control_frame(&ServerMessage::Welcome {
                version: VERSION,
                session,
                name,
                role,
                processes,
                answers_queries: true,
            })?,
            ServerEvent::Session(info) => control_frame(&ServerMessage::Session(info))?,
            ServerEvent::Started(process) => control_frame(&ServerMessage::Process { process })?,
            ServerEvent::Sized { lane, offset, size } => Frame::Size { lane, offset, size },
            ServerEvent::Snapshot {
                lane,
                offset,
                size,
                skipped,
                bytes,
            } => Frame::Snapshot {
                lane,
                offset,
                size,
                skipped,
                bytes,
            },
            ServerEvent::Gap { lane, from, offset } => Frame::Gap { lane, from, offset },
            ServerEvent::Ended { lane, offset } => Frame::End { lane, offset },
            ServerEvent::Exited { process, status } => {
                control_frame(&ServerMessage::Exit { process, status })?
            }
            ServerEvent::Admitted {
                subject, launch, ..
            } => control_frame(&ServerMessage::Login {
                granted: true,
                subject: Some(subject),
                launch,
            })?,
            ServerEvent::Renewed { subject } => control_frame(&ServerMessage::Login {
                granted: true,
                subject: Some(subject),
                launch: None,
            })?,
            // The session's own message says so.
            ServerEvent::Locked | ServerEvent::Unlocked => return None,
            ServerEvent::Denied => control_frame(&ServerMessage::Login {
                granted: false,
                subject: None,
                launch: None,
            })?,
            ServerEvent::Notice { process, notice } => {
                control_frame(&ServerMessage::Notice { process, notice })?
            }
            ServerEvent::InputAck { lane, seq } => Frame::InputAck { lane, seq },
            ServerEvent::Pong { id } => control_frame(&ServerMessage::Pong { id })?,
            ServerEvent::Error { code, message } => control_frame(&ServerMessage::Error {
                code: code.to_owned(),
                message,
            })?,
        };
        Some(Message::Binary(frame.encode()))
    }

    fn begins_with_hello(&self) -> bool {
        true
    }

    fn acknowledges(&self) -> bool {
        true
    }
}

fn control_frame(message: &ServerMessage) -> Option<Frame> {
    serde_json::to_vec(message)
        .ok()
        .map(|json| Frame::Control(json.into()))
}

fn control(json: &[u8]) -> Result<ClientEvent, Refusal> {
    let message: ClientMessage =
        serde_json::from_slice(json).map_err(|error| refuse(json, &error))?;
    Ok(match message {
        ClientMessage::Hello {
            version,
            client,
            page_key,
            size,
            colors,
            label,
            notices,
            from,
        } => {
            if client.is_empty() || client.len() > MAX_CLIENT {
                return Err(Refusal::fatal(
                    CloseCode::Policy,
                    "a client id has 1 to 128 bytes",
                ));
            }
            let size = size.map(|size| Size::clamped(size.cols.into(), size.rows.into()));
            ClientEvent::Hello(Hello {
                version,
                client,
                page_key,
                size,
                colors,
                label: label.and_then(|label| shown(&label)),
                notices: notices.unwrap_or(false),
                from,
            })
        }
        ClientMessage::Resize {
            process,
            cols,
            rows,
        } => ClientEvent::Resize {
            process,
            size: Size::clamped(cols.into(), rows.into()),
        },
        ClientMessage::Colors { colors } => ClientEvent::Colors(colors),
        ClientMessage::Layout { revision, layout } => ClientEvent::Layout { revision, layout },
        ClientMessage::Snapshot { process, lines } => ClientEvent::Snapshot { process, lines },
        ClientMessage::Signal { process, name } => ClientEvent::Signal { process, name },
        ClientMessage::Ping { id } => ClientEvent::Ping { id },
    })
}

/// What a client calls itself, as it may be shown to others.
fn shown(label: &str) -> Option<String> {
    let plain = label.chars().filter(|character| !character.is_control());
    let label: String = plain.take(MAX_LABEL).collect();
    let label = label.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// A type that this version does not have is told apart from a message that is wrong.
fn refuse(json: &[u8], error: &serde_json::Error) -> Refusal {
    let kind: Option<String> = serde_json::from_slice::<serde_json::Value>(json)
        .ok()
        .and_then(|value| Some(value.get("type")?.as_str()?.to_owned()));
    match kind {
        Some(kind) if !TYPES.contains(&kind.as_str()) => {
            Refusal::ignored("unknown_type", "there is no control message of this type")
        }
        _ => Refusal::ignored("bad_message", error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::Channel;
    use crate::model::id::ProcessId;

    fn said(json: &str) -> Result<Option<ClientEvent>, Refusal> {
        V1.decode(Message::Binary(
            Frame::Control(Bytes::copy_from_slice(json.as_bytes())).encode(),
        ))
    }

    #[test]
    fn control_messages_are_read_and_sizes_clamped() {
        let resize = said(r#"{"type":"resize","cols":0,"rows":65535,"later":true}"#);
        assert_eq!(
            resize,
            Ok(Some(ClientEvent::Resize {
                process: None,
                size: Size {
                    cols: 1,
                    rows: 1000
                }
            }))
        );
        let hello = said(r#"{"type":"hello","version":1,"client":"c"}"#).expect("a hello");
        assert!(
            matches!(hello, Some(ClientEvent::Hello(Hello { version: 1, from, .. })) if from.is_empty())
        );
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let code = |json| said(json).expect_err("refused").code;
        assert_eq!(code(r#"{"type":"dance"}"#), "unknown_type");
        assert_eq!(
            code(r#"{"type":"resize","cols":-1,"rows":1}"#),
            "bad_message"
        );
        assert_eq!(code("{"), "bad_message");
        let lane = Lane {
            process: ProcessId(1),
            channel: Channel::Tty,
        };
        let servers = Frame::End { lane, offset: 0 }.encode();
        assert!(
            V1.decode(Message::Binary(servers))
                .is_err_and(|refusal| refusal.close.is_some())
        );
        assert!(
            V1.decode(Message::Text("{}".into()))
                .is_err_and(|refusal| refusal.close.is_some())
        );
    }
}
