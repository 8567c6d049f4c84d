//! One HTTP request at a time, as bytes: what a library would tidy up is what some tests send.

use std::fmt::Write as _;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::deadline::within;
use super::server::{Server, TOKEN};

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer: {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// A header of it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Its body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of an error.
    pub fn error(&self) -> String {
        let json = self.json();
        let text = |key: &str| json["error"][key].as_str().map(str::to_owned);
        assert!(text("message").is_some_and(|text| !text.is_empty()));
        text("code").unwrap_or_else(|| panic!("no error code: {self:?}"))
    }
}

impl Server {
    /// Sends these bytes and gives everything that comes until the server closes.
    pub async fn raw(&self, request: &str) -> Answer {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await.expect("a server");
            // Whoever is refused early may have closed before everything was sent.
            let _ = stream.write_all(request.as_bytes()).await;
            let mut bytes = Vec::new();
            // A reset is a close as well.
            let _ = stream.read_to_end(&mut bytes).await;
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answer::parse(&within(format!("an answer to {request:?}"), exchange).await)
    }

    /// One request with these further header lines, each ending with CRLF.
    pub async fn send(&self, line: &str, headers: &str, body: &str) -> Answer {
        let mut text = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}",
            self.address
        );
        if !body.is_empty() {
            write!(text, "Content-Length: {}\r\n", body.len()).expect("a string grows");
        }
        self.raw(&format!("{text}\r\n{body}")).await
    }

    /// A request of the owner, with a JSON body if there is one.
    pub async fn call(&self, line: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
        match body {
            None => self.send(line, &bearer, "").await,
            Some(body) => {
                let headers = format!("{bearer}Content-Type: application/json\r\n");
                self.send(line, &headers, &body.to_string()).await
            }
        }
    }

    /// The session of this id, as the server tells it.
    pub async fn session(&self, id: &str) -> Answer {
        self.call(&format!("GET /api/v1/sessions/{id}"), None).await
    }

    /// Makes a session and gives its id.
    pub async fn create(&self, body: Value) -> String {
        let answer = self.call("POST /api/v1/sessions", Some(body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.json()["id"].as_str().map(str::to_owned);
        id.expect("an id")
    }
}
