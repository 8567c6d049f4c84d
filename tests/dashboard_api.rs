//! What the page's overview asks for: the apps, and the list of sessions again and again.

mod harness;

use harness::Server;
use harness::server::TOKEN;
use serde_json::json;

#[tokio::test]
async fn the_apps_are_told_to_who_may_use_them() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("awp.toml");
    let text = "[app.aaa]\ncommand = [\"cat\", \"-u\"]\nmode = \"pipe\"\n";
    std::fs::write(&file, text).expect("written");
    let file = file.to_str().expect("text");
    let server = Server::start(&["--config", file], &["sleep", "1000"]).await;
    let answer = server.call("GET /api/v1/apps", None).await;
    let expected = json!([
        {"name": "default", "mode": "pty", "command": ["sleep", "1000"]},
        {"name": "aaa", "mode": "pipe", "command": ["cat", "-u"]},
    ]);
    assert_eq!((answer.status, answer.json()), (200, expected));
    let stranger = server.send("GET /api/v1/apps", "", "").await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn an_unchanged_list_of_sessions_is_sent_once() {
    let server = Server::start(&[], &["sleep", "1000"]).await;
    let id = server.create(json!({})).await;
    let ask = async |known: &str| {
        let headers = format!("Authorization: Bearer {TOKEN}\r\nIf-None-Match: {known}\r\n");
        server.send("GET /api/v1/sessions", &headers, "").await
    };
    let first = ask("\"never\"").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = ask(&tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let other = server.create(json!({"name": "other"})).await;
    let changed = ask(&tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    let listed = changed.json();
    let listed = listed.as_array().expect("a list");
    let ids: Vec<_> = listed.iter().map(|session| session["id"].clone()).collect();
    assert_eq!(ids, [json!(id), json!(other)]);
}

#[tokio::test]
async fn below_a_path_the_page_is_where_it_is_said_to_be() {
    let server = Server::start(&["--base-path", "/a/b"], &["sleep", "1000"]).await;
    for path in ["/a/b/", "/a/b/s/s-0123456789", "/a/b/healthz"] {
        let answer = server.send(&format!("GET {path}"), "", "").await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
    let bare = server.send("GET /a/b", "", "").await;
    assert_eq!((bare.status, bare.header("location")), (308, Some("/a/b/")));
    for path in ["/", "/a", "/a/b/nothing", "/a/bc"] {
        let answer = server.send(&format!("GET {path}"), "", "").await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
    }
    let inside = server.call("GET /a/b/api/v1/apps", None).await;
    assert_eq!(inside.status, 200, "{inside:?}");
    assert_eq!(server.call("GET /a/b/nothing", None).await.status, 404);
}
