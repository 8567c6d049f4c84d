//! The opening of a socket, and what closes it for breaking the rules.

mod harness;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use harness::http::Answer;
use harness::server::TOKEN;
use harness::viewer::{CLIENT, connect};
use harness::{Dialect, Server, Viewer, within};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// The longest message, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;

/// The example of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

async fn sleeper() -> Server {
    Server::start(&[], &["sleep", "1000"]).await
}

/// A handshake of the owner, with one of its lines changed.
fn handshake(server: &Server, change: (&str, &str)) -> String {
    let bearer = format!("Bearer {TOKEN}");
    let host = server.address.to_string();
    let lines = [
        ("", "GET /ws HTTP/1.1"),
        ("Host", host.as_str()),
        ("Authorization", bearer.as_str()),
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", KEY),
    ];
    let (name, value) = change;
    let changed = lines.map(|(key, own)| (key, if key == name { value } else { own }));
    let added = (!lines.iter().any(|(key, _)| *key == name)).then_some(change);
    let written = changed
        .into_iter()
        .chain(added)
        .map(|(key, value)| match (key, value) {
            ("", line) => format!("{line}\r\n"),
            (_, "") => String::new(),
            (key, value) => format!("{key}: {value}\r\n"),
        });
    written.collect::<String>() + "\r\n"
}

async fn sessions(server: &Server) -> usize {
    let list = server.call("GET /api/v1/sessions", None).await.json();
    list.as_array().map(Vec::len).expect("an array")
}

#[tokio::test]
async fn c02_no_upgrade_and_no_child_without_credentials() {
    let server = sleeper().await;
    for authorization in ["", "Bearer wrong", "Bearer ", "Basic b3duZXI6b3duZXI="] {
        for path in ["/ws", "/ws/default", "/ws?session=s-0000000000"] {
            let text = handshake(&server, ("Authorization", authorization));
            let answer = server.raw(&text.replace("/ws ", &format!("{path} "))).await;
            assert_eq!(answer.status, 401, "{authorization} {path}: {answer:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let query = format!("GET /ws?token={TOKEN} HTTP/1.1");
    let text = handshake(&server, ("Authorization", "")).replace("GET /ws HTTP/1.1", &query);
    assert_eq!(
        server.raw(&text).await.status,
        401,
        "no token in an address"
    );
    assert_eq!(sessions(&server).await, 0);
    assert_eq!(server.descendants(), []);
}

#[tokio::test]
async fn c54_what_is_no_handshake_is_refused_and_starts_nothing() {
    let server = sleeper().await;
    let short = BASE64.encode([0; 15]);
    let long = BASE64.encode([0; 17]);
    for (change, status) in [
        (("Sec-WebSocket-Key", ""), 400),
        (("Sec-WebSocket-Key", short.as_str()), 400),
        (("Sec-WebSocket-Key", long.as_str()), 400),
        (("Sec-WebSocket-Key", "!!!!"), 400),
        (("Sec-WebSocket-Version", "12"), 426),
        (("Sec-WebSocket-Version", "14"), 426),
        (("Sec-WebSocket-Version", ""), 426),
        (("Upgrade", ""), 426),
        (("Upgrade", "h2c"), 426),
        (("Connection", "close"), 426),
        (("", "GET /ws HTTP/1.0"), 400),
        (("", "POST /ws HTTP/1.1"), 405),
        (("Sec-WebSocket-Protocol", "chat"), 400),
        (("Sec-WebSocket-Protocol", "AWP.JSON"), 400),
    ] {
        // The server may keep a connection whose request it has understood.
        let text = handshake(&server, change);
        let text = match change.0 {
            "Connection" => text,
            _ => text.replace("keep-alive, Upgrade", "close, Upgrade"),
        };
        let answer = server.raw(&text).await;
        assert_eq!(answer.status, status, "{change:?}: {answer:?}");
        if status == 426 {
            assert_eq!(
                answer.header("sec-websocket-version"),
                Some("13"),
                "{answer:?}"
            );
        }
    }
    assert_eq!(sessions(&server).await, 0);
    assert_eq!(server.descendants(), []);
}

#[tokio::test]
async fn the_example_of_the_standard_is_answered() {
    let server = sleeper().await;
    let offer = ("Sec-WebSocket-Protocol", "chat, awp.json, awp.v1");
    let (_stream, head) = open(&server, &handshake(&server, offer)).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    assert!(
        head.to_lowercase()
            .contains("sec-websocket-protocol: awp.json\r\n"),
        "{head}"
    );
    assert!(
        !head.to_lowercase().contains("sec-websocket-extensions"),
        "{head}"
    );
}

/// Sends a handshake and reads the head of its answer.
async fn open(server: &Server, text: &str) -> (TcpStream, String) {
    let opening = async {
        let mut stream = TcpStream::connect(server.address).await.expect("a server");
        stream.write_all(text.as_bytes()).await.expect("taken");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a head"));
        }
        (stream, String::from_utf8(head).expect("text"))
    };
    within("the head of an answer", opening).await
}

/// The code of the close frame that follows these bytes on an open socket.
async fn closed_after(server: &Server, bytes: &[u8]) -> Option<u16> {
    let offer = ("Sec-WebSocket-Protocol", "awp.json");
    let (mut stream, _) = open(server, &handshake(server, offer)).await;
    let reading = async {
        stream.write_all(bytes).await.expect("taken");
        let mut came = Vec::new();
        let _ = stream.read_to_end(&mut came).await;
        came
    };
    let came = within(
        format!(
            "the end after {} bytes: {:?}",
            bytes.len(),
            &bytes[..bytes.len().min(16)]
        ),
        reading,
    )
    .await;
    // The frames of a server are not masked: opcode, length, payload.
    let mut rest = came.as_slice();
    while let [opcode, length, ..] = rest {
        let (start, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes([rest[2], rest[3]]))),
            length => (2, usize::from(*length)),
        };
        let payload = &rest[start..start + length];
        if *opcode == 0x88 {
            return Some(u16::from_be_bytes([payload[0], payload[1]]));
        }
        rest = &rest[start + length..];
    }
    None
}

#[tokio::test]
async fn broken_frames_are_a_protocol_error() {
    let server = sleeper().await;
    for (what, bytes) in [
        ("unmasked", &b"\x81\x02hi"[..]),
        ("reserved bits", &b"\xc1\x82\0\0\0\0hi"[..]),
        ("a reserved opcode", &b"\x83\x82\0\0\0\0hi"[..]),
        ("a continuation of nothing", &b"\x80\x82\0\0\0\0hi"[..]),
        ("a fragmented ping", &b"\x09\x80\0\0\0\0"[..]),
        (
            "a ping of 126 bytes",
            &[b"\x89\xfe\0\x7e\0\0\0\0", &[0; 126][..]].concat(),
        ),
    ] {
        assert_eq!(closed_after(&server, bytes).await, Some(1002), "{what}");
    }
    let not_text = b"\x81\x82\0\0\0\0\xff\xff";
    assert_eq!(
        closed_after(&server, not_text).await,
        Some(1007),
        "text that is no UTF-8"
    );
}

#[tokio::test]
async fn a_message_that_is_too_long_is_closed_on_sight_of_its_length() {
    let server = Server::pipe(&["cat"]).await;
    // The length alone: 1 MiB and a byte, and then as much as there can be.
    for length in [MAX_MESSAGE as u64 + 1, u64::MAX / 2] {
        let mut frame = b"\x82\xff".to_vec();
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        assert_eq!(closed_after(&server, &frame).await, Some(1009), "{length}");
    }
    // In fragments as well; a fragment is looked at when it is whole.
    let mut frames = Vec::new();
    for opcode in [0x02, 0x00, 0x00] {
        frames.extend([opcode, 0xff]);
        frames.extend((MAX_MESSAGE as u64 / 2).to_be_bytes());
        frames.extend([0; 4]);
        frames.extend(vec![0; MAX_MESSAGE / 2]);
    }
    assert_eq!(closed_after(&server, &frames).await, Some(1009));
    // What is just not too long is taken.
    let mut viewer = Viewer::open(&server, Dialect::Raw, "/ws").await;
    let longest = Message::Binary(Bytes::from(vec![b'x'; MAX_MESSAGE]));
    let all = |seen: &harness::seen::Seen| seen.out.bytes.len() == MAX_MESSAGE;
    viewer.pour([longest], "the echo", all).await;
}

/// A login as a browser holds it.
struct Browser {
    cookie: String,
    page_key: String,
    origin: String,
}

impl Browser {
    async fn login(server: &Server) -> Self {
        let origin = format!("http://{}", server.address);
        let headers = format!("Origin: {origin}\r\nContent-Type: application/json\r\n");
        let body = json!({"token": TOKEN}).to_string();
        let answer: Answer = server.send("POST /api/v1/login", &headers, &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer
            .header("set-cookie")
            .and_then(|cookie| cookie.split(';').next());
        let key = answer.json()["page_key"].as_str().map(str::to_owned);
        Self {
            cookie: cookie.expect("a cookie").to_owned(),
            page_key: key.expect("a page key"),
            origin,
        }
    }

    async fn socket(&self, server: &Server, dialect: Dialect) -> Viewer {
        let mut headers = vec![
            ("cookie", self.cookie.as_str()),
            ("origin", self.origin.as_str()),
        ];
        match dialect {
            Dialect::V1 => headers.push(("sec-websocket-protocol", "awp.v1")),
            Dialect::Json => headers.push(("sec-websocket-protocol", "awp.json")),
            Dialect::Raw | Dialect::Bare => {}
        }
        let socket = connect(server, "/ws", &headers).await;
        Viewer::over(socket.expect("a socket"), dialect)
    }

    /// Says who it is, in the words of the dialect.
    async fn prove(&self, viewer: &mut Viewer, dialect: Dialect, key: Option<&str>) {
        let said = match dialect {
            Dialect::V1 => {
                json!({"type": "hello", "version": 1, "client": CLIENT, "page_key": key})
            }
            _ => json!({"type": "auth", "page_key": key.unwrap_or_default()}),
        };
        viewer.say(said).await;
    }
}

#[tokio::test]
async fn a_cookie_is_proven_by_the_page_key_in_the_first_message() {
    let server = Server::shell("echo up; exec cat").await;
    let browser = Browser::login(&server).await;
    for dialect in [Dialect::Json, Dialect::V1, Dialect::Bare] {
        let mut viewer = browser.socket(&server, dialect).await;
        browser
            .prove(&mut viewer, dialect, Some(&browser.page_key))
            .await;
        viewer.until_text(0, "up").await;
    }
}

#[tokio::test]
async fn a_cookie_without_its_page_key_starts_nothing() {
    let server = sleeper().await;
    let browser = Browser::login(&server).await;
    let stranger = Browser::login(&server).await;
    for dialect in [Dialect::Json, Dialect::V1, Dialect::Bare] {
        for key in [None, Some("wrong"), Some(stranger.page_key.as_str())] {
            let mut viewer = browser.socket(&server, dialect).await;
            browser.prove(&mut viewer, dialect, key).await;
            let seen = viewer.rest().await;
            assert_eq!(seen.closed, Some(4401), "{dialect:?} {key:?}: {seen:#?}");
            assert!(seen.said.is_empty() && seen.out.bytes.is_empty());
        }
    }
    // What comes first is the proof or nothing.
    let mut viewer = browser.socket(&server, Dialect::Json).await;
    viewer.type_text("echo first\n").await;
    assert_eq!(viewer.rest().await.closed, Some(4401));
    assert_eq!(sessions(&server).await, 0);
    assert_eq!(server.descendants(), []);
}

#[tokio::test]
async fn a_logout_closes_the_sockets_of_that_login_alone() {
    let server = Server::shell("echo up; exec cat").await;
    let browser = Browser::login(&server).await;
    let other = Browser::login(&server).await;
    let mut sockets = Vec::new();
    for dialect in [Dialect::Json, Dialect::V1] {
        let mut viewer = browser.socket(&server, dialect).await;
        browser
            .prove(&mut viewer, dialect, Some(&browser.page_key))
            .await;
        viewer.until_text(0, "up").await;
        sockets.push(viewer);
    }
    let mut stays = other.socket(&server, Dialect::Json).await;
    other
        .prove(&mut stays, Dialect::Json, Some(&other.page_key))
        .await;
    stays.until_text(0, "up").await;

    let headers = format!(
        "Origin: {}\r\nCookie: {}\r\nX-Awp-Page-Key: {}\r\n",
        browser.origin, browser.cookie, browser.page_key
    );
    let answer = server.send("POST /api/v1/logout", &headers, "").await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    for viewer in sockets {
        let seen = viewer.rest().await;
        assert_eq!(seen.closed, Some(4401), "{seen:#?}");
    }
    let start = stays.seen.out.bytes.len();
    stays.type_text("still here\n").await;
    stays.until_text(start, "still here").await;
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_so() {
    let server = sleeper().await;
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer
        .say(json!({"type": "hello", "version": 2, "client": CLIENT}))
        .await;
    assert_eq!(viewer.rest().await.closed, Some(4409));
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer.send(Message::text("{}")).await;
    assert_eq!(viewer.rest().await.closed, Some(1008));
    assert_eq!(sessions(&server).await, 0);
}
