//! The last bytes of a process: none is lost, however fast it ends and however late it is read.

mod harness;

use harness::{Dialect, Server, Viewer};
use serde_json::json;

/// Enough runs to meet both orders in which the end of output and of the process can be noticed.
const RUNS: usize = 30;

const MIB: usize = 1024 * 1024;

async fn short_lives(mode: &str, expected: &str) {
    let command = ["sh", "-c", "echo hi; exit 7"];
    let server = Server::start(&["--mode", mode], &command).await;
    for run in 0..RUNS {
        let seen = Viewer::json(&server).await.rest().await;
        assert_eq!(seen.out.text(), expected, "run {run}: {seen:#?}");
        assert_eq!(
            seen.all("exit"),
            [&json!({"type": "exit", "code": 7})],
            "run {run}"
        );
        assert_eq!(seen.closed, Some(1000), "run {run}");
    }
}

#[tokio::test]
async fn a_short_life_on_a_terminal_is_seen_whole() {
    short_lives("pty", "hi\r\n").await;
}

#[tokio::test]
async fn a_short_life_on_pipes_is_seen_whole() {
    short_lives("pipe", "hi\n").await;
}

/// The process has ended before anything is read: all of it is in the server and the kernel.
async fn unread(mode: &str) {
    let flood = format!("head -c {MIB} /dev/zero | tr '\\0' x; echo end; exit 7");
    let server = Server::start(&["--mode", mode], &["sh", "-c", &flood]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.id().await;
    let seen = viewer.rest().await;
    let text = seen.out.text();
    assert_eq!(text.trim_end().len(), MIB + "end".len(), "{seen:#?}");
    assert!(text.trim_end().ends_with("xend"), "{seen:#?}");
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 7})]);
    assert_eq!(seen.closed, Some(1000));
}

#[tokio::test]
async fn a_mebibyte_before_the_end_arrives_whole_from_a_terminal() {
    unread("pty").await;
}

#[tokio::test]
async fn a_mebibyte_before_the_end_arrives_whole_from_pipes() {
    unread("pipe").await;
}

#[tokio::test]
async fn errors_before_the_end_arrive_too() {
    let line = "echo out; echo err >&2; exit 1";
    let server = Server::pipe(&["sh", "-c", line]).await;
    for run in 0..RUNS {
        let seen = Viewer::json(&server).await.rest().await;
        assert_eq!(seen.out.text(), "out\n", "run {run}");
        assert_eq!(seen.err.text(), "err\n", "run {run}");
    }
}

#[tokio::test]
async fn in_the_pages_own_protocol_every_channel_ends_before_the_exit() {
    let server = Server::pipe(&["sh", "-c", "echo out; exit 7"]).await;
    let seen = Viewer::open(&server, Dialect::V1, "/ws").await.rest().await;
    let kinds = seen.said.iter().map(|said| &said["type"]);
    let kinds: Vec<_> = kinds.filter(|kind| *kind != "session").collect();
    assert_eq!(kinds, ["welcome", "end", "end", "exit"], "{seen:#?}");
    let ends = seen.all("end");
    let end = |channel| {
        ends.iter()
            .find(|end| end["channel"] == channel)
            .map(|end| &end["offset"])
    };
    assert_eq!(end("stdout"), Some(&json!(4)));
    assert_eq!(end("stderr"), Some(&json!(0)));
    assert_eq!(seen.all("exit")[0]["status"], json!({"code": 7}));
    assert_eq!(seen.closed, Some(1000));
}

#[tokio::test]
async fn who_comes_after_the_end_still_sees_it() {
    let server = Server::start(&["--on-disconnect", "keep"], &["true"]).await;
    for run in 0..RUNS {
        // Sometimes before the end, sometimes after it, sometimes in between.
        let body = json!({"command": ["sh", "-c", "echo hi; exit 7"], "name": format!("n{run}")});
        let id = server.create(body).await;
        for (dialect, from) in [
            (Dialect::Json, "&from=0"),
            (Dialect::Json, ""),
            (Dialect::V1, ""),
        ] {
            let path = format!("/ws?session={id}{from}");
            let seen = Viewer::open(&server, dialect, &path).await.rest().await;
            let snapshot = seen.all("snapshot").len();
            assert!(
                seen.out.contains("hi\r\n") || snapshot == 1,
                "run {run} {path}: {seen:#?}"
            );
            assert_eq!(seen.all("exit").len(), 1, "run {run} {path}: {seen:#?}");
            assert_eq!(seen.closed, Some(1000), "run {run} {path}");
        }
    }
}
