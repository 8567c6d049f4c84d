//! What a browser needs of whatever stands between it and a server, tried one by one.
//!
//! Each check says in plain words what it found and, where that is wrong, what to change. Without a
//! token it goes as far as a stranger may: to a socket that is open and on which nothing was shown.
//! With the owner's it also types into a session of its own and waits on it in silence.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::connect::{Body, Server};
use super::conversation::{Attach, Conversation, Heard};
use super::error::ClientError;
use super::place::{Address, Place};
use super::probe::{ANSWER, Probe, ping};
use crate::model::id::ProcessId;

/// How long a message and its echo may take. What is held back comes much later, or never.
const ECHO: Duration = Duration::from_secs(10);

/// What is typed into a session.
const TYPED: &[u8] = b"awp doctor\n";

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Good(String),
    /// It is not.
    Bad {
        /// What was seen.
        seen: String,
        /// What to change.
        fix: String,
    },
    /// It could not be looked at, and why.
    Left(String),
}

/// A check that was made, by its name.
pub type Check = (&'static str, Finding);

fn bad(seen: impl Into<String>, fix: impl Into<String>) -> Finding {
    let (seen, fix) = (seen.into(), fix.into());
    Finding::Bad { seen, fix }
}

/// Examines what is between here and a server.
pub struct Doctor {
    server: Server,
    address: Address,
    /// For how long a socket is held in silence.
    hold: Duration,
}

impl Doctor {
    /// Of the server at this address.
    pub fn new(address: Address, hold: Duration) -> Self {
        Self {
            server: Server::new(Place::Tcp(address.clone())),
            address,
            hold,
        }
    }

    const fn probe(&self) -> Probe<'_> {
        let (server, address) = (&self.server, &self.address);
        Probe { server, address }
    }

    /// Makes every check, and ends at the first that makes the next ones pointless. `tell` is given
    /// each as it is made. Whether all was well.
    pub async fn examine(&self, mut tell: impl FnMut(&Check)) -> bool {
        let mut well = true;
        let mut made = |name, finding: Finding| {
            let good = !matches!(finding, Finding::Bad { .. });
            well &= good;
            tell(&(name, finding));
            good
        };
        if made("host", self.host().await) {
            made("path", self.path().await);
            if made("upgrade", self.upgrade().await) {
                let (echo, silence) = self.session().await;
                made("buffering", echo);
                made("timeout", silence);
            }
        }
        well
    }

    /// Whether requests get to awp, and under a name that it has.
    async fn host(&self) -> Finding {
        let answer = match self.probe().get("/healthz").await {
            Ok(answer) => answer,
            Err(error) => {
                return bad(error.to_string(), "start the proxy, or correct the address");
            }
        };
        let name = &self.address.authority;
        let base = if self.address.base.is_empty() {
            "/"
        } else {
            &self.address.base
        };
        match (answer.status, answer.code().as_deref()) {
            (StatusCode::OK, _) if &*answer.body == b"ok" => {
                Finding::Good(format!("awp answers to the name {name}"))
            }
            (StatusCode::MISDIRECTED_REQUEST, Some("wrong_host")) => bad(
                format!("awp was asked by a name that it does not know; the browser says {name}"),
                format!(
                    "let the proxy pass the browser's Host on (nginx: proxy_set_header Host \
                     $http_host), and start awp with --allow-host {}",
                    self.address.origin()
                ),
            ),
            (StatusCode::BAD_REQUEST, Some(_)) => bad(
                "awp was asked without a Host, or with two",
                "let the proxy pass the browser's Host on (nginx: proxy_set_header Host $http_host)",
            ),
            (StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED, Some(_)) => bad(
                format!("awp answers, but it is not served below {base}"),
                format!(
                    "start awp with --base-path {base}, and let the proxy pass the path on \
                     unchanged (nginx: proxy_pass without anything behind the port)"
                ),
            ),
            (
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT,
                None,
            ) => bad(
                format!(
                    "{} answers {}: it does not reach awp",
                    answer.who(),
                    answer.status
                ),
                "start awp, and let the proxy point at what awp prints as `listening on`",
            ),
            (status, None) if status.is_redirection() => {
                let to = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok());
                bad(
                    format!(
                        "{} leads elsewhere: {}",
                        answer.who(),
                        to.unwrap_or("nowhere")
                    ),
                    "give the address that it leads to",
                )
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => bad(
                format!(
                    "{} answers {}: it asks for a login of its own",
                    answer.who(),
                    answer.status
                ),
                format!("leave {base} out of it, or look at awp behind it"),
            ),
            (status, _) => bad(
                format!(
                    "{} answers {status} to {base}, and awp does not",
                    answer.who()
                ),
                format!("let the proxy pass everything below {base} on to awp"),
            ),
        }
    }

    /// Whether the page and its files come from where the page looks for them.
    async fn path(&self) -> Finding {
        let page = match self.probe().get("/").await {
            Ok(page) if page.status.is_success() => page,
            Ok(page) => {
                let fix = "let the proxy pass the path on unchanged, with the slash at its end";
                return bad(
                    format!("the page itself is answered with {}", page.status),
                    fix,
                );
            }
            Err(error) => return bad(error.to_string(), "look at the proxy's log"),
        };
        if !page.headers.contains_key(CONTENT_SECURITY_POLICY) {
            return bad(
                "the header Content-Security-Policy of the page is lost",
                "let the proxy pass awp's headers on as they are",
            );
        }
        let text = String::from_utf8_lossy(&page.body);
        let Some(file) = text
            .split("src=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
        else {
            return Finding::Left("this awp has no page".to_owned());
        };
        match self.probe().get_whole(file).await {
            Ok(answer) if answer.status.is_success() => {
                Finding::Good(format!("the page and {file} are there"))
            }
            Ok(answer) => bad(
                format!(
                    "the page looks for {file}, which is answered with {}",
                    answer.status
                ),
                format!(
                    "start awp with the --base-path that browsers see ({}), and let the proxy pass \
                     the path on unchanged",
                    if self.address.base.is_empty() {
                        "none"
                    } else {
                        &self.address.base
                    }
                ),
            ),
            Err(error) => bad(error.to_string(), "look at the proxy's log"),
        }
    }

    /// Whether a socket opens, for a page of this address.
    async fn upgrade(&self) -> Finding {
        let upgrade = "let the proxy pass the upgrade on by HTTP/1.1 (nginx: proxy_http_version 1.1; \
                       proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \
                       $connection_upgrade)";
        let opened = timeout(ANSWER, self.probe().open()).await;
        let answer = match opened {
            Ok(Ok(Ok(mut socket))) => {
                let alive = timeout(ECHO, ping(&mut socket)).await.unwrap_or(false);
                let _ = timeout(ECHO, socket.close(None)).await;
                return if alive {
                    Finding::Good(format!(
                        "a socket opens for pages of {}",
                        self.address.origin()
                    ))
                } else {
                    bad("a socket opens, but nothing comes through it", upgrade)
                };
            }
            Ok(Ok(Err(answer))) => answer,
            Ok(Err(error)) => return bad(format!("no socket: {error}"), upgrade),
            Err(_) => return bad("no socket: no answer", upgrade),
        };
        match (answer.status, answer.code().as_deref()) {
            (StatusCode::FORBIDDEN, Some("foreign_origin")) => {
                let origin = self.address.origin();
                bad(
                    format!("awp takes pages of {origin} for another site's"),
                    format!(
                        "let the proxy pass the browser's Host and Origin on (nginx: \
                         proxy_set_header Host $http_host), and start awp with --allow-host {origin}"
                    ),
                )
            }
            (StatusCode::TOO_MANY_REQUESTS, Some(_)) => {
                Finding::Left("too many sockets wait at the moment; try again".to_owned())
            }
            (status, code) => {
                let who = code.map_or_else(|| answer.who(), |_| "awp".to_owned());
                let seen = format!("{who} answers {status} where a socket should open");
                bad(seen, upgrade)
            }
        }
    }

    /// Types into a session of its own, and then waits: whether the echo comes at once, and whether
    /// the socket outlives the silence.
    async fn session(&self) -> (Finding, Finding) {
        if self.address.bearer.is_none() {
            let left = || Finding::Left("needs the owner's token: --token-file".to_owned());
            return (left(), left());
        }
        let made = match self.begin().await {
            Ok(made) => made,
            Err(error) => {
                let seen = format!("no session: {error}");
                let fix = "give the token of this server, and let the proxy pass Authorization on";
                return (
                    bad(seen, fix),
                    Finding::Left("there is no session".to_owned()),
                );
            }
        };
        let (id, mut conversation) = made;
        let echoed = timeout(ECHO, echo(&mut conversation)).await;
        let found = match echoed {
            Ok(Ok(())) => {
                let silence = self.silence(&mut conversation).await;
                (
                    Finding::Good("what is typed comes back at once".to_owned()),
                    silence,
                )
            }
            Ok(Err(error)) => {
                let fix = "look at the proxy's log: it closed a socket that was in use";
                (
                    bad(error.to_string(), fix),
                    Finding::Left("the socket is lost".to_owned()),
                )
            }
            Err(_) => {
                let fix = "let the proxy pass on what it has without waiting for more (nginx: \
                           proxy_buffering off)";
                let seen = format!("what is typed has not come back after {} s", ECHO.as_secs());
                (
                    bad(seen, fix),
                    Finding::Left("nothing comes through".to_owned()),
                )
            }
        };
        let _ = self
            .server
            .request(Method::DELETE, &format!("/sessions/{id}"), Body::None)
            .await;
        found
    }

    async fn silence(&self, conversation: &mut Conversation) -> Finding {
        let begun = Instant::now();
        let seconds = self.hold.as_secs();
        loop {
            match timeout_at(begun + self.hold, conversation.next()).await {
                Err(_) => {
                    return Finding::Good(format!("a silent socket stays open for {seconds} s"));
                }
                Ok(Ok(Heard::Over | Heard::Exit(_))) => {
                    return Finding::Left("somebody ended the session".to_owned());
                }
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    let after = begun.elapsed().as_secs();
                    return bad(
                        format!("a silent socket was cut after {after} s: {error}"),
                        "let the proxy wait for longer than awp's --ping-interval, 15 s (nginx: \
                         proxy_read_timeout 1h)",
                    );
                }
            }
        }
    }

    /// A session that gives back what it is given.
    async fn begin(&self) -> Result<(String, Conversation), ClientError> {
        let body =
            serde_json::json!({ "command": ["cat"], "mode": "pipe", "on_disconnect": "hangup" });
        let body = Body::Json(body.to_string().into());
        let made = self.server.request(Method::POST, "/sessions", body).await?;
        let made: Value = serde_json::from_slice(&made).unwrap_or_default();
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        let attach = Attach {
            session: &id,
            process: ProcessId(1),
            watch: false,
            size: None,
        };
        let (conversation, _, _) = Conversation::open(&self.server, &attach).await?;
        Ok((id, conversation))
    }
}

/// Types and waits for all of it to come back.
async fn echo(conversation: &mut Conversation) -> Result<(), ClientError> {
    conversation.input(Bytes::from_static(TYPED))?;
    let mut heard = 0;
    while heard < TYPED.len() {
        match conversation.next().await? {
            Heard::Output { bytes, .. } => heard += bytes.len(),
            Heard::Over | Heard::Exit(_) => {
                return Err(ClientError::Lost("the session ended".to_owned()));
            }
            _ => {}
        }
    }
    Ok(())
}
