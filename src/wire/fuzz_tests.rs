//! Every decoder on damaged input: it refuses or understands, and never panics.
//!
//! The corpora in `tests/fixtures/fuzz` are messages of each dialect. They are cut, joined, and
//! bytes of them changed; plain noise comes as well. `make fuzz` does it for long.

#![cfg(test)]

use std::fs;
use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;

use super::dialect::{Dialect, Message, ServerEvent};
use super::json::Json;
use super::k8s::K8s;
use super::lines::Lines;
use super::raw::Raw;
use super::terminado::Terminado;
use super::tty::Tty;
use super::v1::V1;
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;

const FIRST: ProcessId = ProcessId(1);

fn dialects() -> [Box<dyn Dialect>; 9] {
    [
        Box::new(V1),
        Box::new(Json::new(FIRST, Vec::new())),
        Box::new(Raw::new(FIRST)),
        Box::new(Tty::new(FIRST)),
        Box::new(K8s::new(FIRST, false)),
        Box::new(K8s::new(FIRST, true)),
        Box::new(Terminado::new(FIRST)),
        Box::new(Lines::new(FIRST, false)),
        Box::new(Lines::new(FIRST, true)),
    ]
}

/// All messages of all corpora.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz");
    let dialects = fs::read_dir(folder).expect("the corpora").flatten();
    let files = dialects.flat_map(|dialect| fs::read_dir(dialect.path()).expect("a corpus"));
    let seeds: Vec<_> = files
        .map(|file| fs::read(file.expect("a file").path()).expect("a message"))
        .collect();
    assert!(seeds.len() > 20, "the corpora are there");
    seeds
}

/// A change to a message.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Double,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        Just(Damage::Double),
    ]
}

fn damaged() -> impl Strategy<Value = Vec<u8>> {
    damaged_of(corpus())
}

/// These, damaged, and noise.
pub(crate) fn damaged_of(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let seed = prop::sample::select(seeds);
    let changes = prop::collection::vec(damage(), 0..6);
    let mutated = (seed, changes).prop_map(|(mut bytes, changes)| {
        for change in changes {
            let length = bytes.len();
            match change {
                Damage::Set(at, byte) if length > 0 => bytes[at.index(length)] = byte,
                Damage::Set(..) => {}
                Damage::Cut(at) => bytes.truncate(at.index(length + 1)),
                Damage::Insert(at, more) => {
                    let at = at.index(length + 1);
                    bytes.splice(at..at, more);
                }
                Damage::Double => bytes.extend_from_within(..),
            }
        }
        bytes
    });
    prop_oneof![4 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..64)]
}

proptest! {
    #[test]
    fn no_message_of_a_client_breaks_a_decoder(bytes in damaged()) {
        let text = String::from_utf8(bytes.clone()).ok().map(Message::Text);
        let binary = Message::Binary(bytes.into());
        for mut dialect in dialects() {
            for message in [Some(binary.clone()), text.clone()].into_iter().flatten() {
                if let Err(refusal) = dialect.decode(message) {
                    prop_assert!(!refusal.code.is_empty() && !refusal.message.is_empty());
                    let code = refusal.code;
                    let message = refusal.message;
                    let _ = dialect.event(&ServerEvent::Error { code, message });
                }
            }
        }
    }

    #[test]
    fn no_output_breaks_an_encoder(pieces in prop::collection::vec(damaged(), 1..6), channel in 0..3) {
        let channel = [Channel::Tty, Channel::Stdout, Channel::Stderr][usize::try_from(channel).unwrap_or(0)];
        let lane = Lane { process: FIRST, channel };
        for mut dialect in dialects() {
            let mut offset = 0;
            for piece in &pieces {
                let mut begun = bytes::BytesMut::new();
                dialect.begin_output(&mut begun, lane, offset);
                begun.extend_from_slice(piece);
                let _ = dialect.output(lane, offset, 0, Bytes::from(begun));
                while dialect.more().is_some() {}
                offset += piece.len() as u64;
            }
            let _ = dialect.event(&ServerEvent::Ended { lane, offset });
        }
    }
}
