//! Every way we know of to get past a login program, tried against the real server. Each refusal of a
//! call is an audit line.

mod harness;

use harness::door::{
    ASKS, GREETS, WAITS, audited, denied, login_slot, login_told, open, server, timed,
};
use harness::slot::Slot;
use harness::{Server, until};
use serde_json::{Value, json};

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

    let (server, folder) = harness::door::server("pty", WAITS, GREETS).await;
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
