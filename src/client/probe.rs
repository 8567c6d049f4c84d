//! Single requests as a browser makes them, with whatever is answered.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::header::{HeaderMap, HeaderValue, SERVER};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::connect::Server;
use super::error::ClientError;
use super::place::Address;

/// The largest file of the page, in bytes.
const MAX_FILE: usize = 16 * 1024 * 1024;

/// How long an answer may take: a proxy that cannot reach its server says so within this.
pub(super) const ANSWER: Duration = Duration::from_secs(30);

/// Asks a server, and shows it nothing.
pub(super) struct Probe<'a> {
    pub(super) server: &'a Server,
    pub(super) address: &'a Address,
}

/// An answer, whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The code of one of awp's own errors; `None` says that somebody else has answered.
    pub(super) fn code(&self) -> Option<String> {
        let json: Value = serde_json::from_slice(&self.body).ok()?;
        json["error"]["code"].as_str().map(str::to_owned)
    }

    /// Who answered, as far as that is told.
    pub(super) fn who(&self) -> String {
        let server = self.headers.get(SERVER).and_then(|it| it.to_str().ok());
        server.map_or_else(
            || "the proxy".to_owned(),
            |name| format!("the proxy ({name})"),
        )
    }
}

impl Probe<'_> {
    pub(super) async fn get(&self, path: &str) -> Result<Answer, ClientError> {
        self.get_whole(&format!("{}{path}", self.address.base))
            .await
    }

    pub(super) async fn get_whole(&self, target: &str) -> Result<Answer, ClientError> {
        let asked = async {
            let response = self.send(self.request(target)?).await?;
            answer(response).await
        };
        let no_answer = |_| Err(ClientError::Lost("no answer".to_owned()));
        timeout(ANSWER, asked).await.unwrap_or_else(no_answer)
    }

    /// A request that shows nothing.
    fn request(&self, target: &str) -> Result<Request<Empty<Bytes>>, ClientError> {
        let request = Request::get(target).header("host", &self.address.authority);
        let request = request.body(Empty::new());
        request.map_err(|_| ClientError::usage(target, "is no address"))
    }

    async fn send(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<http::Response<hyper::body::Incoming>, ClientError> {
        let lost = |error: hyper::Error| ClientError::Lost(error.to_string());
        let stream = self.server.stream().await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        tokio::spawn(connection.with_upgrades());
        sender.send_request(request).await.map_err(lost)
    }

    /// Opens a socket as ttyd's page would, which shows its token later; or says what was answered.
    pub(super) async fn open(
        &self,
    ) -> Result<Result<WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>, Answer>, ClientError>
    {
        let mut request = self.request(&format!("{}/ws", self.address.base))?;
        let origin = HeaderValue::try_from(self.address.origin());
        let key = HeaderValue::try_from(generate_key());
        let (Ok(origin), Ok(key)) = (origin, key) else {
            return Err(ClientError::usage(self.address.origin(), "is no address"));
        };
        request.headers_mut().insert("origin", origin);
        request.headers_mut().insert("sec-websocket-key", key);
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "tty"),
        ] {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        let response = self.send(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Err(answer(response).await?));
        }
        let upgraded = hyper::upgrade::on(response).await;
        let upgraded = upgraded.map_err(|error| ClientError::Lost(error.to_string()))?;
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None);
        Ok(Ok(socket.await))
    }
}

async fn answer(response: http::Response<hyper::body::Incoming>) -> Result<Answer, ClientError> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_FILE).collect().await;
    let body = body.map_err(|error| ClientError::Lost(error.to_string()))?;
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: body.to_bytes(),
    })
}

/// Whether a ping is answered.
pub(super) async fn ping<S>(socket: &mut WebSocketStream<S>) -> bool
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    if socket.send(Message::Ping(Bytes::new())).await.is_err() {
        return false;
    }
    while let Some(Ok(message)) = socket.next().await {
        if matches!(message, Message::Pong(_)) {
            return true;
        }
    }
    false
}
