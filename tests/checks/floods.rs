//! Floods of what is small: resizes, broken messages, connections of strangers.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::random::{Random, seed};
use crate::harness::{Dialect, Server, Viewer, until};

/// Window signals in a second, at most.
const SIGNALS: f64 = 20.0;

#[tokio::test]
async fn c64_resizes_are_clamped_and_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("signals");
    let line = format!(
        "n=0; trap 'n=$((n+1)); echo $n $(stty size) > {0}.new; mv {0}.new {0}' WINCH; echo up
        while :; do read -r l; done",
        file.display()
    );
    let server = Server::shell(&line).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws?cols=80&rows=24").await;
    viewer.until_text(0, "up").await;
    let begun = Instant::now();
    let sides = [
        json!(0),
        json!(65535),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!(81),
        json!(null),
    ];
    for turn in 0..10_000_usize {
        let side = |at: usize| -> Value { sides[at % sides.len()].clone() };
        viewer
            .say(json!({"type": "resize", "cols": side(turn), "rows": side(turn / 7)}))
            .await;
    }
    viewer
        .say(json!({"type": "resize", "cols": 97, "rows": 31}))
        .await;
    let signals = until("the last size", || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let signals = text
            .strip_suffix(" 31 97\n")
            .and_then(|n| n.parse::<f64>().ok());
        signals.ok_or(text)
    })
    .await;
    let seconds = begun.elapsed().as_secs_f64();
    let most = SIGNALS * seconds + 2.0;
    assert!((1.0..=most).contains(&signals), "{signals} in {seconds} s");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// The messages of a corpus.
fn corpus(dialect: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/fuzz")
        .join(dialect);
    let files = fs::read_dir(folder).expect("a corpus").flatten();
    files
        .map(|file| fs::read(file.path()).expect("a message"))
        .collect()
}

#[tokio::test]
async fn c65_broken_messages_break_nothing() {
    let mut random = Random::new(seed(), 65);
    let server = Server::shell("stty -echo; while read -r l; do :; done").await;
    let pid = server.pid();
    for (dialect, name) in [(Dialect::Json, "json"), (Dialect::V1, "v1")] {
        let seeds = corpus(name);
        let mut sent = 0;
        while sent < 5_000 {
            let mut viewer = Viewer::open(&server, dialect, "/ws").await;
            // Until the server has had enough of this one.
            for _ in 0..200 {
                let which = usize::try_from(random.below(seeds.len() as u64)).expect("few");
                let mut bytes = seeds[which].clone();
                for _ in 0..=random.below(4) {
                    let at = usize::try_from(random.below(bytes.len() as u64)).expect("few");
                    match random.below(3) {
                        0 if at < bytes.len() => bytes[at] = random.bytes(1)[0],
                        1 => bytes.truncate(at),
                        _ => bytes.insert(at.min(bytes.len()), random.bytes(1)[0]),
                    }
                }
                sent += 1;
                viewer
                    .send(match String::from_utf8(bytes) {
                        Ok(text) if dialect == Dialect::Json => Message::text(text),
                        Ok(text) => Message::Binary(text.into_bytes().into()),
                        Err(error) => Message::Binary(error.into_bytes().into()),
                    })
                    .await;
            }
            drop(viewer);
        }
    }
    assert_eq!(server.call("GET /api/v1/sessions", None).await.status, 200);
    assert_eq!(server.pid(), pid);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn c67_a_flood_of_strangers_shuts_nobody_out() {
    let server = Server::shell("exec cat").await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    viewer.id().await;
    let mut strangers = Vec::new();
    for turn in 0..2_000 {
        // A few hundred stay open at any time, the rest comes and goes.
        if let Ok(stream) = TcpStream::connect(server.address).await {
            strangers.push(stream);
        }
        if strangers.len() > 200 {
            strangers.clear();
        }
        if turn % 100 == 0 {
            viewer.round_trip().await;
            assert_eq!(server.call("GET /api/v1/sessions", None).await.status, 200);
        }
    }
    drop(strangers);
    let answer = server.send("GET /healthz", "", "").await;
    assert_eq!(answer.status, 200);
}
