//! What hands over more than itself asks for a login of just now; a page or a browser that was taken
//! over has no secret to show.

mod harness;

use harness::people::{Browser, add_user};
use harness::server::TOKEN;
use harness::{Server, within};
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse-battery-1190";

/// A server with two users, and a session there.
async fn server(options: &[&str]) -> (Server, String) {
    let home = tempfile::tempdir().expect("a folder");
    for name in ["ann", "cat"] {
        add_user(&home, name, "owner", PASSWORD).await;
    }
    let server = Server::at_home(home, options, &["cat"]).await;
    let id = server.create(json!({"mode": "pipe"})).await;
    (server, id)
}

async fn share(server: &Server, tab: &Browser, id: &str, body: Value) -> (u16, String) {
    let line = format!("POST /api/v1/sessions/{id}/share");
    let answer = server.call_as(tab, &line, Some(body)).await;
    let told = if answer.status == 201 {
        answer.json()["url"]
            .as_str()
            .expect("an address")
            .to_owned()
    } else {
        answer.error()
    };
    (answer.status, told)
}

/// Shows this with the cookie of a tab: its login goes on.
async fn again(server: &Server, tab: &Browser, shown: Value) -> harness::http::Answer {
    let headers = format!(
        "Content-Type: application/json\r\nCookie: {}\r\n",
        tab.cookie
    );
    server
        .send("POST /api/v1/login", &headers, &shown.to_string())
        .await
}

/// Waits until a link that may type is no longer made without more.
async fn grows_old(server: &Server, tab: &Browser, id: &str) {
    let old = async {
        loop {
            let (status, told) = share(server, tab, id, json!({"write": true})).await;
            if status != 201 {
                assert_eq!((status, told.as_str()), (403, "fresh_login_needed"));
                return;
            }
        }
    };
    within("an old login", old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_may_type_asks_for_a_login_of_just_now() {
    let (server, id) = server(&["--fresh-login", "2s"]).await;
    let ann = server.browser("ann", PASSWORD).await;
    grows_old(&server, &ann, &id).await;
    // It is no worse for anything else.
    assert_eq!(
        share(&server, &ann, &id, json!({})).await.0,
        201,
        "one to watch"
    );
    let list = format!("GET /api/v1/sessions/{id}/share");
    let links = server.call_as(&ann, &list, None).await;
    let links = links.json().as_array().expect("a list").len();
    let refused = share(&server, &ann, &id, json!({"write": true})).await;
    assert_eq!(refused.0, 403);
    let after = server.call_as(&ann, &list, None).await;
    assert_eq!(
        after.json().as_array().expect("a list").len(),
        links,
        "none was made"
    );
    // A wrong password proves nothing, nor does a link or another's password.
    let wrong = json!({"user": "ann", "password": "wrong"});
    assert_eq!(again(&server, &ann, wrong).await.status, 401);
    assert_eq!(
        share(&server, &ann, &id, json!({"write": true})).await.0,
        403
    );
    let (_, url) = share(&server, &ann, &id, json!({})).await;
    let (_, secret) = url.split_once("#share=").expect("a secret");
    let followed = again(&server, &ann, json!({"share": secret})).await;
    let ann = Browser {
        page_key: ann.page_key,
        ..Browser::of(&followed)
    };
    assert_eq!(
        share(&server, &ann, &id, json!({"write": true})).await.0,
        403
    );
    // The right one does, for every tab of the login; slow as a machine may be, at some time.
    let proven = async {
        let mut tab = ann;
        loop {
            let shown = json!({"user": "ann", "password": PASSWORD});
            let new = Browser::of(&again(&server, &tab, shown).await);
            let old_key = Browser {
                cookie: new.cookie.clone(),
                page_key: tab.page_key.clone(),
            };
            if share(&server, &old_key, &id, json!({"write": true}))
                .await
                .0
                == 201
            {
                return;
            }
            tab = new;
        }
    };
    within("a link", proven).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_shown_again_and_again_counts_without() {
    let (server, id) = server(&["--fresh-login", "2s"]).await;
    let tab = server.browser("cat", PASSWORD).await;
    grows_old(&server, &tab, &id).await;
    // Who shows a token does so each time.
    let line = format!("POST /api/v1/sessions/{id}/share");
    let owner = server.call(&line, Some(json!({"write": true}))).await;
    assert_eq!(owner.status, 201, "{owner:?}");
    let token = again(&server, &tab, json!({"token": TOKEN})).await;
    assert_eq!(token.status, 200, "another login, of the owner");
    assert_eq!(
        share(&server, &tab, &id, json!({"write": true})).await.0,
        403,
        "cat's is old"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn to_end_what_another_made_asks_for_a_login_of_just_now() {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "ann", "owner", PASSWORD).await;
    add_user(&home, "bob", "write", PASSWORD).await;
    let folder = home.path().join(".config/awp");
    std::fs::create_dir_all(&folder).expect("a folder");
    let app = "[app.shared]\ncommand = [\"cat\"]\nmode = \"pipe\"\naccess = \"users\"\n";
    std::fs::write(folder.join("awp.toml"), app).expect("written");
    let server = Server::at_home(home, &["--fresh-login", "2s"], &["cat"]).await;
    let own = server.create(json!({"mode": "pipe"})).await;
    let ann = server.browser("ann", PASSWORD).await;
    let bob = server.browser("bob", PASSWORD).await;
    let wanted = Some(json!({"app": "shared"}));
    let made = server.call_as(&bob, "POST /api/v1/sessions", wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let line = format!("DELETE /api/v1/sessions/{id}");
    grows_old(&server, &ann, &own).await;
    let refused = server.call_as(&ann, &line, None).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (403, "fresh_login_needed")
    );
    let state = server.session(&id).await.json();
    assert_eq!(state["state"], "running", "{state}");
    // Those of owners are every owner's.
    let line_own = format!("DELETE /api/v1/sessions/{own}");
    assert_eq!(server.call_as(&ann, &line_own, None).await.status, 204);
    // With the password it goes on; slow as a machine may be, at some time.
    let proven = async {
        let mut tab = ann;
        loop {
            let shown = json!({"user": "ann", "password": PASSWORD});
            tab = Browser::of(&again(&server, &tab, shown).await);
            if server.call_as(&tab, &line, None).await.status == 204 {
                return;
            }
        }
    };
    within("the end", proven).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_minutes_are_just_now_unless_it_is_said_otherwise() {
    let (server, id) = server(&[]).await;
    let ann = server.browser("ann", PASSWORD).await;
    assert_eq!(
        share(&server, &ann, &id, json!({"write": true})).await.0,
        201
    );
    let output = harness::people::verb(&server.home, &["check", "--fresh-login", "0s"], "").await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}
