//! Connections that are opened and say nothing.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::harness::{Dialect, Server, Viewer, proc};
use super::size;

/// R19: 500 connections that never ask and 500 that never answer in the gate, 5,000 of each in full.
/// That the questions are spread over time is the pure part, tested where the beat is computed.
#[tokio::test]
async fn half_open_connections_are_all_gone() {
    let many = size(500, 5000);
    let viewers = (many + 100).to_string();
    let options = [
        "--ping-interval",
        "200ms",
        "--ping-timeout",
        "2s",
        "--max-viewers",
        &viewers,
    ];
    let server = Server::start(&options, &["cat"]).await;
    let id = server.create(json!({})).await;
    let before = proc::descriptors(server.pid()).len();
    let mut strangers = Vec::new();
    for number in 0..many {
        let mut stream = TcpStream::connect(server.address).await.expect("a server");
        if number % 2 == 0 {
            // It may be sent away already: that is what is asked for.
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await;
        }
        strangers.push(stream);
    }
    let path = format!("/ws?session={id}");
    let mut mute = Vec::new();
    for _ in 0..many {
        mute.push(Viewer::open(&server, Dialect::Json, &path).await);
    }
    let mut lives = Viewer::open(&server, Dialect::Json, &path).await;
    lives
        .until("they are gone", |_| {
            // Its own is one more.
            proc::descriptors(server.pid()).len() <= before + 1
        })
        .await;
    assert_eq!(server.session(&id).await.json()["viewers"], 1);
    lives.type_text("still here\n").await;
    lives.until_text(0, "still here\r\nstill here").await;
}
