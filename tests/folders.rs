//! `--dir` and `--static`: a folder of programs, and a folder of files.

#[path = "dialects/client.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod client;
mod harness;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use client::Client;
use harness::http::Answer;
use harness::server::TOKEN;
use harness::{Server, until};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;

fn place(folder: &Path, name: &str, text: &str, mode: u32) {
    let file = folder.join(name);
    fs::write(&file, text).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
}

#[tokio::test]
async fn each_program_of_a_folder_is_an_app() {
    let folder = tempfile::tempdir().expect("a folder");
    place(
        folder.path(),
        "echo.sh",
        "#!/bin/sh\nread a; echo \"<$a>\"\n",
        0o755,
    );
    place(folder.path(), "data.txt", "x", 0o644);
    fs::create_dir(folder.path().join("sub")).expect("made");
    place(
        &folder.path().join("sub"),
        "deep",
        "#!/bin/sh\necho\n",
        0o755,
    );
    let path = folder.path().to_str().expect("text");
    let server = Server::start(&["--dir", path], &["cat"]).await;
    let mut client = Client::open(&server, None, "/ws/echo.sh").await;
    client.text("hello").await;
    assert_eq!(client.close().await, Some(1000));
    assert_eq!(client.heard, [Message::text("<hello>")]);
    let starts = |app: &str| {
        let body = json!({ "app": app });
        let call = server.call("POST /api/v1/sessions", Some(body));
        async { call.await.status }
    };
    for app in ["data.txt", "sub/deep", "sub", "../echo.sh", "later"] {
        assert_eq!(starts(app).await, 400, "{app}");
    }
    // What comes later is there once the configuration is read again.
    place(folder.path(), "later", "#!/bin/sh\nread a\n", 0o755);
    server.signal(Signal::HUP);
    until("the new program", || {
        let log = server.log();
        let again = log.contains("configuration read again");
        again.then_some(()).ok_or(log)
    })
    .await;
    assert_eq!(starts("later").await, 201);
}

/// As apps of the file: each folder under its name, programs with what is said of their app.
#[tokio::test]
async fn folders_are_apps_of_the_configuration() {
    let home = tempfile::tempdir().expect("a folder");
    let (tools, site) = (home.path().join("tools"), home.path().join("site"));
    fs::create_dir(&tools).expect("made");
    fs::create_dir(&site).expect("made");
    let script = "#!/bin/sh\nread a; echo \"$GREETING $a\"\n";
    place(&tools, "greet.sh", script, 0o755);
    place(&site, "index.html", "<h1>site</h1>", 0o644);
    let config = home.path().join("awp.toml");
    let text = format!(
        "[app.tools]\ndir = {tools:?}\nenv = {{ GREETING = \"hi\" }}\n\
         [app.few]\ndir = {tools:?}\nlimits = {{ sessions = 1 }}\n\
         [app.docs]\nstatic = {site:?}\n"
    );
    fs::write(&config, text).expect("written");
    let config = config.to_str().expect("text");
    let server = Server::start(&["--config", config], &["cat"]).await;
    let app = json!({"app": "few/greet.sh"});
    server.create(app.clone()).await;
    let second = server.call("POST /api/v1/sessions", Some(app)).await;
    assert_eq!(second.status, 429, "its limit holds: {second:?}");
    let mut client = Client::open(&server, None, "/ws/tools/greet.sh").await;
    client.text("you").await;
    assert_eq!(client.close().await, Some(1000));
    assert_eq!(client.heard, [Message::text("hi you")]);
    let page = get(&server, "/static/docs/").await;
    assert_eq!((page.status, page.body.as_str()), (200, "<h1>site</h1>"));
    let bare = get(&server, "/static/docs").await;
    assert_eq!(
        (bare.status, bare.header("location")),
        (308, Some("./docs/"))
    );
    for none in ["/static/", "/static/index.html", "/static/tools/greet.sh"] {
        assert_eq!(get(&server, none).await.status, 404, "{none}");
    }
}

/// A server of files: some that may be read, and everything that may not.
async fn serving() -> (Server, TempDir) {
    let home = tempfile::tempdir().expect("a folder");
    let www = home.path().join("www");
    fs::create_dir_all(www.join("sub/.git")).expect("made");
    place(&www, "index.html", "<h1>all</h1>", 0o644);
    place(&www, "a b.txt", "text", 0o644);
    place(&www, "run.js", "alert(1)", 0o644);
    place(&www, ".env", "secret", 0o644);
    place(&www, "sub/index.html", "<h1>sub</h1>", 0o644);
    place(&www, "sub/.git/config", "secret", 0o644);
    place(&www, "large.bin", &"x".repeat(300_000), 0o644);
    place(home.path(), "outside", "secret", 0o644);
    symlink(home.path().join("outside"), www.join("link")).expect("made");
    symlink(home.path(), www.join("up")).expect("made");
    let path = www.to_str().expect("text").to_owned();
    let server = Server::start(&["--static", &path], &["cat"]).await;
    (server, home)
}

async fn get(server: &Server, path: &str) -> Answer {
    server.call(&format!("GET {path}"), None).await
}

#[tokio::test]
async fn files_are_read_with_their_kind_and_without_authority() {
    let (server, _home) = serving().await;
    for (path, kind, body) in [
        ("/static/", "text/html; charset=utf-8", "<h1>all</h1>"),
        (
            "/static/index.html",
            "text/html; charset=utf-8",
            "<h1>all</h1>",
        ),
        ("/static/sub/", "text/html; charset=utf-8", "<h1>sub</h1>"),
        ("/static/a%20b.txt", "text/plain; charset=utf-8", "text"),
        (
            "/static/run.js",
            "text/javascript; charset=utf-8",
            "alert(1)",
        ),
    ] {
        let answer = get(&server, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, body), "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            policy.contains("sandbox") && !policy.contains("script"),
            "{policy}"
        );
    }
    let large = get(&server, "/static/large.bin").await;
    assert_eq!(large.body.len(), 300_000);
    assert_eq!(large.header("content-length"), Some("300000"));
    assert_eq!(
        large.header("content-type"),
        Some("application/octet-stream")
    );
    let tag = large.header("etag").expect("a tag");
    let known = format!("Authorization: Bearer {TOKEN}\r\nIf-None-Match: {tag}\r\n");
    let again = server.send("GET /static/large.bin", &known, "").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let part = |range: &'static str| {
        let headers = format!("Authorization: Bearer {TOKEN}\r\nRange: {range}\r\n");
        let server = &server;
        async move { server.send("GET /static/large.bin", &headers, "").await }
    };
    let some = part("bytes=299990-").await;
    assert_eq!((some.status, some.body.as_str()), (206, "xxxxxxxxxx"));
    assert_eq!(
        some.header("content-range"),
        Some("bytes 299990-299999/300000")
    );
    let beyond = part("bytes=300000-").await;
    assert_eq!((beyond.status, beyond.error().as_str()), (416, "bad_range"));
    assert_eq!(beyond.header("content-range"), Some("bytes */300000"));
    let head = server.call("HEAD /static/large.bin", None).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let folder = get(&server, "/static/sub").await;
    assert_eq!(folder.status, 308);
    assert_eq!(folder.header("location"), Some("./sub/"));
}

#[tokio::test]
async fn nothing_outside_hidden_or_linked_is_read() {
    let (server, _home) = serving().await;
    for path in [
        "/static/../outside",
        "/static/%2e%2e/outside",
        "/static/..%2foutside",
        "/static/%2e%2e%2foutside",
        "/static/%252e%252e/outside",
        "/static/sub/../../outside",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/.env",
        "/static/%2eenv",
        "/static/sub/.git/config",
        "/static/link",
        "/static/up/outside",
        "/static/up/",
        "/static/a%20b.txt/",
        "/static/a%20b.txt%00.png",
        "/static/gone",
        "/static/..\\outside",
    ] {
        let answer = get(&server, path).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("secret"), "{path}");
    }
}

#[tokio::test]
async fn files_are_for_who_is_logged_in_and_for_no_other_page() {
    let (server, _home) = serving().await;
    let asked = |headers: String| {
        let server = &server;
        async move { server.send("GET /static/run.js", &headers, "").await }
    };
    assert_eq!(asked(String::new()).await.status, 401);
    let body = json!({ "token": TOKEN }).to_string();
    let json = "Content-Type: application/json\r\n";
    let login = server.send("POST /api/v1/login", json, &body).await;
    let cookie = login.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("its value");
    let cookie = format!("Cookie: {cookie}\r\n");
    // As a person opens it: the cookie alone.
    assert_eq!(asked(cookie.clone()).await.status, 200);
    for (header, status) in [
        ("Sec-Fetch-Dest: image", 200),
        ("Sec-Fetch-Dest: document", 200),
        ("Sec-Fetch-Dest: script", 403),
        ("Sec-Fetch-Dest: serviceworker", 403),
        ("Sec-Fetch-Dest: worker", 403),
        ("Sec-Fetch-Dest: iframe", 403),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Origin: https://elsewhere.example", 403),
    ] {
        let answer = asked(format!("{cookie}{header}\r\n")).await;
        assert_eq!(answer.status, status, "{header}");
    }
    let posted = server.call("POST /static/run.js", Some(json!({}))).await;
    assert_eq!(posted.status, 405);
}
