//! Recordings over HTTP: who may list, read and delete them, and what they then get.

mod harness;

use std::path::PathBuf;

use harness::door::audited;
use harness::people::{Browser, add_user};
use harness::server::TOKEN;
use harness::{Server, until};
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse-battery-1190";

/// A server that records what its one app shows, with a user of each role: `wanda` may watch, `will`
/// write, `olga` all.
async fn server(options: &[&str]) -> (Server, String) {
    let home = tempfile::tempdir().expect("a folder");
    for (name, role) in [("wanda", "watch"), ("will", "write"), ("olga", "owner")] {
        add_user(&home, name, role, PASSWORD).await;
    }
    let file = home.path().join("awp.toml");
    let app = "[app.orders]\ncommand = ['sh', '-c', 'printf shown; exec cat']\nrecord = true\n";
    std::fs::write(&file, app).expect("written");
    let config = file.to_str().expect("UTF-8").to_owned();
    let options = [&["--config", &config], options].concat();
    let server = Server::at_home(home, &options, &["cat"]).await;
    let session = server.create(json!({"app": "orders"})).await;
    (server, session)
}

async fn list(server: &Server) -> Vec<Value> {
    let answer = server.call("GET /api/v1/recordings", None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json().as_array().expect("a list").clone()
}

fn path(server: &Server, name: &str) -> PathBuf {
    let folder = server.home.path().join(".local/state/awp/recordings");
    folder.join(format!("{name}.cast"))
}

/// The name of the only recording, once it holds this.
async fn holding(server: &Server, part: &str) -> String {
    let folder = server.home.path().join(".local/state/awp/recordings");
    until(part, || {
        let entries = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
        let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let name = names.find_map(|name| Some(name.strip_suffix(".cast")?.to_owned()));
        let name = name.ok_or_else(|| "no recording".to_owned())?;
        let text = std::fs::read_to_string(path(server, &name)).unwrap_or_default();
        if text.contains(part) {
            Ok(name)
        } else {
            Err(text)
        }
    })
    .await
}

/// Ends the session and waits until its recording is sealed.
async fn sealed(server: &Server, session: &str) -> String {
    let line = format!("DELETE /api/v1/sessions/{session}");
    assert_eq!(server.call(&line, None).await.status, 204);
    let name = holding(server, "# awp end ").await;
    let mut all = list(server).await;
    while all[0]["live"] == true {
        all = list(server).await;
    }
    name
}

#[tokio::test]
async fn a_recording_is_listed_read_and_deleted() {
    let (server, session) = server(&[]).await;
    let name = holding(&server, "shown").await;
    let all = list(&server).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        (&all[0]["id"], &all[0]["app"], &all[0]["live"]),
        (&json!(name), &json!("orders"), &json!(true))
    );
    let one = format!("/api/v1/recordings/{name}");
    let refused = server.call(&format!("DELETE {one}"), None).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (409, "conflict")
    );

    sealed(&server, &session).await;
    let written = std::fs::read_to_string(path(&server, &name)).expect("a file");
    let whole = server.call(&format!("GET {one}"), None).await;
    assert_eq!((whole.status, &whole.body), (200, &written));
    let named = whole.header("content-disposition").expect("a name");
    assert!(named.contains(&format!("{name}.cast")), "{named}");
    let part = format!("Authorization: Bearer {TOKEN}\r\nRange: bytes=10-29\r\n");
    let part = server.send(&format!("GET {one}"), &part, "").await;
    assert_eq!((part.status, part.body.as_str()), (206, &written[10..30]));
    assert!(audited(&server, "replay").await[0].contains(&name));

    let deleted = server.call(&format!("DELETE {one}"), None).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert!(!path(&server, &name).exists());
    assert!(audited(&server, "recording_deleted").await[0].contains(&name));
    for method in ["GET", "DELETE"] {
        let gone = server.call(&format!("{method} {one}"), None).await;
        assert_eq!(gone.status, 404, "{gone:?}");
    }
    assert_eq!(list(&server).await, Vec::<Value>::new());
}

#[tokio::test]
async fn nothing_else_of_the_folder_is_given() {
    let (server, session) = server(&[]).await;
    let name = sealed(&server, &session).await;
    let key = path(&server, &name).with_file_name("key");
    assert!(key.exists(), "what must not be given");
    std::fs::copy(&key, key.with_file_name("key.cast")).expect("a copy");
    for id in [
        "key",
        "..%2Frecordings%2Fkey",
        "r-",
        "%2e%2e",
        &format!("{name}.cast"),
    ] {
        for method in ["GET", "DELETE"] {
            let line = format!("{method} /api/v1/recordings/{id}");
            let answer = server.call(&line, None).await;
            assert_eq!(answer.status, 404, "{line}: {answer:?}");
        }
    }
    assert!(key.exists() && path(&server, &name).exists());
}

#[tokio::test]
async fn only_owners_see_them_and_only_after_a_login_of_just_now() {
    let (server, session) = server(&["--fresh-login", "2s"]).await;
    let owner = server.browser("olga", PASSWORD).await;
    let name = sealed(&server, &session).await;
    let one = format!("/api/v1/recordings/{name}");
    let all = [
        "GET /api/v1/recordings",
        &format!("GET {one}"),
        &format!("DELETE {one}"),
    ];
    for name in ["wanda", "will"] {
        let tab = server.browser(name, PASSWORD).await;
        for line in all {
            let answer = server.call_as(&tab, line, None).await;
            assert_eq!(answer.status, 403, "{name}, {line}: {answer:?}");
            assert_eq!(answer.error(), "not_allowed");
        }
    }
    for line in all {
        assert_eq!(server.send(line, "", "").await.status, 401, "{line}");
        let cookie = Browser {
            page_key: "of another page".to_owned(),
            ..owner.clone()
        };
        let answer = server.call_as(&cookie, line, None).await;
        assert_eq!(answer.status, 401, "{line}");
    }
    // The list is no secret to an owner; what people saw is, once the login is old.
    let mut read = server.call_as(&owner, all[1], None).await;
    while read.status == 200 {
        read = server.call_as(&owner, all[1], None).await;
    }
    for line in &all[1..] {
        let answer = server.call_as(&owner, line, None).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (403, "fresh_login_needed")
        );
    }
    assert_eq!(server.call_as(&owner, all[0], None).await.status, 200);
    assert!(path(&server, &name).exists());
}
