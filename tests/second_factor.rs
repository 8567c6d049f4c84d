//! Users with a second device: its codes are asked for, hold for a moment, and are good once.

mod harness;

use std::time::{SystemTime, UNIX_EPOCH};

use awp_server::server::totp;
use awp_server::store::users::TotpSecret;
use data_encoding::BASE32_NOPAD;
use harness::http::Answer;
use harness::people::{Browser, add_user, does, verb};
use harness::{Server, until};
use serde_json::json;

const PASSWORD: &str = "correct-horse-battery-8802";

/// A server with bob, who has a second device, and ann, who has none; and what the device is given.
async fn server() -> (Server, String) {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "bob", "write", PASSWORD).await;
    add_user(&home, "ann", "owner", PASSWORD).await;
    let told = does(&home, &["user", "totp", "bob"], "").await;
    let server = Server::at_home(home, &["--log-level", "trace"], &["cat"]).await;
    (server, told.trim_end().to_owned())
}

fn secret(told: &str) -> TotpSecret {
    let begin = "otpauth://totp/awp:bob?secret=";
    let rest = told.strip_prefix(begin).unwrap_or_else(|| panic!("{told}"));
    let (base32, more) = rest.split_once('&').expect("more");
    assert_eq!(more, "issuer=awp&algorithm=SHA1&digits=6&period=30");
    let bytes = BASE32_NOPAD.decode(base32.as_bytes()).expect("base32");
    assert_eq!(bytes.len(), 20, "160 bits");
    TotpSecret(bytes)
}

/// What the device shows so many periods from now.
fn code(told: &str, later: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let period = now.expect("after").as_secs() / 30 + later;
    totp::at(&secret(told), period).expect("a code")
}

async fn show(server: &Server, code: Option<&str>) -> Answer {
    let mut shown = json!({"user": "bob", "password": PASSWORD});
    if let Some(code) = code {
        shown["code"] = json!(code);
    }
    server.login(shown).await
}

/// Six digits that are no code of about now.
fn wrong(told: &str) -> String {
    let secret = secret(told);
    let near = |code: &String| totp::period(&secret, code, SystemTime::now()).is_none();
    let mut all = (0..10).map(|number| format!("{number:06}")).filter(near);
    all.next().expect("at most three are right")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_and_good_once() {
    let (server, told) = server().await;
    let asked = show(&server, None).await;
    assert_eq!(
        (asked.status, asked.error()),
        (401, "code_needed".to_owned())
    );
    assert!(asked.header("set-cookie").is_none());
    let wrong = show(&server, Some(&wrong(&told))).await;
    assert_eq!(
        (wrong.status, wrong.error()),
        (401, "wrong_code".to_owned())
    );
    // One period ahead, so that the next ones of this test stay within the window.
    let next = code(&told, 1);
    let tab = Browser::of(&show(&server, Some(&next)).await);
    let check = server.call_as(&tab, "GET /api/v1/check", None).await;
    assert_eq!(check.header("x-awp-user"), Some("bob"));
    for used in [next, code(&told, 0)] {
        let answer = show(&server, Some(&used)).await;
        assert_eq!(
            (answer.status, answer.error()),
            (401, "wrong_code".to_owned()),
            "used up"
        );
    }
    // Who has none is not asked, and what is shown besides is not looked at.
    let ann = json!({"user": "ann", "password": PASSWORD, "code": "000000"});
    assert_eq!(server.login(ann).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_with_one_code_one_gets_in() {
    let (server, told) = server().await;
    let code = code(&told, 1);
    let all = (0..8).map(|_| show(&server, Some(&code)));
    let answers = futures_util::future::join_all(all).await;
    let mut seen: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    seen.sort_unstable();
    assert_eq!(seen, [200, 401, 401, 401, 401, 401, 401, 401]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_password_nobody_hears_of_a_code() {
    let (server, told) = server().await;
    let code = code(&told, 1);
    let mut bodies = Vec::new();
    for shown in [
        json!({"user": "bob", "password": "wrong"}),
        json!({"user": "bob", "password": "wrong", "code": code}),
        json!({"user": "nobody", "password": "wrong", "code": code}),
        json!({"user": "ann", "password": "wrong"}),
    ] {
        let answer = server.login(shown).await;
        assert_eq!(answer.status, 401);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    for shown in [
        json!({"user": "bob", "code": code}),
        json!({"code": code}),
        json!({"token": "x", "code": code}),
        json!({"user": "bob", "password": PASSWORD, "code": 123_456}),
    ] {
        assert_eq!(server.login(shown.clone()).await.status, 400, "{shown}");
    }
    assert_eq!(
        show(&server, Some(&code)).await.status,
        200,
        "not used up by that"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_codes_are_not_guessed() {
    let (server, told) = server().await;
    let wrong = wrong(&told);
    let mut refused = 0;
    for at in 0..12 {
        let answer = show(&server, Some(&wrong)).await;
        assert!([401, 429].contains(&answer.status), "{at}: {answer:?}");
        refused += usize::from(answer.status == 429);
    }
    assert!(refused >= 2, "{refused}");
    // From another address the source is fresh; the account is not.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let bound = socket.bind("127.0.0.2:0".parse().expect("an address"));
    bound.expect("loopback is large");
    let right = json!({"user": "bob", "password": PASSWORD, "code": code(&told, 1)});
    for _ in 0..2 {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        let bound = socket.bind("127.0.0.3:0".parse().expect("an address"));
        bound.expect("loopback is large");
        let wrong = json!({"user": "bob", "password": PASSWORD, "code": wrong});
        server.login_from(socket, &wrong).await;
    }
    let answer = server.login_from(socket, &right).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn to_give_or_take_a_device_ends_logins_and_is_written_down() {
    let (server, told) = server().await;
    let tab = Browser::of(&show(&server, Some(&code(&told, 1))).await);
    does(&server.home, &["user", "totp", "bob", "--off"], "").await;
    let ended = async {
        loop {
            let answer = server.call_as(&tab, "GET /api/v1/check", None).await;
            if answer.status == 401 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    harness::within("the end of the login", ended).await;
    assert_eq!(show(&server, None).await.status, 200);
    let again = does(&server.home, &["user", "totp", "bob"], "").await;
    assert_ne!(again.trim_end(), told, "never the same");
    assert_eq!(show(&server, None).await.error(), "code_needed");
    until("the audit", || {
        let log = server.log();
        let said = |on: &str| {
            let words = format!("event=\"user_second_factor\" user=\"bob\" on={on}");
            log.contains(&words)
        };
        if said("true") && said("false") && log.contains("how=\"password\"") {
            Ok(())
        } else {
            Err(log.clone())
        }
    })
    .await;
    // The secret is told on the terminal alone.
    let log = server.log();
    for told in [&told, again.trim_end()] {
        let base32 = BASE32_NOPAD.encode(&secret(told).0);
        assert!(!log.contains(&base32), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_keeps_devices() {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "bob", "watch", PASSWORD).await;
    does(&home, &["user", "totp", "bob"], "").await;
    let list = does(&home, &["user", "ls"], "").await;
    assert_eq!(list, "NAME  ROLE\nbob   watch  totp\n");
    let change = ["user", "passwd", "bob", "--password-stdin"];
    does(&home, &change, "another\n").await;
    let list = does(&home, &["user", "ls"], "").await;
    assert!(list.contains("totp"), "another password leaves it: {list}");
    does(&home, &["user", "totp", "bob", "--off"], "").await;
    let list = does(&home, &["user", "ls"], "").await;
    assert_eq!(list, "NAME  ROLE\nbob   watch\n");
    for arguments in [
        &["user", "totp", "nobody"][..],
        &["user", "totp", "nobody", "--off"],
    ] {
        let output = verb(&home, arguments, "").await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            output.stdout.is_empty(),
            "no secret of nobody's: {output:?}"
        );
    }
}
