//! The doors: HTTP, WebSocket, credentials, the embedded page.
//!
//! A web terminal is remote code execution by design, so every request passes one door before it
//! reaches a route. [`Door::protect`] puts that door around a router; in this order it
//! 1. refuses a `Host` that is not ours (421),
//! 2. asks for credentials everywhere but on the public routes (401, 429),
//! 3. refuses pages of other origins (403),
//! 4. asks for the page key where a cookie is the credential (401), except on sockets, whose first
//!    message proves it, and on `check`,
//! 5. sets the header policy on whatever the answer is.
//!
//! [`accept`] serves the result on a [`listener`]. [`policy`] decides whether a place may be
//! listened at in the first place.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that cannot go on has failed and says where"
    )
)]

pub mod accept;
pub mod accounts;
#[cfg(feature = "acme")]
pub mod acme;
mod adapter;
pub mod announced;
mod answer;
pub mod api;
pub mod apps;
mod attachment;
pub mod audit;
pub mod auth;
pub mod certified;
pub mod cgi;
pub mod connection;
pub mod cookie;
pub mod error;
mod etag;
#[cfg(any(feature = "acme", feature = "oidc"))]
mod fetch;
mod files;
#[cfg(test)]
mod fuzz_tests;
pub mod grant;
pub mod handshake;
pub mod headers;
pub mod heartbeat;
pub mod hosts;
pub mod inetd;
pub mod interact;
pub mod introspect;
mod keys;
pub mod launch;
pub mod limiter;
pub mod listener;
pub mod login;
pub mod metrics;
#[cfg(feature = "oidc")]
pub mod oidc;
mod openapi;
mod outgoing;
mod own;
pub mod passed;
pub mod password;
mod passwords;
pub mod peer;
mod pings;
pub mod places;
mod plain;
pub mod policy;
pub mod processes;
pub mod proxy;
pub mod query;
mod range;
mod read_ahead;
mod recordings;
mod resizes;
pub mod revocation;
mod route;
pub mod router;
pub mod routes_login;
pub mod screen;
pub mod secret;
pub mod service;
pub mod shards;
pub mod shares;
pub mod socket;
mod spare;
mod static_files;
mod strict_head;
pub mod tls;
pub mod token;
mod told;
pub mod totp;
pub mod ui;
pub mod unproven;
mod upload;
mod user_changes;
mod vouched;
mod waiting;
pub mod watch;
pub mod websocket;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::Method;
use http::header;
use tokio::sync::{Notify, watch as watched};
use tokio::time::Instant;

use self::accept::AcceptSettings;
use self::accounts::Accounts;
use self::announced::{Announced, Announcements};
use self::auth::Credential;
use self::error::ApiError;
use self::grant::{Grant, Origin, Verdict};
use self::handshake::Subprotocol;
use self::hosts::{Authority, BadHost, Hosts};
use self::launch::LaunchCodes;
use self::limiter::{Limiter, Rule};
use self::login::{LoginLimits, Logins};
use self::peer::{Local, Peer, Source};
use self::policy::{Exposure, ListenAddr};
use self::proxy::Proxies;
use self::route::Route;
use self::tls::Tls;
use self::token::Token;
use self::unproven::Pass;
use crate::model::id::SessionId;
use crate::session::catalog::Catalog;
use crate::store::StoreError;

/// What the door is to be like. [`service::Service`] holds it against [`policy::check_listeners`]
/// before anything listens.
#[derive(Clone, Debug)]
pub struct DoorSettings {
    /// Where to listen.
    pub listen: Vec<ListenAddr>,
    /// Whether credentials, plain HTTP or TLS are used.
    pub exposure: Exposure,
    /// Further names that are accepted in `Host` and `Origin`.
    pub allow_hosts: Vec<String>,
    /// The reverse proxies that are believed.
    pub proxies: Proxies,
    /// The owner's token; without one, nobody has it.
    pub token: Option<Token>,
    /// The file that the token is from: it may be replaced while the server runs.
    pub token_file: Option<PathBuf>,
    /// The database of users and share links, which need not be there yet.
    pub database: Option<PathBuf>,
    /// The certificate of TCP listeners; without one they speak plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// Who sees to it that there is a certificate, if that is not the person who runs awp.
    #[cfg(feature = "acme")]
    pub acme: Option<Arc<acme::Acme>>,
    /// How long a launch code is good.
    pub launch_ttl: Duration,
    /// How long logins live.
    pub login: LoginLimits,
    /// The path that all routes are below: empty, or `/P` without a slash at its end.
    pub base_path: String,
    /// Deadlines and caps of connections.
    pub accept: AcceptSettings,
    /// The provider of logins, if there is one.
    #[cfg(feature = "oidc")]
    pub oidc: Option<oidc::OidcSettings>,
}

impl Default for DoorSettings {
    /// The defaults of the command line: loopback, five minutes, a week, a month.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            listen: vec![ListenAddr::Tcp(([127, 0, 0, 1], 7681).into())],
            exposure: Exposure::default(),
            allow_hosts: Vec::new(),
            proxies: Proxies::default(),
            token: None,
            token_file: None,
            database: None,
            tls: None,
            #[cfg(feature = "acme")]
            acme: None,
            launch_ttl: Duration::from_secs(5 * 60),
            login: LoginLimits {
                idle: 7 * DAY,
                max: 30 * DAY,
                fresh: Duration::from_secs(10 * 60),
            },
            base_path: String::new(),
            accept: AcceptSettings::default(),
            #[cfg(feature = "oidc")]
            oidc: None,
        }
    }
}

/// Everything that decides who gets in; one per server, shared by its listeners.
#[derive(Debug)]
pub struct Door {
    no_auth: bool,
    token: RwLock<Option<Token>>,
    token_file: Option<PathBuf>,
    tls: Option<Arc<Tls>>,
    #[cfg(feature = "acme")]
    acme: Option<Arc<acme::Acme>>,
    /// Counts the tokens there were.
    rotated: watched::Sender<u64>,
    launch: LaunchCodes,
    /// For visitors whom a login program has let in.
    admissions: LaunchCodes,
    logins: Logins,
    accounts: Arc<Accounts>,
    hosts: Hosts,
    proxies: Proxies,
    limiter: Limiter<Source>,
    passwords: Limiter<Source>,
    by_account: Limiter<Box<str>>,
    codes: Limiter<Box<str>>,
    announcements: Announcements,
    refused: metrics::Refused,
    base_path: String,
    /// Says that files are to be looked at again.
    look: Notify,
    /// The first address that a browser reaches.
    address: OnceLock<String>,
    /// Knows whether any app takes visitors now; without it, none does.
    catalog: OnceLock<Weak<Catalog>>,
    #[cfg(feature = "oidc")]
    oidc: Option<oidc::Oidc>,
}

/// Why there is no door of this kind.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A host name is none.
    #[error(transparent)]
    Host(#[from] BadHost),
    /// The database cannot be trusted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider of logins cannot be asked.
    #[cfg(feature = "oidc")]
    #[error(transparent)]
    Oidc(#[from] oidc::OidcError),
}

impl Door {
    /// A door of this kind.
    ///
    /// # Errors
    /// If one of the further host names is none, or the database cannot be trusted.
    pub fn new(settings: &DoorSettings) -> Result<Arc<Self>, DoorError> {
        Ok(Arc::new(Self {
            no_auth: settings.exposure.no_auth,
            token: RwLock::new(settings.token.clone()),
            token_file: settings.token_file.clone(),
            tls: settings.tls.clone(),
            #[cfg(feature = "acme")]
            acme: settings.acme.clone(),
            rotated: watched::Sender::new(0),
            launch: LaunchCodes::new(settings.launch_ttl, launch::PRINTED),
            admissions: LaunchCodes::new(ADMISSION_TTL, launch::ADMITTED),
            logins: Logins::new(settings.login),
            accounts: Arc::new(Accounts::new(settings.database.clone())?),
            hosts: Hosts::new(&settings.allow_hosts)?,
            proxies: settings.proxies.clone(),
            limiter: Limiter::new(Rule::SECRETS),
            passwords: Limiter::new(Rule::PASSWORDS),
            by_account: Limiter::new(Rule::ACCOUNT),
            codes: Limiter::new(routes_login::CODES),
            announcements: Announcements::default(),
            refused: metrics::Refused::default(),
            base_path: settings.base_path.trim_end_matches('/').to_owned(),
            look: Notify::new(),
            address: OnceLock::new(),
            catalog: OnceLock::new(),
            #[cfg(feature = "oidc")]
            oidc: settings.oidc.clone().map(oidc::Oidc::new).transpose()?,
        }))
    }

    /// Who sees to it that there is a certificate, if anybody does.
    #[cfg(feature = "acme")]
    fn acme(&self) -> Option<Arc<acme::Acme>> {
        self.acme.clone()
    }

    /// The provider of logins, if there is one.
    #[cfg(feature = "oidc")]
    fn oidc(&self) -> Option<&oidc::Oidc> {
        self.oidc.as_ref()
    }

    /// What the page calls the provider of logins.
    #[cfg(feature = "oidc")]
    fn provider_name(&self) -> Option<&str> {
        self.oidc().map(oidc::Oidc::name)
    }

    /// Makes a one-time launch code for the URL that is printed or opened.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn issue_launch_code(&self) -> Result<String, secret::NoRandomness> {
        let now = Instant::now().into_std();
        self.launch.issue(Grant::of_owner(), now)
    }

    /// Makes a one-time code for a visitor whom the login program of this session has let in.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn admit_visitor(
        &self,
        session: &SessionId,
    ) -> Result<String, secret::NoRandomness> {
        let now = Instant::now().into_std();
        let grant = Grant::of_visitor(session.clone());
        self.admissions.issue(grant, now)
    }

    /// Takes another token. Whatever the old one opened ends: logins, sockets, codes, links.
    pub fn replace_token(&self, token: Token) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = Some(token);
        self.launch.clear();
        self.rotated.send_modify(|count| *count += 1);
        self.logins.settle(|grant| match grant.origin {
            Origin::Token => Verdict::Over,
            // Of links is seen to when it is known which of them that concerns.
            Origin::User { .. } | Origin::Share { .. } | Origin::Admitted { .. } => {
                Verdict::Holds(grant.role)
            }
        });
    }

    /// Puts the door around every route and the fallback of this router. Its requests then carry
    /// [`Credential`] (except public ones), [`Peer`] and [`Local`] as extensions.
    pub fn protect(self: &Arc<Self>, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(Arc::clone(self), pass))
    }

    /// The path that all routes are below: empty, or `/P`.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Tells what a share link of this token's owner holds against the next token's.
    fn token_mark(&self) -> String {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        token.as_ref().map(Token::mark).unwrap_or_default()
    }

    fn token_matches(&self, candidate: &str) -> bool {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        token.as_ref().is_some_and(|token| token.matches(candidate))
    }

    /// Decides about a request, and marks it with its credential.
    async fn admit(self: &Arc<Self>, route: Route, request: &mut Request) -> Result<(), ApiError> {
        let claim = vouched::claim(self, request)?;
        // Both are set by the accept loop; without them nobody can be trusted.
        let peer = request.extensions().get::<Peer>().copied();
        let local = request.extensions().get::<Local>().copied();
        let (Some(peer), Some(local)) = (peer, local) else {
            return Err(ApiError::internal());
        };
        let host = self.hosts.check(request.headers(), request.uri(), local)?;
        match route {
            Route::Public => return Ok(()),
            Route::Login => return self.check_origin(None, route, request, &host, local),
            Route::Check | Route::Files | Route::Socket | Route::Guarded => {}
        }
        let vouched = match claim.filter(|_| !self.no_auth) {
            Some(claim) => self.vouch(&claim, peer).await?.map(Credential::Vouched),
            None => None,
        };
        let shown = || self.authenticate(request.headers(), peer, local);
        let credential = match vouched.map_or_else(shown, Ok) {
            Err(_) if route == Route::Socket && announces_token(request.headers()) => {
                let announced = Announced::take(self, peer.source());
                Credential::Announced(announced.ok_or_else(ApiError::crowded)?)
            }
            // Whether the very app takes them is known where it is.
            Err(_)
                if route == Route::Socket
                    && self.takes_visitors()
                    && shows_nothing(request.headers()) =>
            {
                Credential::Visitor
            }
            shown => shown?,
        };
        self.check_origin(Some(&credential), route, request, &host, local)?;
        if route == Route::Guarded {
            self.check_page_key(&credential, request.headers(), peer)?;
        }
        if let Some(pass) = request.extensions().get::<Pass>()
            && !matches!(credential, Credential::Announced(_) | Credential::Visitor)
        {
            pass.proven();
        }
        request.extensions_mut().insert(credential);
        Ok(())
    }

    /// A page of another origin is refused whatever it shows. Where the browser adds the cookie by
    /// itself, a socket and a change must also say which page asks.
    fn check_origin(
        &self,
        credential: Option<&Credential>,
        route: Route,
        request: &Request,
        host: &Authority,
        local: Local,
    ) -> Result<(), ApiError> {
        let headers = request.headers();
        let mut origins = headers.get_all(header::ORIGIN).into_iter();
        let origin = origins.next();
        if origins.next().is_some() {
            return Err(ApiError::foreign_origin());
        }
        if let Some(origin) = origin {
            let origin = origin.to_str().unwrap_or("");
            if !self.hosts.allows_origin(origin, host, local) {
                return Err(ApiError::foreign_origin());
            }
        } else if let Some(shown) = credential
            && shown.is_ambient()
            && (matches!(shown, Credential::Login(_)) || auth::is_of_a_browser(headers))
        {
            let safe = [Method::GET, Method::HEAD].contains(request.method());
            let upgrade = headers.contains_key(header::UPGRADE);
            if route == Route::Socket || upgrade || !safe {
                return Err(ApiError::foreign_origin());
            }
        }
        let site = headers.get("sec-fetch-site");
        if site.is_some_and(|site| site == "cross-site" || site == "same-site") {
            return Err(ApiError::foreign_origin());
        }
        Ok(())
    }
}

/// Whether the client is one of ttyd's protocol that shows nothing yet. One that shows a wrong
/// credential is refused at once, as everybody is.
fn announces_token(headers: &header::HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION) && handshake::offers(headers, Subprotocol::Tty)
}

/// Whether a socket is asked for by somebody who shows no secret at all. A cookie that is no login any
/// more is none.
fn shows_nothing(headers: &header::HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION) && headers.contains_key(header::UPGRADE)
}

/// How long a visitor may take to use the code of the login program's grant: a page does at once.
const ADMISSION_TTL: Duration = Duration::from_secs(60);

/// The layer itself.
async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let route = door.route(request.method(), request.uri().path());
    let local = request.extensions().get::<Local>();
    let trusted = door.tls.as_ref().is_some_and(|tls| tls.files().trusted);
    let strict = trusted && local.is_some_and(|local| local.is_tls());
    let mut response = match door.admit(route, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(error) => {
            tracing::debug!(code = error.code(), "request refused");
            error.into_response()
        }
    };
    door.refused.note(response.status(), route == Route::Login);
    let stored = matches!(route, Route::Public | Route::Files);
    headers::apply(response.headers_mut(), !stored);
    if route == Route::Files {
        static_files::confine(response.headers_mut());
    }
    if strict {
        headers::insist_on_tls(response.headers_mut());
    }
    response
}
