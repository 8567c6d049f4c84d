//! The command line inside a session, against the real server: each method of the control socket is
//! a verb.

mod harness;

use std::path::Path;
use std::process::Output;

use harness::slot::socket_of;
use harness::{Server, Viewer, within};
use serde_json::{Value, json};
use tokio::process::Command;

/// A server and a session of it whose process waits.
async fn session() -> (Server, String) {
    let server = Server::start(&[], &["cat"]).await;
    let id = server.create(json!({})).await;
    (server, id)
}

/// Runs `awp` as a program of a session would.
async fn awp(socket: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
    command.env_clear().args(arguments).kill_on_drop(true);
    if let Some(socket) = socket {
        command.env("AWP_SOCKET", socket);
    }
    within(format!("awp {arguments:?}"), command.output())
        .await
        .expect("awp runs")
}

/// What it prints where it must succeed.
async fn printed(socket: &Path, arguments: &[&str]) -> String {
    let output = awp(Some(socket), arguments).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim_end()
        .to_owned()
}

/// The newest notice that a viewer was told.
fn notices(seen: &harness::seen::Seen) -> Vec<Value> {
    let told = seen.all("notice").into_iter();
    told.map(|told| told["notice"].clone()).collect()
}

#[tokio::test]
async fn the_command_line_wraps_every_method() {
    let (server, id) = session().await;
    let mut viewer = Viewer::noticing(&server, &format!("/ws?session={id}")).await;
    viewer
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    let socket = socket_of(&server, &id, 1).await;
    let run = |arguments: &'static [&'static str]| printed(&socket, arguments);
    let info: Value = serde_json::from_str(&run(&["session", "info"]).await).expect("JSON");
    assert_eq!(info["session"], json!(id));
    assert_eq!(run(&["session", "info", "user"]).await, "owner");
    assert_eq!(run(&["var", "set", "step", "007"]).await, "");
    assert_eq!(run(&["var", "get", "step"]).await, "007");
    run(&["var", "set", "--json", "list", "[1, 2]"]).await;
    assert_eq!(run(&["var", "get", "list"]).await, "[1,2]");
    assert_eq!(run(&["var", "list"]).await, "list\nstep");
    run(&["var", "unset", "step"]).await;
    assert_eq!(
        awp(Some(&socket), &["var", "get", "step"])
            .await
            .status
            .code(),
        Some(1)
    );
    for verb in [
        &["notify", "done", "--title", "make"] as &[&str],
        &["progress", "50", "--text", "half"],
        &["open", "https://example.org/"],
        &["clip", "copied"],
        &["title", "busy"],
        &["log", "said by the command line", "--level", "error"],
    ] {
        assert_eq!(printed(&socket, verb).await, "", "{verb:?}");
    }
    let told = |seen: &harness::seen::Seen| notices(seen).len() == 5;
    viewer.until("five notices", told).await;
    assert!(server.log().contains("said by the command line"));
    assert_eq!(
        run(&["proc", "spawn", "--mode", "pipe", "--", "cat"]).await,
        "2"
    );
    assert_eq!(
        run(&["proc", "list"]).await,
        "1\tpty\trunning\tbusy\n2\tpipe\trunning\tcat"
    );
    run(&["proc", "signal", "2", "KILL"]).await;
    viewer
        .until("its end", |seen| !seen.all("exit").is_empty())
        .await;
    let validity: Value = serde_json::from_str(&run(&["session", "validate"]).await).expect("JSON");
    assert_eq!(validity["active"], true);
    assert!(run(&["session", "token"]).await.starts_with(&id));
    let refused = awp(Some(&socket), &["session", "grant", "--subject", "root"]).await;
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    run(&["session", "logout"]).await;
    viewer.until("the end", |seen| seen.over).await;
    assert_no_session(&awp(Some(&socket), &["session", "info"]).await);
}

fn assert_no_session(output: &Output) {
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(output.stdout.is_empty());
    let line = String::from_utf8_lossy(&output.stderr);
    assert!(
        line.starts_with("awp: ") && line.contains("no session here"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[tokio::test]
async fn outside_of_a_session_every_verb_says_so_in_one_line() {
    for verb in [
        &["session", "info"] as &[&str],
        &["session", "token"],
        &["session", "grant", "--subject", "x"],
        &["session", "deny"],
        &["var", "get", "x"],
        &["notify", "x"],
        &["progress"],
        &["log", "x"],
        &["title", "x"],
        &["open", "https://example.org/"],
        &["clip", "x"],
        &["proc", "list"],
    ] {
        assert_no_session(&awp(None, verb).await);
        assert_no_session(&awp(Some(Path::new("/no/such/socket")), verb).await);
    }
}
