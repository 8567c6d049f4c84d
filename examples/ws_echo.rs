//! Echoes every message over the socket layer of awp, for conformance suites:
//! `cargo run --example ws_echo -- --listen 127.0.0.1:9001`.

use std::io::Write as _;
use std::net::SocketAddr;

use awp_server::server::handshake::Handshake;
use awp_server::server::socket;
use axum::response::{IntoResponse as _, Response};
use clap::Parser;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

/// Echoes WebSocket messages, for conformance suites.
#[derive(Parser)]
struct Arguments {
    /// Listen here; port 0 is any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(Arguments::parse().listen).await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/")?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream));
    }
}

/// Serves one connection: whatever it sends comes back.
pub async fn connection(stream: TcpStream) {
    let answer = service_fn(|request| async { Ok::<_, std::convert::Infallible>(open(request)) });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    // A client that goes away is no reason to stop.
    let _ = connection.with_upgrades().await;
}

fn open(mut request: http::Request<hyper::body::Incoming>) -> Response {
    let handshake = Handshake::read(request.method(), request.version(), request.headers());
    match handshake {
        Ok(handshake) => {
            tokio::spawn(echo(hyper::upgrade::on(&mut request)));
            (http::StatusCode::SWITCHING_PROTOCOLS, handshake.headers()).into_response()
        }
        Err(error) => (error.status(), error.headers(), error.to_string()).into_response(),
    }
}

async fn echo(upgrade: OnUpgrade) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut socket = socket::over(TokioIo::new(upgraded)).await;
    while let Some(message) = socket.next().await {
        let sent = match message {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                match socket::give(&mut socket, message) {
                    Ok(()) => socket.flush().await,
                    Err(error) => Err(error),
                }
            }
            // Pings and the close are answered by the socket itself, when it is flushed.
            Ok(_) => socket.flush().await,
            Err(error) => {
                if let Some(code) = socket::violation(&error) {
                    socket::close(socket, code).await;
                }
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
