//! The programs under `examples`, each run by awp as its first lines say.

#[path = "dialects/client.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod client;
mod harness;

use std::path::{Path, PathBuf};
use std::process::Command;

use client::Client;
use harness::Server;
use harness::viewer::{Dialect, Viewer};
use tokio_tungstenite::tungstenite::Message;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

/// Builds an example with this compiler, and gives the program.
fn built(compiler: &[&str], name: &str, folder: &Path) -> PathBuf {
    let program = folder.join("program");
    let built = Command::new(compiler[0])
        .args(&compiler[1..])
        .arg("-o")
        .args([&program, &example(name)])
        .output()
        .expect("make packages installs it");
    let said = String::from_utf8_lossy(&built.stderr).into_owned();
    assert!(built.status.success(), "{name}: {said}");
    program
}

/// Has a program add up, a line at a time: each answer comes before the next question.
async fn adds_up(command: &[&str]) {
    let server = Server::start(&["--mode", "lines"], command).await;
    let mut client = Client::open(&server, None, "/ws").await;
    let questions = ["7", "-3", "apples", "38"];
    let mut answers = Vec::new();
    for (number, answer) in questions.into_iter().zip(["7", "4", "", "42"]) {
        client.text(number).await;
        if !answer.is_empty() {
            answers.push(Message::text(answer));
        }
        let count = answers.len();
        client
            .until("an answer", |heard| heard.len() >= count)
            .await;
    }
    assert_eq!(client.heard, answers, "{command:?}");
}

#[tokio::test]
async fn shell() {
    adds_up(&[example("sum/sum.sh").to_str().expect("text")]).await;
}

#[tokio::test]
async fn python() {
    adds_up(&["python3", example("sum/sum.py").to_str().expect("text")]).await;
}

#[tokio::test]
async fn perl() {
    adds_up(&["perl", example("sum/sum.pl").to_str().expect("text")]).await;
}

#[tokio::test]
async fn awk() {
    let file = example("sum/sum.awk");
    let file = file.to_str().expect("text");
    let is_mawk = std::fs::canonicalize("/usr/bin/awk").is_ok_and(|awk| awk.ends_with("mawk"));
    if is_mawk {
        adds_up(&["awk", "-W", "interactive", "-f", file]).await;
    } else {
        adds_up(&["awk", "-f", file]).await;
    }
}

#[tokio::test]
async fn c() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = built(&["cc", "-Wall", "-Werror"], "sum/sum.c", folder.path());
    adds_up(&[program.to_str().expect("text")]).await;
}

#[tokio::test]
async fn rust() {
    let folder = tempfile::tempdir().expect("a folder");
    let rustc = ["rustc", "--edition", "2024"];
    let program = built(&rustc, "sum/sum.rs", folder.path());
    adds_up(&[program.to_str().expect("text")]).await;
}

#[tokio::test]
async fn cobol_on_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let cobc = ["cobc", "-x", "-free"];
    let program = built(&cobc, "cobol/order.cob", folder.path());
    let server = Server::start(&[], &[program.to_str().expect("text")]).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws?cols=80&rows=24").await;
    viewer.until_text(0, "Quantity:").await;
    viewer.type_text("007\r").await;
    viewer.until_text(0, "Enter ends it.").await;
    let id = viewer.id().await;
    let screen = format!("GET /api/v1/sessions/{id}/screen?format=text");
    let screen = server.call(&screen, None).await.body;
    for shown in [
        "ORDER FORM",
        "Quantity:  007",
        "Price:     012",
        "Total:         84",
    ] {
        assert!(screen.contains(shown), "{shown}:\n{screen}");
    }
    viewer.type_text("\r").await;
    let seen = viewer.rest().await;
    assert_eq!(seen.closed, Some(1000));
}

#[test]
fn every_example_is_short() {
    for folder in ["sum", "cobol"] {
        let files = std::fs::read_dir(example(folder)).expect("a folder");
        for file in files {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("text");
            assert!(text.lines().count() < 30, "{}", path.display());
        }
    }
}
