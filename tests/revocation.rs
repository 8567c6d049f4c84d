//! What is taken away is gone: cookies, links and live sockets end with what they were given for,
//! whoever changed that, and do not come back with a restart.

mod harness;

use std::time::{Duration, Instant};

use harness::people::{Browser, add_user, does};
use harness::server::TOKEN;
use harness::{Dialect, Server, Viewer, within};
use serde_json::{Value, json};

/// The close codes of a login that has ended, and of a role that was taken away.
const LOGIN_ENDED: u16 = 4401;
const ROLE_TAKEN: u16 = 4403;

async fn server() -> (Server, String) {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "bob", "write", "password").await;
    add_user(&home, "ann", "owner", "password").await;
    let server = Server::at_home(home, &[], &["cat"]).await;
    let id = server.create(json!({"mode": "pipe"})).await;
    (server, id)
}

async fn watching(server: &Server, tab: &Browser, id: &str) -> Viewer {
    let viewer = server.attach_as(tab, &format!("/ws?session={id}")).await;
    let mut viewer = viewer.expect("a socket");
    viewer
        .until("welcome", |seen| !seen.all("session").is_empty())
        .await;
    viewer
}

/// Makes a link; its path in the API, and a tab of somebody who followed it.
async fn guest(
    server: &Server,
    maker: Option<&Browser>,
    id: &str,
    body: Value,
) -> (String, String) {
    let line = format!("POST /api/v1/sessions/{id}/share");
    let answer = match maker {
        Some(maker) => server.call_as(maker, &line, Some(body)).await,
        None => server.call(&line, Some(body)).await,
    };
    assert_eq!(answer.status, 201, "{answer:?}");
    let made = answer.json();
    let url = made["url"].as_str().expect("an address");
    let (_, secret) = url.split_once("#share=").expect("a fragment");
    let path = format!("/api/v1/shares/{}", made["id"].as_str().expect("an id"));
    (path, secret.to_owned())
}

/// Who was not meant goes on.
async fn still(viewer: &mut Viewer) {
    let start = viewer.seen.out.bytes.len();
    viewer.type_text("still here\n").await;
    viewer.until_text(start, "still here\n").await;
}

/// The socket is closed with this code, without being asked; the cookie is worth nothing.
async fn ends(server: &Server, viewer: Viewer, tab: &Browser, code: u16) {
    let seen = viewer.rest().await;
    assert_eq!(seen.closed, Some(code), "{seen:?}");
    if code == LOGIN_ENDED {
        let answer = server.call_as(tab, "GET /api/v1/sessions", None).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        let path = format!("/ws?session={}", "s-0000000000");
        assert_eq!(server.attach_as(tab, &path).await.err(), Some(401));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c20_c21_a_changed_user_is_out() {
    let (server, id) = server().await;
    for (arguments, stdin) in [
        (
            &["user", "passwd", "bob", "--password-stdin"][..],
            "password\n",
        ),
        (&["user", "role", "bob", "watch"], ""),
        (&["user", "role", "bob", "owner"], ""),
        (&["user", "rm", "bob"], ""),
    ] {
        let bob = server.browser("bob", "password").await;
        let other = server.browser("ann", "password").await;
        let viewer = watching(&server, &bob, &id).await;
        let mut stays = watching(&server, &other, &id).await;
        does(&server.home, arguments, stdin).await;
        ends(&server, viewer, &bob, LOGIN_ENDED).await;
        still(&mut stays).await;
    }
    let shown = json!({"user": "bob", "password": "password"});
    assert_eq!(server.login(shown).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_ends_what_the_old_one_opened() {
    let (server, id) = server().await;
    let tab = Browser::of(&server.login(json!({"token": TOKEN})).await);
    let viewer = watching(&server, &tab, &id).await;
    let bearer = Viewer::open(&server, Dialect::Json, &format!("/ws?session={id}")).await;
    let (_, secret) = guest(&server, None, &id, json!({})).await;
    let guest = Browser::of(&server.login(json!({"share": secret})).await);
    let guests = watching(&server, &guest, &id).await;
    let bob = server.browser("bob", "password").await;
    let mut stays = watching(&server, &bob, &id).await;
    does(&server.home, &["token", "rotate"], "").await;
    ends(&server, viewer, &tab, LOGIN_ENDED).await;
    ends(&server, guests, &guest, LOGIN_ENDED).await;
    let seen = bearer.rest().await;
    assert_eq!(seen.closed, Some(LOGIN_ENDED), "{seen:?}");
    assert_eq!(server.call("GET /api/v1/sessions", None).await.status, 401);
    assert_eq!(server.login(json!({"token": TOKEN})).await.status, 401);
    assert_eq!(server.login(json!({"share": secret})).await.status, 401);
    still(&mut stays).await;
    let token = does(&server.home, &["token", "show"], "").await;
    let shown = json!({"token": token.trim()});
    assert_eq!(server.login(shown).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn c32_c33_a_link_that_is_over_closes_what_it_opened() {
    let (server, id) = server().await;
    let (path, secret) = guest(&server, None, &id, json!({})).await;
    let tab = Browser::of(&server.login(json!({"share": secret})).await);
    let viewer = watching(&server, &tab, &id).await;
    let deleted = server.call(&format!("DELETE {path}"), None).await;
    assert_eq!(deleted.status, 204);
    ends(&server, viewer, &tab, LOGIN_ENDED).await;
    assert_eq!(server.login(json!({"share": secret})).await.status, 401);

    let begun = Instant::now();
    let (_, secret) = guest(&server, None, &id, json!({"expires": "2s"})).await;
    let tab = Browser::of(&server.login(json!({"share": secret})).await);
    let viewer = watching(&server, &tab, &id).await;
    let expiry = begun + Duration::from_secs(2);
    ends(&server, viewer, &tab, LOGIN_ENDED).await;
    assert!(Instant::now() >= expiry, "and not before");
    assert_eq!(server.login(json!({"share": secret})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_link_takes_the_role_of_live_sockets() {
    let (server, id) = server().await;
    let (path, secret) = guest(&server, None, &id, json!({"write": true})).await;
    let tab = Browser::of(&server.login(json!({"share": secret})).await);
    let viewer = watching(&server, &tab, &id).await;
    let narrowed = server
        .call(&format!("PATCH {path}"), Some(json!({"write": false})))
        .await;
    assert_eq!(narrowed.status, 204);
    ends(&server, viewer, &tab, ROLE_TAKEN).await;
    let mut again = watching(&server, &tab, &id).await;
    again.type_text("x\n").await;
    again
        .until("a refusal", |seen| seen.errors() == ["not_allowed"])
        .await;
    let input = format!("POST /api/v1/sessions/{id}/input");
    assert_eq!(
        server.call_as(&tab, &input, Some(json!("x"))).await.status,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_does_not_outlive_its_makers_rights() {
    let (server, id) = server().await;
    for arguments in [
        &["user", "role", "ann", "watch"][..],
        &["user", "rm", "ann"],
    ] {
        does(&server.home, &["user", "role", "ann", "owner"], "").await;
        let ann = server.browser("ann", "password").await;
        let (_, secret) = guest(&server, Some(&ann), &id, json!({"write": true})).await;
        let tab = Browser::of(&server.login(json!({"share": secret})).await);
        let viewer = watching(&server, &tab, &id).await;
        does(&server.home, arguments, "").await;
        ends(&server, viewer, &tab, LOGIN_ENDED).await;
        assert_eq!(server.login(json!({"share": secret})).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_ends_with_its_login() {
    let (server, id) = server().await;
    let bob = server.browser("bob", "password").await;
    let line = format!("GET /api/v1/sessions/{id}/wait");
    let waiting = server.call_as(&bob, &line, None);
    let removing = does(&server.home, &["user", "rm", "bob"], "");
    let (answer, _) = within("the end", futures_util::future::join(waiting, removing)).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_revoked_comes_back_with_a_restart() {
    let (server, id) = server().await;
    let bob = server.browser("bob", "password").await;
    let (path, revoked) = guest(&server, None, &id, json!({})).await;
    let (_, stale) = guest(&server, None, &id, json!({})).await;
    let tab = Browser::of(&server.login(json!({"share": stale})).await);
    assert_eq!(
        server.call(&format!("DELETE {path}"), None).await.status,
        204
    );
    does(&server.home, &["user", "role", "bob", "watch"], "").await;
    let server = server.again(&[], &["cat"]).await;
    for tab in [&bob, &tab] {
        let answer = server.call_as(tab, "GET /api/v1/sessions", None).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert_eq!(server.login(json!({"share": revoked})).await.status, 401);
    // A link that was not revoked still opens, but its session is gone.
    let tab = Browser::of(&server.login(json!({"share": stale})).await);
    let attached = server.attach_as(&tab, &format!("/ws?session={id}")).await;
    assert_eq!(attached.err(), Some(404));
    let bob = server.browser("bob", "password").await;
    let id = server.create(json!({"mode": "pipe"})).await;
    let mut viewer = watching(&server, &bob, &id).await;
    viewer.type_text("x\n").await;
    viewer
        .until("a refusal", |seen| seen.errors() == ["not_allowed"])
        .await;
}
