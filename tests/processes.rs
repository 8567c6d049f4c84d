//! Several processes in one session, on one socket: started, laid out, sized, ended.

mod harness;

use harness::{Dialect, Server, Viewer};
use serde_json::{Value, json};

/// A server, a session of it, and a viewer that shows all of it.
async fn session() -> (Server, String, Viewer) {
    let server = Server::start(&[], &["cat"]).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws?cols=100&rows=30").await;
    let id = viewer.id().await;
    (server, id, viewer)
}

async fn start(server: &Server, id: &str, body: Value) -> Value {
    let path = format!("POST /api/v1/sessions/{id}/processes");
    let answer = server.call(&path, Some(body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// The newest layout that a viewer was told, with its number.
async fn layout(viewer: &mut Viewer, expected: Value) -> Value {
    let newest = |seen: &harness::seen::Seen| {
        let told = seen.all("session");
        told.last().map(|told| (*told).clone())
    };
    let what = format!("the layout {expected}");
    viewer
        .until(&what, |seen| {
            newest(seen).is_some_and(|told| told["layout"] == expected)
        })
        .await;
    newest(&viewer.seen).expect("just seen")
}

#[tokio::test]
async fn a_second_process_comes_on_the_same_socket_with_a_place_and_a_size_of_its_own() {
    let (server, id, mut viewer) = session().await;
    layout(&mut viewer, json!({"tabs": [{"pane": 1}]})).await;
    let command = json!({"command": ["sh", "-c", "trap 'stty size; exit 7' WINCH; echo up; while :; do read -r _; done"]});
    let started = start(&server, &id, command).await;
    assert_eq!(started["process"], 2);
    assert_eq!(started["size"], json!({"cols": 100, "rows": 30}));
    layout(&mut viewer, json!({"tabs": [{"pane": 1}, {"pane": 2}]})).await;
    let up = |seen: &harness::seen::Seen| seen.others.get(&2).is_some_and(|out| out.contains("up"));
    viewer.until("its output", up).await;
    let told = viewer.seen.all("process");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["process"]["title"], "sh");

    viewer
        .say(json!({"type": "resize", "process": 2, "cols": 120, "rows": 20}))
        .await;
    viewer
        .until("its end", |seen| !seen.all("exit").is_empty())
        .await;
    let exit = viewer.seen.all("exit")[0];
    assert_eq!(exit["process"], 2);
    assert_eq!(exit["status"], json!({"code": 7}));
    assert!(
        viewer.seen.others[&2].contains("20 120"),
        "{:#?}",
        viewer.seen
    );
    let answer = server
        .call(&format!("GET /api/v1/sessions/{id}/processes"), None)
        .await;
    let sizes: Vec<_> = answer
        .json()
        .as_array()
        .expect("two")
        .iter()
        .map(|process| process["size"]["cols"].clone())
        .collect();
    assert_eq!(sizes, [100, 120]);
}

#[tokio::test]
async fn a_layout_is_shared_and_one_made_from_an_old_one_is_refused() {
    let (server, id, mut viewer) = session().await;
    start(&server, &id, json!({})).await;
    let both = json!({"tabs": [{"pane": 1}, {"pane": 2}]});
    let told = layout(&mut viewer, both).await;
    let revision = told["revision"].as_u64().expect("a number");
    let mut other = Viewer::open(&server, Dialect::V1, &format!("/ws?session={id}")).await;
    let split = json!({"tabs": [{"split": {"direction": "row", "parts": [
        {"weight": 3, "node": {"pane": 2}}, {"weight": 1, "node": {"pane": 1}},
    ]}}]});
    let say = |revision, layout: &Value| json!({"type": "layout", "revision": revision, "layout": layout});
    viewer.say(say(revision, &split)).await;
    for viewer in [&mut viewer, &mut other] {
        let told = layout(viewer, split.clone()).await;
        assert_eq!(told["revision"], revision + 1);
    }
    other.say(say(revision, &split)).await;
    other
        .say(say(revision + 1, &json!({"tabs": [{"pane": 1}]})))
        .await;
    other
        .until("both refused", |seen| seen.errors().len() == 2)
        .await;
    assert_eq!(other.seen.errors(), ["conflict", "bad_layout"]);

    // Who only watches sees it and does not change it.
    let path = format!("/ws?session={id}&role=watch");
    let mut watcher = Viewer::open(&server, Dialect::V1, &path).await;
    let told = layout(&mut watcher, split.clone()).await;
    assert_eq!(told["viewers"].as_array().map(Vec::len), Some(3), "{told}");
    assert_eq!(told["viewers"][2]["role"], "watch");
    assert_eq!(told["viewers"][2]["viewer"], told["you"]);
    watcher.say(say(revision + 1, &split)).await;
    watcher
        .until("refused", |seen| seen.errors() == ["not_allowed"])
        .await;
}

#[tokio::test]
async fn a_process_that_was_ended_can_be_closed_and_its_output_is_forgotten() {
    let (server, id, mut viewer) = session().await;
    start(&server, &id, json!({})).await;
    layout(&mut viewer, json!({"tabs": [{"pane": 1}, {"pane": 2}]})).await;
    let one = format!("/api/v1/sessions/{id}/processes/2");
    let delete = format!("DELETE {one}");
    let end = || server.call(&delete, None);
    assert_eq!(end().await.status, 204);
    viewer
        .until("its end", |seen| !seen.all("exit").is_empty())
        .await;
    // Ended, it is there still; asked again, it goes.
    assert_eq!(server.call(&format!("GET {one}"), None).await.status, 200);
    assert_eq!(end().await.status, 204);
    layout(&mut viewer, json!({"tabs": [{"pane": 1}]})).await;
    assert_eq!(server.call(&format!("GET {one}"), None).await.status, 404);
    assert_eq!(
        start(&server, &id, json!({})).await["process"],
        3,
        "no number twice"
    );
}

#[tokio::test]
async fn what_cannot_be_started_changes_nothing() {
    let (server, id, mut viewer) = session().await;
    let path = format!("POST /api/v1/sessions/{id}/processes");
    for body in [
        json!({"command": ["/no/such/program"]}),
        json!({"command": []}),
        json!({"shell": "sh"}),
        json!([]),
    ] {
        let answer = server.call(&path, Some(body)).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let beside = json!({"beside": 9});
    assert_eq!(server.call(&path, Some(beside)).await.status, 404);
    let told = layout(&mut viewer, json!({"tabs": [{"pane": 1}]})).await;
    assert_eq!(told["revision"], 1);
}

#[tokio::test]
async fn a_process_starts_beside_another_in_its_directory() {
    let (server, id, mut viewer) = session().await;
    let folder = tempfile::tempdir().expect("a folder");
    let inside = json!({"command": ["sh", "-c", "echo in; exec cat"], "cwd": folder.path()});
    start(&server, &id, inside).await;
    start(&server, &id, json!({"command": ["pwd"], "beside": 2})).await;
    let text = folder.path().to_str().expect("text");
    viewer
        .until("its directory", |seen| {
            seen.others.get(&3).is_some_and(|out| out.contains(text))
        })
        .await;
}

#[tokio::test]
async fn a_terminal_that_narrows_is_shown_anew_to_everybody() {
    let (server, id, mut viewer) = session().await;
    let path = format!("/ws?session={id}");
    let mut other = Viewer::open(&server, Dialect::V1, &path).await;
    other
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    viewer
        .say(json!({"type": "resize", "cols": 60, "rows": 30}))
        .await;
    for viewer in [&mut viewer, &mut other] {
        viewer
            .until("what it shows", |seen| {
                seen.all("snapshot").iter().any(|told| told["cols"] == 60)
            })
            .await;
    }
    // Wider again: each terminal has room for what it shows.
    let before = viewer.seen.all("snapshot").len();
    viewer
        .say(json!({"type": "resize", "cols": 90, "rows": 30}))
        .await;
    viewer
        .until("the size", |seen| {
            seen.all("size").iter().any(|told| told["cols"] == 90)
        })
        .await;
    viewer.round_trip().await;
    assert_eq!(viewer.seen.all("snapshot").len(), before);
    // One that wants it shown anew says so.
    viewer.say(json!({"type": "snapshot", "process": 1})).await;
    viewer
        .until("a snapshot", |seen| seen.all("snapshot").len() > before)
        .await;
}
