//! What a connection may do, whoever it is.

use std::time::Duration;

use awp_server::server::DoorSettings;
use awp_server::server::accept::AcceptSettings;
use awp_server::server::policy::{Exposure, ListenAddr};
use awp_server::server::token::Token;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::server::{BEARER, DEADLINE, rest, settings, start, status, until};

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
