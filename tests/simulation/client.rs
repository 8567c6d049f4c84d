//! The client's side: what it has, what it expects, what it sends.

use awp_server::model::channel::Lane;
use awp_server::model::pace;
use awp_server::wire::dialect::Hello;
use awp_server::wire::frame::Frame;
use awp_server::wire::message::{Position, VERSION};
use bytes::Bytes;
use serde_json::Value;

use super::link::Link;
use crate::harness::random::Random;

/// Input that may be unacknowledged, in bytes: the protocol's number.
const INPUT_WINDOW: usize = 64 * 1024;

pub struct Client {
    pub name: String,
    /// The next byte of the output; none before it was told where it begins.
    next: Option<u64>,
    acked: u64,
    ended: bool,
    /// It was told how the process ended.
    pub exited: bool,
    /// It was told so and the connection closed: all is done.
    pub done: bool,
    /// Output came over this connection.
    began: bool,
    pub input: Bytes,
    sent: usize,
    sent_ever: usize,
    pub accepted: usize,
    welcomed: bool,
    /// Snapshots and gaps it was told of.
    pub skips: usize,
}

impl Client {
    /// A client that reads from the first byte on, or from wherever it is let.
    pub fn new(name: String, from_start: bool, input: Bytes) -> Self {
        Self {
            name,
            next: from_start.then_some(0),
            acked: 0,
            ended: false,
            exited: false,
            done: false,
            began: false,
            input,
            sent: 0,
            sent_ever: 0,
            accepted: 0,
            welcomed: false,
            skips: 0,
        }
    }

    /// How much of the output it has.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Over a new connection.
    pub fn hello(&mut self, lane: Lane) -> Hello {
        self.acked = self.next.unwrap_or(0);
        self.ended = false;
        self.exited = false;
        self.began = false;
        self.welcomed = false;
        let from = self.next.map(|offset| Position {
            process: lane.process,
            channel: lane.channel,
            offset,
        });
        Hello {
            version: VERSION,
            client: self.name.clone(),
            page_key: None,
            size: None,
            colors: None,
            label: None,
            notices: false,
            from: from.into_iter().collect(),
        }
    }

    /// Sends a piece of input, if it may.
    pub fn type_some(&mut self, lane: Lane, random: &mut Random, link: &mut Link) {
        let until = self.input.len().min(self.accepted + INPUT_WINDOW);
        if !self.welcomed || self.sent >= until {
            return;
        }
        let length = random.length(20_000).min(until - self.sent);
        let bytes = self.input.slice(self.sent..self.sent + length);
        let seq = self.sent as u64;
        link.up.send(&Frame::Input { lane, seq, bytes }.encode());
        self.sent += length;
        self.sent_ever = self.sent_ever.max(self.sent);
    }

    /// Acknowledges what it has.
    pub fn ack(&mut self, lane: Lane, link: &mut Link) {
        if let Some(offset) = self.next.filter(|next| *next > self.acked) {
            link.up.send(&Frame::Ack { lane, offset }.encode());
            self.acked = offset;
        }
    }

    pub fn received(&mut self, frame: Bytes, output: &[u8]) {
        let frame = Frame::decode(frame).expect("a frame");
        if let Frame::Control(json) = frame {
            return self.said(&serde_json::from_slice(&json).expect("JSON"));
        }
        assert!(
            self.welcomed && !self.exited,
            "output between welcome and exit"
        );
        match frame {
            Frame::Output {
                lane,
                offset,
                bytes,
            } => {
                assert!(!self.ended && !bytes.is_empty());
                assert_eq!(
                    offset,
                    *self.next.get_or_insert(offset),
                    "neither gap nor repetition"
                );
                let start = usize::try_from(offset).expect("it fits");
                assert!(
                    bytes == output[start..start + bytes.len()],
                    "wrong bytes at {offset}"
                );
                let next = offset + bytes.len() as u64;
                self.next = Some(next);
                self.acked = if self.began {
                    self.acked
                } else {
                    self.acked.max(offset)
                };
                self.began = true;
                assert!(
                    next - self.acked <= pace::window(lane.channel),
                    "more than the window"
                );
            }
            Frame::Size { offset, .. } => {
                assert_eq!(offset, *self.next.get_or_insert(offset));
            }
            Frame::Snapshot {
                offset, skipped, ..
            } => {
                let from = self.next.unwrap_or(offset);
                assert!(offset >= from, "a snapshot of the past");
                assert!(
                    self.next.is_none() || skipped == offset - from,
                    "{skipped} skipped"
                );
                self.skip_to(offset);
            }
            Frame::Gap { from, offset, .. } => {
                assert_eq!(from, self.next.unwrap_or(from));
                assert!(
                    offset > from && !self.began,
                    "a gap in the middle of a stream"
                );
                self.skip_to(offset);
            }
            Frame::End { offset, .. } => {
                assert_eq!(offset, *self.next.get_or_insert(offset));
                assert_eq!(
                    offset,
                    output.len() as u64,
                    "the end is behind the last byte"
                );
                assert!(!self.ended);
                self.ended = true;
            }
            Frame::InputAck { seq, .. } => self.accepted_to(seq, self.sent),
            _ => panic!("a client's frame from the server"),
        }
    }

    fn skip_to(&mut self, offset: u64) {
        self.skips += 1;
        self.next = Some(offset);
        self.acked = offset;
        self.began = true;
    }

    fn said(&mut self, said: &Value) {
        match said["type"].as_str() {
            Some("welcome") => {
                assert!(!self.welcomed);
                self.welcomed = true;
                let known = said["processes"][0]["input"].as_u64();
                self.accepted_to(known.expect("a position"), self.sent_ever);
                self.sent = self.accepted;
            }
            Some("exit") => {
                assert!(self.ended && !self.exited, "one exit, behind the end");
                assert_eq!(said["status"]["code"], 7);
                self.exited = true;
            }
            _ => panic!("{said}"),
        }
    }

    fn accepted_to(&mut self, seq: u64, sent: usize) {
        let seq = usize::try_from(seq).expect("it fits");
        assert!(
            seq >= self.accepted && seq <= sent,
            "{seq} accepted of {sent}"
        );
        self.accepted = seq;
    }

    pub fn closed(&mut self, code: u16) {
        assert_eq!(code, 1000, "{} is closed", self.name);
        assert!(self.exited, "closed before the exit");
        self.done = true;
    }
}
