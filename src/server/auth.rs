//! Who a request is from.

use std::future;

use http::header::{self, HeaderMap};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::info;

use super::Door;
use super::announced::Announced;
use super::cookie;
use super::error::ApiError;
use super::grant::{OWNER, Origin, VISITOR};
use super::login::Login;
use super::peer::{Local, Peer, Source};
use crate::model::access::{AUDIT, Access, Role};
use crate::session::handle::SessionHandle;
use crate::wire::close::CloseCode;

/// The header in which a page proves itself beside its cookie.
pub const PAGE_KEY: &str = "x-awp-page-key";

/// What a request showed, checked. Every request behind the door carries it as an extension.
#[derive(Clone, Debug)]
pub enum Credential {
    /// The owner's token as bearer, until there is another one.
    Owner(Tenure),
    /// A cookie's login. On a socket the page key is still to be proven.
    Login(Login),
    /// What was made of a user that somebody else has made sure of, such as a proxy in front of us:
    /// every request shows it anew, without a cookie and without a page key.
    Vouched(Login),
    /// The user at the other end of a Unix socket.
    UnixPeer {
        /// The user, as the kernel names it: our own or root.
        uid: u32,
    },
    /// Nothing was asked for (`--no-auth`).
    Open,
    /// Nothing was shown, at a socket. It opens a new session of an app whose login program decides, and
    /// nothing else.
    Visitor,
    /// The token is to come in the first message of a socket; until then this is nobody.
    Announced(Announced),
}

/// How long the owner's token that was shown is the one there is.
#[derive(Clone, Debug)]
pub struct Tenure(pub(super) watch::Receiver<u64>);

impl Credential {
    /// The user's name.
    pub fn user(&self) -> &str {
        match self {
            Self::Login(login) | Self::Vouched(login) => &login.grant().user,
            Self::Visitor => VISITOR,
            Self::Owner(_) | Self::UnixPeer { .. } | Self::Open | Self::Announced(_) => OWNER,
        }
    }

    /// What it allows at most, now.
    pub fn role(&self) -> Role {
        match self {
            Self::Login(login) | Self::Vouched(login) => login.role(),
            Self::Announced(_) => Role::Watch,
            Self::Visitor => Role::Write,
            Self::Owner(_) | Self::UnixPeer { .. } | Self::Open => Role::Owner,
        }
    }

    /// What it has become once a secret was proven.
    pub fn proven(self) -> Self {
        match self {
            Self::Announced(announced) => Self::Owner(announced.tenure()),
            shown => shown,
        }
    }

    /// Whether it leads to this session. An owner's leads to every one; a user's to those that the
    /// user or an owner made; a share link's to one.
    pub fn sees(&self, session: &SessionHandle) -> bool {
        let Some(login) = self.login() else {
            return !matches!(self, Self::Visitor);
        };
        match &login.grant().origin {
            Origin::Token => true,
            Origin::User { .. } if self.role() == Role::Owner => true,
            Origin::User { .. } => session.maker().is_none_or(|maker| maker == self.user()),
            Origin::Share { session: only, .. } | Origin::Admitted { session: only } => {
                session.id() == only
            }
        }
    }

    /// Whether a session is another user's, as far as that is known: those of owners are every
    /// owner's.
    pub fn is_anothers(&self, session: &SessionHandle) -> bool {
        session.maker().is_some_and(|maker| maker != self.user())
    }

    /// The id of the session that it leads to, if it leads to one alone.
    pub fn only_session(&self) -> Option<&str> {
        match &self.login()?.grant().origin {
            Origin::Share { session, .. } | Origin::Admitted { session } => Some(session.as_str()),
            Origin::Token | Origin::User { .. } => None,
        }
    }

    /// Whether it may open an app for which this holds: the guest of one session opens none.
    pub fn opens(&self, access: Access) -> bool {
        if matches!(self, Self::Visitor) {
            return access == Access::Login;
        }
        access.admits(self.role()) && self.only_session().is_none()
    }

    /// The login behind it, where there is one.
    pub fn login(&self) -> Option<&Login> {
        match self {
            Self::Login(login) | Self::Vouched(login) => Some(login),
            Self::Owner(_)
            | Self::UnixPeer { .. }
            | Self::Open
            | Self::Visitor
            | Self::Announced(_) => None,
        }
    }

    /// Whether a browser shows it by itself, whichever page asks.
    pub fn is_ambient(&self) -> bool {
        matches!(self, Self::Login(_) | Self::Vouched(_))
    }

    /// Whose the sessions are that it makes; `None`: the owners'.
    pub fn maker(&self) -> Option<&str> {
        (self.role() != Role::Owner).then(|| self.user())
    }

    /// Resolves when a connection that was given this role has to be closed.
    pub async fn revoked(&self, role: Role) -> CloseCode {
        let narrowed = async {
            match self.login() {
                Some(login) => login.narrowed(role).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            () = self.ended() => CloseCode::LoginEnded,
            () = narrowed => CloseCode::RoleTaken,
        }
    }

    /// Whether the client of a socket has yet to prove its page key, or its token, in its first
    /// message.
    pub fn needs_page_key(&self) -> bool {
        matches!(self, Self::Login(_) | Self::Announced(_))
    }

    /// Whether this page key, or token, goes with the credential.
    pub fn prove(&self, secret: &str) -> bool {
        match self {
            Self::Login(login) => login.prove(secret),
            Self::Announced(announced) => announced.prove(secret),
            Self::Owner(_)
            | Self::Vouched(_)
            | Self::UnixPeer { .. }
            | Self::Open
            | Self::Visitor => true,
        }
    }

    /// Says that a socket is in use, so that its login does not idle away.
    pub fn touch(&self) {
        if let Some(login) = self.login() {
            login.touch(Instant::now().into_std());
        }
    }

    /// Resolves when the credential has lost its worth: a live socket is then closed with 4401.
    /// Never, where there is nothing to end.
    pub async fn ended(&self) {
        match self {
            Self::Login(login) | Self::Vouched(login) => login.ended().await,
            Self::Owner(tenure) => {
                // A door that is gone takes no more tokens: that is an end as well.
                let _ = tenure.0.clone().changed().await;
            }
            Self::UnixPeer { .. } | Self::Open | Self::Visitor | Self::Announced(_) => {
                future::pending::<()>().await;
            }
        }
    }
}

impl Door {
    /// The credential that these headers show.
    ///
    /// # Errors
    /// 401 if there is none or a wrong one, 429 if there were too many wrong ones.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: Peer,
        local: Local,
    ) -> Result<Credential, ApiError> {
        if self.no_auth {
            return Ok(Credential::Open);
        }
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            // A secret of 256 bits cannot be guessed, so the right one passes however often
            // others behind the same address were wrong: nobody can lock the owner out.
            let tenure = Tenure(self.rotated.subscribe());
            return match bearer(value) {
                Some(token) if self.token_matches(token) => Ok(Credential::Owner(tenure)),
                _ => {
                    info!(target: AUDIT, event = "login_failed", how = "bearer", from = %peer);
                    Err(self.refuse(peer.source()))
                }
            };
        }
        let now = Instant::now().into_std();
        if let Some(login) =
            cookie::values(headers, local).find_map(|value| self.logins.find(value, now))
        {
            return Ok(Credential::Login(login));
        }
        match peer {
            Peer::Unix { uid } if !came_through_a_browser_or_proxy(headers) => {
                Ok(Credential::UnixPeer { uid })
            }
            _ => Err(ApiError::unauthorized()),
        }
    }

    /// Holds the page key header against the credential.
    ///
    /// # Errors
    /// 401 if it is missing or wrong, 429 if it was wrong too often.
    pub fn check_page_key(
        &self,
        credential: &Credential,
        headers: &HeaderMap,
        peer: Peer,
    ) -> Result<(), ApiError> {
        if !credential.needs_page_key() {
            return Ok(());
        }
        let Some(shown) = headers.get(PAGE_KEY) else {
            return Err(ApiError::page_key());
        };
        if shown.to_str().is_ok_and(|key| credential.prove(key)) {
            return Ok(());
        }
        info!(target: AUDIT, event = "login_failed", how = "page_key", user = credential.user(), from = %peer);
        self.count_failure(peer.source())?;
        Err(ApiError::page_key())
    }

    /// Counts a wrong page key or token in the first message of a socket, and writes it down as
    /// any failed login: what the socket is closed with.
    pub(super) fn refuse_first(&self, credential: &Credential, peer: Peer) -> CloseCode {
        match credential {
            Credential::Announced(_) => {
                info!(target: AUDIT, event = "login_failed", how = "token", from = %peer);
            }
            _ => {
                info!(target: AUDIT, event = "login_failed", how = "page_key", user = credential.user(), from = %peer);
            }
        }
        match self.count_failure(peer.source()) {
            Ok(()) => CloseCode::LoginEnded,
            Err(_) => CloseCode::OverLimit,
        }
    }

    /// Asks for a login whose secret was shown of late, before what hands over more than itself.
    /// Whoever shows a token, or is made sure of by another, does so with every request.
    ///
    /// # Errors
    /// 403 if it was long ago.
    pub(super) fn check_fresh(&self, credential: &Credential) -> Result<(), ApiError> {
        match credential {
            Credential::Login(login) if !self.logins.is_fresh(login, Instant::now().into_std()) => {
                Err(ApiError::fresh_login_needed())
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong secret: the error to answer with.
    pub(super) fn refuse(&self, source: Source) -> ApiError {
        match self.count_failure(source) {
            Ok(()) => ApiError::unauthorized(),
            Err(error) => error,
        }
    }

    fn count_failure(&self, source: Source) -> Result<(), ApiError> {
        let now = Instant::now().into_std();
        self.limiter.failed(source, now).map_err(ApiError::too_many)
    }
}

/// The token of an `Authorization` header, if it has one.
pub(super) fn bearer(value: &http::HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a request on a Unix socket was made for somebody else: a reverse proxy in front of it
/// must not lend its own rights to everyone it serves. Programs of this machine send none of these.
fn came_through_a_browser_or_proxy(headers: &HeaderMap) -> bool {
    is_of_a_browser(headers) || came_through_a_proxy(headers)
}

/// Whether a proxy says that it acts for somebody else.
pub(super) fn came_through_a_proxy(headers: &HeaderMap) -> bool {
    const MARKS: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];
    MARKS.iter().any(|name| headers.contains_key(*name))
}

/// Whether a browser sends these: it adds what proves its user by itself, whichever page asks.
pub(super) fn is_of_a_browser(headers: &HeaderMap) -> bool {
    const MARKS: [&str; 5] = [
        "cookie",
        "origin",
        "referer",
        "sec-fetch-mode",
        "sec-fetch-site",
    ];
    let agent = headers.get(header::USER_AGENT);
    agent.is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/"))
        || MARKS.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_bearer_is_read() {
        let read = |text| bearer(&HeaderValue::from_static(text)).map(str::to_owned);
        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("Basic abc"), None);
        assert_eq!(read("Bearer"), None);
    }

    #[test]
    fn a_proxy_does_not_lend_its_rights() {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static("curl/8"));
        assert!(!came_through_a_browser_or_proxy(&headers));
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.0.0.1"));
        assert!(came_through_a_browser_or_proxy(&headers));
    }
}
