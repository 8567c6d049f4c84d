//! The ends: of the server, of its sessions, and what is left afterwards, which is nothing.

mod harness;

use std::collections::BTreeSet;

use harness::server::awp;
use harness::{Dialect, Holdings, Server, Viewer, until, within};
use rustix::process::Signal;
use serde_json::json;

/// Sessions that are started and ended to see what they leave: enough that a leak of one thing per
/// ten sessions shows. `AWP_SOAK=1` makes it more.
const SESSIONS: usize = 300;

/// The same, when there is time.
const SOAK_SESSIONS: usize = 2000;

/// A child that does not care, with a job in a process group of its own that does not either.
const STUBBORN: &str = "trap '' HUP TERM; set -m; \
    (trap '' HUP TERM; while :; do sleep 1000; done) & \
    echo up; while :; do sleep 1000; done";

async fn nothing_left(server: &Server) {
    until("nothing left", || match server.descendants() {
        living if living.is_empty() => Ok(()),
        living => Err(format!("{living:?}")),
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_told_to_end_ends_everything() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start(&[], &["bash", "-c", STUBBORN]).await;
        let mut stubborn = Viewer::json(&server).await;
        stubborn.until_text(0, "up").await;
        let pipe = json!({"mode": "pipe", "command": ["sh", "-c", "sleep 1000 & sleep 1000"]});
        server.create(pipe).await;
        server
            .create(json!({"command": ["bash", "--norc", "--noprofile"]}))
            .await;
        // The stubborn shell, its job and what both wait for, two of the pipe's, and a shell.
        until("all of them", || match server.descendants() {
            living if living.len() >= 8 => Ok(()),
            living => Err(format!("{living:?}")),
        })
        .await;
        server.signal(signal);
        let status = server.ended().await;
        assert_eq!(
            status.code(),
            Some(0),
            "{signal:?}: {status}: {}",
            server.log()
        );
        assert_eq!(server.descendants(), [], "{signal:?}");
        let seen = stubborn.rest().await;
        assert_eq!(seen.closed, Some(1001), "{seen:#?}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_server_at_once() {
    let mut server = Server::start(&[], &["bash", "-c", STUBBORN]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.until_text(0, "up").await;
    server.signal(Signal::TERM);
    // Told of the first one; the stubborn child keeps the server for some more seconds.
    viewer
        .until("the close", |seen| seen.closed.is_some())
        .await;
    server.signal(Signal::TERM);
    let status = server.ended().await;
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(server.log().contains("second signal"), "{}", server.log());
    // Whatever it left ignores every polite signal.
    for (pid, _) in server.descendants() {
        let pid = pid.try_into().ok().and_then(rustix::process::Pid::from_raw);
        let _ = rustix::process::kill_process(pid.expect("an id"), Signal::KILL);
    }
    nothing_left(&server).await;
}

#[tokio::test]
async fn a_place_that_is_taken_is_one_line_and_status_1() {
    let server = Server::shell("true").await;
    let home = tempfile::tempdir().expect("a folder");
    let place = server.address.to_string();
    let mut command = awp(&home, &["--listen", &place, "--log-level", "error"], &[]);
    let output = within("a refusal", command.output())
        .await
        .expect("awp starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.starts_with("awp: ") && said.contains(&place), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_bad_flag_is_status_2() {
    let home = tempfile::tempdir().expect("a folder");
    let output = awp(&home, &["--no-such-flag"], &[]).output();
    let output = within("a refusal", output).await.expect("awp starts");
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn once_is_one_session_and_the_end() {
    for mode in ["pty", "pipe"] {
        let command = ["sh", "-c", "echo hi; read line; exit 7"];
        let mut server = Server::start(&["--once", "--mode", mode], &command).await;
        let mut viewer = Viewer::json(&server).await;
        viewer.until_text(0, "hi").await;
        let second = server.call("POST /api/v1/sessions", Some(json!({}))).await;
        assert_eq!(second.status, 429, "{second:?}");
        viewer.type_text("\n").await;
        let seen = viewer.rest().await;
        assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 7})]);
        assert_eq!(seen.closed, Some(1000), "{seen:#?}");
        assert_eq!(
            server.ended().await.code(),
            Some(0),
            "{mode}: {}",
            server.log()
        );
    }
}

#[tokio::test]
async fn the_end_of_once_is_told_before_the_server_ends() {
    for run in 0..30 {
        let mut server = Server::start(&["--once"], &["sh", "-c", "echo hi"]).await;
        let seen = Viewer::json(&server).await.rest().await;
        assert_eq!(seen.out.text(), "hi\r\n", "run {run}");
        assert_eq!(seen.closed, Some(1000), "run {run}: {seen:#?}");
        assert_eq!(server.ended().await.code(), Some(0), "run {run}");
    }
}

#[tokio::test]
async fn a_session_that_nobody_comes_to_ends_by_its_rule() {
    let options = ["--on-disconnect", "keep=100ms"];
    let server = Server::start(&options, &["sleep", "1000"]).await;
    let id = server.create(json!({})).await;
    let gone = async { while server.session(&id).await.status != 404 {} };
    within("the end", gone).await;
    nothing_left(&server).await;
}

#[tokio::test]
async fn a_process_on_pipes_ends_when_its_viewer_leaves() {
    let server = Server::pipe(&["sh", "-c", "echo up; exec sleep 1000"]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.until_text(0, "up").await;
    assert_eq!(server.descendants().len(), 1);
    drop(viewer);
    nothing_left(&server).await;
}

#[tokio::test]
async fn a_terminal_goes_on_when_its_viewer_leaves() {
    let server = Server::shell("echo up; read line; echo got $line; exec sleep 1000").await;
    let mut viewer = Viewer::json(&server).await;
    viewer.until_text(0, "up").await;
    let id = viewer.id().await;
    drop(viewer);
    let line = async { while server.session(&id).await.json()["viewers"] != 0 {} };
    within("a viewer that left", line).await;
    let path = format!("/ws?session={id}&from=0");
    let mut again = Viewer::open(&server, Dialect::Json, &path).await;
    again.type_text("back\n").await;
    again.until_text(0, "got back").await;
}

#[tokio::test]
async fn output_that_outlives_the_process_is_still_its_output() {
    // The shell ends at once; what it left behind holds its output and goes on writing. (On a
    // terminal the kernel hangs up with the shell.)
    let line = "(while kill -0 $$; do :; done 2>/dev/null; echo late) & exit 5";
    let server = Server::pipe(&["bash", "-c", line]).await;
    let seen = Viewer::json(&server).await.rest().await;
    assert_eq!(seen.out.text(), "late\n", "{seen:#?}");
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 5})]);
}

#[tokio::test]
async fn sessions_leave_nothing_behind() {
    let soak = std::env::var_os("AWP_SOAK").is_some();
    let sessions = if soak { SOAK_SESSIONS } else { SESSIONS };
    let server = Server::start(&["--on-disconnect", "hangup"], &["sh", "-c", "echo hi"]).await;
    // The first ones make what is made once.
    round(&server, 0).await;
    let quiet = until("a quiet server", || Holdings::of(&server).quiet(usize::MAX)).await;
    let mut ids = BTreeSet::new();
    for number in 1..=sessions / ROUND {
        ids.extend(round(&server, number).await);
    }
    assert_eq!(ids.len(), sessions / ROUND * ROUND, "no id twice");
    let given_back = || Holdings::of(&server).quiet(quiet.descriptors);
    until("everything given back", given_back).await;
    let left = server.call("GET /api/v1/sessions", None).await;
    assert_eq!(left.json(), json!([]));
}

/// Sessions of one round: one of each kind of end.
const ROUND: usize = 3;

/// A terminal that ends by itself, pipes whose viewer leaves, a terminal that is ended.
async fn round(server: &Server, number: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut short = Viewer::json(server).await;
    ids.push(short.id().await);
    assert_eq!(short.rest().await.closed, Some(1000), "round {number}");

    let id = server
        .create(json!({"mode": "pipe", "command": ["cat"]}))
        .await;
    let path = format!("/ws?session={id}");
    let mut left = Viewer::open(server, Dialect::Raw, &path).await;
    left.type_text("x").await;
    left.until_text(0, "x").await;
    drop(left);
    ids.push(id);

    let id = server.create(json!({"command": ["sleep", "1000"]})).await;
    let answer = server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    assert_eq!(answer.status, 204, "round {number}: {answer:?}");
    ids.push(id);
    ids
}
