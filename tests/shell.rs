//! A shell on a terminal, as a person uses it: type, see, resize, interrupt, leave.

mod harness;

use harness::{Dialect, Server, Viewer};
use serde_json::json;

/// A shell that reads no file of the user's.
const BASH: &[&str] = &["bash", "--norc", "--noprofile"];

async fn shell() -> (Server, Viewer) {
    let server = Server::start(&[], BASH).await;
    let viewer = Viewer::json(&server).await;
    (server, viewer)
}

/// Types a line; what it prints must not stand in the line itself, which is echoed.
async fn run(viewer: &mut Viewer, line: &str, printed: &str) {
    assert!(!line.contains(printed), "the echo would do");
    let start = viewer.seen.out.bytes.len();
    viewer.type_text(&format!("{line}\n")).await;
    viewer.until_text(start, printed).await;
}

#[tokio::test]
async fn what_is_typed_runs_and_what_it_prints_is_seen() {
    let (_server, mut viewer) = shell().await;
    run(&mut viewer, "echo a$((20 + 22))b", "a42b").await;
    let session = viewer.seen.said[0].clone();
    assert_eq!(session["type"], "session");
    assert_eq!(session["mode"], "pty");
    assert_eq!(
        (&session["cols"], &session["rows"]),
        (&json!(80), &json!(24))
    );
    run(&mut viewer, "stty size", "24 80\r\n").await;
    run(&mut viewer, "tty", "/dev/pts/").await;
    assert_eq!(viewer.seen.out.base, 0);
}

#[tokio::test]
async fn the_size_is_the_one_asked_for_and_follows_the_window() {
    let server = Server::start(&[], BASH).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws?cols=101&rows=31").await;
    run(&mut viewer, "stty size", "31 101\r\n").await;
    run(&mut viewer, "trap 'echo win''dow' WINCH; echo s''et", "set").await;
    viewer
        .say(json!({"type": "resize", "cols": 120, "rows": 40}))
        .await;
    viewer
        .until("the new size", |seen| !seen.all("resize").is_empty())
        .await;
    let told = viewer.seen.all("resize")[0];
    assert_eq!((&told["cols"], &told["rows"]), (&json!(120), &json!(40)));
    run(&mut viewer, "stty size", "40 120\r\n").await;
    assert!(viewer.seen.out.contains("window"), "{:#?}", viewer.seen);
}

#[tokio::test]
async fn the_interrupt_key_ends_what_runs_and_not_the_shell() {
    let (_server, mut viewer) = shell().await;
    run(
        &mut viewer,
        "sh -c 'echo run\"\"ning; exec sleep 1000'",
        "running",
    )
    .await;
    viewer.type_bytes(b"\x03").await;
    run(&mut viewer, "echo st$?", "st130").await;
}

#[tokio::test]
async fn the_interrupt_signal_goes_where_the_key_goes() {
    let (_server, mut viewer) = shell().await;
    run(
        &mut viewer,
        "sh -c 'echo run\"\"ning; exec sleep 1000'",
        "running",
    )
    .await;
    viewer.say(json!({"type": "signal", "name": "INT"})).await;
    run(&mut viewer, "echo st$?", "st130").await;
    viewer
        .say(json!({"type": "signal", "name": "NOSUCH"}))
        .await;
    viewer
        .until("an error", |seen| seen.errors() == ["bad_signal"])
        .await;
    run(&mut viewer, "echo sti''ll", "still").await;
}

#[tokio::test]
async fn an_exit_is_told_once_behind_the_last_byte() {
    let (_server, mut viewer) = shell().await;
    viewer.type_text("echo by''e; exit 7\n").await;
    let seen = viewer.rest().await;
    assert!(seen.out.contains("bye"), "{seen:#?}");
    // A message behind the exit fails the viewer by itself.
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 7})]);
    assert_eq!(seen.closed, Some(1000));
}

#[tokio::test]
async fn a_signal_that_ends_the_shell_is_told_by_its_name() {
    for name in ["KILL", "SIGHUP", "term"] {
        let server = Server::shell("echo up; exec sleep 1000").await;
        let mut viewer = Viewer::json(&server).await;
        viewer.until_text(0, "up").await;
        viewer.say(json!({"type": "signal", "name": name})).await;
        let seen = viewer.rest().await;
        let name = name.trim_start_matches("SIG").to_uppercase();
        assert_eq!(seen.all("exit"), [&json!({"type": "exit", "signal": name})]);
        assert_eq!(seen.closed, Some(1000));
    }
}

#[tokio::test]
async fn a_terminal_has_no_half_close_and_says_so() {
    // Not a shell: one that edits lines forgets a key that comes while it gets ready.
    let server = Server::shell("stty -echo; echo up; exec cat").await;
    let mut viewer = Viewer::json(&server).await;
    viewer.until_text(0, "up").await;
    viewer.say(json!({"type": "eof"})).await;
    viewer
        .until("an error", |seen| seen.errors() == ["not_supported"])
        .await;
    viewer.type_text("still\n").await;
    viewer.until_text(0, "still\r\n").await;
    viewer.type_bytes(b"\x04").await;
    let seen = viewer.rest().await;
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 0})]);
}

#[tokio::test]
async fn a_message_that_is_none_changes_nothing() {
    let (_server, mut viewer) = shell().await;
    for text in ["[", "{}", r#"{"type":"dance"}"#, r#"{"type":"stdin"}"#] {
        let before = viewer.seen.errors().len();
        viewer
            .send(tokio_tungstenite::tungstenite::Message::text(text))
            .await;
        viewer
            .until(text, |seen| seen.errors().len() > before)
            .await;
    }
    assert!(
        viewer
            .seen
            .errors()
            .iter()
            .all(|code| *code == "bad_message")
    );
    run(&mut viewer, "echo sti''ll", "still").await;
}

#[tokio::test]
async fn who_only_watches_cannot_type() {
    let (server, mut viewer) = shell().await;
    let id = viewer.id().await;
    let path = format!("/ws?session={id}&role=watch&from=0");
    let mut watcher = Viewer::open(&server, Dialect::Json, &path).await;
    for said in [
        json!({"type": "stdin", "text": "echo in''truder\n"}),
        json!({"type": "eof"}),
        json!({"type": "resize", "cols": 50, "rows": 5}),
        json!({"type": "signal", "name": "KILL"}),
    ] {
        let before = watcher.seen.errors().len();
        watcher.say(said).await;
        watcher
            .until("a refusal", |seen| seen.errors().len() > before)
            .await;
    }
    assert_eq!(watcher.seen.errors(), ["not_allowed"; 4]);
    run(&mut viewer, "stty size; echo own''er", "owner").await;
    watcher.until_text(0, "owner").await;
    assert!(watcher.seen.out.contains("24 80"), "{:#?}", watcher.seen);
    assert!(
        !watcher.seen.out.contains("intruder"),
        "{:#?}",
        watcher.seen
    );
}

#[tokio::test]
async fn raw_is_bytes_both_ways_at_the_size_asked_for() {
    for dialect in [Dialect::Raw, Dialect::Bare] {
        let server = Server::start(&[], BASH).await;
        let mut viewer = Viewer::open(&server, dialect, "/ws?cols=132&rows=43").await;
        viewer.type_text("stty size\n").await;
        viewer.until_text(0, "43 132\r\n").await;
        viewer.type_text("exit 3\n").await;
        let seen = viewer.rest().await;
        assert_eq!(seen.closed, Some(1000));
        assert!(seen.said.is_empty());
    }
}
