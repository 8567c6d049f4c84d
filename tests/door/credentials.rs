//! Who gets in.

use std::sync::Arc;
use std::time::Duration;

use awp_server::server::accept::{self, AcceptSettings};
use awp_server::server::headers::CONTENT_SECURITY_POLICY;
use awp_server::server::listener::Listener;
use awp_server::server::policy::{Exposure, ListenAddr};
use awp_server::server::{Door, DoorSettings};
use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::server::{
    BEARER, Browser, TOKEN, rest, router, say, settings, start, status, until, value,
};

#[tokio::test]
async fn c01_c52_strangers_get_the_page_and_nothing_else() {
    let server = start(&settings());
    for path in ["/", "/s/s-0000000000", "/healthz"] {
        assert_eq!(
            status(&server.send(&format!("GET {path}"), "", "").await),
            200
        );
    }
    let health = server.send("GET /healthz", "", "").await;
    assert!(health.ends_with("\r\n\r\nok") && value(&health, "server").is_none());
    for line in [
        "GET /metrics",
        "GET /api/v1/sessions",
        "POST /api/v1/sessions",
        "DELETE /api/v1/sessions",
        "POST /api/v1/logout",
        "GET /api/v1/check",
        "GET /broken",
        "GET /ws",
        "GET /no/such/route",
        "POST /",
        "GET /assets/../metrics",
    ] {
        let answer = server.send(line, "", "").await;
        let public = line == "GET /assets/../metrics";
        assert_eq!(status(&answer), if public { 404 } else { 401 }, "{line}");
    }
    assert_eq!(server.reached(), 0);
}

#[tokio::test]
async fn c02_no_upgrade_without_credentials() {
    let server = start(&settings());
    for headers in [
        "",
        "Authorization: Bearer wrong\r\n",
        "Cookie: awp=1\r\n",
        "Origin: https://evil.example\r\n",
    ] {
        let (mut stream, answer) = server.upgrade(headers).await;
        assert_eq!(status(&answer), 401, "{headers}");
        rest(&mut stream).await;
    }
    assert_eq!(server.reached(), 0);
}

#[tokio::test]
async fn c03_foreign_hosts_are_refused_everywhere() {
    let server = start(&settings());
    for path in [
        "/",
        "/assets/app.js",
        "/healthz",
        "/api/v1/sessions",
        "/ws",
        "/x",
    ] {
        for host in ["evil.example", "127.0.0.1.evil.example", "127.1"] {
            let headers = format!("{BEARER}Host: {host}\r\n");
            let answer = server.send(&format!("GET {path}"), &headers, "").await;
            assert_eq!(status(&answer), 421, "{path} at {host}");
        }
    }
    assert_eq!(server.reached(), 0);
}

#[tokio::test]
async fn c05_c07_sockets_ask_which_page_it_is() {
    let server = start(&settings());
    let browser = server.browser().await;
    let evil = format!("{}Origin: https://evil.example\r\n", browser.cookie());
    let port = format!("{}Origin: http://127.0.0.1:1\r\n", browser.cookie());
    let null = format!("{}Origin: null\r\n", browser.cookie());
    for headers in [evil, port, null, browser.cookie()] {
        let (_, answer) = server.upgrade(&headers).await;
        assert_eq!(status(&answer), 403, "{headers}");
    }
    assert_eq!(server.reached(), 0);
    let own = format!("{}{}", browser.cookie(), server.origin());
    for headers in [own.as_str(), BEARER] {
        let (mut stream, answer) = server.upgrade(headers).await;
        assert_eq!(status(&answer), 101, "{headers}");
        if !answer.contains("hello") {
            until(&mut stream, "hello").await;
        }
    }
}

#[tokio::test]
async fn c08_c09_other_sites_change_nothing() {
    let server = start(&settings());
    let browser = server.browser().await;
    let both = browser.both();
    let own = server.origin();
    for (line, headers) in [
        (
            "POST",
            "Content-Type: text/plain\r\nOrigin: https://evil.example\r\n",
        ),
        (
            "POST",
            "Content-Type: application/x-www-form-urlencoded\r\nOrigin: null\r\n",
        ),
        ("POST", ""),
        ("GET", "Sec-Fetch-Site: cross-site\r\n"),
        ("GET", "Sec-Fetch-Site: same-site\r\n"),
    ] {
        let line = format!("{line} /api/v1/sessions");
        let answer = server.send(&line, &format!("{both}{headers}"), "").await;
        assert_eq!(status(&answer), 403, "{line} {headers}");
    }
    for method in ["POST", "DELETE"] {
        let headers = format!("{both}{own}Sec-Fetch-Site: cross-site\r\n");
        let line = format!("{method} /api/v1/sessions");
        assert_eq!(status(&server.send(&line, &headers, "").await), 403);
    }
    assert_eq!(server.reached(), 0);
    for headers in [format!("{both}Sec-Fetch-Site: same-origin\r\n"), both] {
        let answer = server.send("GET /api/v1/sessions", &headers, "").await;
        assert_eq!(status(&answer), 200);
    }
    let text = server
        .send("POST /api/v1/login", "Content-Type: text/plain\r\n", "{}")
        .await;
    assert_eq!(status(&text), 415);
    let foreign = server
        .login("Origin: https://evil.example\r\n", r#"{"token":"x"}"#)
        .await;
    assert_eq!(status(&foreign), 403);
}

#[tokio::test]
async fn c10_c14_c43_headers_on_every_answer() {
    let server = start(&settings());
    let browser = server.browser().await;
    for (line, headers, expected) in [
        ("GET /", "", 200),
        ("GET /assets/app.js", "", 304),
        ("GET /api/v1/sessions", "", 401),
        ("GET /api/v1/check", BEARER, 204),
        ("GET /no/such", BEARER, 404),
        ("PUT /api/v1/check", BEARER, 405),
        ("GET /", "Host: evil.example\r\n", 421),
        ("GET /broken", BEARER, 500),
        ("TRACE /", "", 405),
        (
            "OPTIONS /api/v1/sessions",
            "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n",
            401,
        ),
    ] {
        let answer = server.send(line, headers, "").await;
        assert_eq!(status(&answer), expected, "{line}");
        let header = |name| value(&answer, name);
        assert_eq!(
            header("content-security-policy"),
            Some(CONTENT_SECURITY_POLICY)
        );
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("referrer-policy"), Some("no-referrer"));
        assert_eq!(header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(header("cross-origin-resource-policy"), Some("same-origin"));
        assert!(header("permissions-policy").is_some());
        assert!(header("location").is_none());
        assert!(
            !answer.to_lowercase().contains("access-control-"),
            "{answer}"
        );
        assert!(!answer.contains(TOKEN) && !answer.contains(&browser.page_key));
        if line.contains("/api/") {
            assert_eq!(header("cache-control"), Some("no-store"), "{line}");
        }
    }
}

#[tokio::test]
async fn c11_c12_c18_a_login_is_new_and_its_cookie_strict() {
    let server = start(&settings());
    let code = server.door.issue_launch_code().unwrap();
    let body = format!(r#"{{"launch":"{code}"}}"#);
    let port = server.address.port();
    let chosen = format!("awp_{port}=chosen");
    let answer = server.login(&format!("Cookie: {chosen}\r\n"), &body).await;
    let browser = Browser::from(&answer);
    let cookie = value(&answer, "set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("awp_{port}=")), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain") && !cookie.contains(TOKEN));
    assert_ne!(browser.cookie, chosen);
    assert_eq!(status(&server.login("", &body).await), 401, "used twice");
    let old = format!("Cookie: {chosen}\r\n");
    assert_eq!(
        status(&server.send("GET /api/v1/check", &old, "").await),
        401
    );
    let good = server
        .send("GET /api/v1/check", &browser.cookie(), "")
        .await;
    assert_eq!(
        (status(&good), value(&good, "x-awp-user")),
        (204, Some("owner"))
    );

    let late = start(&DoorSettings {
        launch_ttl: Duration::ZERO,
        ..settings()
    });
    let code = late.door.issue_launch_code().unwrap();
    let body = format!(r#"{{"launch":"{code}"}}"#);
    assert_eq!(status(&late.login("", &body).await), 401);
}

#[tokio::test]
async fn the_cookie_alone_opens_nothing() {
    let server = start(&settings());
    let browser = server.browser().await;
    let wrong = format!("{}X-Awp-Page-Key: wrong\r\n", browser.cookie());
    for headers in [browser.cookie(), wrong] {
        for path in ["/api/v1/sessions", "/metrics"] {
            let answer = server.send(&format!("GET {path}"), &headers, "").await;
            assert_eq!(status(&answer), 401, "{path}");
        }
    }
    assert_eq!(server.reached(), 0);
    let answer = server.send("GET /metrics", &browser.both(), "").await;
    assert_eq!(status(&answer), 200);
}

#[tokio::test]
async fn c16_guessing_is_slowed_down_and_the_owner_is_not() {
    let server = start(&settings());
    for attempt in 1..=50 {
        let answer = server.login("", r#"{"token":"wrong"}"#).await;
        let expected = if attempt < 10 { 401 } else { 429 };
        assert_eq!(status(&answer), expected, "attempt {attempt}");
        if expected == 429 {
            assert!(value(&answer, "retry-after").is_some());
        }
    }
    let bearer = "Authorization: Bearer wrong\r\n";
    assert_eq!(status(&server.send("GET /metrics", bearer, "").await), 429);
    assert_eq!(status(&server.send("GET /metrics", BEARER, "").await), 200);
    server.browser().await;
}

#[tokio::test]
async fn c19_logout_ends_the_cookie_and_its_sockets() {
    let server = start(&settings());
    let browser = server.browser().await;
    let own = format!("{}{}", browser.both(), server.origin());
    let (mut stream, seen) = server.upgrade(&own).await;
    if !seen.contains("hello") {
        until(&mut stream, "hello").await;
    }
    let answer = server.send("POST /api/v1/logout", &own, "").await;
    assert_eq!(status(&answer), 204);
    assert!(value(&answer, "set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(status(&server.send("GET /metrics", &own, "").await), 401);
    assert_eq!(rest(&mut stream).await, "bye");
}

#[tokio::test]
async fn c25_without_credentials_the_other_rules_hold() {
    let server = start(&DoorSettings {
        exposure: Exposure {
            no_auth: true,
            ..Exposure::default()
        },
        ..settings()
    });
    for (headers, expected) in [
        ("", 200),
        ("Origin: https://evil.example\r\n", 403),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        ("Host: evil.example\r\n", 421),
    ] {
        let answer = server.send("POST /api/v1/sessions", headers, "").await;
        assert_eq!(status(&answer), expected, "{headers}");
    }
    let (_, answer) = server.upgrade("Origin: http://localhost:1\r\n").await;
    assert_eq!(status(&answer), 403);
    assert_eq!(server.reached(), 1);
}

#[tokio::test]
async fn c26_a_unix_socket_knows_its_user() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run/awp.sock");
    let listener = Listener::bind(&ListenAddr::Unix(path.clone())).unwrap();
    let door = Door::new(&settings()).unwrap();
    let reached = Arc::default();
    let (_shutdown, stop) = watch::channel(false);
    let accept = AcceptSettings::default();
    let routes = router(&door, &reached);
    tokio::spawn(accept::serve(
        listener,
        routes,
        accept,
        Handle::current,
        stop,
    ));
    for (headers, expected) in [
        ("", 200),
        ("X-Forwarded-For: 10.0.0.1\r\n", 401),
        ("Origin: http://localhost\r\n", 401),
    ] {
        let stream = UnixStream::connect(&path).await.unwrap();
        let text =
            format!("GET /metrics HTTP/1.1\r\nHost: awp\r\nConnection: close\r\n{headers}\r\n");
        assert_eq!(status(&say(stream, &text).await), expected, "{headers}");
    }
}
