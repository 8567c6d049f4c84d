//! A server that is told to end under load, and servers and clients that stand still.

use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::json;
use tokio::net::TcpStream;

use super::harness::{Dialect, Server, Viewer, within};
use super::{KIB, size};

/// R20: 20 floods in the gate, 90 in full.
#[tokio::test]
async fn a_server_under_load_ends_in_order() {
    let mut server = Server::start(&[], &["yes", "a line of a flood"]).await;
    let mut viewers = Vec::new();
    for _ in 0..size(20, 90) {
        viewers.push(Viewer::json(&server).await);
    }
    let flood = |viewer| async {
        let mut viewer: Viewer = viewer;
        viewer
            .until("a flood", |seen| seen.out.end() >= 64 * KIB)
            .await;
        viewer
    };
    let viewers = join_all(viewers.into_iter().map(flood)).await;
    server.signal(Signal::TERM);
    for seen in join_all(viewers.into_iter().map(Viewer::rest)).await {
        assert_eq!(seen.closed, Some(1001), "{seen:#?}");
    }
    let refused = TcpStream::connect(server.address).await;
    assert!(refused.is_err(), "nobody is let in any more");
    let status = server.ended().await;
    assert_eq!(status.code(), Some(0), "{status}: {}", server.log());
    assert_eq!(server.descendants(), []);
}

/// A program that counts, forever, one line per number.
const COUNT: &str = "i=0; while :; do echo $i; i=$((i+1)); done";

/// That these are lines of the count, none missing.
fn check_count(text: &str) {
    let mut lines: Vec<&str> = text.split("\r\n").collect();
    // The last one may have come in part.
    lines.pop();
    let numbers: Vec<u64> = lines.iter().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(numbers.len(), lines.len(), "nothing but numbers");
    assert!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "none missing"
    );
    assert_eq!(numbers.first(), Some(&0));
}

/// R21: a server stopped for two seconds, ten times the time after which a client is asked, in the
/// gate; for a minute in full.
#[tokio::test]
async fn a_server_that_stood_still_goes_on_with_every_client() {
    let stopped = size(Duration::from_secs(2), Duration::from_secs(60));
    let options = ["--ping-interval", "200ms", "--ping-timeout", "600ms"];
    let server = Server::start(&options, &["sh", "-c", COUNT]).await;
    let mut busy = Viewer::open(&server, Dialect::V1, "/ws").await;
    busy.until("a count", |seen| seen.out.end() > 64 * KIB)
        .await;
    let quiet = server
        .create(json!({"mode": "pipe", "command": ["cat"]}))
        .await;
    let path = format!("/ws?session={quiet}");
    let mut quiet = Viewer::open(&server, Dialect::V1, &path).await;
    // Who looks on is told a moment after the welcome, and would break the silence.
    quiet
        .until("who looks on", |seen| !seen.all("session").is_empty())
        .await;
    quiet.round_trip().await;
    server.signal(Signal::STOP);
    quiet.silent(stopped).await;
    server.signal(Signal::CONT);
    let goal = busy.seen.out.end() + 512 * KIB;
    tokio::join!(
        busy.until("more of the count", |seen| seen.out.end() > goal),
        quiet.round_trip(),
    );
    check_count(&busy.seen.out.text());
}

/// R21: a client stands still until it is given up, and goes on at the next byte. On pipes, where
/// nothing may be skipped.
#[tokio::test]
async fn a_client_that_stood_still_loses_nothing() {
    let options = [
        "--ping-interval",
        "100ms",
        "--ping-timeout",
        "400ms",
        "--mode",
        "pipe",
        "--on-disconnect",
        "keep",
    ];
    let server = Server::start(&options, &["sh", "-c", COUNT]).await;
    let mut first = Viewer::open(&server, Dialect::V1, "/ws").await;
    let id = first.id().await;
    first
        .until("a count", |seen| seen.out.end() > 64 * KIB)
        .await;
    // It stands still: nothing reads, nothing answers.
    let given_up = async { while server.session(&id).await.json()["viewers"] != 0 {} };
    within("a client that is given up", given_up).await;
    let from = first.seen.out.end();
    let mut again = Viewer::unopened(&server, Dialect::V1, &format!("/ws?session={id}")).await;
    let from = json!([{"process": 1, "channel": "stdout", "offset": from}]);
    let hello = json!({"type": "hello", "version": 1, "client": "again", "from": from});
    again.say(hello).await;
    let from = first.seen.out.end();
    again
        .until("the rest", |seen| seen.out.end() > from + 128 * KIB)
        .await;
    assert_eq!(again.seen.out.base, from, "{:#?}", again.seen);
    let text = first.seen.out.text() + &again.seen.out.text();
    check_count(&text.replace('\n', "\r\n"));
}
