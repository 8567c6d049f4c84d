//! The opening handshake of a WebSocket (RFC 6455, section 4.2), and the choice of a dialect.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::wire::{json, k8s, raw, tty, v1};

/// The only version of the WebSocket protocol there is.
const VERSION: &str = "13";

/// The dialects that a client may choose by the subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subprotocol {
    /// `awp.v1`.
    V1,
    /// `awp.json`.
    Json,
    /// `raw`, or none.
    Raw,
    /// `tty`.
    Tty,
    /// `v4.channel.k8s.io`.
    K8sV4,
    /// `v5.channel.k8s.io`.
    K8sV5,
    /// terminado's, which has no name: its path chooses it.
    Terminado,
}

impl Subprotocol {
    const ALL: [(&'static str, Self); 6] = [
        (v1::NAME, Self::V1),
        (json::NAME, Self::Json),
        (raw::NAME, Self::Raw),
        (tty::NAME, Self::Tty),
        (k8s::NAME_V4, Self::K8sV4),
        (k8s::NAME_V5, Self::K8sV5),
    ];

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, dialect)| *dialect)
    }

    /// Its name on the wire; that of terminado's is of our making.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, dialect)| *dialect == self)
            .map_or("terminado", |(name, _)| name)
    }
}

/// A handshake that can be answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Handshake {
    accept: String,
    chosen: Option<Subprotocol>,
}

/// Why a request is not a handshake.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// It is no upgrade to a WebSocket.
    #[error("this address is for WebSockets: the request has no Upgrade to one")]
    NoUpgrade,
    /// It is another version of HTTP or another method.
    #[error("a WebSocket begins with GET and HTTP/1.1")]
    Request,
    /// It asks for another version of the protocol.
    #[error("only version 13 of the WebSocket protocol is spoken here")]
    Version,
    /// The key is missing or has not 16 bytes.
    #[error("Sec-WebSocket-Key is not 16 bytes of base64")]
    Key,
    /// None of the subprotocols is spoken here.
    #[error(
        "no such subprotocol; there are awp.v1, awp.json, raw, tty, v4.channel.k8s.io and \
         v5.channel.k8s.io"
    )]
    Subprotocol,
}

impl HandshakeError {
    /// The status that says so. A client that asks for another version is told the one there is.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Request | Self::Key | Self::Subprotocol => StatusCode::BAD_REQUEST,
        }
    }

    /// The headers that go with it.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.status() == StatusCode::UPGRADE_REQUIRED {
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        }
        headers
    }
}

impl Handshake {
    /// Reads a handshake.
    ///
    /// # Errors
    /// When the request is none that can be answered.
    pub fn read(
        method: &Method,
        version: Version,
        headers: &HeaderMap,
    ) -> Result<Self, HandshakeError> {
        if !has_token(headers, &UPGRADE, "websocket") || !has_token(headers, &CONNECTION, "upgrade")
        {
            return Err(HandshakeError::NoUpgrade);
        }
        if method != Method::GET || version != Version::HTTP_11 {
            return Err(HandshakeError::Request);
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != VERSION)
        {
            return Err(HandshakeError::Version);
        }
        let key = headers
            .get(SEC_WEBSOCKET_KEY)
            .ok_or(HandshakeError::Key)?
            .as_bytes();
        if BASE64.decode(key).map_or(0, |key| key.len()) != 16 {
            return Err(HandshakeError::Key);
        }
        let mut offered = tokens(headers, &SEC_WEBSOCKET_PROTOCOL).peekable();
        let chosen = match offered.peek() {
            None => None,
            Some(_) => Some(
                offered
                    .find_map(Subprotocol::by_name)
                    .ok_or(HandshakeError::Subprotocol)?,
            ),
        };
        Ok(Self {
            accept: derive_accept_key(key),
            chosen,
        })
    }

    /// The dialect: `raw` where the client names none.
    pub fn dialect(&self) -> Subprotocol {
        self.chosen.unwrap_or(Subprotocol::Raw)
    }

    /// The headers of the answer, which has the status 101.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        if let Some(chosen) = self.chosen {
            headers.insert(
                SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(chosen.name()),
            );
        }
        headers
    }
}

/// Whether a handshake offers this subprotocol.
pub fn offers(headers: &HeaderMap, subprotocol: Subprotocol) -> bool {
    tokens(headers, &SEC_WEBSOCKET_PROTOCOL)
        .any(|name| Subprotocol::by_name(name) == Some(subprotocol))
}

/// The comma-separated items of a header that may come more than once.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

fn has_token(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    tokens(headers, name).any(|token| token.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut HeaderMap)) -> Result<Handshake, HandshakeError> {
        let mut headers = HeaderMap::new();
        headers.insert(UPGRADE, HeaderValue::from_static("WebSocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        // The key and the answer of RFC 6455, section 1.3.
        headers.insert(
            SEC_WEBSOCKET_KEY,
            HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="),
        );
        change(&mut headers);
        Handshake::read(&Method::GET, Version::HTTP_11, &headers)
    }

    #[test]
    fn the_example_of_the_standard_is_answered() {
        let handshake = request(|_| {}).expect("a handshake");
        assert_eq!(
            handshake.headers()[SEC_WEBSOCKET_ACCEPT],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        assert_eq!(handshake.dialect(), Subprotocol::Raw);
        assert!(!handshake.headers().contains_key(SEC_WEBSOCKET_PROTOCOL));
    }

    #[test]
    fn the_first_dialect_that_is_known_is_chosen() {
        let offer = |offer| {
            request(|headers| {
                headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
            })
        };
        let chosen = offer("chat, awp.json, awp.v1").expect("one is known");
        assert_eq!(chosen.headers()[SEC_WEBSOCKET_PROTOCOL], "awp.json");
        assert_eq!(offer("chat"), Err(HandshakeError::Subprotocol));
    }

    #[test]
    fn what_is_no_handshake_is_told_so() {
        let without = |name: HeaderName| request(|headers| drop(headers.remove(name)));
        assert_eq!(without(UPGRADE), Err(HandshakeError::NoUpgrade));
        assert_eq!(without(SEC_WEBSOCKET_KEY), Err(HandshakeError::Key));
        let with = |name: HeaderName, value| {
            request(|headers| drop(headers.insert(name, HeaderValue::from_static(value))))
        };
        assert_eq!(
            with(SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAA"),
            Err(HandshakeError::Key)
        );
        let old = with(SEC_WEBSOCKET_VERSION, "12").expect_err("an old version");
        assert_eq!(old.headers()[SEC_WEBSOCKET_VERSION], "13");
        assert_eq!(old.status(), StatusCode::UPGRADE_REQUIRED);
    }
}
