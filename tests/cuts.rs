//! Cut off anywhere, a client goes on at the next byte: a gibibyte through a network that cuts,
//! stalls, splits and gathers, without a byte missing or doubled.

mod harness;

use std::sync::Arc;

use awp_server::model::channel::Channel;
use harness::Server;
use harness::proxy::{Faults, Proxy};
use harness::random::{Random, seed};
use harness::resuming::{Client, Consume, Typed};
use harness::viewer::{STDIN, TTY};
use serde_json::json;

const MIB: usize = 1024 * 1024;

/// What is written over and over, in bytes: a prime, and several times what any buffer on the way
/// holds, so that a piece that is missing or doubled shifts all that follows.
const PERIOD: usize = 33_554_393;

/// Bytes on pipes, in all: with those on the terminal a gibibyte.
const PIPE_BYTES: u64 = 768 * MIB as u64;

/// Bytes on a terminal, in all.
const TERMINAL_BYTES: u64 = 256 * MIB as u64;

/// Connections that are cut at least while this passes.
const PIPE_CUTS: u64 = 150;
const TERMINAL_CUTS: u64 = 50;

/// Compares a stream with `period`, said over and over.
fn expecting(period: &Arc<Vec<u8>>) -> Consume {
    let period = Arc::clone(period);
    Box::new(move |offset, bytes| {
        let mut at = usize::try_from(offset % period.len() as u64).expect("it fits");
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = rest.len().min(period.len() - at);
            assert!(
                rest[..length] == period[at..at + length],
                "wrong bytes around {offset}"
            );
            rest = &rest[length..];
            at = 0;
        }
    })
}

fn nothing() -> Consume {
    Box::new(|offset, _| panic!("nothing is written here, but at {offset}"))
}

/// A third more than what is asked for, on average.
const fn mean(bytes: u64, cuts: u64) -> u64 {
    bytes / (cuts + cuts / 3)
}

async fn server_with(file: &[u8]) -> (Server, String) {
    let server = Server::start(&["--on-disconnect", "keep"], &["true"]).await;
    let path = server.home.path().join("file");
    std::fs::write(&path, file).expect("a file of ours");
    let path = path.to_str().expect("text").to_owned();
    (server, path)
}

#[tokio::test]
async fn pipes_through_cuts() {
    let seed = seed();
    let period = Arc::new(Random::new(seed, 0).bytes(PERIOD));
    let (server, file) = server_with(&period).await;
    let line = format!("while cat {file}; do :; done | head -c {PIPE_BYTES}; exit 7");
    let body = json!({"command": ["sh", "-c", line], "mode": "pipe"});
    let session = server.create(body).await;
    let faults = Faults {
        down: Some(mean(PIPE_BYTES, PIPE_CUTS)),
        up: None,
        stall_once_in: 1000,
    };
    let proxy = Proxy::start(server.address, seed, faults).await;
    let nobody = Typed::nothing(STDIN);
    let mut client = Client::new(
        proxy.address,
        &session,
        "pipes",
        Random::new(seed, 1),
        nobody,
    )
    .reading(Channel::Stdout, expecting(&period))
    .reading(Channel::Stderr, nothing());
    assert_eq!(client.run().await, 1000);
    assert_eq!(client.position(Channel::Stdout), PIPE_BYTES);
    assert_eq!(client.exit, Some(json!({"code": 7})));
    let cuts = proxy.cuts();
    assert!(cuts >= PIPE_CUTS, "{cuts} cuts");
}

#[tokio::test]
async fn a_terminal_through_cuts() {
    let seed = seed();
    let period = Arc::new(Random::new(seed, 0).lines(PERIOD));
    let (server, file) = server_with(&period).await;
    let line = format!(
        "stty raw -echo; head -c 1 >/dev/null; \
         while cat {file}; do :; done 2>/dev/null | head -c {TERMINAL_BYTES}; exit 7"
    );
    let session = server.create(json!({"command": ["sh", "-c", line]})).await;
    let faults = Faults {
        down: Some(mean(TERMINAL_BYTES, TERMINAL_CUTS)),
        up: None,
        stall_once_in: 1000,
    };
    let proxy = Proxy::start(server.address, seed, faults).await;
    let key = Typed::all(TTY, b"x".to_vec(), false);
    let mut client = Client::new(
        proxy.address,
        &session,
        "terminal",
        Random::new(seed, 1),
        key,
    )
    .reading(Channel::Tty, expecting(&period));
    assert_eq!(client.run().await, 1000);
    assert_eq!(client.position(Channel::Tty), TERMINAL_BYTES);
    assert_eq!(client.exit, Some(json!({"code": 7})));
    let cuts = proxy.cuts();
    assert!(cuts >= TERMINAL_CUTS, "{cuts} cuts");
}
