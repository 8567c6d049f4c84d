//! What a socket may do before its client has proven itself, and what a client may do that only asks.

mod harness;

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use harness::door::audited;
use harness::people::Browser;
use harness::server::TOKEN;
use harness::viewer::connect;
use harness::{Dialect, Server, Viewer, until, within};
use http::HeaderValue;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// The longest message before the proof, in bytes.
const MAX_UNPROVEN: usize = 4096;

/// Sockets of one address that may wait for their token.
const PER_SOURCE: usize = 8;

const TTY: [(&str, &str); 1] = [("sec-websocket-protocol", "tty")];

async fn tab(server: &Server) -> Browser {
    Browser::of(&server.login(json!({"token": TOKEN})).await)
}

/// A socket of that tab, opened and nothing said.
async fn silent(server: &Server, tab: &Browser) -> WebSocketStream<TcpStream> {
    let origin = format!("http://{}", server.address);
    let headers = [
        ("cookie", tab.cookie.as_str()),
        ("origin", origin.as_str()),
        ("sec-websocket-protocol", "awp.json"),
    ];
    connect(server, "/ws", &headers).await.expect("a socket")
}

/// A client's frame, masked with zeros, that says it has `length` bytes and has these.
fn frame(first: u8, length: usize, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    if length < 126 {
        bytes.push(0x80 | u8::try_from(length).expect("short"));
    } else {
        bytes.push(0xff);
        bytes.extend((length as u64).to_be_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Sends bytes over a socket that is open already; the code that the server closes with.
async fn closed_after(socket: WebSocketStream<TcpStream>, bytes: &[u8]) -> u16 {
    let mut stream = socket.into_inner();
    stream.write_all(bytes).await.expect("taken");
    let came = async {
        let mut came = Vec::new();
        let _ = stream.read_to_end(&mut came).await;
        came
    };
    let came = within("the end", came).await;
    let [0x88, _, high, low, ..] = came[..] else {
        panic!("no close: {came:?}");
    };
    u16::from_be_bytes([high, low])
}

#[tokio::test]
async fn c57_c58_a_message_before_the_proof_is_short() {
    let server = Server::pipe(&["cat"]).await;
    let tab = tab(&server).await;
    let auth = json!({"type": "auth", "page_key": tab.page_key}).to_string();
    // On sight of its length, in one frame and in fragments.
    let long = frame(0x81, MAX_UNPROVEN + 1, b"");
    let socket = silent(&server, &tab).await;
    assert_eq!(closed_after(socket, &long).await, 1009);
    let part = vec![b' '; MAX_UNPROVEN / 2];
    let mut parts = frame(0x01, part.len(), &part);
    parts.extend(frame(0x00, part.len(), &part));
    parts.extend(frame(0x80, 1, b" "));
    let socket = silent(&server, &tab).await;
    assert_eq!(closed_after(socket, &parts).await, 1009);
    let socket = connect(&server, "/ws", &TTY).await.expect("a socket");
    assert_eq!(closed_after(socket, &long).await, 1009);
    assert_eq!(server.descendants(), [], "nothing was started");
    // The longest there may be is read; behind it come messages of any length, at once.
    let first = auth.clone() + &" ".repeat(MAX_UNPROVEN - auth.len());
    let typed = "x".repeat(100_000);
    let second = json!({"type": "stdin", "text": typed}).to_string();
    let mut bytes = frame(0x81, first.len(), first.as_bytes());
    bytes.extend(frame(0x81, second.len(), second.as_bytes()));
    let mut socket = silent(&server, &tab).await;
    socket.get_mut().write_all(&bytes).await.expect("taken");
    let mut viewer = Viewer::over(socket, Dialect::Json);
    viewer
        .until("all of it", |seen| seen.out.bytes == typed.as_bytes())
        .await;
}

#[tokio::test]
async fn c60_who_says_nothing_is_closed() {
    let server = Server::shell("read a").await;
    let tab = tab(&server).await;
    let page = silent(&server, &tab).await;
    let tty = connect(&server, "/ws", &TTY).await.expect("a socket");
    // Pings are no proof, and no reason to wait longer.
    let mut pinging = silent(&server, &tab).await;
    pinging.send(Message::Ping("?".into())).await.expect("sent");
    for mut socket in [page, tty, pinging] {
        let code = loop {
            match within("a close", socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
                Some(Ok(Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(code, 4401);
    }
    assert_eq!(server.descendants(), []);
}

/// Shows this first on a new socket; what it is closed with.
async fn refused(mut socket: WebSocketStream<TcpStream>, said: serde_json::Value) -> u16 {
    let said = Message::text(said.to_string());
    socket.send(said).await.expect("sent");
    match within("a close", socket.next()).await {
        Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_first_message_counts_as_any_failed_login() {
    let server = Server::shell("read a").await;
    let tab = tab(&server).await;
    for round in 0..5 {
        let page = silent(&server, &tab).await;
        let code = refused(page, json!({"type": "auth", "page_key": "wrong"})).await;
        assert_eq!(code, 4401, "{round}");
        let tty = connect(&server, "/ws", &TTY).await.expect("a socket");
        let code = refused(tty, json!({"AuthToken": "wrong"})).await;
        // Nine are counted, the tenth is one too many.
        assert_eq!(code, if round < 4 { 4401 } else { 4429 });
    }
    // The count is that of every way in.
    let wrong = server.send("GET /api/v1/sessions", "Authorization: Bearer no\r\n", "");
    assert_eq!(wrong.await.status, 429);
    // Who has the right one is not kept out.
    let mut viewer = server.attach_as(&tab, "/ws").await.expect("a socket");
    viewer.id().await;
    let lines = until("ten lines", || {
        let log = server.log();
        let failed = log.lines().filter(|line| line.contains("login_failed"));
        let lines: Vec<_> = failed.map(str::to_owned).collect();
        (lines.len() > 10).then_some(lines).ok_or(log)
    });
    let lines = lines.await;
    for how in ["how=\"page_key\"", "how=\"token\""] {
        let found = lines.iter().filter(|line| line.contains(how)).count();
        assert_eq!(found, 5, "{lines:#?}");
    }
    assert_eq!(audited(&server, "login_failed").await.len(), 11);
    assert!(!server.log().contains(&tab.page_key) && !server.log().contains(TOKEN));
}

/// Opens a socket of ttyd's protocol from this address of the machine.
async fn tty_from(server: &Server, from: [u8; 4]) -> Result<WebSocketStream<TcpStream>, u16> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((from, 0))).expect("bound");
    let stream = socket.connect(server.address).await.expect("a server");
    let mut request = format!("ws://{}/ws", server.address)
        .into_client_request()
        .expect("an address");
    let name = HeaderValue::from_static("tty");
    request.headers_mut().insert(TTY[0].0, name);
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn one_address_does_not_take_the_places_of_all() {
    let server = Server::shell("echo up; read a").await;
    let mut open = Vec::new();
    for _ in 0..PER_SOURCE {
        open.push(tty_from(&server, [127, 0, 0, 2]).await.expect("a place"));
    }
    assert_eq!(tty_from(&server, [127, 0, 0, 2]).await.err(), Some(429));
    // Another address is let in, and gets in.
    let mut socket = tty_from(&server, [127, 0, 0, 3]).await.expect("a place");
    let opening = json!({"AuthToken": TOKEN, "columns": 80, "rows": 24});
    let opening = Message::text(opening.to_string());
    socket.send(opening).await.expect("sent");
    let first = within("output", socket.next()).await;
    assert!(matches!(first, Some(Ok(Message::Binary(_)))), "{first:?}");
    // A place that is left is free again.
    drop(open.pop());
    let again = async {
        loop {
            if let Ok(socket) = tty_from(&server, [127, 0, 0, 2]).await {
                return socket;
            }
        }
    };
    within("a place that was left", again).await;
}

#[tokio::test]
async fn c63_a_client_that_only_pings_is_cut_off_and_nobody_else() {
    /// Enough for every one that may come at once, and for a flood behind them.
    const FLOOD: u64 = 10_000;
    let server = Server::shell("exec cat").await;
    let mut other = Viewer::open(&server, Dialect::V1, "/ws").await;
    // As frames, as frames that answer what nobody asked, as messages.
    for message in [
        Some(Message::Ping("?".into())),
        Some(Message::Pong("!".into())),
        None,
    ] {
        let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
        viewer.id().await;
        for id in 0..FLOOD {
            match &message {
                Some(message) => viewer.send(message.clone()).await,
                None => viewer.say(json!({"type": "ping", "id": id})).await,
            }
            if id % 1000 == 0 {
                other.round_trip().await;
            }
        }
        let seen = viewer.rest().await;
        assert_eq!(seen.closed, Some(4429), "{message:?}");
    }
    // As often as anybody asks who looks at the time it takes.
    for _ in 0..30 {
        other.round_trip().await;
    }
}
