//! A login that has to be given again: when a grant is over, and when the application asks for it.

mod harness;

use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::ProcessId;
use awp_server::wire::frame::Frame;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use harness::door::{audited, login_told, server, shown};
use harness::seen::Seen;
use harness::{Dialect, Server, Viewer, until};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Asks who is there; the first grant is over at once, a later one is not.
const SHORT: &str = r#"ttl=1h; [ "$AWP_ROLE" = login ] && ttl=1s
    printf "$SECRET $AWP_ROLE ($AWP_USER): "; read -r user; echo "$SECRET hello $user"
    [ "$user" = nobody ] && { $AWP session deny --reason bad; read -r never; }
    $AWP session grant --subject "$user" --acr pwd --ttl $ttl"#;

/// The same, with a grant that is never over.
const LONG: &str = r#"printf "$SECRET $AWP_ROLE ($AWP_USER): "; read -r user
    [ "$user" = nobody ] && exit 1
    wanted=$($AWP session info acr 2>/dev/null || echo pwd)
    $AWP session grant --subject "$user" --acr "$wanted""#;

/// Greets, and writes one more line each time that somebody writes to its pipe.
const APP: &str = r#"mkfifo $FOLDER/go; echo "app of $AWP_USER"
    while read -r line < $FOLDER/go; do echo "meanwhile $line"; echo "$line" > $FOLDER/done; done"#;

const LOGIN: Lane = Lane {
    process: ProcessId::LOGIN,
    channel: Channel::Tty,
};

/// What the login program shows, be it as it came or as a screen.
fn of_login(seen: &Seen) -> String {
    let told = seen.all("snapshot").into_iter();
    let snapshots = told.filter(|told| told["process"] == 0);
    let decoded = snapshots.filter_map(|told| BASE64.decode(told["payload"].as_str()?).ok());
    let texts = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let written = seen.others.get(&0).map(harness::seen::Stream::text);
    texts.chain(written).collect()
}

/// Somebody at the login program, who counts what they type.
struct Person {
    viewer: Viewer,
    typed: u64,
}

impl Person {
    async fn open(server: &Server, path: &str) -> Self {
        let viewer = Viewer::noticing(server, path).await;
        Self { viewer, typed: 0 }
    }

    async fn asked(&mut self, role: &str) {
        let question = format!("{role} (");
        let asked = |seen: &Seen| of_login(seen).contains(&question);
        self.viewer.until(&question, asked).await;
    }

    async fn answers(&mut self, text: &'static str) {
        let (seq, bytes) = (self.typed, Bytes::from_static(text.as_bytes()));
        let lane = LOGIN;
        self.viewer.frame(&Frame::Input { lane, seq, bytes }).await;
        self.typed += text.len() as u64;
    }

    async fn enters(server: &Server, path: &str) -> Self {
        let mut person = Self::open(server, path).await;
        person.asked("login").await;
        person.answers("alice\r").await;
        person.sees("app of alice").await;
        person
    }

    async fn sees(&mut self, text: &str) {
        self.viewer
            .until(text, |seen| shown(seen).contains(text))
            .await;
    }

    async fn is_told(&mut self, what: &str, found: impl Fn(&Value) -> bool) {
        self.viewer
            .until(what, |seen| seen.said.iter().any(&found))
            .await;
    }

    async fn is_locked(&mut self, locked: bool) {
        let now = |seen: &Seen| {
            let told = seen.all("session");
            let last = told.last().map(|told| told["locked"] == json!(true));
            last == Some(locked)
        };
        self.viewer.until(&format!("locked: {locked}"), now).await;
    }
}

async fn orders(server: &Server) -> Value {
    let listed = server.call("GET /api/v1/sessions", None).await.json();
    listed[0].clone()
}

/// Has the application write something, and waits until it has.
async fn writes(folder: &TempDir, line: &str) {
    let (go, done) = (folder.path().join("go"), folder.path().join("done"));
    let told = format!("{line}\n");
    let line = told.clone();
    let written = tokio::task::spawn_blocking(move || std::fs::write(go, line)).await;
    written.expect("a thread").expect("a pipe");
    until("the application", || {
        let text = std::fs::read_to_string(&done).unwrap_or_default();
        if text == told { Ok(()) } else { Err(text) }
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_is_over_is_asked_for_again_and_the_application_goes_on() {
    let (server, folder) = server("pty", SHORT, APP).await;
    let mut alice = Person::enters(&server, "/ws/orders").await;
    let before = orders(&server).await;
    let id = before["id"].as_str().expect("an id").to_owned();
    alice.asked("reauth").await;
    alice.is_locked(true).await;
    assert!(of_login(&alice.viewer.seen).contains("(alice)"));
    assert!(audited(&server, "login_expired").await[0].contains("alice"));

    // The application runs on, and nobody sees it, by whatever way.
    writes(&folder, "first").await;
    let locked = server.session(&id).await.json();
    assert_eq!(
        (&locked["processes"], &locked["locked"]),
        (&json!([]), &json!(true))
    );
    for part in ["screen", "screen?format=json", "processes/1", "processes/0"] {
        let path = format!("GET /api/v1/sessions/{id}/{part}");
        let answer = server.call(&path, None).await;
        assert!(answer.status >= 400, "{part}: {answer:?}");
    }
    for part in ["input", "input?process=0", "input?process=1", "processes"] {
        let path = format!("POST /api/v1/sessions/{id}/{part}");
        let answer = server.call(&path, Some(json!({}))).await;
        assert!(answer.status >= 400, "{part}: {answer:?}");
    }
    // What is typed to it is refused, and does not reach it later.
    alice.viewer.press(0, b"typed blindly\r").await;
    alice
        .is_told("the refusal", |said| said["code"] == "locked")
        .await;
    alice.viewer.round_trip().await;
    assert!(!shown(&alice.viewer.seen).contains("meanwhile"));

    alice.answers("alice\r").await;
    alice.sees("meanwhile first").await;
    alice.is_locked(false).await;
    writes(&folder, "second").await;
    alice.sees("meanwhile second").await;
    let text = shown(&alice.viewer.seen);
    assert!(!text.contains("typed blindly") && !text.contains(harness::door::SECRET));
    let told = alice.viewer.seen.all("login");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .all(|told| told["granted"] == true && told["subject"] == "alice")
    );
    // The same processes, the same layout.
    let after = orders(&server).await;
    assert_eq!(before["processes"][0]["pid"], after["processes"][0]["pid"]);
    assert!(audited(&server, "login_renewed").await[0].contains("alice"));
}

#[tokio::test]
async fn others_wait_and_whoever_comes_again_goes_on_at_the_next_byte() {
    let (server, folder) = server("pty", SHORT, APP).await;
    let mut alice = Person::enters(&server, "/ws/orders").await;
    let id = alice.viewer.id().await;
    let session = format!("/ws?session={id}");
    // Those who only watch never sit before it, and the others do not see it.
    let watching = format!("{session}&role=watch");
    let mut watcher = Person::open(&server, &watching).await;
    alice.asked("reauth").await;
    let mut late = Person::open(&server, &session).await;
    for other in [&mut watcher, &mut late] {
        other.is_locked(true).await;
    }
    let mut raw = Viewer::open(&server, Dialect::Raw, &watching).await;
    let mut json = Viewer::open(&server, Dialect::Json, &watching).await;
    let locked = |seen: &Seen| {
        seen.all("login")
            .iter()
            .any(|told| told["state"] == "locked")
    };
    json.until("the lock", locked).await;
    writes(&folder, "hidden").await;
    // Whoever sat before it leaves: the next one who may type is asked.
    drop(alice);
    late.asked("reauth").await;
    let seen = [&watcher.viewer.seen, &raw.seen, &json.seen];
    for seen in seen {
        assert!(!shown(seen).contains("meanwhile"), "{seen:?}");
        assert!(of_login(seen).is_empty(), "{seen:?}");
    }
    late.answers("alice\r").await;
    for person in [&mut late, &mut watcher] {
        person.sees("meanwhile hidden").await;
        person.is_locked(false).await;
    }
    for viewer in [&mut raw, &mut json] {
        viewer
            .until("the application", |seen| {
                shown(seen).contains("meanwhile hidden")
            })
            .await;
    }
    for seen in [
        &watcher.viewer.seen,
        &late.viewer.seen,
        &raw.seen,
        &json.seen,
    ] {
        assert!(!shown(seen).contains(harness::door::SECRET), "{seen:?}");
    }
}

#[tokio::test]
async fn one_who_fails_may_come_again_and_somebody_else_ends_it() {
    let (server, folder) = server("pty", SHORT, APP).await;
    let mut alice = Person::enters(&server, "/ws/orders").await;
    let id = alice.viewer.id().await;
    alice.asked("reauth").await;
    alice.answers("nobody\r").await;
    alice
        .is_told("the denial", |said| {
            said["type"] == "login" && said["granted"] == false
        })
        .await;
    // Not in a circle: only somebody who comes is asked again.
    alice.viewer.round_trip().await;
    assert!(of_login(&alice.viewer.seen).is_empty());
    writes(&folder, "hidden").await;
    let mut again = Person::open(&server, &format!("/ws?session={id}")).await;
    again.asked("reauth").await;
    again.answers("mallory\r").await;
    for person in [&mut alice, &mut again] {
        person.viewer.until("the end", |seen| seen.over).await;
        assert!(!shown(&person.viewer.seen).contains("meanwhile"));
    }
    let lines = audited(&server, "login_failed").await;
    assert!(
        lines.iter().any(|line| line.contains("mallory")),
        "{lines:?}"
    );
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
async fn a_simple_dialect_speaks_for_one_and_then_the_other() {
    for mode in ["pty", "pipe"] {
        let (server, folder) = server(mode, SHORT, APP).await;
        let mut json = Viewer::open(&server, Dialect::Json, "/ws/orders").await;
        json.until_text(0, "login (").await;
        json.type_text("alice\n").await;
        json.until_text(0, "app of alice").await;
        let id = json.id().await;
        json.until_text(0, "reauth (alice").await;
        // It speaks for the login program now, and for the application afterwards.
        json.type_text("alice\n").await;
        let states = |seen: &Seen| -> Vec<String> {
            let told = seen.all("login").into_iter();
            told.map(|told| told["state"].as_str().unwrap_or_default().to_owned())
                .collect()
        };
        json.until("the lock to open", |seen| {
            states(seen) == ["granted", "locked", "asked", "granted", "unlocked"]
        })
        .await;
        writes(&folder, "here").await;
        json.until("the application", |seen| {
            shown(seen).contains("meanwhile here")
        })
        .await;
        assert_eq!(server.session(&id).await.json()["locked"], false);
    }
}

/// An application that asks, and says what it was told.
const SENSITIVE: &str = r#"echo "app of $AWP_USER"
    while read -r acr age; do
        $AWP session reauth ${acr:+--acr $acr} ${age:+--max-age $age} && echo "it is $AWP_USER" || echo "it is not"
    done"#;

#[tokio::test]
async fn an_application_asks_who_is_there_now() {
    let (server, _folder) = server("pty", LONG, SENSITIVE).await;
    let mut alice = Person::enters(&server, "/ws/orders").await;
    let told = login_told(&mut alice.viewer).await;
    assert_eq!(told["subject"], "alice");
    // A login of this kind that is young enough will do.
    let next = alice.viewer.press(0, b"pwd 1h\r").await;
    alice.sees("it is alice").await;
    alice.viewer.seen.out.forget();
    // Of another kind it will not.
    let next = alice.viewer.press(next, b"totp 1h\r").await;
    alice.asked("reauth").await;
    alice.answers("alice\r").await;
    alice.sees("it is alice").await;
    alice.viewer.seen.out.forget();
    // Whoever does not prove it is declined; the grant they had holds.
    let next = alice.viewer.press(next, b"\r").await;
    alice.asked("reauth").await;
    alice.answers("nobody\r").await;
    alice.sees("it is not").await;
    alice.is_locked(false).await;
    alice.viewer.press(next, b"totp 1h\r").await;
    alice.sees("it is alice").await;
}

#[tokio::test]
async fn where_there_is_no_login_program_nobody_can_be_asked() {
    let line = format!(
        "{} session reauth; echo status $?; cat",
        env!("CARGO_BIN_EXE_awp")
    );
    let server = Server::start(&[], &["sh", "-c", &line]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer
        .until_text(0, "the session has no login program")
        .await;
    viewer.until_text(0, "status 5").await;
}
