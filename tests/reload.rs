//! SIGHUP: the file is read again, and a bad one leaves everything as it was.

mod harness;

use std::path::Path;

use harness::{Server, until};
use rustix::process::Signal;
use serde_json::json;

const GOOD: &str = "[app.old]\ncommand = [\"sh\", \"-c\", \"read a\"]\n";

async fn serving(file: &Path) -> Server {
    std::fs::write(file, GOOD).expect("written");
    let path = file.to_str().expect("text");
    Server::start(&["--config", path], &["cat"]).await
}

/// Has the server read this, or no file at all, and waits until it says that it did.
async fn reread(server: &Server, file: &Path, text: &str, said: &str) {
    let before = server.log().matches(said).count();
    if text.is_empty() {
        std::fs::remove_file(file).expect("it was there");
    } else {
        std::fs::write(file, text).expect("written");
    }
    server.signal(Signal::HUP);
    until(said, || {
        let log = server.log();
        let now = log.matches(said).count();
        (now > before).then_some(()).ok_or(log)
    })
    .await;
}

async fn starts(server: &Server, app: &str) -> u16 {
    let body = json!({ "app": app });
    let answer = server.call("POST /api/v1/sessions", Some(body)).await;
    answer.status
}

#[tokio::test]
async fn a_bad_file_leaves_the_old_one_in_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    let server = serving(&file).await;
    assert_eq!(starts(&server, "old").await, 201);
    for bad in [
        "[app.new]\ncommand = [\"true\"]\n[app.worse]\ncomand = [\"true\"]\n",
        "[app.new]\ncommand = [\"no-such-program\"]\n",
        "[app",
        "",
    ] {
        reread(&server, &file, bad, "stays as it was").await;
        assert_eq!(starts(&server, "old").await, 201, "{bad}");
        assert_eq!(starts(&server, "new").await, 400, "{bad}");
    }
    let good = GOOD.replace("old", "new");
    reread(&server, &file, &good, "configuration read again").await;
    assert_eq!(starts(&server, "new").await, 201);
    assert_eq!(starts(&server, "old").await, 400);
}

#[tokio::test]
async fn what_a_restart_is_needed_for_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    let server = serving(&file).await;
    let socket = folder.path().join("old.sock").display().to_string();
    let with_socket = format!("{GOOD}socket = \"unix:{socket}\"\n");
    let told = "socket of app \"old\" has changed, which needs a restart";
    reread(&server, &file, &with_socket, told).await;
    let plain = format!("[server]\nplain_listen = [\"127.0.0.1:0\"]\n{GOOD}");
    reread(&server, &file, &plain, "plain_listen has changed").await;
    let warned = server.log().matches("needs a restart").count();
    // What the first time would be warned of is said before the second.
    reread(&server, &file, GOOD, "configuration read again").await;
    reread(&server, &file, GOOD, "configuration read again").await;
    assert_eq!(server.log().matches("needs a restart").count(), warned);
}
