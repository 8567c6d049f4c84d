//! Logins by a provider of `OpenID Connect`: a real provider process, which does as it should or does
//! not, and a browser that goes there and back.

mod harness;
#[path = "oidc/provider.rs"]
mod provider;

use harness::people::{Browser, add_user, does, verb};
use harness::server::TOKEN;
use harness::{Server, within};
use provider::{Provider, person, query};
use serde_json::json;

const ROLES: &str = "roles = { staff = \"write\", ops = \"owner\" }";

async fn serve(provider: &Provider, more: &str) -> Server {
    Server::at_home(provider.home(more), &[], &["cat"]).await
}

/// The role that a login has, and its name, as the server tells a proxy.
async fn who(server: &Server, cookie: &str) -> (u16, String) {
    let headers = format!("Cookie: {cookie}\r\n");
    let answer = server.send("GET /api/v1/check", &headers, "").await;
    let header = |name| answer.header(name).unwrap_or_default().to_owned();
    let user = format!("{} {}", header("x-awp-user"), header("x-awp-role"));
    (answer.status, user)
}

/// Waits until a login is over.
async fn ends(server: &Server, tab: &Browser) {
    let over = async { while who(server, &tab.cookie).await.0 != 401 {} };
    within("the end of a login", over).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_let_in_with_the_role_of_the_group() {
    let provider = Provider::start().await;
    provider
        .user("u1", person("ann", &["other", "staff"]))
        .await;
    let server = serve(&provider, ROLES).await;
    let page = server.send("GET /", "", "").await;
    let mark = "<html data-provider=\"Example &lt;ID>\"";
    assert!(page.body.contains(mark), "{page:?}");

    let way = server.sets_out().await;
    let asked = |key| query(&way.to, key).unwrap_or_default();
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("client_id"), "awp");
    assert_eq!(asked("scope"), "openid profile email");
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("max_age"), "600");
    let callback = format!("http://{}/api/v1/oidc/callback", server.address);
    assert_eq!(asked("redirect_uri"), callback);
    let parts = ["state", "nonce", "code_challenge"].map(asked);
    assert!(parts.iter().all(|part| part.len() == 43), "{parts:?}");

    let back = provider.approves(Some("u1"), &way.to).await;
    let answer = server.comes_back(&way.cookie, &back).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/#oidc"))
    );
    // What is shown so far opens nothing.
    assert_eq!(who(&server, &way.cookie).await.0, 401);
    let taken = server.takes(&way.cookie).await;
    let cookies: Vec<&str> = taken
        .head
        .lines()
        .filter(|line| line.contains("awp_"))
        .collect();
    assert!(
        cookies.iter().any(|line| line.contains("SameSite=Strict")),
        "{cookies:?}"
    );
    assert!(
        cookies
            .iter()
            .any(|line| line.contains("_oidc=;") && line.contains("Max-Age=0"))
    );
    let ann = Browser::of(&taken);
    assert_eq!(
        who(&server, &ann.cookie).await,
        (204, "ann write".to_owned())
    );
    let list = server.call_as(&ann, "GET /api/v1/sessions", None).await;
    assert_eq!(list.status, 200, "{list:?}");
    assert_eq!(server.takes(&way.cookie).await.status, 401, "once");

    let log = server.log();
    let line = log.lines().find(|line| line.contains("event=\"login\""));
    let line = line.expect("an audit line");
    assert!(
        line.contains("how=\"oidc\"") && line.contains("user=\"ann\""),
        "{line}"
    );
    let code = query(&back, "code").expect("a code");
    let (_, cookie) = way.cookie.split_once('=').expect("a value");
    for secret in [
        "a-secret-of-the-client-5b1e",
        &code,
        cookie,
        &asked("state"),
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_this_browsers_and_is_good_once() {
    let provider = Provider::start().await;
    provider.user("u1", person("ann", &["staff"])).await;
    let server = serve(&provider, ROLES).await;
    let way = server.sets_out().await;
    let other = server.sets_out().await;
    let back = provider.approves(Some("u1"), &way.to).await;
    let state = query(&way.to, "state").expect("a state");
    let changed = back.replace(&state, &state.to_uppercase());
    assert_ne!(changed, back);
    let without = back.replace(&state, "");
    // Of another login, of no browser, changed, left out: no code is brought to the provider.
    for (cookie, url) in [
        (other.cookie.as_str(), &back),
        ("", &back),
        ("awp_oidc=x", &back),
        (&way.cookie, &changed),
        (&way.cookie, &without),
    ] {
        let answer = server.comes_back(cookie, url).await;
        assert_eq!(answer.status, 400, "{cookie} {url}: {answer:?}");
        assert!(answer.header("set-cookie").is_none());
    }
    assert_eq!(provider.asked().await, 0);
    assert_eq!(server.comes_back(&way.cookie, &back).await.status, 303);
    // A second time neither the state nor the code is taken, whoever waits for the login.
    assert_eq!(server.comes_back(&way.cookie, &back).await.status, 400);
    assert_eq!(provider.asked().await, 1);
    let code = query(&back, "code").expect("a code");
    let again = server.sets_out().await;
    let state = query(&again.to, "state").expect("a state");
    let replayed = format!(
        "http://{}/api/v1/oidc/callback?code={code}&state={state}",
        server.address
    );
    assert_eq!(
        server.comes_back(&again.cookie, &replayed).await.status,
        401
    );
    assert_eq!(server.takes(&again.cookie).await.status, 401);
    assert_eq!(server.takes(&way.cookie).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_did_not_say_lets_nobody_in() {
    let provider = Provider::start().await;
    provider.user("u1", person("ann", &["ops"])).await;
    let faults = [
        "nonce",
        "missing nonce",
        "audience",
        "issuer",
        "expired",
        "old",
        "another key",
        "signature",
        "changed",
        "alg none",
        "alg HS256",
        "alg HS256 by the client's secret",
    ];
    // Nine failures are what an address has.
    for few in faults.chunks(4) {
        let server = serve(&provider, ROLES).await;
        for fault in few {
            provider.fault(fault).await;
            let (way, answer) = server.logs_in(&provider, "u1").await;
            assert_eq!(answer.status, 401, "{fault}: {answer:?}");
            assert_eq!(server.takes(&way.cookie).await.status, 401, "{fault}");
        }
        assert_eq!(
            does(&server.home, &["user", "ls"], "")
                .await
                .matches("ann")
                .count(),
            0
        );
        let told = server.log();
        let refused = told.matches("the statement does not hold").count();
        assert_eq!(refused, few.len(), "{told}");
        // The same server, and a provider that does as it should.
        provider.fault("just now").await;
        let (way, answer) = server.logs_in(&provider, "u1").await;
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(server.takes(&way.cookie).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_here_stays_outside() {
    let provider = Provider::start().await;
    provider.user("u1", person("ann", &["staff"])).await;
    provider.user("u2", person("bob", &["guests"])).await;
    provider.user("u3", person("cat", &[])).await;
    provider.user("u4", person("owner", &["ops"])).await;
    let more = format!("{ROLES}\nallow_groups = [\"staff\", \"guests\"]\nallow_users = [\"cat\"]");
    let home = provider.home(&more);
    add_user(&home, "cat", "watch", "correct-horse-battery-1190").await;
    let server = Server::at_home(home, &[], &["cat"]).await;
    for (user, status) in [("u1", 303), ("u2", 403), ("u3", 303), ("u4", 403)] {
        let (way, answer) = server.logs_in(&provider, user).await;
        assert_eq!(answer.status, status, "{user}: {answer:?}");
        let expected = if status == 303 { 200 } else { 401 };
        assert_eq!(server.takes(&way.cookie).await.status, expected, "{user}");
    }
    // Whoever says no there is not let in here.
    let way = server.sets_out().await;
    let back = provider.approves(None, &way.to).await;
    assert!(back.contains("error=access_denied"), "{back}");
    // RFC 6749 asks for the state here as well, which this provider leaves out.
    let state = query(&way.to, "state").expect("a state");
    let back = format!("{back}&state={state}");
    assert_eq!(server.comes_back(&way.cookie, &back).await.status, 401);
    // Who has a role of our own keeps it.
    let (way, _) = server.logs_in(&provider, "u3").await;
    let cat = Browser::of(&server.takes(&way.cookie).await);
    assert_eq!(
        who(&server, &cat.cookie).await,
        (204, "cat watch".to_owned())
    );
    // Who was made by a group has no password to guess.
    let wrong = server
        .login(json!({"user": "ann", "password": "!provider"}))
        .await;
    assert_eq!(wrong.status, 401, "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_at_either_side_ends_the_login() {
    let provider = Provider::start().await;
    provider.user("u1", person("ann", &["ops"])).await;
    let server = serve(&provider, ROLES).await;
    let (way, _) = server.logs_in(&provider, "u1").await;
    let first = Browser::of(&server.takes(&way.cookie).await);
    assert_eq!(
        who(&server, &first.cookie).await,
        (204, "ann owner".to_owned())
    );
    // Another group: the next login has its role, and what had the old one is over.
    provider.user("u1", person("ann", &["staff"])).await;
    let (way, _) = server.logs_in(&provider, "u1").await;
    let second = Browser::of(&server.takes(&way.cookie).await);
    assert_eq!(
        who(&server, &second.cookie).await,
        (204, "ann write".to_owned())
    );
    ends(&server, &first).await;
    // Here: who is removed is outside.
    does(&server.home, &["user", "rm", "ann"], "").await;
    ends(&server, &second).await;
    // In no group any more.
    let (way, _) = server.logs_in(&provider, "u1").await;
    let third = Browser::of(&server.takes(&way.cookie).await);
    provider.user("u1", person("ann", &[])).await;
    assert_eq!(server.logs_in(&provider, "u1").await.1.status, 403);
    ends(&server, &third).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_counted_and_foreign_pages_begin_nothing() {
    let provider = Provider::start().await;
    provider.user("u1", person("ann", &["staff"])).await;
    let server = serve(&provider, ROLES).await;
    let foreign = "Sec-Fetch-Site: cross-site\r\n";
    let start = server.send("GET /api/v1/oidc/start", foreign, "").await;
    assert_eq!(start.status, 403, "{start:?}");
    let json = "Content-Type: application/json\r\nOrigin: https://evil.example\r\n";
    let taken = server.send("POST /api/v1/oidc/login", json, "{}").await;
    assert_eq!(taken.status, 403, "{taken:?}");
    let spoofed =
        "GET /api/v1/oidc/start HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(server.raw(spoofed).await.status, 421);
    let callback = "GET /api/v1/oidc/callback?code=x&state=y&next=//evil.example";
    for _ in 0..9 {
        let answer = server.send(callback, "", "").await;
        assert_eq!((answer.status, answer.header("location")), (400, None));
        assert!(!answer.body.contains("evil"), "{answer:?}");
    }
    let answer = server.send(callback, "", "").await;
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    // Not even a good one, which takes no code to the provider.
    let (_, answer) = server.logs_in(&provider, "u1").await;
    assert_eq!((answer.status, provider.asked().await), (429, 0));
    // The owner is not locked out.
    assert_eq!(server.login(json!({"token": TOKEN})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_is_said_to_be() {
    let provider = Provider::start().await;
    provider.fault("silent").await;
    let server = serve(&provider, ROLES).await;
    let answer = server.send("GET /api/v1/oidc/start", "", "").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (503, "unavailable")
    );
    // It is asked again before long.
    provider.fault("none").await;
    let told = async {
        loop {
            if server.send("GET /api/v1/oidc/start", "", "").await.status == 303 {
                return;
            }
        }
    };
    within("the provider", told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_others_read_starts_no_server() {
    let provider = Provider::start().await;
    let home = provider.home(ROLES);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(home.path().join("secret"), open).expect("a file of ours");
    let output = verb(&home, &["serve", "--listen", "127.0.0.1:0"], "").await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("chmod 600"), "{told}");
}
