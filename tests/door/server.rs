//! The server under test and its clients.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use awp_server::server::accept;
use awp_server::server::auth::Credential;
use awp_server::server::listener::Listener;
use awp_server::server::policy::ListenAddr;
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
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub const TOKEN: &str = "owner-token-of-the-tests-0123456789abcdefghi";

/// After this a test has failed; nothing is expected to take anywhere near as long.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Server {
    pub address: SocketAddr,
    pub door: Arc<Door>,
    /// How often a route behind the door was reached.
    pub reached: Arc<AtomicUsize>,
    pub shutdown: watch::Sender<bool>,
    pub serving: JoinHandle<()>,
}

pub fn settings() -> DoorSettings {
    DoorSettings {
        token: Some(Token::of(TOKEN)),
        ..DoorSettings::default()
    }
}

/// A socket without a protocol: it says `hello`, and `bye` when its credential ends.
pub fn socket(credential: &Credential, request: Request) -> Response {
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

pub fn router(door: &Arc<Door>, reached: &Arc<AtomicUsize>) -> Router {
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

pub fn start(settings: &DoorSettings) -> Server {
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
pub async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is a close as well.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until this text has come.
pub async fn until(stream: &mut (impl AsyncRead + Unpin), text: &str) -> String {
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

pub async fn say(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: &str) -> String {
    // Whoever is refused early may have closed before everything was sent.
    let _ = stream.write_all(text.as_bytes()).await;
    rest(&mut stream).await
}

pub fn status(response: &str) -> u16 {
    let code = response.split(' ').nth(1);
    code.unwrap_or_else(|| panic!("{response:?}"))
        .parse()
        .unwrap()
}

pub fn value<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let head = response.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A login as a browser holds it.
pub struct Browser {
    pub cookie: String,
    pub page_key: String,
}

impl Server {
    pub async fn raw(&self, text: &str) -> String {
        say(TcpStream::connect(self.address).await.unwrap(), text).await
    }

    /// One request with these further header lines, each ending with CRLF.
    pub async fn send(&self, line: &str, headers: &str, body: &str) -> String {
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n{headers}");
        if !headers.contains("Host:") {
            write!(text, "Host: {}\r\n", self.address).unwrap();
        }
        if !body.is_empty() {
            write!(text, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        self.raw(&format!("{text}\r\n{body}")).await
    }

    pub async fn upgrade(&self, headers: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let host = self.address;
        let text = format!(
            "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{headers}\r\n"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let answer = until(&mut stream, "\r\n\r\n").await;
        (stream, answer)
    }

    pub async fn login(&self, headers: &str, body: &str) -> String {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.send("POST /api/v1/login", &headers, body).await
    }

    pub async fn browser(&self) -> Browser {
        let answer = self
            .login(&self.origin(), &format!(r#"{{"token":"{TOKEN}"}}"#))
            .await;
        Browser::from(&answer)
    }

    pub fn origin(&self) -> String {
        format!("Origin: http://{}\r\n", self.address)
    }

    pub fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

impl Browser {
    pub fn from(answer: &str) -> Self {
        assert_eq!(status(answer), 200, "{answer}");
        let cookie = value(answer, "set-cookie").unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            page_key: body["page_key"].as_str().unwrap().to_owned(),
        }
    }

    pub fn cookie(&self) -> String {
        format!("Cookie: {}\r\n", self.cookie)
    }

    pub fn both(&self) -> String {
        format!("{}X-Awp-Page-Key: {}\r\n", self.cookie(), self.page_key)
    }
}

pub const BEARER: &str = "Authorization: Bearer owner-token-of-the-tests-0123456789abcdefghi\r\n";
