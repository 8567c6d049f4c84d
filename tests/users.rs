//! Users with passwords: who gets in, what each role may do, whose the sessions are, and that no
//! password is to be found anywhere.

mod harness;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use harness::people::{Browser, add_user, does, verb};
use harness::{Server, Viewer, until};
use serde_json::json;

/// A password as no other text of the tests.
const PASSWORD: &str = "correct-horse-battery-9317";

async fn with_users(options: &[&str]) -> Server {
    let home = tempfile::tempdir().expect("a folder");
    for (name, role) in [("ann", "owner"), ("bob", "write"), ("eve", "watch")] {
        add_user(&home, name, role, PASSWORD).await;
    }
    Server::at_home(home, options, &["cat"]).await
}

async fn owners_session(server: &Server) -> String {
    server.create(json!({"mode": "pipe"})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_held_against_every_message_and_request() {
    let server = with_users(&[]).await;
    let id = owners_session(&server).await;
    let mut typed = 0;
    for (name, types, owns) in [
        ("eve", false, false),
        ("bob", true, false),
        ("ann", true, true),
    ] {
        let tab = server.browser(name, PASSWORD).await;
        let check = server.call_as(&tab, "GET /api/v1/check", None).await;
        assert_eq!(check.status, 204);
        assert_eq!(check.header("x-awp-user"), Some(name));
        let role = ["watch", "write", "owner"][usize::from(types) + usize::from(owns)];
        assert_eq!(check.header("x-awp-role"), Some(role));
        for (needed, enough) in [("watch", true), ("write", types), ("owner", owns)] {
            let line = format!("GET /api/v1/check?role={needed}");
            let status = server.call_as(&tab, &line, None).await.status;
            assert_eq!(status, if enough { 204 } else { 403 }, "{name} {needed}");
        }
        let path = format!("/ws?session={id}");
        let mut viewer = server.attach_as(&tab, &path).await.expect("a socket");
        viewer
            .until("welcome", |seen| !seen.all("session").is_empty())
            .await;
        let word = format!("typed-by-{name}\n");
        viewer.type_text(&word).await;
        if types {
            viewer.until_text(0, &word).await;
            typed += word.len();
        } else {
            viewer
                .until("a refusal", |seen| !seen.errors().is_empty())
                .await;
            assert_eq!(viewer.seen.errors(), ["not_allowed"]);
        }
        let at = |rest: &str| format!("/api/v1/sessions/{id}{rest}");
        let bob_may = if types { 204 } else { 403 };
        let owner_may = if owns { 204 } else { 403 };
        for (line, body, expected) in [
            (format!("GET {}", at("")), None, 200),
            (
                format!("POST {}", at("/resize")),
                Some(json!({"cols": 80, "rows": 24})),
                bob_may,
            ),
            (
                format!("POST {}", at("/signal")),
                Some(json!({"signal": "WINCH"})),
                bob_may,
            ),
            (
                format!("PATCH {}", at("")),
                Some(json!({"name": "x"})),
                owner_may,
            ),
        ] {
            let answer = server.call_as(&tab, &line, body).await;
            assert_eq!(answer.status, expected, "{name} {line}: {answer:?}");
        }
        let make = server
            .call_as(&tab, "POST /api/v1/sessions", Some(json!({})))
            .await;
        assert_eq!(
            make.status,
            if owns { 201 } else { 403 },
            "{name}: {make:?}"
        );
        let open = server.attach_as(&tab, "/ws").await;
        assert_eq!(open.err(), if owns { None } else { Some(403) }, "{name}");
    }
    let mut owner = Viewer::open(
        &server,
        harness::Dialect::Json,
        &format!("/ws?session={id}"),
    )
    .await;
    owner
        .until("all of it", |seen| seen.out.end() >= typed as u64)
        .await;
    assert!(!owner.seen.out.contains("typed-by-eve"), "{:?}", owner.seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_passwords_are_not_guessed() {
    let server = with_users(&[]).await;
    let wrong = || server.login(json!({"user": "bob", "password": "wrong"}));
    let mut seen = BTreeMap::<u16, usize>::new();
    for _ in 0..20 {
        let answer = wrong().await;
        *seen.entry(answer.status).or_default() += 1;
        if answer.status == 429 {
            let after = answer
                .header("retry-after")
                .and_then(|at| at.parse::<u64>().ok());
            assert!(after.is_some_and(|after| after > 0), "{answer:?}");
        }
    }
    assert_eq!(seen, BTreeMap::from([(401, 9), (429, 11)]));
    let right = json!({"user": "bob", "password": PASSWORD});
    let refused = server.login(right.clone()).await;
    assert_eq!(refused.status, 429, "not even the right one is looked at");
    let near = tokio::net::TcpSocket::new_v4().expect("a socket");
    near.bind("127.0.0.2:0".parse().expect("an address"))
        .expect("loopback is large");
    let other = server.login_from(near, &right).await;
    assert_eq!(
        other.status, 200,
        "another source is not shut out: {other:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_login_is_refused_alike() {
    let server = with_users(&[]).await;
    let mut answers = Vec::new();
    for (user, password) in [
        ("bob", "wrong"),
        ("nobody", PASSWORD),
        ("owner", PASSWORD),
        ("", ""),
    ] {
        let answer = server
            .login(json!({"user": user, "password": password}))
            .await;
        assert_eq!(answer.status, 401, "{user}");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for shown in [
        json!({"user": "bob"}),
        json!({"password": PASSWORD}),
        json!({"user": "bob", "password": PASSWORD, "token": "x"}),
        json!({"user": "bob", "password": PASSWORD, "role": "owner"}),
        json!({"user": ["bob"], "password": PASSWORD}),
        json!({}),
    ] {
        let answer = server.login(shown.clone()).await;
        assert_eq!(answer.status, 400, "{shown}");
        assert!(!answer.body.contains(PASSWORD));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_in_one_browser_do_not_become_each_other() {
    let server = with_users(&[]).await;
    let eve = server.browser("eve", PASSWORD).await;
    let json = "Content-Type: application/json\r\n";
    let shown = json!({"user": "ann", "password": PASSWORD}).to_string();
    let headers = format!("{json}Cookie: {}\r\n", eve.cookie);
    let ann = Browser::of(&server.send("POST /api/v1/login", &headers, &shown).await);
    assert_ne!(ann.cookie, eve.cookie);
    let mixed = Browser {
        cookie: ann.cookie.clone(),
        page_key: eve.page_key.clone(),
    };
    let list = "GET /api/v1/sessions";
    assert_eq!(server.call_as(&mixed, list, None).await.status, 401);
    assert_eq!(server.call_as(&ann, list, None).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_keeps_the_users() {
    let home = tempfile::tempdir().expect("a folder");
    assert_eq!(does(&home, &["user", "ls"], "").await, "NAME  ROLE\n");
    let folder = home.path().join(".local/state/awp");
    assert!(!folder.exists(), "nothing is made for a question");
    add_user(&home, "bob", "watch", "a").await;
    add_user(&home, "a@example.org", "owner", PASSWORD).await;
    let list = does(&home, &["user", "ls"], "").await;
    assert_eq!(
        list,
        "NAME           ROLE\na@example.org  owner\nbob            watch\n"
    );
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("awp.db")), 0o600);
    let passwd = ["user", "passwd", "bob", "--password-stdin"];
    does(&home, &passwd, "another\r\n").await;
    does(&home, &["user", "role", "bob", "write"], "").await;
    does(&home, &["user", "rm", "a@example.org"], "").await;
    assert_eq!(
        does(&home, &["user", "ls"], "").await,
        "NAME  ROLE\nbob   write\n"
    );
    for (arguments, stdin, status) in [
        (
            &["user", "add", "bob", "--role", "owner", "--password-stdin"][..],
            "x\n",
            1,
        ),
        (
            &[
                "user",
                "add",
                "owner",
                "--role",
                "owner",
                "--password-stdin",
            ],
            "x\n",
            2,
        ),
        (
            &["user", "add", "a b", "--role", "owner", "--password-stdin"],
            "x\n",
            2,
        ),
        (
            &["user", "add", "x", "--role", "king", "--password-stdin"],
            "x\n",
            2,
        ),
        (
            &["user", "add", "x", "--role", "owner", "--password-stdin"],
            "\n",
            1,
        ),
        (&["user", "add", "x", "--role", "owner"], "x\n", 2),
        (
            &["user", "add", "x", "--role", "owner", "--password", "x"],
            "",
            2,
        ),
        (&["user", "role", "nobody", "owner"], "", 1),
        (&["user", "rm", "nobody"], "", 1),
    ] {
        let output = verb(&home, arguments, stdin).await;
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {output:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c23_a_database_that_cannot_be_trusted_is_an_error_at_start() {
    for (content, mode) in [
        (&b""[..], 0o600),
        (b"garbage of some length", 0o600),
        (b"", 0o666),
    ] {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join(".local/state/awp");
        std::fs::create_dir_all(&folder).expect("a folder of ours");
        let file = folder.join("awp.db");
        std::fs::write(&file, content).expect("written");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, permissions).expect("a file of ours");
        let output = verb(
            &home,
            &["serve", "--listen", "127.0.0.1:0", "--", "cat"],
            "",
        )
        .await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.lines().filter(|line| line.contains("awp.db")).count() == 1,
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_a_password_is_nowhere() {
    let server = with_users(&["--log-level", "trace"]).await;
    let id = owners_session(&server).await;
    let tab = server.browser("bob", PASSWORD).await;
    let path = format!("/ws?session={id}");
    let mut viewer = server.attach_as(&tab, &path).await.expect("a socket");
    viewer.type_text("x\n").await;
    viewer.until_text(0, "x").await;
    let wrong = server
        .login(json!({"user": "bob", "password": "wrong-9317"}))
        .await;
    assert_eq!(wrong.status, 401);
    until("the log of the login", || {
        let log = server.log();
        if log.contains("event=\"login\"") {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
    let cookie = tab.cookie.split_once('=').map_or("", |(_, value)| value);
    let secrets = [
        PASSWORD,
        "wrong-9317",
        cookie,
        &tab.page_key,
        harness::server::TOKEN,
    ];
    let proc = format!("/proc/{}", server.pid());
    let read = |path: &str| std::fs::read(path).expect("readable");
    let database = server.home.path().join(".local/state/awp");
    let mut places = vec![
        ("the log".to_owned(), server.log().into_bytes()),
        ("cmdline".to_owned(), read(&format!("{proc}/cmdline"))),
        ("environ".to_owned(), read(&format!("{proc}/environ"))),
    ];
    for file in std::fs::read_dir(database).expect("a folder") {
        let path = file.expect("a file").path();
        places.push((
            path.display().to_string(),
            std::fs::read(&path).expect("readable"),
        ));
    }
    for (place, bytes) in &places {
        for secret in secrets {
            let found = bytes
                .windows(secret.len())
                .any(|at| at == secret.as_bytes());
            let text = String::from_utf8_lossy(bytes);
            let line = text.lines().find(|line| line.contains(secret));
            assert!(!found, "a secret in {place}: {line:?}");
        }
    }
}

/// An app says who may open it; what is not said is for owners alone.
#[tokio::test(flavor = "multi_thread")]
async fn users_open_the_apps_that_are_for_users() {
    let config = tempfile::NamedTempFile::new().expect("a file");
    let text = "[app.count]\ncommand = [\"cat\"]\nmode = \"pipe\"\naccess = \"users\"\n\
                [app.root]\ncommand = [\"cat\"]\nmode = \"pipe\"\n";
    std::fs::write(config.path(), text).expect("written");
    let path = config.path().to_str().expect("a plain path");
    let server = with_users(&["--config", path]).await;
    let create = "POST /api/v1/sessions";
    for (name, opens) in [("eve", false), ("bob", true), ("ann", true)] {
        let tab = server.browser(name, PASSWORD).await;
        let made = server
            .call_as(&tab, create, Some(json!({"app": "count"})))
            .await;
        assert_eq!(
            made.status,
            if opens { 201 } else { 403 },
            "{name}: {made:?}"
        );
        let attached = server.attach_as(&tab, "/ws/count").await;
        assert_eq!(attached.is_ok(), opens, "{name}");
        if let Ok(mut viewer) = attached {
            viewer.id().await;
            viewer.type_text("mine\n").await;
            viewer.until_text(0, "mine").await;
        }
        let owner = name == "ann";
        for body in [
            json!({"app": "root"}),
            json!({}),
            json!({"app": "count", "command": ["id"]}),
            json!({"app": "count", "env": {"LD_PRELOAD": "x"}}),
            json!({"app": "count", "cwd": "/"}),
        ] {
            let answer = server.call_as(&tab, create, Some(body.clone())).await;
            assert_eq!(
                answer.status,
                if owner { 201 } else { 403 },
                "{name} {body}: {answer:?}"
            );
        }
        if !owner {
            let unknown = server
                .call_as(&tab, create, Some(json!({"app": "none"})))
                .await;
            assert_eq!(unknown.status, 403, "no word on what there is: {unknown:?}");
        }
        for path in ["/ws", "/ws/root"] {
            assert_eq!(
                server.attach_as(&tab, path).await.is_ok(),
                owner,
                "{name} {path}"
            );
        }
        let apps = server.call_as(&tab, "GET /api/v1/apps", None).await;
        let names = |list: &serde_json::Value| -> Vec<String> {
            let apps = list.as_array().expect("a list").iter();
            apps.map(|app| app["name"].as_str().expect("text").to_owned())
                .collect()
        };
        match name {
            "eve" => assert_eq!(apps.status, 403, "{apps:?}"),
            "bob" => assert_eq!(names(&apps.json()), ["count"]),
            _ => assert_eq!(names(&apps.json()), ["default", "count", "root"]),
        }
    }
    // The guest of one session opens none, whatever he may do there.
    let id = owners_session(&server).await;
    let line = format!("POST /api/v1/sessions/{id}/share");
    let shared = server
        .call(&line, Some(json!({"write": true})))
        .await
        .json();
    let secret = shared["url"]
        .as_str()
        .and_then(|url| url.split_once("#share="));
    let (_, secret) = secret.expect("a link");
    let guest = Browser::of(&server.login(json!({"share": secret})).await);
    let made = server
        .call_as(&guest, create, Some(json!({"app": "count"})))
        .await;
    assert_eq!(made.status, 403, "{made:?}");
    assert!(server.attach_as(&guest, "/ws/count").await.is_err());
}
