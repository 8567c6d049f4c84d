//! What a terminal shows, asked for from outside.

mod harness;

use harness::http::Answer;
use harness::server::TOKEN;
use harness::{Dialect, Server, Viewer};
use serde_json::json;

/// Draws something with a colour, a title and a place for the cursor, and stays.
const DRAWING: &str =
    r"printf '\033]0;a title\007\033[?1049h\033[2;3H\033[31mred\033[m 接続\033[4;1H'; exec cat";

async fn get(server: &Server, path: &str) -> Answer {
    server.call(&format!("GET {path}"), None).await
}

/// A session that shows the drawing.
async fn drawn(server: &Server) -> String {
    let mut viewer = Viewer::json(server).await;
    let id = viewer.id().await;
    viewer.until_text(0, "接続").await;
    format!("/api/v1/sessions/{id}")
}

#[tokio::test]
async fn a_screen_is_told_as_text_with_colours_and_as_data() {
    let server = Server::start(&[], &["sh", "-c", DRAWING]).await;
    let session = drawn(&server).await;
    for path in ["/screen", "/screen?format=text", "/screen?process=1"] {
        let text = get(&server, &format!("{session}{path}")).await;
        assert_eq!(text.status, 200, "{text:?}");
        assert_eq!(text.body, "\n  red 接続\n");
    }
    let ansi = get(&server, &format!("{session}/screen?format=ansi")).await;
    assert!(ansi.body.contains("\x1b[0;31mred\x1b[m 接続"), "{ansi:?}");
    let screen = get(&server, &format!("{session}/screen?format=json")).await;
    let screen = screen.json();
    assert_eq!((&screen["cols"], &screen["rows"]), (&json!(80), &json!(24)));
    assert_eq!(screen["title"], "a title");
    assert_eq!(screen["modes"]["alternate"], true);
    assert_eq!(screen["cursor"]["row"], 3);
    let red = &screen["lines"][1]["cells"][2];
    assert_eq!(red["text"], "r");
    assert_eq!(red["style"]["foreground"], json!({"palette": 1}));
    assert_eq!(screen["lines"][1]["cells"][6]["width"], 2);
}

#[tokio::test]
async fn what_has_no_screen_says_so() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::json(&server).await;
    let session = format!("/api/v1/sessions/{}", viewer.id().await);
    for (path, status) in [
        ("/screen", 409),
        ("/thumbnail", 409),
        ("/screen?process=7", 404),
        ("/screen?format=png", 400),
    ] {
        let answer = get(&server, &format!("{session}{path}")).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_thumbnail_is_sent_once_until_something_is_written() {
    let server = Server::start(&[], &["sh", "-c", DRAWING]).await;
    let session = drawn(&server).await;
    let path = format!("GET {session}/thumbnail");
    let first = server.call(&path, None).await;
    assert_eq!(first.status, 200, "{first:?}");
    let digest = first.body.as_bytes();
    assert_eq!(digest[..3], [1, 80, 24]);
    assert_eq!(digest.len(), 8 + 80 * 24);
    // Row 1, column 2: a letter in red.
    assert_eq!(digest[8 + 80 + 2], 0x31);
    let tag = first.header("etag").expect("a tag");
    let known = format!("Authorization: Bearer {TOKEN}\r\nIf-None-Match: {tag}\r\n");
    let again = server.send(&path, &known, "").await;
    assert_eq!((again.status, again.body.len()), (304, 0));

    let id = session.rsplit('/').next().expect("an id");
    let place = format!("/ws?session={id}");
    let mut viewer = Viewer::open(&server, Dialect::Json, &place).await;
    viewer.type_text("more\r").await;
    viewer.until_text(0, "more").await;
    let changed = server.send(&path, &known, "").await;
    assert_eq!(changed.status, 200, "{changed:?}");
}
