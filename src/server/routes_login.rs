//! Logging in and out, and the two routes that only tell.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap as Headers, StatusCode};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::info;

use super::Door;
use super::accounts::Shown as Turned;
use super::auth::Credential;
use super::cookie;
use super::error::ApiError;
use super::grant::Grant;
use super::limiter::Rule;
use super::peer::{Local, Peer};
use super::unproven::Pass;
use crate::model::access::{AUDIT, Role};
use crate::store::users::valid_name;

/// Bytes of a login's body: nobody has proven anything yet.
const MAX_LOGIN: usize = 4 * 1024;

/// How long that body may take to arrive.
const LOGIN_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// For codes of second devices, by account, of those who have its password: of a million codes three
/// are right, so that a year of guessing comes to nothing much, and its user is shut out for minutes.
pub(super) const CODES: Rule = Rule {
    attempts: 10,
    window: Duration::from_secs(15 * 60),
};

/// What a login's body may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    launch: Option<String>,
    token: Option<String>,
    user: Option<String>,
    password: Option<String>,
    code: Option<String>,
    share: Option<String>,
}

/// What a login shows: exactly one of these. It has no `Debug`, so that nothing of it is logged.
enum Proof {
    Launch(String),
    Token(String),
    Password {
        user: String,
        password: String,
        code: Option<String>,
    },
    Share(String),
}

impl Proof {
    /// What kind it is of.
    const fn name(&self) -> &'static str {
        match self {
            Self::Launch(_) => "launch",
            Self::Token(_) => "token",
            Self::Password { .. } => "password",
            Self::Share(_) => "share",
        }
    }
}

impl Shown {
    fn proof(self) -> Option<Proof> {
        let Self {
            launch,
            token,
            user,
            password,
            code,
            share,
        } = self;
        Some(match (launch, token, user, password, code, share) {
            (Some(code), None, None, None, None, None) => Proof::Launch(code),
            (None, Some(token), None, None, None, None) => Proof::Token(token),
            (None, None, Some(user), Some(password), code, None) => Proof::Password {
                user,
                password,
                code,
            },
            (None, None, None, None, None, Some(secret)) => Proof::Share(secret),
            _ => return None,
        })
    }
}

/// What the page is told of its login.
#[derive(Serialize)]
pub(super) struct LoggedIn {
    page_key: String,
}

/// `POST /api/v1/login`, `POST /api/v1/logout`, `GET /api/v1/check` and `GET /healthz`.
pub fn login_routes(door: &Arc<Door>) -> Router {
    Router::new()
        .route("/api/v1/login", post(login))
        .route("/api/v1/logout", post(logout))
        .route("/api/v1/check", get(check))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(Arc::clone(door))
}

async fn login(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Extension(local): Extension<Local>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(ApiError::not_json());
    }
    let body = read(body).await?;
    let shown: Option<Shown> = serde_json::from_slice(&body).ok();
    let proof = shown.and_then(Shown::proof).ok_or_else(|| {
        ApiError::bad_request("show a launch code, a token, a user with a password, or a share")
    })?;
    let how = proof.name();
    let grant = grant(&door, proof, peer).await?;
    let (cookie, body) = let_in(&door, grant, how, &parts, (peer, local)).await?;
    Ok(([(header::SET_COOKIE, cookie)], body).into_response())
}

/// Makes the login of who has proven this: its cookie, and what the page is told.
pub(super) async fn let_in(
    door: &Door,
    grant: Grant,
    how: &'static str,
    parts: &Parts,
    (peer, local): (Peer, Local),
) -> Result<(HeaderValue, Json<LoggedIn>), ApiError> {
    let now = Instant::now().into_std();
    let old =
        cookie::values(&parts.headers, local).find(|value| door.logins.find(value, now).is_some());
    let new = door.logins.create(grant, old, now).map_err(|error| {
        tracing::error!(%error, "login failed");
        ApiError::internal()
    })?;
    // What it was given for may have changed after it was looked at and before it was a login.
    door.settle().await;
    if new.login.has_ended() {
        return Err(door.refuse(peer.source()));
    }
    if let Some(pass) = parts.extensions.get::<Pass>() {
        pass.proven();
    }
    let user = &*new.login.grant().user;
    let (login, role) = (new.login.number(), new.login.role().name());
    info!(target: AUDIT, event = "login", how, user, role, from = %peer, login);
    let cookie = cookie::set(local, &new.cookie).ok_or_else(ApiError::internal)?;
    let body = Json(LoggedIn {
        page_key: new.page_key,
    });
    Ok((cookie, body))
}

/// What a proof gives, if it is one.
async fn grant(door: &Door, proof: Proof, peer: Peer) -> Result<Grant, ApiError> {
    let how = proof.name();
    let now = Instant::now().into_std();
    let found = match proof {
        Proof::Launch(code) => {
            let admitted = door.admissions.redeem(&code, now);
            admitted.or_else(|| door.launch.redeem(&code, now))
        }
        Proof::Token(token) => door.token_matches(&token).then(Grant::of_owner),
        Proof::Password {
            user,
            password,
            code,
        } => return by_password(door, (user, password, code), peer).await,
        Proof::Share(secret) => door.use_share(&secret).await?,
    };
    found.ok_or_else(|| {
        info!(target: AUDIT, event = "login_failed", how, from = %peer);
        door.refuse(peer.source())
    })
}

/// Passwords can be guessed: after too many wrong ones not even the right one is looked at, from
/// one source, and for one account. Codes are guessed by who has the password already.
pub(super) async fn by_password(
    door: &Door,
    (user, password, code): (String, String, Option<String>),
    peer: Peer,
) -> Result<Grant, ApiError> {
    let now = Instant::now().into_std();
    let account: Box<str> = user.as_str().into();
    let may_try = door.passwords.may_try(&peer.source(), now);
    may_try
        .and_then(|()| door.by_account.may_try(&account, now))
        .and_then(|()| match &code {
            Some(_) => door.codes.may_try(&account, now),
            None => Ok(()),
        })
        .map_err(ApiError::too_many)?;
    let (how, user, error) = match door.accounts.log_in(user, password, code).await? {
        Turned::User(grant) => return Ok(grant),
        Turned::CodeNeeded => return Err(ApiError::code_needed()),
        Turned::WrongCode => ("code", &*account, ApiError::wrong_code()),
        Turned::Wrong { known: true } => ("password", &*account, ApiError::unauthorized()),
        // A name that nobody has may be a password in the wrong field.
        Turned::Wrong { known: false } => ("password", "", ApiError::unauthorized()),
    };
    info!(target: AUDIT, event = "login_failed", how, user, from = %peer);
    let now = Instant::now().into_std();
    // The count of the account tells nobody whether there is one.
    let by_account = match how {
        "code" => door.codes.failed(account, now),
        _ if valid_name(&account) => door.by_account.failed(account, now),
        _ => Ok(()),
    };
    let by_source = door.passwords.failed(peer.source(), now);
    by_source.and(by_account).map_err(ApiError::too_many)?;
    Err(error)
}

async fn logout(
    State(door): State<Arc<Door>>,
    Extension(local): Extension<Local>,
    Extension(credential): Extension<Credential>,
) -> Result<Response, ApiError> {
    if let Some(login) = credential.login() {
        door.logins.end(login);
        let user = &*login.grant().user;
        info!(target: AUDIT, event = "logout", user, login = login.number());
    }
    let cookie = cookie::expire(local).ok_or_else(ApiError::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// What a proxy asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whoever may do less is refused.
    role: Option<Role>,
}

/// Tells a proxy who is there, for other sites that it serves.
async fn check(
    Extension(credential): Extension<Credential>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::bad_request(error.body_text()))?;
    if asked.role.is_some_and(|needed| credential.role() < needed) {
        return Err(ApiError::not_allowed("your role does not allow this"));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let role = credential.role().name();
    let told = [
        ("x-awp-user", credential.user()),
        ("x-awp-role", role),
        (
            "x-awp-session",
            credential.only_session().unwrap_or_default(),
        ),
    ];
    for (name, value) in told {
        // Names are letters, digits and a few signs.
        if let Ok(value) = HeaderValue::from_str(value)
            && !value.is_empty()
        {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

pub(super) fn is_json(headers: &Headers) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/json")
}

async fn read(body: Body) -> Result<bytes::Bytes, ApiError> {
    let limited = http_body_util::Limited::new(body, MAX_LOGIN);
    match tokio::time::timeout(LOGIN_BODY_TIMEOUT, limited.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is too large",
        )),
        Ok(Err(_)) => Err(ApiError::bad_request("the body cannot be read")),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "the body took too long",
        )),
    }
}
