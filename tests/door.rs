//! The door, from the outside: a real listener, raw bytes, a tiny router behind it.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed and says where"
)]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use awp_server::server::accept::{self, AcceptSettings};
use awp_server::server::auth::Credential;
use awp_server::server::headers::CONTENT_SECURITY_POLICY;
use awp_server::server::listener::Listener;
use awp_server::server::policy::{Exposure, ListenAddr};
use awp_server::server::routes_login::login_routes;
use awp_server::server::token::Token;
use awp_server::server::{Door, DoorSettings};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use http::{StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const TOKEN: &str = "owner-token-of-the-tests-0123456789abcdefghi";

/// After this a test has failed; nothing is expected to take anywhere near as long.
const DEADLINE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    door: Arc<Door>,
    /// How often a route behind the door was reached.
    reached: Arc<AtomicUsize>,
    shutdown: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

fn settings() -> DoorSettings {
    DoorSettings {
        token: Some(Token::of(TOKEN)),
        ..DoorSettings::default()
    }
}

/// A socket without a protocol: it says `hello`, and `bye` when its credential ends.
fn socket(credential: &Credential, request: Request) -> Response {
    let credential = credential.clone();
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let mut stream = TokioIo::new(upgraded);
        stream.write_all(b"hello").await.unwrap();
        credential.ended().await;
        stream.write_all(b"bye").await.unwrap();
    });
    let headers = [
        (header::CONNECTION, "upgrade"),
        (header::UPGRADE, "websocket"),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

fn router(door: &Arc<Door>, reached: &Arc<AtomicUsize>) -> Router {
    let count = Arc::clone(reached);
    let counted = any(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { "behind the door" }
    });
    let sockets = Arc::clone(reached);
    let ws = get(move |Extension(credential), request| {
        sockets.fetch_add(1, Ordering::SeqCst);
        std::future::ready(socket(&credential, request))
    });
    let inner = Router::new()
        .route("/", get(|| async { "the page" }))
        .route("/s/{id}", get(|| async { "the page" }))
        .route("/assets/app.js", get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/api/v1/sessions", counted.clone())
        .route("/metrics", counted)
        .route("/ws", ws)
        .route(
            "/broken",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .merge(login_routes(door));
    door.protect(inner)
}

fn start(settings: &DoorSettings) -> Server {
    let place = ListenAddr::parse("127.0.0.1:0").unwrap();
    let listener = Listener::bind(&place).unwrap();
    let address = listener.address().unwrap();
    let door = Door::new(settings).unwrap();
    let reached = Arc::new(AtomicUsize::new(0));
    let (shutdown, stop) = watch::channel(false);
    let serving = tokio::spawn(accept::serve(
        listener,
        router(&door, &reached),
        settings.accept,
        Handle::current,
        stop,
    ));
    Server {
        address,
        door,
        reached,
        shutdown,
        serving,
    }
}

/// Everything that comes until the other side closes.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is a close as well.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until this text has come.
async fn until(stream: &mut (impl AsyncRead + Unpin), text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let mut bytes = [0; 1024];
        let read = timeout(DEADLINE, stream.read(&mut bytes)).await;
        let count = read.unwrap_or_else(|_| panic!("{seen:?}")).unwrap();
        assert_ne!(count, 0, "closed after {seen:?}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    seen
}

async fn say(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: &str) -> String {
    // Whoever is refused early may have closed before everything was sent.
    let _ = stream.write_all(text.as_bytes()).await;
    rest(&mut stream).await
}

fn status(response: &str) -> u16 {
    let code = response.split(' ').nth(1);
    code.unwrap_or_else(|| panic!("{response:?}"))
        .parse()
        .unwrap()
}

fn value<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let head = response.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A login as a browser holds it.
struct Browser {
    cookie: String,
    page_key: String,
}

impl Server {
    async fn raw(&self, text: &str) -> String {
        say(TcpStream::connect(self.address).await.unwrap(), text).await
    }

    /// One request with these further header lines, each ending with CRLF.
    async fn send(&self, line: &str, headers: &str, body: &str) -> String {
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n{headers}");
        if !headers.contains("Host:") {
            write!(text, "Host: {}\r\n", self.address).unwrap();
        }
        if !body.is_empty() {
            write!(text, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        self.raw(&format!("{text}\r\n{body}")).await
    }

    async fn upgrade(&self, headers: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let host = self.address;
        let text = format!(
            "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{headers}\r\n"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let answer = until(&mut stream, "\r\n\r\n").await;
        (stream, answer)
    }

    async fn login(&self, headers: &str, body: &str) -> String {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.send("POST /api/v1/login", &headers, body).await
    }

    async fn browser(&self) -> Browser {
        let answer = self
            .login(&self.origin(), &format!(r#"{{"token":"{TOKEN}"}}"#))
            .await;
        Browser::from(&answer)
    }

    fn origin(&self) -> String {
        format!("Origin: http://{}\r\n", self.address)
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

impl Browser {
    fn from(answer: &str) -> Self {
        assert_eq!(status(answer), 200, "{answer}");
        let cookie = value(answer, "set-cookie").unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            page_key: body["page_key"].as_str().unwrap().to_owned(),
        }
    }

    fn cookie(&self) -> String {
        format!("Cookie: {}\r\n", self.cookie)
    }

    fn both(&self) -> String {
        format!("{}X-Awp-Page-Key: {}\r\n", self.cookie(), self.page_key)
    }
}

const BEARER: &str = "Authorization: Bearer owner-token-of-the-tests-0123456789abcdefghi\r\n";

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

#[tokio::test]
async fn c51_what_can_be_read_in_two_ways_is_refused() {
    let server = start(&settings());
    let host = server.address;
    let post = format!(
        "POST /api/v1/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    );
    let smuggled = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for (text, expected) in [
        (
            format!("{post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}"),
            400,
        ),
        (
            format!("{post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
            400,
        ),
        (
            format!("{post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
        ),
        (
            format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
            400,
        ),
        (
            format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
            400,
        ),
        (format!("GET / HTTP/1.1\nHost: {host}\n\n"), 400),
        (format!("GET / HTTP/1.1\r\nHost: {host}\nX: y\r\n\r\n"), 400),
        (format!("TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n"), 405),
        (
            format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            405,
        ),
        (
            format!(
                "GET /ws HTTP/1.0\r\nHost: {host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n{BEARER}\r\n"
            ),
            400,
        ),
        (
            format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\nGET /y HTTP/1.1\n\n"),
            401,
        ),
    ] {
        // A smuggled request behind the first one must not be answered.
        let answer = server.raw(&format!("{text}{smuggled}")).await;
        assert_eq!(status(&answer), expected, "{text}\n{answer}");
        assert!(!answer.ends_with("ok"), "{text}\n{answer}");
    }
    assert_eq!(server.reached(), 0);
}

#[tokio::test]
async fn c59_slow_strangers_are_closed_and_shut_nobody_out() {
    let server = start(&DoorSettings {
        accept: AcceptSettings {
            header_timeout: Duration::from_millis(300),
            max_unproven: 8,
            ..AcceptSettings::default()
        },
        ..settings()
    });
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"G").await.unwrap();
        slow.push(stream);
    }
    server.browser().await;
    for stream in &mut slow {
        rest(stream).await;
    }
}

#[tokio::test]
async fn a_proven_connection_does_not_give_way() {
    let server = start(&DoorSettings {
        accept: AcceptSettings {
            max_unproven: 2,
            ..AcceptSettings::default()
        },
        ..settings()
    });
    let mut proven = TcpStream::connect(server.address).await.unwrap();
    let text = format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\n{BEARER}\r\n");
    proven.write_all(text.as_bytes()).await.unwrap();
    until(&mut proven, "behind the door").await;
    let mut strangers = Vec::new();
    for _ in 0..6 {
        strangers.push(TcpStream::connect(server.address).await.unwrap());
    }
    for stream in &mut strangers[..4] {
        assert_eq!(rest(stream).await, "");
    }
    proven.write_all(text.as_bytes()).await.unwrap();
    until(&mut proven, "behind the door").await;
}

#[tokio::test]
async fn shutdown_closes_idle_connections_and_ends() {
    let server = start(&settings());
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let text = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    idle.write_all(text.as_bytes()).await.unwrap();
    until(&mut idle, "ok").await;
    server.shutdown.send(true).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    timeout(DEADLINE, server.serving).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

/// C23 and C24, whose edges are tested beside the code: here that the public functions refuse.
#[test]
fn c23_c24_a_server_that_would_be_open_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "").unwrap();
    assert!(Token::open(&path).is_err());
    let everywhere = [ListenAddr::parse("0.0.0.0:0").unwrap()];
    let check = awp_server::server::policy::check_listeners;
    assert!(check(&everywhere, Exposure::default()).is_err());
}
