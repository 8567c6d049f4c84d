//! Logging in and out, and the two routes that only tell.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap as Headers, StatusCode};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Door;
use super::auth::Credential;
use super::cookie;
use super::error::ApiError;
use super::peer::{Local, Peer};
use super::unproven::Pass;

/// Bytes of a login's body: nobody has proven anything yet.
const MAX_LOGIN: usize = 4 * 1024;

/// How long that body may take to arrive.
const LOGIN_BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// What a login shows: exactly one of these.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shown {
    Launch(String),
    Token(String),
}

#[derive(Serialize)]
struct LoggedIn {
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
    let shown: Shown = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("show a launch code or a token"))?;
    let now = Instant::now().into_std();
    let good = match &shown {
        Shown::Launch(code) => door.launch.redeem(code, now),
        Shown::Token(token) => door.token_matches(token),
    };
    if !good {
        return Err(door.refuse(peer.source()));
    }
    let old =
        cookie::values(&parts.headers, local).find(|value| door.logins.find(value, now).is_some());
    let new = door.logins.create(old, now).map_err(|error| {
        tracing::error!(%error, "login failed");
        ApiError::internal()
    })?;
    if let Some(pass) = parts.extensions.get::<Pass>() {
        pass.proven();
    }
    tracing::info!(login = new.login.number(), %peer, "logged in");
    let cookie = cookie::set(local, &new.cookie).ok_or_else(ApiError::internal)?;
    let body = Json(LoggedIn {
        page_key: new.page_key,
    });
    Ok(([(header::SET_COOKIE, cookie)], body).into_response())
}

async fn logout(
    State(door): State<Arc<Door>>,
    Extension(local): Extension<Local>,
    Extension(credential): Extension<Credential>,
) -> Result<Response, ApiError> {
    if let Credential::Login(login) = credential {
        door.logins.end(&login);
        tracing::info!(login = login.number(), "logged out");
    }
    let cookie = cookie::expire(local).ok_or_else(ApiError::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn check(Extension(credential): Extension<Credential>) -> impl IntoResponse {
    let user = HeaderValue::from_static(credential.user());
    let name = HeaderName::from_static("x-awp-user");
    (StatusCode::NO_CONTENT, [(name, user)])
}

fn is_json(headers: &Headers) -> bool {
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
