//! The login chain against the real server: a login program first, then the application, and nothing
//! of the first for anybody else.

mod harness;

use harness::door::{ASKS, GREETS, SECRET, audited, denied, login_told, open, server, shown};
use harness::slot::variable;
use harness::{Dialect, Viewer};
use serde_json::json;

#[tokio::test]
async fn the_login_is_the_first_process_and_the_application_the_second() {
    for mode in ["pty", "pipe"] {
        let (server, _folder) = server(mode, ASKS, GREETS).await;
        let mut viewer = open(&server).await;
        viewer.until_text(0, "user: ").await;
        viewer.type_text("alice\n").await;
        let told = login_told(&mut viewer).await;
        assert_eq!(
            told,
            json!({"type": "login", "state": "granted", "subject": "alice"})
        );
        viewer.until_text(0, "\"active\":true").await;
        let text = viewer.seen.out.text();
        let greeting = "app of alice alice app {\"groups\":[\"sales\"]}";
        assert!(text.contains(greeting), "{text}");
        for part in [
            "\"sub\":\"alice\"",
            "\"name\":\"Alice B.\"",
            "\"acr\":\"pwd\"",
            "\"exp\":",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let sessions = viewer.seen.all("session");
        assert_eq!(sessions[1]["process"], 1, "{sessions:?}");
        // What is typed goes to the application from now on.
        viewer.type_text("typed later\n").await;
        viewer.until_text(0, "typed later").await;
        assert!(audited(&server, "login").await[0].contains("alice"));
    }
}

#[tokio::test]
async fn nothing_of_the_login_is_left_for_anybody_else() {
    let (server, _folder) = server("pty", ASKS, GREETS).await;
    let mut opener = Viewer::open(&server, Dialect::Raw, "/ws/orders").await;
    opener.until_text(0, "user: ").await;
    let listed = server.call("GET /api/v1/sessions", None).await.json();
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    // While it lasts nobody else sees, types or attaches.
    assert_eq!(listed[0]["processes"], json!([]), "{listed}");
    for part in ["screen", "screen?format=json", "processes/0"] {
        let answer = server
            .call(&format!("GET /api/v1/sessions/{id}/{part}"), None)
            .await;
        assert!(
            answer.status >= 400 && !answer.body.contains(SECRET),
            "{part}: {answer:?}"
        );
    }
    for part in ["input", "input?process=0", "processes"] {
        let answer = server
            .call(
                &format!("POST /api/v1/sessions/{id}/{part}"),
                Some(json!({})),
            )
            .await;
        assert!(answer.status >= 400, "{part}: {answer:?}");
    }
    let bearer = format!("Bearer {}", harness::server::TOKEN);
    let headers = [
        ("authorization", bearer.as_str()),
        ("sec-websocket-protocol", "awp.json"),
    ];
    for query in ["", "&process=0", "&process=1", "&role=watch", "&from=0"] {
        let path = format!("/ws?session={id}{query}");
        let refused = harness::viewer::connect(&server, &path, &headers).await;
        let status = refused.err().map(|answer| answer.status().as_u16());
        assert!(matches!(status, Some(400..500)), "{path}: {status:?}");
    }
    opener.type_text("alice\n").await;
    opener.until_text(0, "\"active\":true").await;

    // And afterwards nothing of it is kept.
    let raw = opener.seen.out.text();
    let reset = raw.find("\x1bc").expect("the terminal is reset");
    assert!(!raw[reset..].contains(SECRET), "{raw:?}");
    for dialect in [Dialect::Json, Dialect::V1, Dialect::Raw] {
        let mut second = Viewer::open(&server, dialect, &format!("/ws?session={id}")).await;
        second
            .until("the application", |seen| {
                shown(seen).contains("app of alice")
            })
            .await;
        assert!(!shown(&second.seen).contains(SECRET), "{:?}", second.seen);
    }
    for format in ["text", "ansi", "json"] {
        let path = format!("GET /api/v1/sessions/{id}/screen?format={format}");
        let answer = server.call(&path, None).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains("app of alice") && !answer.body.contains(SECRET),
            "{answer:?}"
        );
    }
    let listed = server.session(&id).await.json();
    let processes = listed["processes"].as_array().expect("a list");
    assert_eq!(processes.len(), 1, "{listed}");
    assert!(!server.log().contains(SECRET));
    // Another process of the session is the same person's, whoever asked for it.
    let started = server
        .call(
            &format!("POST /api/v1/sessions/{id}/processes"),
            Some(json!({})),
        )
        .await;
    let pid = started.json()["pid"]
        .as_u64()
        .and_then(|pid| u32::try_from(pid).ok());
    assert_eq!(
        variable(pid.expect("a pid"), "AWP_USER").await.as_deref(),
        Some("alice")
    );
}

#[tokio::test]
async fn the_page_s_dialect_goes_from_one_to_the_other() {
    let (server, _folder) = server("pty", ASKS, GREETS).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws/orders").await;
    let asked = |seen: &harness::seen::Seen| {
        seen.others
            .get(&0)
            .is_some_and(|out| out.contains("user: "))
    };
    viewer.until("the question", asked).await;
    let lane = awp_server::model::channel::Lane {
        process: awp_server::model::id::ProcessId::LOGIN,
        channel: awp_server::model::channel::Channel::Tty,
    };
    let bytes = bytes::Bytes::from_static(b"alice\r");
    viewer
        .frame(&awp_server::wire::frame::Frame::Input {
            lane,
            seq: 0,
            bytes,
        })
        .await;
    viewer
        .until("the application", |seen| seen.out.contains("app of alice"))
        .await;
    let told: Vec<_> = viewer
        .seen
        .said
        .iter()
        .map(|said| said["type"].clone())
        .collect();
    let position = |kind: &str| told.iter().position(|told| told == kind);
    assert!(position("login") < position("process"), "{told:?}");
    let layout = |seen: &harness::seen::Seen| {
        seen.all("session")
            .last()
            .map(|told| told["layout"].clone())
            == Some(json!({"tabs": [{"pane": 1}]}))
    };
    viewer.until("the layout", layout).await;
}

#[tokio::test]
async fn a_login_may_ask_again_but_not_for_ever() {
    let login = "while $AWP session deny --retry --reason bad; do echo again; done; cat";
    let (server, _folder) = server("pty", login, GREETS).await;
    let mut viewer = open(&server).await;
    denied(&server, &mut viewer).await;
    assert_eq!(audited(&server, "login_denied").await.len(), 6);
}

#[tokio::test]
async fn so_many_logins_are_under_way_at_once_and_one_that_is_over_makes_room() {
    let (server, _folder) = server("pty", ASKS, GREETS).await;
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let mut viewer = open(&server).await;
        viewer.until_text(0, "user: ").await;
        waiting.push(viewer);
    }
    let refused = server
        .call("POST /api/v1/sessions", Some(json!({"app": "orders"})))
        .await;
    assert_eq!(
        (refused.status, refused.error()),
        (429, "over_limit".to_owned())
    );
    let mut refused = open(&server).await;
    refused.until("the end", |seen| seen.over).await;
    assert_eq!(refused.seen.closed, Some(4429), "{:?}", refused.seen);
    let mut first = waiting.pop().expect("ten");
    first.type_text("alice\n").await;
    assert_eq!(login_told(&mut first).await["subject"], "alice");
    open(&server).await.until_text(0, "user: ").await;
}
