//! Apps that a visitor without any credential may open: the login program is the door, and it leads to
//! the session that it lets in to, and nowhere else.

mod harness;

use harness::door::{ASKS, GREETS, audited, login_told};
use harness::http::Answer;
use harness::people::Browser;
use harness::seen::Seen;
use harness::viewer::connect;
use harness::{Dialect, Server, Viewer};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server with an app for visitors, and one behind the same login that is not.
async fn server() -> (Server, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let awp = env!("CARGO_BIN_EXE_awp");
    let app = format!(
        "command = ['sh', '-c', '''{GREETS}''']\nlogin = 'door'\nenv = {{ AWP = '{awp}' }}\n"
    );
    let config = format!(
        "[app.shop]\naccess = 'login'\nquery = ['lang']\n{app}[app.office]\n{app}\
         [login.door]\ncommand = ['sh', '-c', '''{ASKS}''']\nenv = {{ AWP = '{awp}' }}\n"
    );
    let file = folder.path().join("awp.toml");
    std::fs::write(&file, config).expect("written");
    let file = file.to_str().expect("UTF-8");
    (Server::start(&["--config", file], &["cat"]).await, folder)
}

/// Opens a socket without any credential.
async fn visits(server: &Server, path: &str, dialect: Dialect) -> Result<Viewer, u16> {
    let name = if dialect == Dialect::V1 {
        "awp.v1"
    } else {
        "awp.json"
    };
    let headers = [("sec-websocket-protocol", name)];
    match connect(server, path, &headers).await {
        Ok(socket) => Ok(Viewer::over(socket, dialect)),
        Err(answer) => Err(answer.status().as_u16()),
    }
}

/// A visitor who was let in, and the code that leads back.
async fn let_in(server: &Server) -> (Viewer, String, String) {
    let mut viewer = visits(server, "/ws/shop", Dialect::Json)
        .await
        .expect("a visitor");
    viewer.until_text(0, "user: ").await;
    let id = viewer.id().await;
    viewer.type_text("alice\n").await;
    let told = login_told(&mut viewer).await;
    viewer.until_text(0, "\"active\":true").await;
    let code = told["launch"].as_str().expect("a code").to_owned();
    (viewer, id, code)
}

async fn logs_in(server: &Server, code: &str) -> Answer {
    server.login(json!({"launch": code})).await
}

#[tokio::test]
async fn a_visitor_is_let_in_by_the_login_program_and_comes_back() {
    let (server, _folder) = server().await;
    let (viewer, id, code) = let_in(&server).await;
    assert!(viewer.seen.out.text().contains("app of alice alice app"));
    let answer = logs_in(&server, &code).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let browser = Browser::of(&answer);
    drop(viewer);
    let path = format!("/ws?session={id}");
    let mut again = server
        .attach_as(&browser, &path)
        .await
        .expect("the session");
    let shown = |seen: &Seen| harness::door::shown(seen).contains("app of alice");
    again.until("the application", shown).await;
    again.type_text("typed again\n").await;
    let echoed = |seen: &Seen| harness::door::shown(seen).contains("typed again");
    again.until("what was typed", echoed).await;
    // Who came and what became of it is written down, and the code is not.
    for (event, of) in [("start", "(visitor)"), ("login", "launch")] {
        let lines = audited(&server, event).await;
        assert!(
            lines.iter().any(|line| line.contains(of)),
            "{event}: {lines:?}"
        );
    }
    assert!(!server.log().contains(&code));
}

#[tokio::test]
async fn what_leads_back_leads_nowhere_else() {
    let (server, _folder) = server().await;
    let (_viewer, id, code) = let_in(&server).await;
    let (_other, other, _) = let_in(&server).await;
    let owners = server.create(json!({"name": "owners"})).await;
    let browser = Browser::of(&logs_in(&server, &code).await);
    // Once.
    assert_eq!(logs_in(&server, &code).await.status, 401);
    assert!(!audited(&server, "login_failed").await.is_empty());
    let asks = |line: String, body: Option<Value>| {
        let (server, browser) = (&server, &browser);
        async move { server.call_as(browser, &line, body).await.status }
    };
    assert_eq!(asks(format!("GET /api/v1/sessions/{id}"), None).await, 200);
    for session in [&other, &owners, &"owners".to_owned()] {
        assert_eq!(
            asks(format!("GET /api/v1/sessions/{session}"), None).await,
            404
        );
        let path = format!("/ws?session={session}");
        assert_eq!(server.attach_as(&browser, &path).await.err(), Some(404));
    }
    let listed = server.call_as(&browser, "GET /api/v1/sessions", None).await;
    let ids: Vec<_> = listed
        .json()
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(ids, [json!(id)]);
    for (line, body) in [
        (
            "POST /api/v1/sessions".to_owned(),
            Some(json!({"app": "shop"})),
        ),
        (
            "POST /api/v1/sessions".to_owned(),
            Some(json!({"command": ["id"]})),
        ),
        (format!("POST /api/v1/sessions/{id}/share"), Some(json!({}))),
        (format!("DELETE /api/v1/sessions/{id}"), None),
        ("GET /api/v1/apps".to_owned(), None),
    ] {
        assert_eq!(asks(line.clone(), body).await, 403, "{line}");
    }
    for path in ["/ws", "/ws/office", "/ws/shop"] {
        assert_eq!(
            server.attach_as(&browser, path).await.err(),
            Some(403),
            "{path}"
        );
    }
    // When the session is over there is nothing that it leads to.
    server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    let gone = async { while server.session(&id).await.status != 404 {} };
    harness::within("the end of the session", gone).await;
    assert_eq!(
        server
            .attach_as(&browser, &format!("/ws?session={id}"))
            .await
            .err(),
        Some(404)
    );
}

#[tokio::test]
async fn everything_else_is_shut_as_ever() {
    let (server, _folder) = server().await;
    let (viewer, id, _) = let_in(&server).await;
    for path in [
        "/ws".to_owned(),
        "/ws/office".to_owned(),
        "/ws/none".to_owned(),
        "/terminals/websocket/shop".to_owned(),
        format!("/ws?session={id}"),
        format!("/ws/shop?session={id}"),
        "/ws/shop?process=1".to_owned(),
        "/ws/shop?from=0".to_owned(),
        "/ws/shop?unknown=1".to_owned(),
    ] {
        for dialect in [Dialect::Json, Dialect::V1] {
            assert_eq!(
                visits(&server, &path, dialect).await.err(),
                Some(401),
                "{path}"
            );
        }
    }
    for line in [
        "GET /api/v1/sessions".to_owned(),
        format!("GET /api/v1/sessions/{id}/screen"),
        "GET /ws/shop".to_owned(),
        "GET /api/v1/apps".to_owned(),
        "GET /api/v1/apps/office/door".to_owned(),
        "GET /api/v1/apps/none/door".to_owned(),
    ] {
        assert_eq!(server.send(&line, "", "").await.status, 401, "{line}");
    }
    let door = server.send("GET /api/v1/apps/shop/door", "", "").await;
    assert_eq!(door.status, 204);
    // A page of another site does not open it in a visitor's name, and a wrong secret is not none.
    for headers in [
        [
            ("origin", "http://evil.example"),
            ("sec-websocket-protocol", "awp.json"),
        ],
        [
            ("authorization", "Bearer wrong"),
            ("sec-websocket-protocol", "awp.json"),
        ],
    ] {
        let refused = connect(&server, "/ws/shop", &headers).await;
        let status = refused.err().map(|answer| answer.status().as_u16());
        assert!(matches!(status, Some(401 | 403)), "{headers:?}: {status:?}");
    }
    // Who was not let in gets no code; what the app names of the address reaches the login as ever.
    let mut nobody = visits(&server, "/ws/shop?cols=90&rows=30&lang=de", Dialect::Json)
        .await
        .expect("a visitor");
    nobody.until_text(0, "user: ").await;
    nobody.type_text("\n").await;
    let told = login_told(&mut nobody).await;
    assert_eq!(told, json!({"type": "login", "state": "denied"}));
    drop(viewer);
    // Who shows a credential gets no code: they come back with that.
    let mut owner = Viewer::open(&server, Dialect::Json, "/ws/shop").await;
    owner.until_text(0, "user: ").await;
    owner.type_text("bob\n").await;
    assert!(login_told(&mut owner).await["launch"].is_null());
}
