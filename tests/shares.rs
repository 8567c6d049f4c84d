//! Share links: what they open, what they do not, and that they open it as often as they say.

mod harness;

use harness::people::{Browser, add_user, does, verb};
use harness::server::TOKEN;
use harness::{Dialect, Server, Viewer, within};
use serde_json::{Value, json};

async fn server() -> Server {
    let home = tempfile::tempdir().expect("a folder");
    Server::at_home(home, &[], &["cat"]).await
}

async fn session(server: &Server) -> String {
    server.create(json!({"mode": "pipe"})).await
}

/// Makes a link as the owner; its id and its secret.
async fn share(server: &Server, id: &str, body: Value) -> (String, String) {
    let line = format!("POST /api/v1/sessions/{id}/share");
    let answer = server.call(&line, Some(body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let url = made["url"].as_str().expect("an address");
    let begin = format!("http://{}/s/{id}#share=", server.address);
    let secret = url.strip_prefix(&begin).unwrap_or_else(|| panic!("{url}"));
    assert_eq!(secret.len(), 43, "256 bits");
    let name = made["id"].as_str().expect("an id");
    (name.to_owned(), secret.to_owned())
}

async fn guest(server: &Server, secret: &str) -> Browser {
    Browser::of(&server.login(json!({"share": secret})).await)
}

async fn watching(server: &Server, tab: &Browser, id: &str) -> Viewer {
    let viewer = server.attach_as(tab, &format!("/ws?session={id}")).await;
    let mut viewer = viewer.expect("a socket");
    viewer
        .until("welcome", |seen| !seen.all("session").is_empty())
        .await;
    viewer
}

#[tokio::test(flavor = "multi_thread")]
async fn c29_a_link_shows_the_session_and_takes_no_input() {
    let server = server().await;
    let id = session(&server).await;
    let (_, secret) = share(&server, &id, json!({})).await;
    let tab = guest(&server, &secret).await;
    let check = server.call_as(&tab, "GET /api/v1/check", None).await;
    assert_eq!(check.header("x-awp-session"), Some(id.as_str()));
    let mut viewer = watching(&server, &tab, &id).await;
    viewer.type_text("canary\n").await;
    viewer
        .until("a refusal", |seen| seen.errors() == ["not_allowed"])
        .await;
    let at = |rest: &str| format!("/api/v1/sessions/{id}{rest}");
    for (line, body) in [
        (format!("POST {}", at("/input")), Some(json!("canary"))),
        (
            format!("POST {}", at("/resize")),
            Some(json!({"cols": 1, "rows": 1})),
        ),
        (
            format!("POST {}", at("/signal")),
            Some(json!({"signal": "KILL"})),
        ),
        (format!("POST {}", at("/processes")), Some(json!({}))),
        (format!("PATCH {}", at("")), Some(json!({"name": "x"}))),
        (format!("DELETE {}", at("")), None),
        (
            format!("POST {}", at("/share")),
            Some(json!({"write": true})),
        ),
        (format!("GET {}", at("/share")), None),
        ("POST /api/v1/sessions".to_owned(), Some(json!({}))),
        ("DELETE /api/v1/shares/x".to_owned(), None),
        (
            "PATCH /api/v1/shares/x".to_owned(),
            Some(json!({"write": false})),
        ),
    ] {
        let answer = server.call_as(&tab, &line, body).await;
        assert_eq!(answer.status, 403, "{line}: {answer:?}");
    }
    assert_eq!(server.attach_as(&tab, "/ws").await.err(), Some(403));
    let mut owner = Viewer::open(&server, Dialect::Json, &format!("/ws?session={id}")).await;
    owner.type_text("from the owner\n").await;
    owner.until_text(0, "from the owner\n").await;
    assert_eq!(owner.seen.out.text(), "from the owner\n");
    viewer.until_text(0, "from the owner\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_link_types_and_no_more() {
    let server = server().await;
    let id = session(&server).await;
    let (name, secret) = share(&server, &id, json!({"write": true, "expires": "7d"})).await;
    let tab = guest(&server, &secret).await;
    let mut viewer = watching(&server, &tab, &id).await;
    viewer.type_text("typed\n").await;
    viewer.until_text(0, "typed\n").await;
    let delete = format!("DELETE /api/v1/sessions/{id}");
    assert_eq!(server.call_as(&tab, &delete, None).await.status, 403);
    let shown = server
        .call(&format!("GET /api/v1/sessions/{id}/share"), None)
        .await;
    let list = shown.json();
    let one = &list.as_array().expect("a list")[0];
    assert_eq!(one["id"], name.as_str());
    assert_eq!((&one["write"], &one["uses"]), (&json!(true), &json!(1)));
    assert_eq!(one["creator"], "owner");
    assert!(!shown.body.contains(&secret), "it is told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn c31_other_sessions_are_not_there_for_a_guest() {
    let server = server().await;
    let id = session(&server).await;
    let other = session(&server).await;
    let named = format!("PATCH /api/v1/sessions/{other}");
    let renamed = server.call(&named, Some(json!({"name": "other"}))).await;
    assert_eq!(renamed.status, 204);
    let (_, secret) = share(&server, &id, json!({"write": true})).await;
    let tab = guest(&server, &secret).await;
    for rest in [
        "",
        "/screen",
        "/processes",
        "/processes/1",
        "/wait",
        "/share",
    ] {
        let mut answers = Vec::new();
        for known in [other.as_str(), "other", "s-zzzzzzzzzz"] {
            let line = format!("GET /api/v1/sessions/{known}{rest}");
            let answer = server.call_as(&tab, &line, None).await;
            assert_eq!(answer.status, 404, "{line}: {answer:?}");
            answers.push(answer.body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{rest}: {answers:?}");
    }
    for path in [
        format!("/ws?session={other}"),
        "/ws?session=other".to_owned(),
        "/ws?session=s-zzzzzzzzzz".to_owned(),
    ] {
        assert_eq!(
            server.attach_as(&tab, &path).await.err(),
            Some(404),
            "{path}"
        );
    }
    let input = format!("POST /api/v1/sessions/{other}/input");
    assert_eq!(
        server.call_as(&tab, &input, Some(json!("x"))).await.status,
        404
    );
    let list = server
        .call_as(&tab, "GET /api/v1/sessions", None)
        .await
        .json();
    let ids: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&json!(id)]);
    let joined = server.attach_as(&tab, "/terminals/websocket/other").await;
    assert_eq!(
        joined.err(),
        Some(403),
        "a name that is taken tells nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn c33_of_twenty_at_once_one_gets_in() {
    let server = server().await;
    let id = session(&server).await;
    let (_, secret) = share(&server, &id, json!({"once": true})).await;
    let all = (0..20).map(|_| server.login(json!({"share": secret})));
    let answers = within("the answers", futures_util::future::join_all(all)).await;
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!(count(200), 1, "{answers:?}");
    assert_eq!(count(401) + count(429), 19, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_link_is_refused() {
    let server = server().await;
    let id = session(&server).await;
    let line = format!("POST /api/v1/sessions/{id}/share");
    for body in [
        json!({"expires": "8d"}),
        json!({"expires": "0s"}),
        json!({"expires": "soon"}),
        json!({"expires": 3600}),
        json!({"role": "owner"}),
        json!([]),
    ] {
        let answer = server.call(&line, Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    let unknown = "POST /api/v1/sessions/s-zzzzzzzzzz/share";
    assert_eq!(server.call(unknown, Some(json!({}))).await.status, 404);
    let (name, _) = share(&server, &id, json!({})).await;
    let one = format!("/api/v1/shares/{name}");
    let patch = format!("PATCH {one}");
    assert_eq!(
        server
            .call(&patch, Some(json!({"write": true})))
            .await
            .status,
        400
    );
    assert_eq!(
        server
            .call(&patch, Some(json!({"write": false})))
            .await
            .status,
        204
    );
    let delete = format!("DELETE {one}");
    assert_eq!(server.call(&delete, None).await.status, 204);
    assert_eq!(server.call(&delete, None).await.status, 404);
    assert_eq!(
        server.login(json!({"share": "x".repeat(43)})).await.status,
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_follows_a_link_stays_the_owner() {
    let server = server().await;
    let id = session(&server).await;
    let (_, secret) = share(&server, &id, json!({})).await;
    let owner = Browser::of(&server.login(json!({"token": TOKEN})).await);
    let headers = format!(
        "Content-Type: application/json\r\nCookie: {}\r\n",
        owner.cookie
    );
    let shown = json!({"share": secret}).to_string();
    let answer = server.send("POST /api/v1/login", &headers, &shown).await;
    let again = Browser::of(&answer);
    let check = server.call_as(&again, "GET /api/v1/check", None).await;
    assert_eq!(check.header("x-awp-user"), Some("owner"));
    let both = Browser {
        cookie: again.cookie,
        page_key: owner.page_key,
    };
    let list = server.call_as(&both, "GET /api/v1/sessions", None).await;
    assert_eq!(list.status, 200, "the first tab goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_prints_a_link() {
    let server = server().await;
    let id = session(&server).await;
    let link = does(
        &server.home,
        &["share", &id, "--once", "--expires", "10m"],
        "",
    )
    .await;
    let begin = format!("http://{}/s/{id}#share=", server.address);
    let secret = link
        .trim_end()
        .strip_prefix(&begin)
        .unwrap_or_else(|| panic!("{link}"));
    guest(&server, secret).await;
    assert_eq!(server.login(json!({"share": secret})).await.status, 401);
    let write = verb(&server.home, &["share", &id, "--write"], "").await;
    let said = String::from_utf8_lossy(&write.stderr);
    assert!(
        write.status.success() && said.contains("can type"),
        "{write:?}"
    );
    let unknown = verb(&server.home, &["share", "nosuch"], "").await;
    assert_eq!(unknown.status.code(), Some(4), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_share() {
    let server = server().await;
    add_user(&server.home, "bob", "write", "password").await;
    add_user(&server.home, "ann", "owner", "password").await;
    let id = session(&server).await;
    let line = format!("POST /api/v1/sessions/{id}/share");
    let bob = server.browser("bob", "password").await;
    assert_eq!(
        server.call_as(&bob, &line, Some(json!({}))).await.status,
        403
    );
    let ann = server.browser("ann", "password").await;
    let made = server.call_as(&ann, &line, Some(json!({}))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let list = server
        .call(&format!("GET /api/v1/sessions/{id}/share"), None)
        .await;
    assert_eq!(list.json()[0]["creator"], "ann");
}
