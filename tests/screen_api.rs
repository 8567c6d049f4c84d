//! What a terminal shows, asked for from outside.

mod harness;

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use harness::http::Answer;
use harness::server::TOKEN;
use harness::{Dialect, Server, Viewer, within};
use serde_json::{Value, json};
use tokio::time::interval;

/// How often what a terminal shows is asked for.
const LOOK: Duration = Duration::from_millis(20);

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
    let cursor = json!({"x": 0, "y": 3, "visible": true, "style": 0});
    assert_eq!(screen["cursor"], cursor);
    let expected = json!([
        {"text": "  ", "columns": 2},
        {"text": "red", "columns": 3, "fg": 1},
        {"text": " ", "columns": 1},
        {"text": "接続", "columns": 4},
    ]);
    assert_eq!(screen["lines"][1]["runs"], expected);
}

#[tokio::test]
async fn what_has_no_screen_says_so() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::json(&server).await;
    let session = format!("/api/v1/sessions/{}", viewer.id().await);
    for (path, status) in [
        ("/screen?format=ansi", 409),
        ("/screen?format=json", 409),
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
    let changed = async {
        let mut ticks = interval(LOOK);
        while server.send(&path, &known, "").await.status == 304 {
            ticks.tick().await;
        }
        server.send(&path, &known, "").await
    };
    let changed = within("another thumbnail", changed).await;
    assert_eq!(changed.status, 200, "{changed:?}");
}

/// Asks until the answer is as wanted.
async fn shows(server: &Server, path: &str, is_so: impl Fn(&str) -> bool) -> String {
    let line = format!("GET {path}");
    let looking = async {
        let mut ticks = interval(LOOK);
        loop {
            ticks.tick().await;
            let answer = server.call(&line, None).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            if is_so(&answer.body) {
                return answer.body;
            }
        }
    };
    within(format!("{path} as wanted"), looking).await
}

async fn type_text(server: &Server, path: &str, text: &str) {
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let line = format!("POST {path}/input");
    assert_eq!(server.send(&line, &bearer, text).await.status, 204);
}

async fn server() -> Server {
    Server::start(&[], &["sleep", "1000"]).await
}

/// A session that runs this, on 40 columns and 10 rows.
async fn session(server: &Server, command: &[&str]) -> String {
    let body =
        json!({"command": command, "cols": 40, "rows": 10, "env": {"TERM": "xterm-256color"}});
    let id = server.create(body).await;
    format!("/api/v1/sessions/{id}")
}

/// An editor with thirty numbered lines; gives its session's path when it shows them.
async fn editor(server: &Server) -> String {
    let file = server.home.path().join("poem.txt");
    let mut text = String::new();
    for line in 1..=30 {
        writeln!(text, "line {line} 漢字").expect("a string grows");
    }
    std::fs::write(&file, text).expect("written");
    let file = file.to_str().expect("a plain path");
    let set = "+set nocp nu ls=2 stl=status enc=utf-8 bg=dark | syntax off | hi LineNr ctermfg=5";
    let command = ["vim", "-u", "NONE", "-i", "NONE", "-n", set, file];
    let path = session(server, &command).await;
    shows(server, &format!("{path}/screen"), |text| {
        text.contains("  8 line 8 漢字\nstatus\n")
    })
    .await;
    path
}

#[tokio::test]
async fn an_editor_is_shown_as_text_and_in_colour() {
    let server = server().await;
    let screen = format!("{}/screen", editor(&server).await);
    let text = server
        .call(&format!("GET {screen}?format=text"), None)
        .await;
    assert_eq!(
        text.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let start = "  1 line 1 漢字\n  2 line 2 漢字\n";
    assert!(text.body.starts_with(start), "{text:?}");
    assert!(text.body.lines().all(|line| line == line.trim_end()));

    let ansi = server
        .call(&format!("GET {screen}?format=ansi"), None)
        .await;
    let start = "\x1b[0;35m  1 \x1b[mline 1 漢字\n";
    assert!(ansi.body.starts_with(start), "{ansi:?}");
    // Colours change no text, and nothing but colours is in it.
    let mut parts = ansi.body.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (codes, text) = part.split_once('m').expect("a colour");
        let known = b"0123456789;:";
        assert!(codes.bytes().all(|byte| known.contains(&byte)), "{codes:?}");
        plain.push_str(text);
    }
    let plain: Vec<&str> = plain.lines().map(str::trim_end).collect();
    assert_eq!(plain, text.body.lines().collect::<Vec<_>>());
}

#[tokio::test]
async fn an_editor_is_shown_as_a_document() {
    let server = server().await;
    let path = editor(&server).await;
    let screen = format!("{path}/screen?format=json");
    let answer = server.call(&format!("GET {screen}"), None).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.json();
    let size = (&document["cols"], &document["rows"]);
    assert_eq!(size, (&json!(40), &json!(10)));
    assert_eq!(document["modes"]["alternate"], true);
    assert_eq!(document["cursor"]["x"], 4);
    assert_eq!(document["cursor"]["y"], 0);
    assert_eq!(document["cursor"]["visible"], true);
    let lines = document["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 10);
    let first = json!([
        {"text": "  1 ", "columns": 4, "fg": 5},
        {"text": "line 1 ", "columns": 7},
        {"text": "漢字", "columns": 4},
    ]);
    assert_eq!(lines[0]["runs"], first);
    type_text(&server, &path, "jjll").await;
    let moved = |text: &str| {
        let document: Value = serde_json::from_str(text).expect("JSON");
        document["cursor"]["x"] == 6 && document["cursor"]["y"] == 2
    };
    shows(&server, &screen, moved).await;
}

#[tokio::test]
async fn lines_above_are_shown_where_they_are_asked_for() {
    let server = server().await;
    let path = session(&server, &["sh", "-c", "seq 1 300; exec cat"]).await;
    let screen = format!("{path}/screen");
    let shown = shows(&server, &screen, |text| text.ends_with("300\n")).await;
    assert_eq!(shown.lines().next(), Some("292"));
    let more = shows(&server, &format!("{screen}?lines=20"), |_| true).await;
    assert_eq!(more.lines().next(), Some("272"));
    let most = shows(&server, &format!("{screen}?lines=99999"), |_| true).await;
    assert_eq!(most.lines().next(), Some("92"), "200 lines at most");
    let document = shows(&server, &format!("{screen}?lines=20&format=json"), |_| true).await;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["lines"].as_array().map(Vec::len), Some(30));
    assert_eq!(document["rows"], 10);
    assert_eq!(
        shows(&server, &screen, |_| true).await,
        shown,
        "looking changes nothing"
    );
}

#[tokio::test]
async fn a_process_without_a_terminal_shows_its_newest_output() {
    let server = server().await;
    let script = "printf 'a\\tb\\033[31mc\\r\\n'; seq 1 20000; exec cat";
    let body = json!({"command": ["sh", "-c", script], "mode": "pipe"});
    let path = format!("/api/v1/sessions/{}", server.create(body).await);
    let screen = format!("{path}/screen");
    let shown = shows(&server, &screen, |text| text.ends_with("\n20000\n")).await;
    let lines: Vec<u32> = shown
        .lines()
        .map(|line| line.parse().expect("a whole line"))
        .collect();
    assert!(lines.is_sorted() && lines.len() > 9000 && shown.len() <= 64 * 1024);
    let body = json!({"command": ["printf", "a\\tb\\033[31mc\\r\\n"], "mode": "pipe"});
    let short = format!("/api/v1/sessions/{}", server.create(body).await);
    let short = shows(&server, &format!("{short}/screen"), |text| {
        text.ends_with('\n')
    })
    .await;
    assert_eq!(short, "a\tb\u{fffd}[31mc\u{fffd}\n");
    for format in ["ansi", "json"] {
        let refused = server
            .call(&format!("GET {screen}?format={format}"), None)
            .await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (409, "conflict")
        );
    }
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused() {
    let server = server().await;
    let path = session(&server, &["cat"]).await;
    for (rest, status) in [
        ("screen?format=xml", 400),
        ("screen?format=", 400),
        ("screen?process=0", 404),
        ("screen?process=2", 404),
        ("screen?process=x", 400),
        ("screen?lines=-1", 400),
        ("thumbnail?process=2", 404),
        ("thumbnail?process=x", 400),
    ] {
        let answer = server.call(&format!("GET {path}/{rest}"), None).await;
        assert_eq!(answer.status, status, "{rest}: {answer:?}");
        answer.error();
    }
    let bad = server
        .call(&format!("GET {path}/screen?format=xml"), None)
        .await;
    assert!(bad.body.contains("text, ansi, json"), "{bad:?}");
    for rest in ["screen", "thumbnail"] {
        let stranger = server.send(&format!("GET {path}/{rest}"), "", "").await;
        assert_eq!(stranger.status, 401, "{rest}");
        let nowhere = server
            .call(&format!("GET /api/v1/sessions/nosuch/{rest}"), None)
            .await;
        assert_eq!(nowhere.status, 404, "{rest}");
    }
}

#[tokio::test]
async fn the_command_line_prints_it() {
    let script = "printf '\\033[32mgreen\\033[m\\nplain'; exec cat";
    let server = Server::shell(script).await;
    let path = format!(
        "/api/v1/sessions/{}",
        server.create(json!({"name": "one"})).await
    );
    shows(&server, &format!("{path}/screen"), |text| {
        text == "green\nplain\n"
    })
    .await;
    let token = server.home.path().join("token");
    let url = format!("http://{}/", server.address);
    let says = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_awp"));
        command.args(arguments).stdin(Stdio::null());
        command.args(["--server", &url, "--token-file"]).arg(&token);
        let said = within(format!("{arguments:?}"), command.output())
            .await
            .expect("it ran");
        let out = String::from_utf8(said.stdout).expect("text");
        (
            said.status.code(),
            out,
            String::from_utf8(said.stderr).expect("text"),
        )
    };
    let plain = says(&["screen", "one"]).await;
    assert_eq!(plain, (Some(0), "green\nplain\n".to_owned(), String::new()));
    let (_, ansi, _) = says(&["screen", "one", "--format", "ansi"]).await;
    assert_eq!(ansi, "\x1b[0;32mgreen\x1b[m\nplain\n");
    let (_, document, _) = says(&["screen", "one", "--format", "json"]).await;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["lines"][0]["runs"][0]["fg"], 2);
    assert_eq!(says(&["screen", "one", "--format", "xml"]).await.0, Some(2));
    assert_eq!(says(&["screen", "nosuch"]).await.0, Some(4));
    assert_eq!(says(&["screen", "one", "--process", "7"]).await.0, Some(4));
}
