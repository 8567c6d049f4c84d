//! Logs and screens that would take more memory than they may.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::harness::child::first_process;
use super::harness::server::{TOKEN, awp};
use super::harness::viewer::connect;
use super::harness::{Dialect, Server, Viewer, proc, until, within};
use super::{MIB, PATIENT, size};

/// What the server is given, in bytes; also as its option.
const LIMIT: u64 = 24 * MIB;
const OPTION: [&str; 2] = ["--memory", "24M"];

/// What is not counted: what is read at once by each screen that follows its log (at most a log each,
/// on as many threads as there are cores), messages on their way, and what the allocator keeps.
const UNCOUNTED: u64 = 48 * MIB;

/// Sessions that write without end. Uncapped their logs and screens would take 150 MiB.
const FLOODS: usize = 30;

/// 30 sessions without a viewer that write without end, 4 MiB each in the gate, 256 MiB in full, and
/// beside them one viewer that reads and one that does not.
#[tokio::test]
async fn many_floods_take_no_more_than_they_may_and_all_go_on() {
    let options = [&OPTION[..], &PATIENT].concat();
    let server = Server::start(&options, &["yes", "a line of a flood"]).await;
    let before = proc::proportional(server.pid());
    let mut writers = Vec::new();
    for _ in 0..FLOODS {
        let id = server.create(json!({})).await;
        writers.push(first_process(&server, &id).await);
    }
    let mut live = Viewer::open(&server, Dialect::V1, "/ws").await;
    let id = live.id().await;
    let path = format!("/ws?session={id}");
    let mut frozen = Viewer::open(&server, Dialect::V1, &path).await;
    frozen
        .until("a snapshot", |seen| !seen.all("snapshot").is_empty())
        .await;
    let mut peak = 0;
    let each = size(4 * MIB, 256 * MIB);
    let mut reached = 0;
    while reached < each {
        reached += MIB;
        let flooded = until("that much from everyone", || {
            peak = peak.max(proc::proportional(server.pid()));
            let least = writers.iter().map(|pid| proc::written(*pid)).min();
            let least = least.expect("there are some");
            (least >= reached).then_some(()).ok_or(least.to_string())
        });
        let read = live.drain(live.seen.out.end() + MIB);
        tokio::join!(flooded, read);
    }
    let grown = peak.saturating_sub(before);
    println!("memory: {grown} bytes more than before at most, {LIMIT} allowed");
    assert!(grown < LIMIT + UNCOUNTED, "{grown} bytes");
    assert!(server.log().contains("above the mark"), "{}", server.log());
    // Who did not read meanwhile is brought to live.
    let now = live.seen.out.end();
    frozen
        .until("live again", |seen| seen.out.end() >= now)
        .await;
}

async fn refused(server: &Server, line: &str, body: Value) {
    let answer = server.call(line, Some(body)).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (503, "over_memory"),
        "{line}: {answer:?}"
    );
}

/// Pipes without a viewer keep all that they have written, so in the end nothing can be given back:
/// as many as it takes, in the gate as in full.
#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_nothing_of_what_is_kept_is_lost() {
    /// With 64 KiB each, more than this many cannot be.
    const MOST: u64 = LIMIT / (64 * 1024);
    let options = [
        &OPTION[..],
        &["--on-disconnect", "keep", "--max-sessions", "1000"],
    ]
    .concat();
    let server = Server::start(&options, &["seq", "1000000000"]).await;
    let other = server
        .create(json!({"mode": "pipe", "command": ["cat"]}))
        .await;
    let mut sessions: Vec<String> = Vec::new();
    let full = async {
        loop {
            let create = Some(json!({"mode": "pipe"}));
            let answer = server.call("POST /api/v1/sessions", create).await;
            if answer.status != 201 {
                return answer;
            }
            sessions.push(answer.json()["id"].as_str().expect("an id").to_owned());
        }
    };
    let answer = within("no more room", full).await;
    assert_eq!(answer.error(), "over_memory", "{answer:?}");
    let count = sessions.len() as u64;
    println!("memory: {count} sessions of pipes before the first refusal");
    assert!(
        (LIMIT / MIB / 2..=MOST).contains(&count),
        "{count} sessions"
    );
    let more = format!("POST /api/v1/sessions/{other}/processes");
    refused(&server, &more, json!({})).await;
    let bearer = format!("Bearer {TOKEN}");
    let socket = connect(&server, "/ws", &[("authorization", &bearer)]).await;
    assert_eq!(socket.expect_err("refused").status(), 503);
    command_line_is_refused(&server).await;

    // Nobody was disturbed, and everything written is there from the first byte on.
    let path = format!("/ws?session={other}");
    let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
    viewer.type_text("undisturbed\n").await;
    viewer.until_text(0, "undisturbed\n").await;
    let mut expected = String::new();
    for number in 1..200_000 {
        expected.push_str(&number.to_string());
        expected.push('\n');
    }
    for id in [&sessions[0], &sessions[sessions.len() - 1]] {
        let path = format!("/ws?session={id}");
        let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
        let length = expected.len() as u64;
        viewer
            .until("its output", |seen| seen.out.end() >= length)
            .await;
        assert_eq!(viewer.seen.out.base, 0);
        assert!(viewer.seen.out.bytes.starts_with(expected.as_bytes()));
    }

    let endings = sessions.iter().map(|id| {
        let line = format!("DELETE /api/v1/sessions/{id}");
        let server = &server;
        async move { server.call(&line, None).await.status }
    });
    assert!(join_all(endings).await.iter().all(|status| *status == 204));
    let again = async {
        while server
            .call("POST /api/v1/sessions", Some(json!({"mode": "pipe"})))
            .await
            .status
            != 201
        {}
    };
    within("room again", again).await;
}

async fn command_line_is_refused(server: &Server) {
    let url = format!("http://{}", server.address);
    let home = tempfile::tempdir().expect("a folder");
    let token = server.home.path().join("token");
    let token = token.to_str().expect("text");
    let arguments = ["new", "--detach", "--server", &url, "--token-file", token];
    let mut command = awp(&home, &arguments, &[]);
    let output = command.stderr(std::process::Stdio::piped()).output();
    let output = within("a refusal", output).await.expect("awp starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("awp: ") && said.contains("--memory"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
