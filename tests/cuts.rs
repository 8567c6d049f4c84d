//! Cut off anywhere, a client goes on at the next byte: a gibibyte through a network that cuts,
//! stalls, splits and gathers, without a byte missing or doubled.

mod harness;

use std::sync::Arc;

use awp_server::model::channel::Channel;
use awp_server::wire::frame::Frame;
use bytes::Bytes;
use harness::proxy::{Faults, Proxy};
use harness::random::{Random, seed};
use harness::resuming::{Client, Consume, Typed};
use harness::server::TOKEN;
use harness::viewer::{STDIN, STDOUT, TTY};
use harness::{Dialect, Server, Viewer, proc, until, within};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Mutex;

const MIB: usize = 1024 * 1024;

/// What is written over and over, in bytes: a prime, and several times what any buffer on the way
/// holds, so that a piece that is missing or doubled shifts all that follows.
const PERIOD: usize = 33_554_393;

/// Bytes on pipes, in all: with those on the terminal a gibibyte.
const PIPE_BYTES: u64 = 960 * MIB as u64;

/// Bytes on a terminal, in all. Its screen takes in every one of them, which a build without
/// optimisation does at 2 to 3 MiB/s; a pipe has no screen.
const TERMINAL_BYTES: u64 = 64 * MIB as u64;

/// Connections that are cut at least while this passes.
const PIPE_CUTS: u64 = 150;
const TERMINAL_CUTS: u64 = 60;

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

/// What comes after one byte that says that the terminal is ready.
fn behind_a_prompt(mut rest: Consume) -> Consume {
    Box::new(move |offset, bytes| {
        if let Some(offset) = offset.checked_sub(1) {
            return rest(offset, bytes);
        }
        assert_eq!(bytes[0], b':');
        rest(0, &bytes[1..]);
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
        "stty raw -echo; printf :; head -c 1 >/dev/null; \
         while cat {file}; do :; done 2>/dev/null | head -c {TERMINAL_BYTES}; exit 7"
    );
    let session = server.create(json!({"command": ["sh", "-c", line]})).await;
    let faults = Faults {
        down: Some(mean(TERMINAL_BYTES, TERMINAL_CUTS)),
        up: None,
        stall_once_in: 1000,
    };
    let proxy = Proxy::start(server.address, seed, faults).await;
    let key = Typed {
        after: 1,
        ..Typed::all(TTY, b"x".to_vec(), false)
    };
    let mut client = Client::new(
        proxy.address,
        &session,
        "terminal",
        Random::new(seed, 1),
        key,
    )
    .reading(Channel::Tty, behind_a_prompt(expecting(&period)));
    assert_eq!(client.run().await, 1000);
    assert_eq!(client.position(Channel::Tty), 1 + TERMINAL_BYTES);
    assert_eq!(client.exit, Some(json!({"code": 7})));
    let cuts = proxy.cuts();
    assert!(cuts >= TERMINAL_CUTS, "{cuts} cuts");
}

/// Gathers a stream.
fn gathering() -> (Arc<Mutex<Vec<u8>>>, Consume) {
    let gathered = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&gathered);
    let consume =
        move |_, bytes: &[u8]| into.lock().expect("not poisoned").extend_from_slice(bytes);
    (gathered, Box::new(consume))
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string grows");
        text
    })
}

fn text(gathered: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&gathered.lock().expect("not poisoned")).into_owned()
}

#[tokio::test]
async fn a_paste_into_pipes_through_cuts() {
    const LENGTH: usize = 10 * MIB;
    const CUTS: u64 = 60;
    let seed = seed();
    let paste = Random::new(seed, 0).bytes(LENGTH);
    let expected = hash(&paste);
    let server = Server::start(&["--on-disconnect", "keep"], &["true"]).await;
    let body = json!({"command": ["sh", "-c", "sha256sum; exit 7"], "mode": "pipe"});
    let session = server.create(body).await;
    let faults = Faults {
        down: Some(10_000),
        up: Some(mean(LENGTH as u64, CUTS)),
        stall_once_in: 100,
    };
    let proxy = Proxy::start(server.address, seed, faults).await;
    let typed = Typed::all(STDIN, paste, true);
    let (out, consume) = gathering();
    let mut client = Client::new(
        proxy.address,
        &session,
        "paste",
        Random::new(seed, 1),
        typed,
    )
    .reading(Channel::Stdout, consume)
    .reading(Channel::Stderr, nothing());
    assert_eq!(client.run().await, 1000);
    assert_eq!(text(&out), format!("{expected}  -\n"));
    assert_eq!(client.exit, Some(json!({"code": 7})));
    let cuts = proxy.cuts();
    assert!(cuts >= CUTS, "{cuts} cuts");
}

#[tokio::test]
async fn keys_one_by_one_through_cuts() {
    const KEYS: usize = 3000;
    const CUTS: u64 = 30;
    let seed = seed();
    let keys = Random::new(seed, 0).lines(KEYS);
    let server = Server::start(&["--on-disconnect", "keep"], &["true"]).await;
    // As a shell does, it takes each key by itself and says it again.
    let line = format!("stty raw -echo; printf :; exec dd bs=1 count={KEYS} status=none");
    let session = server.create(json!({"command": ["sh", "-c", line]})).await;
    let faults = Faults {
        down: Some(2000),
        up: Some(2000),
        stall_once_in: 100,
    };
    let proxy = Proxy::start(server.address, seed, faults).await;
    let typed = Typed {
        piece: 1,
        window: 32,
        after: 1,
        ..Typed::all(TTY, keys.clone(), false)
    };
    let (out, consume) = gathering();
    let mut client = Client::new(proxy.address, &session, "keys", Random::new(seed, 1), typed)
        .reading(Channel::Tty, consume);
    assert_eq!(client.run().await, 1000);
    let echo = out.lock().expect("not poisoned").split_off(1);
    let differs = echo.iter().zip(&keys).position(|(echo, key)| echo != key);
    assert_eq!((differs, echo.len()), (None, KEYS));
    assert_eq!(client.exit, Some(json!({"code": 0})));
    let cuts = proxy.cuts();
    assert!(cuts >= CUTS, "{cuts} cuts");
}

#[tokio::test]
async fn two_connections_under_one_name_have_one_outcome() {
    let options = ["--mode", "pipe", "--on-disconnect", "keep"];
    let server = Server::start(&options, &["cat"]).await;
    let mut old = Viewer::open_named(&server, "/ws").await;
    let path = format!("/ws?session={}", old.id().await);
    let mut watcher = Viewer::open(&server, Dialect::Json, &path).await;
    let input = |seq, text: &'static str| {
        let bytes = Bytes::from_static(text.as_bytes());
        Frame::Input {
            lane: STDIN,
            seq,
            bytes,
        }
    };
    old.frame(&input(0, "one\n")).await;
    old.until("all accepted", |seen| seen.input == 4).await;
    let mut new = Viewer::open_named(&server, &path).await;
    new.id().await;
    assert_eq!(new.seen.said[0]["processes"][0]["input"], 4);
    // From here on the old one is not heard, and told so.
    old.frame(&input(4, "old\n")).await;
    let seen = old.rest().await;
    assert_eq!(seen.closed, Some(1008), "{seen:#?}");
    assert_eq!(seen.errors(), ["replaced"], "{seen:#?}");
    new.frame(&input(4, "new\n")).await;
    new.until_text(0, "one\nnew\n").await;
    new.frame(&Frame::Ack {
        lane: STDOUT,
        offset: new.seen.out.end(),
    })
    .await;
    watcher.until_text(0, "one\nnew\n").await;
    assert_eq!(watcher.seen.out.text(), "one\nnew\n");
}

#[tokio::test]
async fn the_same_input_from_two_connections_is_taken_once() {
    const LENGTH: usize = 200_000;
    const ROUNDS: u64 = 20;
    let seed = seed();
    let server = Server::start(&["--on-disconnect", "keep"], &["true"]).await;
    for round in 0..ROUNDS {
        let paste = Random::new(seed, round).bytes(LENGTH);
        let body = json!({"command": ["sha256sum"], "mode": "pipe"});
        let session = server.create(body).await;
        let client = |number| {
            let typed = Typed {
                shared: true,
                ..Typed::all(STDIN, paste.clone(), true)
            };
            let random = Random::new(seed, number);
            let (out, consume) = gathering();
            let client = Client::new(server.address, &session, "twin", random, typed)
                .reading(Channel::Stdout, consume)
                .reading(Channel::Stderr, nothing());
            (client, out)
        };
        let (mut one, heard) = client(1000 + 2 * round);
        let (mut other, overheard) = client(1001 + 2 * round);
        let (code, other_code) = tokio::join!(one.run(), other.run());
        let expected = format!("{}  -\n", hash(&paste));
        let won: Vec<_> = [(code, &heard), (other_code, &overheard)]
            .into_iter()
            .filter(|(code, _)| *code == 1000)
            .collect();
        assert!(!won.is_empty(), "round {round}: both were closed");
        for (_, heard) in won {
            assert_eq!(text(heard), expected, "round {round}");
        }
    }
}

/// A client that saw `position` bytes comes back and reads on, without a snapshot.
async fn come_back(server: &Server, session: &str, position: u64) -> Viewer {
    let path = format!("/ws?session={session}");
    let mut viewer = Viewer::unopened(server, Dialect::V1, &path).await;
    let from = json!([{"process": 1, "channel": "tty", "offset": position}]);
    let hello = json!({"type": "hello", "version": 1, "client": "away", "from": from});
    viewer.say(hello).await;
    viewer
        .until("output", |seen| seen.out.end() > position)
        .await;
    assert_eq!(viewer.seen.out.base, position);
    assert!(viewer.seen.all("snapshot").is_empty(), "{:#?}", viewer.seen);
    viewer
}

#[tokio::test]
async fn a_flood_waits_for_a_viewer_that_was_cut_off() {
    let server = Server::start(&["--on-disconnect", "keep"], &["yes"]).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    let session = viewer.id().await;
    viewer
        .until("a flood", |seen| seen.out.end() > MIB as u64)
        .await;
    let position = viewer.seen.out.end();
    drop(viewer);
    // It goes on until the log is full.
    let answer = server.session(&session).await.json();
    let flood = answer["processes"][0]["pid"].as_u64().expect("a pid");
    let flood = u32::try_from(flood).expect("a pid");
    let (mut last, mut still) = (0, 0);
    until("a flood that waits", || {
        let now = proc::written(flood);
        still = if now == last { still + 1 } else { 0 };
        last = now;
        if still >= 100 {
            Ok(())
        } else {
            Err(format!("{now} bytes"))
        }
    })
    .await;
    come_back(&server, &session, position).await;
}

#[tokio::test]
async fn what_was_written_before_the_end_waits_for_a_viewer_that_was_cut_off() {
    let line = format!("stty raw -echo; printf :; read line; yes | head -c {MIB}; exit 7");
    let options = ["--on-disconnect", "keep"];
    let server = Server::start(&options, &["sh", "-c", &line]).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    let session = viewer.id().await;
    viewer.until_text(0, ":").await;
    drop(viewer);
    let path = format!("POST /api/v1/sessions/{session}/input");
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(server.send(&path, &bearer, "\n").await.status, 204);
    let ended = async {
        loop {
            let answer = server.session(&session).await.json();
            if answer["state"] == "ended" {
                break;
            }
        }
    };
    within("the end", ended).await;
    let seen = come_back(&server, &session, 1).await.rest().await;
    assert_eq!(seen.out.bytes.len(), MIB);
    assert_eq!(seen.all("exit")[0]["status"], json!({"code": 7}));
}
