//! The way to a server: one connection per request, or one that becomes a WebSocket.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::error::ClientError;
use super::place::Place;
use crate::model::pace::PIPE_INPUT_WINDOW;
use crate::wire::frame::MAX_FRAME;
use crate::wire::v1;

/// How long a server may take to be reached. One on the same machine is there at once, or is not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a Unix socket may hold of what was sent and not read, in bytes: the input on its way.
#[expect(clippy::cast_possible_truncation, reason = "it is small")]
const SEND_BUFFER: usize = PIPE_INPUT_WINDOW as usize;

/// The longest answer that is read, in bytes: a list of thousands of sessions.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// What the `Host` header says on a Unix socket, which has no name.
const UNIX_HOST: &str = "localhost";

/// The code of the error that says that the beginning of an id fits several sessions.
const AMBIGUOUS: &str = "ambiguous";

/// How we name ourselves.
const AGENT: &str = concat!("awp/", env!("CARGO_PKG_VERSION"));

/// A connection, whatever it runs over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// What is sent along with a request.
pub enum Body {
    /// Nothing.
    None,
    /// A JSON document.
    Json(Vec<u8>),
    /// Bytes as they are.
    Raw(Bytes),
}

/// An error as the server tells it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    error: Message,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    code: String,
    message: String,
}

/// A server, as its client sees it.
#[derive(Clone, Debug)]
pub struct Server {
    place: Place,
}

impl Server {
    /// The server at this place. Whether it is there shows with the first request.
    pub const fn new(place: Place) -> Self {
        Self { place }
    }

    /// Whether the server sees the same files as we do.
    pub const fn is_local(&self) -> bool {
        self.place.is_local()
    }

    /// Makes a request below `/api/v1` and gives what was answered.
    ///
    /// # Errors
    /// When there is no server, or it refuses; an unknown session is [`ClientError::NoSession`]
    /// without a name.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<Bytes, ClientError> {
        let lost = |error: hyper::Error| ClientError::Lost(error.to_string());
        let stream = self.stream().await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        tokio::spawn(connection);
        let mut request = Request::new(Full::new(match body {
            Body::None => Bytes::new(),
            Body::Json(ref json) => Bytes::copy_from_slice(json),
            Body::Raw(ref bytes) => bytes.clone(),
        }));
        *request.method_mut() = method;
        *request.uri_mut() = self.uri(&format!("/api/v1{path}"))?;
        self.identify(request.headers_mut())?;
        if matches!(body, Body::Json(_)) {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        let response = sender.send_request(request).await.map_err(lost)?;
        let status = response.status();
        let answer = Limited::new(response.into_body(), MAX_ANSWER)
            .collect()
            .await
            .map_err(|error| ClientError::Lost(error.to_string()))?
            .to_bytes();
        if status.is_success() {
            Ok(answer)
        } else {
            Err(refused(status, &answer))
        }
    }

    /// Opens a WebSocket for `awp.v1`.
    ///
    /// # Errors
    /// As [`Server::request`].
    pub async fn socket(
        &self,
        path: &str,
    ) -> Result<WebSocketStream<Box<dyn Stream>>, ClientError> {
        let stream = self.stream().await?;
        let mut request = Request::new(());
        // The handshake wants a whole address, of which it sends the path.
        let host = match &self.place {
            Place::Unix(_) => UNIX_HOST,
            Place::Tcp(address) => &address.authority,
        };
        let address = format!("ws://{host}{}{path}", self.place.base());
        *request.uri_mut() = address.parse().map_err(|_| no_address(&address))?;
        let headers = request.headers_mut();
        self.identify(headers)?;
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", v1::NAME),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let key = HeaderValue::try_from(generate_key());
        let key = key.map_err(|_| ClientError::Failed("no random number is to be had".into()))?;
        headers.insert("sec-websocket-key", key);
        let mut settings = WebSocketConfig::default();
        settings.max_message_size = Some(MAX_FRAME);
        settings.max_frame_size = Some(MAX_FRAME);
        match client_async_with_config(request, stream, Some(settings)).await {
            Ok((socket, _)) => Ok(socket),
            Err(SocketError::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err(refused(response.status(), body))
            }
            Err(error) => Err(ClientError::Lost(error.to_string())),
        }
    }

    async fn stream(&self) -> Result<Box<dyn Stream>, ClientError> {
        let opened = tokio::time::timeout(CONNECT_TIMEOUT, open(&self.place)).await;
        let opened = opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        opened.map_err(|error| ClientError::NoServer {
            place: self.place.to_string(),
            why: match error.kind() {
                io::ErrorKind::NotFound => "there is no socket".to_owned(),
                io::ErrorKind::ConnectionRefused => "nobody answers".to_owned(),
                io::ErrorKind::TimedOut => "no answer".to_owned(),
                _ => error.to_string(),
            },
        })
    }

    fn uri(&self, path: &str) -> Result<http::Uri, ClientError> {
        let target = format!("{}{path}", self.place.base());
        target.parse().map_err(|_| no_address(&target))
    }

    fn identify(&self, headers: &mut HeaderMap) -> Result<(), ClientError> {
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let host = match &self.place {
            Place::Unix(_) => HeaderValue::from_static(UNIX_HOST),
            Place::Tcp(address) => HeaderValue::try_from(address.authority.as_str())
                .map_err(|_| no_address(&address.authority))?,
        };
        headers.insert(HOST, host);
        if let Place::Tcp(address) = &self.place
            && let Some(bearer) = &address.bearer
        {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        Ok(())
    }
}

fn no_address(text: &str) -> ClientError {
    ClientError::usage(text, "is no address")
}

async fn open(place: &Place) -> io::Result<Box<dyn Stream>> {
    match place {
        Place::Tcp(address) => {
            let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
            // Keys must not wait for more of them.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        Place::Unix(path) => {
            let stream = UnixStream::connect(path).await?;
            // The system gives as much as it lets anybody have; with less it only gets slower.
            let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
            let uid = stream.peer_cred()?.uid();
            // In a folder that everyone may write to, anyone may have come first: what is typed
            // would be theirs.
            if uid != 0 && uid != rustix::process::geteuid().as_raw() {
                let why = format!("it belongs to another user (uid {uid})");
                return Err(io::Error::other(why));
            }
            Ok(Box::new(stream))
        }
    }
}

/// What a refusal means for us: the one place where that is decided.
fn refused(status: StatusCode, body: &[u8]) -> ClientError {
    let told: Told = serde_json::from_slice(body).unwrap_or_default();
    let Message { code, message } = told.error;
    let message = match message {
        message if message.is_empty() => format!("the server answered {status}"),
        message => message,
    };
    match status {
        StatusCode::CONFLICT if code == AMBIGUOUS => ClientError::NoSession {
            name: String::new(),
            why: message,
        },
        StatusCode::UNAUTHORIZED => ClientError::NotAllowed(format!(
            "{message}; give the server's token with --token-file"
        )),
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => ClientError::NotAllowed(message),
        StatusCode::NOT_FOUND => ClientError::NoSession {
            name: String::new(),
            why: message,
        },
        _ => ClientError::Failed(message),
    }
}
