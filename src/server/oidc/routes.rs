//! To the provider, back from it, and into the page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::header::{self, HeaderMap, HeaderValue};
use http::{HeaderName, StatusCode};
use openidconnect::RedirectUrl;
use serde::Deserialize;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Oidc;
use super::claims::named;
use super::flow::{Flow, LIFE};
use super::provider::Untold;
use crate::model::access::AUDIT;
use crate::server::Door;
use crate::server::cookie::underway;
use crate::server::error::ApiError;
use crate::server::grant::{Grant, Origin};
use crate::server::peer::{Local, Peer};
use crate::server::routes_login::{is_json, let_in};

/// How it is called in the audit.
const HOW: &str = "oidc";

/// Where the provider sends the browser back to.
const CALLBACK: &str = "/api/v1/oidc/callback";

/// Seconds after which somebody may come again when too many come back at once.
const BUSY_RETRY: u64 = 1;

/// The routes, where there is a provider.
pub(in crate::server) fn routes(door: &Arc<Door>) -> Router {
    if door.oidc().is_none() {
        return Router::new();
    }
    Router::new()
        .route("/api/v1/oidc/start", get(start))
        .route(CALLBACK, get(callback))
        .route("/api/v1/oidc/login", post(login))
        .with_state(Arc::clone(door))
}

fn oidc(door: &Door) -> Result<&Oidc, ApiError> {
    let missing = || ApiError::not_found("there is nothing here");
    door.oidc().ok_or_else(missing)
}

/// Sends the browser to the provider.
async fn start(
    State(door): State<Arc<Door>>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let oidc = oidc(&door)?;
    let flow = oidc.flows.begin(Instant::now().into_std());
    let flow = flow.map_err(|error| {
        tracing::error!(%error, "login failed");
        ApiError::internal()
    })?;
    let redirect = redirect(&door, &headers, local)?;
    let url = oidc.provider.asks_at(&oidc.settings, &flow, redirect).await;
    let url = url.map_err(|error| {
        // As a quoted text: some of it is the provider's.
        let why = error.to_string();
        warn!(why, "the provider of logins");
        unavailable()
    })?;
    let cookie = underway::set(local, &flow.cookie, LIFE).ok_or_else(ApiError::internal)?;
    Ok(lead(&url, cookie))
}

/// What the provider sends the browser back with.
#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the provider's answer, and sends the browser to the page.
async fn callback(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Extension(local): Extension<Local>,
    headers: HeaderMap,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Result<Response, Response> {
    let back = async {
        let oidc = oidc(&door)?;
        let now = Instant::now().into_std();
        let may_try = door.passwords.may_try(&peer.source(), now);
        may_try.map_err(ApiError::too_many)?;
        let Query(answer) = answer.map_err(|_| not_ours())?;
        let state = answer.state.as_deref().unwrap_or("");
        let mut flows =
            underway::values(&headers, local).filter_map(|cookie| oidc.flows.read(cookie, now));
        let flow = flows.find(|flow| flow.is_of(state));
        let Some(flow) = flow.filter(|flow| flow.comes_back(now)) else {
            return Err(failed(&door, peer, "", "the state is not one that waits").err_or(not_ours));
        };
        let grant = granted(&door, oidc, &flow, (answer, &headers, peer, local)).await?;
        flow.grant(grant, Instant::now().into_std());
        // The page keeps the cookie until it has taken the login.
        let page = format!("{}/#oidc", door.base_path());
        let cookie = underway::set(local, &flow.cookie, LIFE).ok_or_else(ApiError::internal)?;
        Ok(lead(&page, cookie))
    };
    back.await.map_err(|error: ApiError| shown(&door, &error))
}

/// What the provider's answer gives.
async fn granted(
    door: &Door,
    oidc: &Oidc,
    flow: &Flow<'_>,
    (answer, headers, peer, local): (Answer, &HeaderMap, Peer, Local),
) -> Result<Grant, ApiError> {
    let settings = &oidc.settings;
    let unproven = |why: &str| failed(door, peer, "", why).err_or(ApiError::unauthorized);
    // RFC 9207: the answer of another provider, for somebody who has several.
    if answer
        .iss
        .as_ref()
        .is_some_and(|iss| *iss != settings.issuer)
    {
        return Err(unproven("the answer is another provider's"));
    }
    let (Some(code), None) = (answer.code, answer.error) else {
        return Err(unproven("the provider has not let the person in"));
    };
    let redirect = redirect(door, headers, local)?;
    let told = {
        let place = oidc.back.try_acquire();
        let _place = place.map_err(|_| ApiError::too_many(BUSY_RETRY))?;
        oidc.provider.tells(settings, flow, redirect, code).await
    };
    let claims = match told {
        Ok(claims) => claims,
        Err(Untold::Silent(why)) => {
            warn!(why, "the provider of logins");
            return Err(unavailable());
        }
        Err(error) => return Err(unproven(&error.to_string())),
    };
    let forbidden = || ApiError::not_allowed("this server does not know you");
    let named = named(settings, &claims)
        .map_err(|why| failed(door, peer, "", &why.to_string()).err_or(forbidden))?;
    let (name, role) = (named.name.clone(), named.role);
    let user = door.accounts().ask(role.is_some(), move |store| {
        store.provided_user(&name, role)
    });
    let Some(user) = user.await?.flatten() else {
        let why = "is no user here, and in no group that has a role";
        return Err(failed(door, peer, &named.name, why).err_or(forbidden));
    };
    Ok(Grant {
        user: user.name.into(),
        role: user.role,
        origin: Origin::User { epoch: user.epoch },
        left: None,
    })
}

/// Gives the page the login that has come back to its browser.
async fn login(
    State(door): State<Arc<Door>>,
    Extension(peer): Extension<Peer>,
    Extension(local): Extension<Local>,
    request: Request,
) -> Result<Response, ApiError> {
    let oidc = oidc(&door)?;
    let (parts, _) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(ApiError::not_json());
    }
    let now = Instant::now().into_std();
    let grant =
        underway::values(&parts.headers, local).find_map(|cookie| oidc.flows.take(cookie, now));
    let grant = grant.ok_or_else(|| {
        failed(&door, peer, "", "nothing waits for this browser").err_or(ApiError::unauthorized)
    })?;
    let (cookie, body) = let_in(&door, grant, HOW, &parts, (peer, local)).await?;
    let mut answer = body.into_response();
    let over = underway::set(local, "", Duration::ZERO).ok_or_else(ApiError::internal)?;
    for cookie in [cookie, over] {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// What became of counting a failure.
struct Counted(Result<(), u64>);

impl Counted {
    fn err_or(self, error: impl FnOnce() -> ApiError) -> ApiError {
        self.0.map_or_else(ApiError::too_many, |()| error())
    }
}

/// Writes a failure down and counts it, with those of passwords: nothing can be guessed here, and
/// each makes us ask the provider.
fn failed(door: &Door, peer: Peer, user: &str, why: &str) -> Counted {
    info!(target: AUDIT, event = "login_failed", how = HOW, user, why, from = %peer);
    let now = Instant::now().into_std();
    Counted(door.passwords.failed(peer.source(), now))
}

/// The address that the provider sends the browser back to: by the name that the browser calls us,
/// which the door has held against those that are ours.
fn redirect(door: &Door, headers: &HeaderMap, local: Local) -> Result<RedirectUrl, ApiError> {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("");
    let scheme = if local.is_tls() { "https" } else { "http" };
    let url = format!("{scheme}://{host}{}{CALLBACK}", door.base_path());
    RedirectUrl::new(url).map_err(|_| ApiError::wrong_host())
}

fn not_ours() -> ApiError {
    ApiError::bad_request("this login was not begun here, took too long, or was used already")
}

fn unavailable() -> ApiError {
    let message = "the provider of logins does not answer; try again";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
}

fn lead(to: &str, cookie: HeaderValue) -> Response {
    let place = [(header::LOCATION, to)];
    let mut answer = (StatusCode::SEE_OTHER, place).into_response();
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    answer
}

/// A failure as a person sees it, who came by a link: the texts are ours, with nothing of what came.
fn shown(door: &Door, error: &ApiError) -> Response {
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>awp</title><link rel=\"icon\" href=\"data:,\">\
         <h1>You are not logged in</h1><p>{}.</p><p><a href=\"{}/\">Try again</a></p></html>\n",
        error.message(),
        door.base_path()
    );
    let kind: (HeaderName, _) = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    let mut answer = (error.status(), [kind], text).into_response();
    if let Some(seconds) = error.retry_after() {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}
