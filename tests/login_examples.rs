//! The examples of the control socket, as they stand in the tree: two logins, an application, and a
//! client in each of four languages.

mod harness;

use std::path::Path;

use harness::slot::socket_of;
use harness::{Dialect, Server, Viewer, within};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A server whose app greets whom this login program lets in; `user` is the line of its users.
async fn server(login: &str, user: &str) -> (Server, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let users = folder.path().join("users");
    std::fs::write(&users, format!("{user}\n")).expect("written");
    let file = folder.path().join("awp.toml");
    let users = users.display();
    let config = format!(
        "[app.greet]\ncommand = ['{ROOT}/examples/login/greet.py']\nlogin = 'password'\n\
         [login.password]\ncommand = ['{ROOT}/examples/login/{login}']\nenv = {{ USERS = '{users}' }}\n"
    );
    std::fs::write(&file, config).expect("written");
    let binaries = Path::new(env!("CARGO_BIN_EXE_awp"))
        .parent()
        .expect("a folder");
    let path = format!(
        "{}:{}",
        binaries.display(),
        std::env::var("PATH").expect("a path")
    );
    let file = file.to_str().expect("UTF-8");
    let environment = [("PATH", path.as_str())];
    let server = Server::with_environment(&["--config", file], &["cat"], &environment).await;
    (server, folder)
}

async fn hashed(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = within(program.to_owned(), output).await.expect("it runs");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

async fn logs_in(login: &str, user: String) {
    let (server, _folder) = server(login, &user).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws/greet").await;
    viewer.until_text(0, "User: ").await;
    viewer.type_text("alice\n").await;
    let asked = viewer.until_text(0, "Password: ").await;
    viewer.type_text("wrong\n").await;
    let again = viewer.until_text(asked, "Unknown user or password.").await;
    let again = viewer.until_text(again, "User: ").await;
    viewer.type_text("alice\n").await;
    viewer.until_text(again, "Password: ").await;
    viewer.type_text("correct horse\n").await;
    viewer
        .until("the application", |seen| {
            seen.out.contains("Good day, alice.")
        })
        .await;
    let told = viewer.seen.all("login")[0];
    assert_eq!(told["subject"], "alice");
    viewer.type_text("hello\n").await;
    viewer.until_text(0, "alice said: hello").await;
    assert!(!format!("{:?}", viewer.seen).contains("correct horse"));
    assert!(!server.log().contains("correct horse"));
}

#[tokio::test]
async fn a_login_in_twenty_lines_of_shell() {
    let hash = hashed(
        "openssl",
        &["passwd", "-6", "-salt", "salted", "correct horse"],
    )
    .await;
    logs_in("login.sh", format!("alice:{hash}")).await;
}

#[tokio::test]
async fn the_same_in_python() {
    let script =
        "import hashlib;print(hashlib.scrypt(b'correct horse',salt=b'salt',n=2**14,r=8,p=1).hex())";
    let hash = hashed("python3", &["-c", script]).await;
    logs_in("login.py", format!("alice:73616c74:{hash}")).await;
}

#[tokio::test]
async fn a_client_in_each_of_four_languages() {
    let server = Server::start(&[], &["cat"]).await;
    let id = server.create(json!({})).await;
    let socket = socket_of(&server, &id, 1).await;
    for (language, file) in [
        ("python3", "client.py"),
        ("node", "client.mjs"),
        ("perl", "client.pl"),
        ("sh", "client.sh"),
    ] {
        let mut command = Command::new(language);
        command.arg(format!("{ROOT}/examples/clients/{file}"));
        command.env("AWP_SOCKET", &socket).kill_on_drop(true);
        let output = within(file, command.output()).await.expect("it runs");
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{file}: {error}: {output:?}"));
        assert_eq!(answer["result"]["session"], json!(id), "{file}");
        let lines = std::fs::read_to_string(format!("{ROOT}/examples/clients/{file}"));
        assert!(lines.expect("a file").lines().count() <= 3, "{file}");
    }
}
