//! The audit: a line for each act that concerns who gets in and what they do there, and none with a
//! secret.

mod harness;

use std::path::Path;

use harness::people::{Browser, add_user, does};
use harness::{Server, until};
use serde_json::{Value, json};

/// A password as no other text of the tests.
const PASSWORD: &str = "correct-horse-battery-5521";

/// What is typed; no line may hold it.
const TYPED: &str = "typed-canary-7730";

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.lines().map(serde_json::from_str);
    whole.collect::<Result<_, _>>().unwrap_or_default()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .filter_map(|line| line["event"].as_str())
        .collect()
}

/// All that the acts below write down, in any order.
const EXPECTED: [&str; 12] = [
    "attach",
    "attach",
    "end",
    "login",
    "login",
    "login_ended",
    "login_failed",
    "over",
    "share",
    "share_revoked",
    "share_used",
    "start",
];

async fn written(path: &Path) -> Vec<Value> {
    until("every line", || {
        let lines = lines(path);
        let mut seen = events(&lines);
        seen.sort_unstable();
        if seen == EXPECTED {
            Ok(lines.clone())
        } else {
            Err(format!("{seen:?}"))
        }
    })
    .await
}

fn names_who_and_where(lines: &[Value], id: &str) {
    assert_eq!(events(lines)[..3], ["login_failed", "login", "start"]);
    for line in lines {
        assert!(line["timestamp"].is_string(), "{line}");
        let event = line["event"].as_str().unwrap_or_default();
        if ["start", "attach", "share", "end", "over"].contains(&event) {
            assert_eq!(line["session"], id, "{line}");
        }
        if ["start", "share", "share_revoked", "end"].contains(&event) {
            assert_eq!(line["user"], "bob", "{line}");
            let from = line["from"].as_str().expect("a place");
            assert!(from.starts_with("127.0.0.1:"), "{line}");
        }
    }
}

async fn with_user(audit: &str) -> Server {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "bob", "owner", PASSWORD).await;
    Server::at_home(home, &["--audit", audit], &["cat"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn c84_each_act_is_one_line_without_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let server = with_user(&path.display().to_string()).await;
    server
        .login(json!({"user": "bob", "password": "wrong-5521"}))
        .await;
    let tab = server.browser("bob", PASSWORD).await;
    let made = server
        .call_as(&tab, "POST /api/v1/sessions", Some(json!({"mode": "pipe"})))
        .await;
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let at = |rest: &str| format!("/api/v1/sessions/{id}{rest}");
    let shared = server
        .call_as(&tab, &format!("POST {}", at("/share")), Some(json!({})))
        .await;
    let url = shared.json()["url"]
        .as_str()
        .expect("an address")
        .to_owned();
    let secret = url.rsplit('=').next().expect("a secret").to_owned();
    let share = shared.json()["id"].as_str().expect("an id").to_owned();
    let guest = Browser::of(&server.login(json!({"share": secret})).await);
    let path_of = format!("/ws?session={id}");
    let mut viewer = server.attach_as(&tab, &path_of).await.expect("a socket");
    viewer.type_text(&format!("{TYPED}\n")).await;
    viewer.until_text(0, TYPED).await;
    let watcher = server.attach_as(&guest, &path_of).await.expect("a socket");
    let revoke = format!("DELETE /api/v1/shares/{share}");
    assert_eq!(server.call_as(&tab, &revoke, None).await.status, 204);
    let end = format!("DELETE {}", at(""));
    assert_eq!(server.call_as(&tab, &end, None).await.status, 204);
    let lines = written(&path).await;
    names_who_and_where(&lines, &id);
    let cookie = tab.cookie.split_once('=').map_or("", |(_, value)| value);
    let text = std::fs::read_to_string(&path).expect("the audit");
    for secret in [
        PASSWORD,
        "wrong-5521",
        TYPED,
        &secret,
        cookie,
        &tab.page_key,
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(!server.log().contains("event="), "it is in its file alone");
    drop((viewer, watcher));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_nothing_and_loses_no_line() {
    let server = with_user("/dev/full").await;
    let tab = server.browser("bob", PASSWORD).await;
    let made = server
        .call_as(&tab, "POST /api/v1/sessions", Some(json!({"mode": "pipe"})))
        .await;
    assert_eq!(made.status, 201);
    until("the lines on stderr", || {
        let log = server.log();
        let kept = |event: &str| {
            let event = format!("\"event\":\"{event}\"");
            log.lines()
                .any(|line| line.contains("not written") && line.contains(&event))
        };
        if kept("login") && kept("start") {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_user_is_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let server = with_user(&path.display().to_string()).await;
    server.browser("bob", PASSWORD).await;
    let change = async |arguments: &[&str], stdin: &str, event: &str| {
        does(&server.home, arguments, stdin).await;
        until(event, || {
            let lines = lines(&path);
            let found = lines.iter().find(|line| line["event"] == event).cloned();
            found.ok_or_else(|| format!("{:?}", events(&lines)))
        })
        .await
    };
    let password = format!("{PASSWORD}\n");
    let added = ["user", "add", "eve", "--role", "watch", "--password-stdin"];
    let added = change(&added, &password, "user_added").await;
    assert_eq!(
        (&added["user"], &added["role"]),
        (&json!("eve"), &json!("watch"))
    );
    let role = change(&["user", "role", "eve", "write"], "", "user_role").await;
    assert_eq!(
        (&role["user"], &role["role"]),
        (&json!("eve"), &json!("write"))
    );
    let other = ["user", "passwd", "bob", "--password-stdin"];
    let other = change(&other, &password, "user_password").await;
    assert_eq!(other["user"], "bob");
    let removed = change(&["user", "rm", "eve"], "", "user_removed").await;
    assert_eq!(removed["user"], "eve");
}
