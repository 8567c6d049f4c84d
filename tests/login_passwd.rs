//! The login program that awp brings, over its own users: who gets in, what it costs to guess, and
//! that what is typed stays where it was typed.

mod harness;

use std::time::{SystemTime, UNIX_EPOCH};

use awp_server::server::totp;
use awp_server::store::users::TotpSecret;
use data_encoding::BASE32_NOPAD;
use harness::door::{GREETS, audited, denied, login_told};
use harness::people::{add_user, does};
use harness::slot::Slot;
use harness::{Dialect, Server, Viewer};
use serde_json::json;
use tempfile::TempDir;

const PASSWORD: &str = "correct-horse-battery-4417";

/// A server whose app stands behind the login, with a user; `factor` is told what a second device
/// of the user is told.
async fn server(mode: &str, factor: Option<&mut String>) -> Server {
    let home = home(mode);
    add_user(&home, "ann", "write", PASSWORD).await;
    if let Some(told) = factor {
        *told = does(&home, &["user", "totp", "ann"], "").await;
    }
    let file = home.path().join("awp.toml").display().to_string();
    let options = ["--log-level", "trace", "--config", &file];
    Server::at_home(home, &options, &["cat"]).await
}

fn home(mode: &str) -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let awp = env!("CARGO_BIN_EXE_awp");
    let config = format!(
        "[app.orders]\ncommand = ['sh', '-c', '''{GREETS}''']\nmode = '{mode}'\nlogin = 'door'\n\
         [app.orders.env]\nAWP = '{awp}'\n[login.door]\nbuiltin = 'passwd'\n"
    );
    std::fs::write(home.path().join("awp.toml"), config).expect("written");
    home
}

async fn open(server: &Server) -> Viewer {
    Viewer::open(server, Dialect::Json, "/ws/orders").await
}

/// Shows a name and a password; gives where the answer begins.
async fn shows(viewer: &mut Viewer, from: usize, user: &str, password: &str) -> usize {
    let asked = viewer.until_text(from, "User:").await;
    viewer.type_text(&format!("{user}\n")).await;
    let asked = viewer.until_text(asked, "Password:").await;
    viewer.type_text(&format!("{password}\n")).await;
    asked
}

#[tokio::test]
async fn a_user_gets_in_with_the_password_and_it_is_seen_nowhere() {
    for mode in ["pty", "pipe", "lines"] {
        let server = server(mode, None).await;
        let mut viewer = open(&server).await;
        let asked = shows(&mut viewer, 0, "ann", "wrong-1793").await;
        let again = viewer.until_text(asked, "Unknown user or password.").await;
        shows(&mut viewer, again, "ann", PASSWORD).await;
        let told = login_told(&mut viewer).await;
        assert_eq!(told["subject"], "ann", "{mode}");
        viewer.until_text(0, "\"active\":true").await;
        let text = viewer.seen.out.text();
        let greeting = "app of ann ann app {\"role\":\"write\"}";
        assert!(text.contains(greeting), "{mode}: {text}");
        assert!(text.contains("\"acr\":\"pwd\""), "{mode}: {text}");
        for secret in [PASSWORD, "wrong-1793"] {
            assert!(!text.contains(secret), "{mode}: {text}");
            assert!(!server.log().contains(secret), "{mode}: the log");
        }
        let failed = audited(&server, "login_failed").await;
        assert!(failed[0].contains("ann") && failed[0].contains("127.0.0.1"));
        assert_eq!(audited(&server, "login_denied").await.len(), 1);
    }
}

#[tokio::test]
async fn who_has_a_second_device_shows_its_code_as_well() {
    let mut told = String::new();
    let server = server("pty", Some(&mut told)).await;
    let begin = told.find("secret=").expect("a secret") + "secret=".len();
    let base32 = told[begin..].split('&').next().expect("its text");
    let secret = TotpSecret(BASE32_NOPAD.decode(base32.as_bytes()).expect("base32"));
    let right = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        totp::at(&secret, now.expect("after").as_secs() / 30).expect("a code")
    };
    let is_none = |code: &String| totp::period(&secret, code, SystemTime::now()).is_none();
    let wrong = (0..10).map(|number| format!("{number:06}")).find(is_none);

    let mut viewer = open(&server).await;
    let asked = shows(&mut viewer, 0, "ann", "wrong").await;
    // Without the password nobody hears of a code.
    let again = viewer.until_text(asked, "Unknown user or password.").await;
    assert!(!viewer.seen.out.contains("Code:"));
    let asked = shows(&mut viewer, again, "ann", PASSWORD).await;
    let asked = viewer.until_text(asked, "Code:").await;
    let wrong = wrong.expect("at most three are right");
    viewer.type_text(&format!("{wrong}\n")).await;
    let again = viewer.until_text(asked, "The code is wrong").await;
    let asked = shows(&mut viewer, again, "ann", PASSWORD).await;
    viewer.until_text(asked, "Code:").await;
    viewer.type_text(&format!("{}\n", right())).await;
    assert_eq!(login_told(&mut viewer).await["subject"], "ann");
    viewer.until_text(0, "\"acr\":\"mfa\"").await;
}

#[tokio::test]
async fn guesses_are_counted_across_sessions_and_with_those_at_the_page() {
    let server = server("pty", None).await;
    for _ in 0..3 {
        let answer = server.login(json!({"user": "ann", "password": "x"})).await;
        assert_eq!(answer.status, 401);
    }
    let mut viewer = open(&server).await;
    let mut from = 0;
    for _ in 0..6 {
        from = shows(&mut viewer, from, "ann", "wrong").await;
    }
    denied(&server, &mut viewer).await;
    // Now not even the right one is looked at, here or there.
    let mut viewer = open(&server).await;
    let asked = shows(&mut viewer, 0, "ann", PASSWORD).await;
    viewer.until_text(asked, "Too many attempts").await;
    denied(&server, &mut viewer).await;
    let right = json!({"user": "ann", "password": PASSWORD});
    assert_eq!(server.login(right).await.status, 429);
}

#[tokio::test]
async fn the_application_and_who_gives_up_get_nothing() {
    let server = server("pty", None).await;
    let mut viewer = open(&server).await;
    viewer.until_text(0, "User:").await;
    viewer.type_text("\u{4}").await;
    denied(&server, &mut viewer).await;

    let mut viewer = open(&server).await;
    shows(&mut viewer, 0, "ann", PASSWORD).await;
    viewer.until_text(0, "\"active\":true").await;
    let id = viewer.seen.all("session")[1]["id"].clone();
    let mut slot = Slot::of(&server, id.as_str().expect("an id"), 1).await;
    let shown = json!({"user": "ann", "password": PASSWORD});
    let error = slot.refused("session.password", shown).await;
    assert_eq!(error, -32000);
    assert_eq!(audited(&server, "password_refused").await.len(), 1);
}

#[tokio::test]
async fn a_session_is_a_user_s_only_as_long_as_they_are_one() {
    let server = server("pty", None).await;
    let mut viewer = open(&server).await;
    shows(&mut viewer, 0, "ann", PASSWORD).await;
    viewer.until_text(0, "\"active\":true").await;
    let states = |seen: &harness::seen::Seen| -> Vec<String> {
        let told = seen.all("login").into_iter();
        told.filter_map(|told| told["state"].as_str().map(str::to_owned))
            .collect()
    };
    // Another password: it is asked for, and the session goes on.
    let other = "another-horse-9931";
    does(
        &server.home,
        &["user", "passwd", "ann", "--password-stdin"],
        other,
    )
    .await;
    viewer
        .until("the lock", |seen| {
            states(seen).ends_with(&["asked".to_owned()])
        })
        .await;
    let asked = viewer.until_text(0, "User: ann").await;
    let asked = viewer.until_text(asked, "Password:").await;
    viewer.type_text(&format!("{PASSWORD}\n")).await;
    let asked = viewer.until_text(asked, "Unknown user or password.").await;
    viewer.until_text(asked, "Password:").await;
    viewer.type_text(&format!("{other}\n")).await;
    viewer
        .until("the session", |seen| {
            states(seen).ends_with(&["unlocked".to_owned()])
        })
        .await;
    // Gone: nobody can prove to be them.
    does(&server.home, &["user", "rm", "ann"], "").await;
    viewer
        .until("the lock", |seen| {
            states(seen).ends_with(&["asked".to_owned()])
        })
        .await;
    let asked = viewer.until_text(0, "Password:").await;
    viewer.type_text(&format!("{other}\n")).await;
    viewer.until_text(asked, "Unknown user or password.").await;
}
