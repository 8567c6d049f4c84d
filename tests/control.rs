//! The control socket of each process, against the real server: who reaches it, what it takes, what
//! its methods do, and the command line that wraps them.

mod harness;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use awp_server::control::MAX_LINE;
use harness::slot::{Slot, socket_of};
use harness::{Dialect, Server, Viewer, until, within};
use serde_json::{Value, json};
use tokio::process::Command;

/// A server and a session of it whose process waits.
async fn session() -> (Server, String) {
    let server = Server::start(&[], &["cat"]).await;
    let id = server.create(json!({})).await;
    (server, id)
}

/// The newest notice that a viewer was told.
fn notices(seen: &harness::seen::Seen) -> Vec<Value> {
    let told = seen.all("notice").into_iter();
    told.map(|told| told["notice"].clone()).collect()
}

#[tokio::test]
async fn each_process_has_a_socket_of_its_own_that_ends_with_it() {
    let (server, id) = session().await;
    let first = socket_of(&server, &id, 1).await;
    let mode = |path: &Path| {
        let metadata = std::fs::symlink_metadata(path).expect("there");
        (metadata.uid(), metadata.permissions().mode() & 0o777)
    };
    let own = rustix::process::geteuid().as_raw();
    assert_eq!(mode(&first), (own, 0o600));
    assert_eq!(mode(first.parent().expect("a folder")), (own, 0o700));

    let mut slot = Slot::open(&first).await;
    let info = slot.call("session.info", json!({})).await;
    let expected =
        json!({"session": id, "app": "default", "process": 1, "role": "app", "user": "owner"});
    assert_eq!(info, expected);
    let spawned = slot.call("proc.spawn", json!({"command": ["cat"]})).await;
    assert_eq!(spawned, json!({"process": 2}));
    let second = socket_of(&server, &id, 2).await;
    assert_ne!(first, second);
    let info = Slot::open(&second)
        .await
        .call("session.info", json!({}))
        .await;
    assert_eq!(info["process"], 2);

    // Its connections end with it as well, whoever holds them.
    let mut held = Slot::open(&second).await;
    slot.call("proc.signal", json!({"process": 2, "signal": "KILL"}))
        .await;
    assert_eq!(held.line().await, None);
    assert!(!second.exists() && first.exists());
    assert_eq!(
        slot.refused("proc.signal", json!({"process": 2, "signal": "KILL"}))
            .await,
        -32004
    );
    slot.call("session.logout", json!({})).await;
    assert_eq!(slot.line().await, None);
    let gone = || {
        (!first.exists())
            .then_some(())
            .ok_or_else(|| "it is there".to_owned())
    };
    until("the end of the socket", gone).await;
}

#[tokio::test]
async fn what_is_no_call_is_refused_by_its_number_and_the_rest_goes_on() {
    let (server, id) = session().await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let cases = [
        ("nonsense", json!(-32700)),
        ("[]", json!(-32600)),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"session.info"}"#,
            json!(-32600),
        ),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"session.info"}"#,
            json!(-32600),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"no.such"}"#,
            json!(-32601),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"var.get"}"#,
            json!(-32602),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"var.get","params":["x"]}"#,
            json!(-32602),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"var.get","params":{"name":"x","more":1}}"#,
            json!(-32602),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"session.grant","params":{"subject":"root","nonce":""}}"#,
            json!(-32000),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"session.deny"}"#,
            json!(-32000),
        ),
    ];
    for (line, code) in cases {
        slot.send(format!("{line}\r\n\n").as_bytes()).await;
        let answer = slot.line().await.expect("an answer");
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
    }
    // Without an id there is no answer, even to what is wrong; it was carried out all the same.
    slot.send(b"{\"jsonrpc\":\"2.0\",\"method\":\"no.such\"}\n")
        .await;
    slot.send(
        b"{\"jsonrpc\":\"2.0\",\"method\":\"var.set\",\"params\":{\"name\":\"a\",\"value\":[1]}}\n",
    )
    .await;
    let got = slot.call("var.get", json!({"name": "a"})).await;
    assert_eq!(got, json!({"name": "a", "value": [1]}));

    // A line that is too long ends the connection, and nothing else.
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"log","params":{"text":""#;
    slot.send(call.as_bytes()).await;
    slot.send(&vec![b'x'; MAX_LINE]).await;
    let answer = slot.line().await.expect("an answer");
    assert_eq!(
        (&answer["error"]["code"], &answer["id"]),
        (&json!(-32600), &Value::Null)
    );
    assert_eq!(slot.line().await, None);
    Slot::of(&server, &id, 1)
        .await
        .call("session.info", json!({}))
        .await;
}

#[tokio::test]
async fn many_calls_on_one_line_after_another_are_all_answered() {
    let (server, id) = session().await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "session.info"}).to_string();
    let calls: Vec<String> = (0..1000).map(call).chain([String::new()]).collect();
    let calls = calls.join("\n");
    let (mut answers, mut sent) = (Vec::new(), Slot::of(&server, &id, 1).await);
    sent.send(calls.as_bytes()).await;
    while answers.len() < 1000 {
        let answer = sent.line().await.expect("an answer");
        answers.push(answer["id"].as_u64().expect("a number"));
    }
    answers.sort_unstable();
    assert!(answers.iter().copied().eq(0..1000));
    // A slot has so many connections; one more is closed, and one that leaves makes room.
    let mut more = Vec::new();
    for _ in 0..awp_server::control::MAX_CONNECTIONS - 2 {
        let mut slot = Slot::of(&server, &id, 1).await;
        slot.call("session.info", json!({})).await;
        more.push(slot);
    }
    assert_eq!(Slot::of(&server, &id, 1).await.line().await, None);
    slot.call("session.info", json!({})).await;
}

#[tokio::test]
async fn variables_are_shared_by_the_processes_of_a_session_and_by_no_others() {
    let (server, id) = session().await;
    let mut first = Slot::of(&server, &id, 1).await;
    first.call("proc.spawn", json!({"command": ["cat"]})).await;
    let mut second = Slot::of(&server, &id, 2).await;
    first
        .call("var.set", json!({"name": "step", "value": {"now": 2}}))
        .await;
    let got = second.call("var.get", json!({"name": "step"})).await;
    assert_eq!(got["value"], json!({"now": 2}));
    second
        .call("var.set", json!({"name": "b", "value": "x"}))
        .await;
    assert_eq!(
        first.call("var.list", json!({})).await,
        json!({"names": ["b", "step"]})
    );
    second
        .call("var.set", json!({"name": "step", "value": null}))
        .await;
    assert_eq!(
        first.call("var.get", json!({"name": "step"})).await["value"],
        Value::Null
    );
    assert_eq!(
        first
            .refused("var.set", json!({"name": "a b", "value": 1}))
            .await,
        -32602
    );
    let large = "x".repeat(MAX_LINE / 2);
    assert_eq!(
        first
            .refused("var.set", json!({"name": "a", "value": large}))
            .await,
        -32003
    );

    let other = server.create(json!({})).await;
    let names = Slot::of(&server, &other, 1)
        .await
        .call("var.list", json!({}))
        .await;
    assert_eq!(names, json!({"names": []}));
}

#[tokio::test]
async fn those_who_watch_are_told_and_only_who_may_type_gets_links_and_texts() {
    let (server, id) = session().await;
    let path = format!("/ws?session={id}");
    let mut slot = Slot::of(&server, &id, 1).await;
    let link = json!({"url": "https://example.org/device?code=123"});
    // Nobody who could be asked: one who is there shows none, the other may not.
    let mut old = Viewer::open(&server, Dialect::V1, &path).await;
    let mut watcher = Viewer::noticing(&server, &format!("{path}&role=watch")).await;
    for viewer in [&mut old, &mut watcher] {
        viewer
            .until("the session", |seen| !seen.all("session").is_empty())
            .await;
    }
    assert_eq!(slot.refused("open", link.clone()).await, -32001);
    assert_eq!(
        slot.refused("clip.copy", json!({"text": "x"})).await,
        -32001
    );

    let mut writer = Viewer::noticing(&server, &path).await;
    writer
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    slot.call(
        "notify",
        json!({"text": "built\u{1b}[31m", "title": "make"}),
    )
    .await;
    slot.call("open", link.clone()).await;
    slot.call("clip.copy", json!({"text": "a\u{1b}b\n"})).await;
    slot.call("progress", json!({"value": 40, "text": "half"}))
        .await;
    slot.call("title", json!({"text": "building"})).await;
    let told = |seen: &harness::seen::Seen| notices(seen).iter().any(|one| one["kind"] == "title");
    writer.until("the title", told).await;
    watcher.until("the title", told).await;
    let common = [
        json!({"kind": "notify", "text": "built [31m", "title": "make"}),
        json!({"kind": "progress", "value": 40, "text": "half"}),
        json!({"kind": "title", "text": "building"}),
    ];
    assert_eq!(notices(&watcher.seen), common);
    let [notify, progress, title] = common;
    let open = json!({"kind": "open", "url": link["url"]});
    let clip = json!({"kind": "clip", "text": "a\u{1b}b\n"});
    assert_eq!(notices(&writer.seen), [notify, open, clip, progress, title]);
    assert_eq!(writer.seen.all("notice")[0]["process"], 1);

    // Whoever comes later is told the title, and nothing that is past.
    let mut late = Viewer::noticing(&server, &path).await;
    late.until("the session", |seen| !seen.all("session").is_empty())
        .await;
    late.round_trip().await;
    assert_eq!(notices(&late.seen), [] as [Value; 0]);
    assert_eq!(
        late.seen.all("welcome")[0]["processes"][0]["title"],
        "building"
    );
    old.round_trip().await;
    assert_eq!(notices(&old.seen), [] as [Value; 0]);
    for url in ["javascript:alert(1)", "file:///etc/passwd", "https://a b"] {
        assert_eq!(
            slot.refused("open", json!({"url": url})).await,
            -32602,
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_flood_of_notices_is_refused_and_progress_is_only_ever_the_newest() {
    let (server, id) = session().await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let mut refused = 0;
    for _ in 0..100 {
        let answer = slot.ask("notify", json!({"text": "x"})).await;
        refused += usize::from(answer["error"]["code"] == -32003);
    }
    assert!(refused > 0);
    let mut viewer = Viewer::noticing(&server, &format!("/ws?session={id}")).await;
    viewer
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    for value in 0..=100 {
        slot.call("progress", json!({"value": value})).await;
    }
    let last =
        |seen: &harness::seen::Seen| notices(seen).last().is_some_and(|one| one["value"] == 100);
    viewer.until("the last", last).await;
}

#[tokio::test]
async fn a_line_for_the_log_says_where_it_comes_from_and_cannot_pretend_otherwise() {
    let (server, id) = session().await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let forged = "done\n2026-01-01T00:00:00Z ERROR audit: all is lost \u{1b}[2J";
    slot.call("log", json!({"text": forged, "level": "warn"}))
        .await;
    let line = until("the line", || {
        let log = server.log();
        let found = log.lines().find(|line| line.contains("all is lost"));
        found.map(str::to_owned).ok_or(log)
    })
    .await;
    assert!(
        line.contains("WARN program") && line.contains(&id),
        "{line}"
    );
    assert!(
        line.contains("done 2026") && !line.contains('\u{1b}'),
        "{line}"
    );
}

#[tokio::test]
async fn a_process_that_is_started_appears_beside_the_others() {
    let (server, id) = session().await;
    let mut viewer = Viewer::open(&server, Dialect::V1, &format!("/ws?session={id}")).await;
    viewer
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let command = json!([
        "sh",
        "-c",
        "echo $GREETING $AWP_USER $AWP_SESSION; pwd; cat"
    ]);
    let spawn =
        json!({"command": command, "mode": "pipe", "cwd": "/tmp", "env": {"GREETING": "hi"}});
    assert_eq!(slot.call("proc.spawn", spawn).await, json!({"process": 2}));
    let expected = format!("hi owner {id}\n/tmp\n");
    let came = |seen: &harness::seen::Seen| {
        seen.others
            .get(&2)
            .is_some_and(|out| out.text() == expected)
    };
    viewer.until("its output", came).await;
    let listed = slot.call("proc.list", json!({})).await;
    let listed = listed["processes"].as_array().expect("a list").clone();
    let modes: Vec<_> = listed
        .iter()
        .map(|one| (&one["process"], &one["mode"], &one["title"]))
        .collect();
    assert_eq!(
        modes,
        [
            (&json!(1), &json!("pty"), &json!("cat")),
            (&json!(2), &json!("pipe"), &json!("sh"))
        ]
    );
    for wrong in [
        json!({"command": ["no-such-program"]}),
        json!({"command": []}),
        json!({"command": ["cat"], "env": {"AWP_USER": "root"}}),
        json!({"command": ["cat"], "cwd": "/no/such"}),
    ] {
        assert_eq!(
            slot.refused("proc.spawn", wrong.clone()).await,
            -32602,
            "{wrong}"
        );
    }
    assert_eq!(
        slot.refused("proc.signal", json!({"process": 2, "signal": "NONE"}))
            .await,
        -32602
    );
    slot.call("proc.signal", json!({"process": 2, "signal": "TERM"}))
        .await;
    viewer
        .until("its end", |seen| !seen.all("exit").is_empty())
        .await;
    assert_eq!(
        viewer.seen.all("exit")[0]["status"],
        json!({"signal": "TERM"})
    );
}

#[tokio::test]
async fn a_token_stands_for_its_session_alone() {
    let (server, id) = session().await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let issued = slot.call("session.token", json!({})).await;
    let token = json!({"token": issued["token"]});
    let validity = slot.call("session.validate", token.clone()).await;
    assert_eq!(validity["active"], true);
    assert_eq!(
        (&validity["sub"], &validity["session"]),
        (&json!("owner"), &json!(id))
    );
    assert!(validity["exp"].as_u64() <= issued["expires"].as_u64());
    assert_eq!(
        slot.call("session.validate", json!({})).await["active"],
        true
    );
    let other = server.create(json!({})).await;
    let mut other = Slot::of(&server, &other, 1).await;
    let nothing = json!({"active": false});
    assert_eq!(other.call("session.validate", token).await, nothing);
    assert_eq!(
        slot.call("session.validate", json!({"token": format!("{id}.x")}))
            .await,
        nothing
    );
}

#[tokio::test]
async fn another_user_is_not_heard_even_where_the_file_would_let_them_in() {
    // Only root can become somebody else; the refusal itself is the same for all.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("run");
    std::fs::create_dir(&folder).expect("made");
    let runtime = folder.to_str().expect("UTF-8");
    let server = Server::with_environment(&[], &["cat"], &[("XDG_RUNTIME_DIR", runtime)]).await;
    let id = server.create(json!({})).await;
    let socket = socket_of(&server, &id, 1).await;
    assert!(socket.starts_with(&folder), "{}", socket.display());
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
    };
    open(home.path(), 0o755);
    open(&folder, 0o755);
    open(socket.parent().expect("a folder"), 0o755);
    open(&socket, 0o666);
    let script = "import socket,sys,os\nos.setuid(65534)\ns=socket.socket(socket.AF_UNIX)\n\
                  s.connect(sys.argv[1])\n\
                  s.settimeout(60)\n\
                  try:\n s.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.info\"}\\n')\n\
                  except OSError: pass\n\
                  try:\n print(len(s.recv(100)))\n\
                  except ConnectionResetError: print(0)\n";
    let mut python = Command::new("python3");
    let python = python.args(["-c", script]).arg(&socket).output();
    let output = within("the other user", python).await.expect("python3");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n", "{output:?}");
    until("the audit line", || {
        let log = server.log();
        let found = log.contains("audit") && log.contains("another user");
        if found { Ok(()) } else { Err(log) }
    })
    .await;
}
