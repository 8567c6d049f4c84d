//! The sessions over HTTP.

mod harness;

use futures_util::future::join_all;
use harness::server::TOKEN;
use harness::viewer::connect;
use harness::{Dialect, Server, Viewer, until, within};
use serde_json::{Value, json};

async fn server(options: &[&str]) -> Server {
    Server::start(options, &["sleep", "1000"]).await
}

async fn list(server: &Server) -> Vec<Value> {
    let answer = server.call("GET /api/v1/sessions", None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json().as_array().cloned().expect("an array")
}

#[tokio::test]
async fn a_session_is_made_and_shown_with_all_its_fields() {
    let server = server(&[]).await;
    assert_eq!(list(&server).await, [] as [Value; 0]);
    let body = json!({
        "name": "work", "command": ["sh", "-c", "echo $X in $PWD; exec sleep 1000"],
        "cwd": "/tmp", "env": {"X": "set"}, "cols": 100, "rows": 30,
    });
    let answer = server.call("POST /api/v1/sessions", Some(body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let id = made["id"].as_str().expect("an id");
    assert!(id.starts_with("s-") && id.len() == 12, "{made}");
    let keys: Vec<_> = made.as_object().expect("an object").keys().collect();
    let expected = [
        "app",
        "created",
        "id",
        "locked",
        "mode",
        "name",
        "processes",
        "size",
        "state",
        "viewers",
    ];
    assert_eq!(keys, expected);
    assert_eq!(made["name"], "work");
    assert_eq!(made["app"], "default");
    assert_eq!(made["mode"], "pty");
    assert_eq!(made["size"], json!({"cols": 100, "rows": 30}));
    assert_eq!(made["viewers"], 0);
    let process = &made["processes"][0];
    assert_eq!(process["process"], 1);
    assert_eq!(process["title"], "sh");
    assert_eq!(process["mode"], "pty");
    assert_eq!(process["state"], "running");
    assert_eq!(process["exit"], Value::Null);
    let pid = process["pid"].as_u64().expect("a process id");
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert_eq!(list(&server).await.len(), 1);
    for name in [id, "work", &id[..8]] {
        let shown = server.session(name).await;
        assert_eq!(
            (shown.status, &shown.json()["id"]),
            (200, &made["id"]),
            "{name}"
        );
    }
    let path = format!("/ws?session={id}&from=0");
    let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
    viewer.until_text(0, "set in /tmp").await;
    let counted = async { while server.session(id).await.json()["viewers"] != 1 {} };
    within("the viewer in the list", counted).await;
}

#[tokio::test]
async fn a_beginning_that_fits_several_names_them() {
    let server = server(&[]).await;
    let one = server.create(json!({})).await;
    let only = server.session("s-").await;
    assert_eq!((only.status, &only.json()["id"]), (200, &json!(one)));
    let mut ids = vec![one];
    for _ in 0..9 {
        ids.push(server.create(json!({})).await);
    }
    ids.sort_unstable();
    for line in ["GET /api/v1/sessions/s-", "DELETE /api/v1/sessions/s-"] {
        let answer = server.call(line, None).await;
        assert_eq!((answer.status, answer.error().as_str()), (409, "ambiguous"));
        let named = ids[..8].join(" or ");
        let expected = format!("may be {named} or 2 more");
        assert_eq!(answer.json()["error"]["message"], expected);
    }
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str())];
    let refused = harness::viewer::connect(&server, "/ws?session=s-", &headers);
    let refused = refused.await.expect_err("it fits several");
    assert_eq!(refused.status(), 409);
    for none in ["s", "-", "S-"] {
        assert_eq!(server.session(none).await.status, 404, "{none}");
    }
    assert_eq!(list(&server).await.len(), 10, "nothing was ended");
}

#[tokio::test]
async fn each_process_is_signalled_and_waited_for_on_its_own() {
    let server = server(&[]).await;
    let id = server.create(json!({})).await;
    let more = json!({"command": ["sleep", "1000"]});
    let line = format!("POST /api/v1/sessions/{id}/processes");
    assert_eq!(server.call(&line, Some(more)).await.status, 201);
    let line = format!("POST /api/v1/sessions/{id}/signal");
    let body = json!({"signal": "USR1", "process": 2});
    assert_eq!(server.call(&line, Some(body)).await.status, 204);
    let wait = format!("GET /api/v1/sessions/{id}/wait?process=2");
    let ended = server.call(&wait, None).await.json();
    assert_eq!(ended["processes"][1]["exit"], json!({"signal": "USR1"}));
    assert_eq!(ended["processes"][0]["exit"], Value::Null);
    assert_eq!(ended["state"], "running");
    let body = json!({"signal": "USR1", "process": 3});
    assert_eq!(server.call(&line, Some(body)).await.status, 404);
    for (query, status) in [("process=3", 404), ("process=x", 400), ("process=-1", 400)] {
        let line = format!("GET /api/v1/sessions/{id}/wait?{query}");
        assert_eq!(server.call(&line, None).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn a_session_is_named_anew() {
    let server = server(&[]).await;
    let one = server.create(json!({"name": "one"})).await;
    let other = server.create(json!({"name": "other"})).await;
    let line = format!("PATCH /api/v1/sessions/{one}");
    let rename = async |name: Value| server.call(&line, Some(json!({"name": name}))).await;
    let taken = rename(json!("other")).await;
    assert_eq!((taken.status, taken.error().as_str()), (409, "name_taken"));
    for name in ["", "a b", "a/b", "s-abc", "\n", &"x".repeat(65)] {
        let bad = rename(json!(name)).await;
        assert_eq!(
            (bad.status, bad.error().as_str()),
            (400, "bad_name"),
            "{name:?}"
        );
    }
    assert_eq!(rename(json!(5)).await.status, 400);
    let unknown = server.call(&line, Some(json!({"nmae": "x"}))).await;
    assert_eq!(unknown.status, 400, "{unknown:?}");
    assert_eq!(server.session(&one).await.json()["name"], "one");

    assert_eq!(rename(json!("two")).await.status, 204);
    assert_eq!(server.session("two").await.json()["id"], json!(one));
    assert_eq!(server.session("one").await.status, 404);
    // Its own name is not taken, and its old one is free.
    assert_eq!(rename(json!("two")).await.status, 204);
    let line = format!("PATCH /api/v1/sessions/{other}");
    assert_eq!(
        server
            .call(&line, Some(json!({"name": "one"})))
            .await
            .status,
        204
    );
    let again = server
        .call("POST /api/v1/sessions", Some(json!({"name": "two"})))
        .await;
    assert_eq!((again.status, again.error().as_str()), (409, "name_taken"));
    assert_eq!(list(&server).await.len(), 2);
}

#[tokio::test]
async fn a_session_is_ended_with_everything_in_it() {
    let server = server(&[]).await;
    let tree = "sleep 1000 & sleep 1000 & sleep 1000 | sleep 1000; wait";
    let id = server
        .create(json!({"command": ["bash", "-m", "-c", tree]}))
        .await;
    until("the tree", || match server.descendants() {
        living if living.len() == 5 => Ok(()),
        living => Err(format!("{living:?}")),
    })
    .await;
    let mut viewer = Viewer::open(&server, Dialect::Json, &format!("/ws?session={id}")).await;
    viewer.id().await;
    let answer = server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let seen = viewer.rest().await;
    assert_eq!(seen.all("exit").len(), 1, "{seen:#?}");
    assert_eq!(seen.closed, Some(1000), "{seen:#?}");
    until("nothing left", || match server.descendants() {
        living if living.is_empty() => Ok(()),
        living => Err(format!("{living:?}")),
    })
    .await;
}

#[tokio::test]
async fn what_is_unknown_is_not_found() {
    let server = server(&[]).await;
    for id in ["s-0000000000", "nosuch", "s-", "%2e%2e", "S-0000000000"] {
        for method in ["GET", "DELETE"] {
            let answer = server
                .call(&format!("{method} /api/v1/sessions/{id}"), None)
                .await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (404, "not_found"),
                "{method} {id}"
            );
        }
        let line = format!("PATCH /api/v1/sessions/{id}");
        assert_eq!(
            server.call(&line, Some(json!({"name": "x"}))).await.status,
            404
        );
        let line = format!("POST /api/v1/sessions/{id}/signal");
        assert_eq!(
            server
                .call(&line, Some(json!({"signal": "INT"})))
                .await
                .status,
            404
        );
    }
    let answer = server.call("GET /api/v1/nosuch", None).await;
    assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"));
    let answer = server
        .call("POST /api/v1/sessions", Some(json!({"app": "nosuch"})))
        .await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn what_is_not_the_api_is_refused_and_changes_nothing() {
    let server = server(&[]).await;
    for line in [
        "PUT /api/v1/sessions",
        "DELETE /api/v1/sessions",
        "PATCH /api/v1/sessions",
    ] {
        let answer = server.call(line, None).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (405, "method_not_allowed"),
            "{line}"
        );
        assert!(
            answer
                .header("allow")
                .is_some_and(|allow| allow.contains("GET")),
            "{answer:?}"
        );
    }
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
    ] {
        let answer = server
            .send("POST /api/v1/sessions", &format!("{bearer}{kind}"), "{}")
            .await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (415, "unsupported_media_type"),
            "{kind}"
        );
    }
    let json = format!("{bearer}Content-Type: application/json\r\n");
    for body in [
        "{",
        "[]",
        "null",
        r#"{"cols":"many"}"#,
        r#"{"unknown":1}"#,
        r#"{"mode":"x"}"#,
    ] {
        let answer = server.send("POST /api/v1/sessions", &json, body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        answer.error();
    }
    assert_eq!(list(&server).await.len(), 0);
}

#[tokio::test]
async fn there_are_never_more_sessions_than_allowed() {
    let server = server(&["--max-sessions", "5"]).await;
    let create = || server.call("POST /api/v1/sessions", Some(json!({})));
    let answers = join_all((0..20).map(|_| create())).await;
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(201), count(429)), (5, 15), "{answers:?}");
    let refused = answers
        .iter()
        .find(|answer| answer.status == 429)
        .expect("counted");
    assert_eq!(refused.error(), "over_limit");
    assert_eq!(list(&server).await.len(), 5);
    let refused = server.send("GET /ws", &upgrade(), "").await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (429, "over_limit")
    );

    // The place is free again when the session is over.
    let id = list(&server).await[0]["id"]
        .as_str()
        .map(str::to_owned)
        .expect("an id");
    server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    until("a free place", || match server.descendants().len() {
        4 => Ok(()),
        living => Err(format!("{living} live")),
    })
    .await;
    harness::within("a free place", async {
        while create().await.status != 201 {}
    })
    .await;
    assert_eq!(create().await.status, 429);
}

fn upgrade() -> String {
    format!(
        "Authorization: Bearer {TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
}

#[tokio::test]
async fn there_are_never_more_viewers_than_allowed() {
    let server = server(&["--max-viewers", "3"]).await;
    let id = server.create(json!({})).await;
    let path = format!("/ws?session={id}");
    let mut viewers = Vec::new();
    for _ in 0..3 {
        let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
        viewer.id().await;
        viewers.push(viewer);
    }
    let line = format!("GET {path}");
    let refused = server.send(&line, &upgrade(), "").await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (429, "over_limit")
    );
    drop(viewers.pop());
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("sec-websocket-protocol", "awp.json"),
    ];
    let socket = within("a free place", async {
        loop {
            match connect(&server, &path, &headers).await {
                Ok(socket) => break socket,
                // The server learns by itself that one has left.
                Err(refused) => assert_eq!(refused.status(), 429, "{refused:?}"),
            }
        }
    });
    Viewer::over(socket.await, Dialect::Json).id().await;
}

#[tokio::test]
async fn a_signal_is_sent_over_http() {
    let server = server(&[]).await;
    let id = server.create(json!({})).await;
    let line = format!("POST /api/v1/sessions/{id}/signal");
    let mut viewer = Viewer::open(&server, Dialect::Json, &format!("/ws?session={id}")).await;
    viewer.id().await;
    let signal = async |name: &str| {
        server
            .call(&line, Some(json!({"signal": name})))
            .await
            .status
    };
    assert_eq!(signal("NOSUCH").await, 400);
    assert_eq!(signal("USR1").await, 204);
    let seen = viewer.rest().await;
    assert_eq!(
        seen.all("exit"),
        [&json!({"type": "exit", "signal": "USR1"})]
    );
}

#[tokio::test]
async fn an_attach_that_cannot_be_is_refused_before_the_upgrade() {
    let server = server(&[]).await;
    let id = server.create(json!({})).await;
    for (path, status) in [
        ("/ws?session=nosuch".to_owned(), 404),
        ("/ws/nosuch".to_owned(), 404),
        (format!("/ws?session={id}&process=2"), 404),
        (format!("/ws?session={id}&process=0"), 400),
        (format!("/ws?session={id}&from=1000000"), 400),
        (format!("/ws?session={id}&from=-1"), 400),
        (format!("/ws?session={id}&role=god"), 400),
        ("/ws?cols=x".to_owned(), 400),
    ] {
        let answer = server.send(&format!("GET {path}"), &upgrade(), "").await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        answer.error();
    }
    assert_eq!(list(&server).await.len(), 1);
}
