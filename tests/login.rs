//! The login chain against the real server: a login program first, then the application, and nothing
//! of the first for anybody else. And every way we know of to get past it.

mod harness;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
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

/// What a viewer was shown, snapshots included.
fn shown(seen: &harness::seen::Seen) -> String {
    let snapshots = seen.all("snapshot").into_iter();
    let decoded = snapshots.filter_map(|told| BASE64.decode(told["payload"].as_str()?).ok());
    let texts = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    texts.chain([seen.out.text()]).collect()
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

/// Refused, with this code, and written down.
async fn forged(server: &Server, slot: &mut Slot, params: Value, code: i64, why: &str) {
    assert_eq!(slot.refused("session.grant", params).await, code, "{why}");
    let lines = audited(server, "grant_refused").await;
    assert!(
        lines.iter().any(|line| line.contains(why)),
        "{why}: {lines:?}"
    );
}

#[tokio::test]
async fn the_application_cannot_grant_and_neither_can_another_process() {
    let (server, _folder) = server("pty", ASKS, "echo the app is here; cat").await;
    let mut viewer = open(&server).await;
    viewer.until_text(0, "user: ").await;
    let id = viewer.id().await;
    viewer.type_text("alice\n").await;
    viewer.until_text(0, "the app is here").await;
    let mut app = Slot::of(&server, &id, 1).await;
    let info = app.call("session.info", json!({})).await;
    assert_eq!(
        (&info["role"], &info["user"], info.get("nonce")),
        (&json!("app"), &json!("alice"), None)
    );
    let grant = json!({"subject": "root", "nonce": "guessed"});
    forged(&server, &mut app, grant.clone(), -32000, "no login program").await;
    app.call("proc.spawn", json!({"command": ["cat"]})).await;
    forged(
        &server,
        &mut Slot::of(&server, &id, 2).await,
        grant,
        -32000,
        "no login program",
    )
    .await;
    assert_eq!(
        app.call("session.validate", json!({})).await["sub"],
        "alice"
    );
    assert_eq!(app.refused("session.deny", json!({})).await, -32000);
}

#[tokio::test]
async fn who_is_not_the_login_program_cannot_grant_even_with_its_socket_and_its_nonce() {
    let (server, folder) = server("pty", WAITS, GREETS).await;
    let mut viewer = open(&server).await;
    // We are of the same user and have found the socket, but the kernel knows who we are.
    let (_, mut slot) = login_slot(&folder).await;
    let info = slot.call("session.info", json!({})).await;
    assert_eq!(info["role"], "login");
    assert_eq!(info.get("user"), None);
    let nonce = info["nonce"].clone();
    let grant = json!({"subject": "root", "nonce": nonce});
    forged(&server, &mut slot, grant, -32000, "not the login program").await;
    assert_eq!(slot.refused("session.deny", json!({})).await, -32000);
    // Nothing else is for it, nor for us.
    for (method, params) in [
        ("proc.spawn", json!({"command": ["cat"]})),
        ("session.token", json!({})),
        ("session.validate", json!({})),
        ("session.logout", json!({})),
        ("notify", json!({"text": "x"})),
        ("title", json!({"text": "x"})),
        ("var.list", json!({})),
    ] {
        assert_eq!(slot.refused(method, params).await, -32000, "{method}");
    }
    // A process of the login program that has made itself a Unix session of its own neither.
    let line =
        "setsid --wait $AWP session grant --subject root; echo status $?; read -r line; true\n";
    viewer.type_text(line).await;
    viewer.until_text(0, "status 5").await;
    viewer.type_text("\n").await;
    denied(&server, &mut viewer).await;
}

#[tokio::test]
async fn a_grant_counts_once_with_this_session_s_nonce_alone() {
    let (server, folder) = server("pty", WAITS, "echo app of $AWP_USER; cat").await;
    let mut first = open(&server).await;
    let (_, mut slot) = login_slot(&folder).await;
    let replayed = slot.call("session.info", json!({})).await["nonce"].clone();
    std::fs::remove_file(folder.path().join("pid")).expect("there");
    let mut second = open(&server).await;
    login_slot(&folder).await;
    // The second login program shows the first one's nonce, and then none.
    let call = |nonce: &str| {
        let grant = json!({"jsonrpc": "2.0", "id": 1, "method": "session.grant", "params": {"subject": "root", "nonce": nonce}});
        let script = "import os,socket,sys;s=socket.socket(socket.AF_UNIX);s.connect(os.environ[\"AWP_SOCKET\"]);\
                      s.sendall(sys.argv[1].encode()+b\"\\n\");print(s.recv(1000).decode())";
        format!("python3 -c '{script}' '{grant}'; ")
    };
    let nonce = replayed.as_str().expect("a nonce");
    let again = "$AWP session grant --subject alice; $AWP session grant --subject mallory; true";
    let line = format!("{}{}{again}\n", call(nonce), call(""));
    second.type_text(&line).await;
    let told = login_told(&mut second).await;
    assert_eq!(told["subject"], "alice");
    second.until_text(0, "app of alice").await;
    let lines = audited(&server, "grant_refused").await;
    let counted = |why: &str| lines.iter().filter(|line| line.contains(why)).count();
    assert_eq!(
        (counted("nonce"), counted("granted before"), lines.len()),
        (2, 1, 3),
        "{lines:?}"
    );
    first.type_text("exit 1\n").await;
    first.until("the end", |seen| seen.over).await;
}

#[tokio::test]
async fn what_outlives_the_login_program_has_nothing_left_of_its_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("leave.py");
    let text = "import os, socket, sys\n\
        s = socket.socket(socket.AF_UNIX)\n\
        s.connect(os.environ['AWP_SOCKET'])\n\
        s.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.info\"}\\n')\n\
        s.recv(1000)\n\
        if os.fork(): sys.exit(0)\n\
        os.setsid()\n\
        for fd in (0, 1, 2): os.close(fd)\n\
        try: said = s.recv(1000)\n\
        except ConnectionResetError: said = b''\n\
        try:\n\
        \x20late = socket.socket(socket.AF_UNIX)\n\
        \x20late.connect(os.environ['AWP_SOCKET'])\n\
        \x20again = 'open'\n\
        except OSError: again = 'gone'\n\
        open(os.environ['FOLDER'] + '/left.new', 'w').write(f'{len(said)} {again}')\n\
        os.rename(os.environ['FOLDER'] + '/left.new', os.environ['FOLDER'] + '/left')\n";
    std::fs::write(&script, text).expect("written");
    let login = format!(
        "python3 {} && $AWP session grant --subject alice",
        script.display()
    );
    let (server, folder) = server("pty", &login, GREETS).await;
    let mut viewer = open(&server).await;
    assert_eq!(login_told(&mut viewer).await["subject"], "alice");
    let left = folder.path().join("left");
    let left = until("what is left", || {
        std::fs::read_to_string(&left).map_err(|error| error.to_string())
    })
    .await;
    assert_eq!(left, "0 gone");
}

#[tokio::test]
async fn after_the_deadline_it_is_too_late_and_who_leaves_is_not_let_in() {
    let login = "echo waiting; cat";
    let (server, _folder) = timed("pty", login, GREETS, "1s").await;
    let mut viewer = open(&server).await;
    denied(&server, &mut viewer).await;
    let failed = audited(&server, "login_failed").await;
    assert!(failed[0].contains("took too long"), "{failed:?}");

    let (server, folder) = self::server("pty", WAITS, GREETS).await;
    let viewer = open(&server).await;
    login_slot(&folder).await;
    drop(viewer);
    let failed = audited(&server, "login_failed").await;
    assert!(failed[0].contains("has left"), "{failed:?}");
    until("the end of the session", || {
        let left = server.descendants();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_login_may_ask_again_but_not_for_ever_and_a_grant_ends_with_its_time() {
    let login = "while $AWP session deny --retry --reason bad; do echo again; done; cat";
    let (server, _folder) = server("pty", login, GREETS).await;
    let mut viewer = open(&server).await;
    denied(&server, &mut viewer).await;
    assert_eq!(audited(&server, "login_denied").await.len(), 6);

    let login = "$AWP session grant --subject alice --ttl 1s";
    let (server, _folder) = self::server("pty", login, "echo app; cat").await;
    let mut viewer = open(&server).await;
    assert_eq!(login_told(&mut viewer).await["subject"], "alice");
    viewer.until("the end", |seen| seen.over).await;
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
