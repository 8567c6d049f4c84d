//! The login chain against the real server: a login program first, then the application, and nothing
//! of the first for anybody else. And every way we know of to get past it.

mod harness;

use std::path::PathBuf;

use harness::slot::{Slot, variable};
use harness::{Dialect, Server, Viewer, until};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What the login program says on the terminal, and nobody else may ever see.
const SECRET: &str = "what-the-login-shows";

/// A server with one app behind a login program, a shell script each.
async fn server(mode: &str, login: &str, app: &str) -> (Server, TempDir) {
    timed(mode, login, app, "60s").await
}

async fn timed(mode: &str, login: &str, app: &str, timeout: &str) -> (Server, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let awp = env!("CARGO_BIN_EXE_awp");
    let path = folder.path().display();
    let config = format!(
        "[app.orders]\ncommand = ['sh', '-c', '''{app}''']\nmode = '{mode}'\nlogin = 'door'\n\
         [app.orders.env]\nAWP = '{awp}'\nFOLDER = '{path}'\n\
         [login.door]\ncommand = ['sh', '-c', '''{login}''']\ntimeout = '{timeout}'\n\
         [login.door.env]\nAWP = '{awp}'\nFOLDER = '{path}'\nSECRET = '{SECRET}'\n"
    );
    let file = folder.path().join("awp.toml");
    std::fs::write(&file, config).expect("written");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--config", file], &["cat"]).await;
    (server, folder)
}

async fn open(server: &Server) -> Viewer {
    Viewer::open(server, Dialect::Json, "/ws/orders").await
}

/// The audit lines of this event.
async fn audited(server: &Server, event: &str) -> Vec<String> {
    let event = format!("event=\"{event}\"");
    until(&event.clone(), || {
        let log = server.log();
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(" audit: ") && line.contains(&event))
            .map(str::to_owned)
            .collect();
        if lines.is_empty() {
            Err(log)
        } else {
            Ok(lines)
        }
    })
    .await
}

/// The login program, seen from outside: it has written its process id into a file.
async fn login_slot(folder: &TempDir) -> (u32, Slot) {
    let file = folder.path().join("pid");
    let pid: u32 = until("the login program", || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.strip_suffix('\n')
            .and_then(|pid| pid.parse().ok())
            .ok_or(text)
    })
    .await;
    let path = variable(pid, "AWP_SOCKET").expect("a control socket");
    (pid, Slot::open(&PathBuf::from(path)).await)
}

/// Waits for its process id to be known, then for a line, then does what the line says.
const WAITS: &str = r#"echo $$ > $FOLDER/pid.new; mv $FOLDER/pid.new $FOLDER/pid
    read -r line; eval "$line""#;

const ASKS: &str = r#"printf "$SECRET user: "; read -r user; echo "$SECRET hello $user"
    $AWP session grant --subject "$user" --name "Alice B." --claims "{\"groups\":[\"sales\"]}" --acr pwd --ttl 1h"#;

const GREETS: &str =
    r#"echo "app of $AWP_USER $REMOTE_USER $AWP_ROLE $AWP_CLAIMS"; $AWP session validate; cat"#;

async fn login_told(viewer: &mut Viewer) -> Value {
    viewer
        .until("the end of the login", |seen| !seen.all("login").is_empty())
        .await;
    viewer.seen.all("login")[0].clone()
}

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
            .until("the application", |seen| seen.out.contains("app of alice"))
            .await;
        assert!(!second.seen.out.contains(SECRET), "{:?}", second.seen);
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
        variable(pid.expect("a pid"), "AWP_USER").as_deref(),
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

/// The session is over, and nobody was let in.
async fn denied(server: &Server, viewer: &mut Viewer) {
    viewer.until("the end", |seen| seen.over).await;
    let told = viewer.seen.all("login");
    assert_eq!(
        told,
        [&json!({"type": "login", "state": "denied"})],
        "{:?}",
        viewer.seen
    );
    assert!(!viewer.seen.out.contains("app of"), "{:?}", viewer.seen);
    until("the end of the session", || {
        let left = server.descendants();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
    let listed = server.call("GET /api/v1/sessions", None).await.json();
    assert_eq!(listed, json!([]));
}

#[tokio::test]
async fn a_login_that_grants_nothing_or_fails_lets_nobody_in() {
    let grant = r#"{"jsonrpc":"2.0","id":1,"method":"session.grant","params":{"subject":"root","nonce":""}}"#;
    for login in [
        "true".to_owned(),
        "exit 3".to_owned(),
        "echo wrong password; $AWP session deny --reason bad --message no; cat".to_owned(),
        "$AWP session grant --subject alice; exit 1".to_owned(),
        "$AWP session grant --subject alice; kill -9 $$".to_owned(),
        // Granted, but it does not end.
        "$AWP session grant --subject alice; exec cat".to_owned(),
        "$AWP session grant --subject ''".to_owned(),
        "$AWP session grant --subject alice --ttl 1000d".to_owned(),
        // Text is not a grant, wherever it is written.
        format!("echo '{grant}'; echo '{grant}' >&2; echo '{grant}' > /dev/tty"),
        // Neither is a descriptor that happens to be there.
        format!("for fd in 3 4 5 6 7 8 9; do echo '{grant}' 1>&$fd; done 2> /dev/null; true"),
        // Nor what the environment says.
        "AWP_USER=root AWP_ROLE=app exec true".to_owned(),
    ] {
        let (server, _folder) = server("pty", &login, GREETS).await;
        let mut viewer = open(&server).await;
        denied(&server, &mut viewer).await;
        let log = until("the audit line", || {
            let log = server.log();
            let found =
                log.contains("event=\"login_failed\"") || log.contains("event=\"login_denied\"");
            if found { Ok(log.clone()) } else { Err(log) }
        })
        .await;
        assert!(!log.contains("event=\"login\""), "{login}: {log}");
    }
}
