//! The binary frames of `awp.v1`: see the table in [`crate::wire`].

use bytes::{BufMut, Bytes, BytesMut};

use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::size::Size;

/// The longest frame that is read, in bytes, header included: as in every dialect of the contract.
pub const MAX_FRAME: usize = 1024 * 1024;

/// Bytes before the payload of an output frame: kind, channel, process, offset.
pub const OUTPUT_HEADER: usize = HEADER + 8;

/// Bytes that every frame starts with.
const HEADER: usize = 4;

/// Offsets and sequence numbers stay below this, so that a JavaScript number holds them.
const MAX_NUMBER: u64 = 1 << 53;

const CONTROL: u8 = 0x00;
const INPUT: u8 = 0x01;
const INPUT_END: u8 = 0x02;
const ACK: u8 = 0x03;
const OUTPUT: u8 = 0x11;
const SIZE: u8 = 0x12;
const END: u8 = 0x13;
const SNAPSHOT: u8 = 0x14;
const GAP: u8 = 0x15;
const INPUT_ACK: u8 = 0x16;

/// What a frame says.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Frame {
    /// A control message, JSON text that was not parsed yet.
    Control(Bytes),
    /// Bytes for a process.
    Input {
        /// Where to.
        lane: Lane,
        /// The position of the first byte in this client's input.
        seq: u64,
        /// The bytes.
        bytes: Bytes,
    },
    /// The client's input ends at `seq`.
    InputEnd {
        /// Where to.
        lane: Lane,
        /// The length of the input.
        seq: u64,
    },
    /// Everything below `offset` was consumed.
    Ack {
        /// Of which channel.
        lane: Lane,
        /// The first byte that was not.
        offset: u64,
    },
    /// Bytes from a process.
    Output {
        /// Of which channel.
        lane: Lane,
        /// The offset of the first byte.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
    },
    /// From `offset` on the program writes for this size.
    Size {
        /// Of which channel.
        lane: Lane,
        /// Where it takes effect.
        offset: u64,
        /// The size.
        size: Size,
    },
    /// The channel ends at `offset`.
    End {
        /// Which channel.
        lane: Lane,
        /// Its length.
        offset: u64,
    },
    /// What a terminal shows at `offset`.
    Snapshot {
        /// Which channel.
        lane: Lane,
        /// Where the stream goes on.
        offset: u64,
        /// The terminal's size.
        size: Size,
        /// Bytes that this client never saw.
        skipped: u64,
        /// What to write into a terminal that was reset.
        bytes: Bytes,
    },
    /// The bytes between `from` and `offset` are no longer held.
    Gap {
        /// Of which channel.
        lane: Lane,
        /// The first byte missing.
        from: u64,
        /// Where the stream goes on.
        offset: u64,
    },
    /// Everything below `seq` of this client's input was handed to the process.
    InputAck {
        /// Of which process.
        lane: Lane,
        /// The next byte expected.
        seq: u64,
    },
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Shorter than its kind demands.
    #[error("the frame is too short")]
    Short,
    /// Longer than [`MAX_FRAME`], or than a kind of fixed length.
    #[error("the frame is too long")]
    Long,
    /// A kind that is not in the table.
    #[error("unknown frame kind")]
    Kind,
    /// A channel that is not in the table.
    #[error("unknown channel")]
    Channel,
    /// A number of 2^53 or more.
    #[error("number out of range")]
    Number,
    /// A size with a side of 0 or above [`Size::MAX`].
    #[error("size out of range")]
    Size,
}

/// Reads fields off the front of a frame's body.
struct Body(Bytes);

impl Body {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let bytes = self
            .0
            .first_chunk::<N>()
            .copied()
            .ok_or(FrameError::Short)?;
        let _ = self.0.split_to(N);
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u64, FrameError> {
        let number = u64::from_le_bytes(self.take()?);
        if number < MAX_NUMBER {
            Ok(number)
        } else {
            Err(FrameError::Number)
        }
    }

    fn size(&mut self) -> Result<Size, FrameError> {
        let cols = u16::from_le_bytes(self.take()?);
        let rows = u16::from_le_bytes(self.take()?);
        let valid = 1..=Size::MAX;
        if valid.contains(&cols) && valid.contains(&rows) {
            Ok(Size { cols, rows })
        } else {
            Err(FrameError::Size)
        }
    }

    /// Ends a frame of fixed length.
    fn done<T>(&self, value: T) -> Result<T, FrameError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(FrameError::Long)
        }
    }
}

impl Frame {
    /// Reads one frame, whole.
    ///
    /// # Errors
    /// What the table in [`crate::wire`] does not allow.
    pub fn decode(frame: Bytes) -> Result<Self, FrameError> {
        if frame.len() > MAX_FRAME {
            return Err(FrameError::Long);
        }
        let mut body = Body(frame);
        let [kind, channel, low, high] = body.take()?;
        let process = ProcessId(u16::from_le_bytes([low, high]));
        if kind == CONTROL {
            return Ok(Self::Control(body.0));
        }
        let lane = Lane {
            process,
            channel: channel_of(channel)?,
        };
        match kind {
            INPUT => Ok(Self::Input {
                lane,
                seq: body.number()?,
                bytes: body.0,
            }),
            INPUT_END => {
                let frame = Self::InputEnd {
                    lane,
                    seq: body.number()?,
                };
                body.done(frame)
            }
            ACK => {
                let frame = Self::Ack {
                    lane,
                    offset: body.number()?,
                };
                body.done(frame)
            }
            OUTPUT => Ok(Self::Output {
                lane,
                offset: body.number()?,
                bytes: body.0,
            }),
            SIZE => {
                let frame = Self::Size {
                    lane,
                    offset: body.number()?,
                    size: body.size()?,
                };
                body.done(frame)
            }
            END => {
                let frame = Self::End {
                    lane,
                    offset: body.number()?,
                };
                body.done(frame)
            }
            SNAPSHOT => {
                let (offset, size, skipped) = (body.number()?, body.size()?, body.number()?);
                Ok(Self::Snapshot {
                    lane,
                    offset,
                    size,
                    skipped,
                    bytes: body.0,
                })
            }
            GAP => {
                let frame = Self::Gap {
                    lane,
                    from: body.number()?,
                    offset: body.number()?,
                };
                body.done(frame)
            }
            INPUT_ACK => {
                let frame = Self::InputAck {
                    lane,
                    seq: body.number()?,
                };
                body.done(frame)
            }
            _ => Err(FrameError::Kind),
        }
    }

    /// Writes the frame.
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(32);
        match self {
            Self::Control(json) => {
                out.put_slice(&[CONTROL, 0, 0, 0]);
                out.put_slice(json);
            }
            Self::Input { lane, seq, bytes } => {
                begin(&mut out, INPUT, *lane, *seq);
                out.put_slice(bytes);
            }
            Self::InputEnd { lane, seq } => begin(&mut out, INPUT_END, *lane, *seq),
            Self::Ack { lane, offset } => begin(&mut out, ACK, *lane, *offset),
            Self::Output {
                lane,
                offset,
                bytes,
            } => {
                begin_output(&mut out, *lane, *offset);
                out.put_slice(bytes);
            }
            Self::Size { lane, offset, size } => {
                begin(&mut out, SIZE, *lane, *offset);
                put_size(&mut out, *size);
            }
            Self::End { lane, offset } => begin(&mut out, END, *lane, *offset),
            Self::Snapshot {
                lane,
                offset,
                size,
                skipped,
                bytes,
            } => {
                begin(&mut out, SNAPSHOT, *lane, *offset);
                put_size(&mut out, *size);
                out.put_u64_le(*skipped);
                out.put_slice(bytes);
            }
            Self::Gap { lane, from, offset } => {
                begin(&mut out, GAP, *lane, *from);
                out.put_u64_le(*offset);
            }
            Self::InputAck { lane, seq } => begin(&mut out, INPUT_ACK, *lane, *seq),
        }
        out.freeze()
    }
}

/// Writes the header of an output frame, [`OUTPUT_HEADER`] bytes; the payload is what follows.
pub fn begin_output(out: &mut BytesMut, lane: Lane, offset: u64) {
    begin(out, OUTPUT, lane, offset);
}

fn begin(out: &mut BytesMut, kind: u8, lane: Lane, number: u64) {
    out.put_slice(&[kind, number_of(lane.channel)]);
    out.put_u16_le(lane.process.0);
    out.put_u64_le(number);
}

fn put_size(out: &mut BytesMut, size: Size) {
    out.put_u16_le(size.cols);
    out.put_u16_le(size.rows);
}

const fn number_of(channel: Channel) -> u8 {
    match channel {
        Channel::Stdin => 0,
        Channel::Stdout => 1,
        Channel::Stderr => 2,
        Channel::Tty => 3,
    }
}

const fn channel_of(number: u8) -> Result<Channel, FrameError> {
    match number {
        0 => Ok(Channel::Stdin),
        1 => Ok(Channel::Stdout),
        2 => Ok(Channel::Stderr),
        3 => Ok(Channel::Tty),
        _ => Err(FrameError::Channel),
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
