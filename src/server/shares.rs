//! Share links over HTTP: list, make, narrow, revoke.
//!
//! A link's secret is shown once, in the fragment of its address, which browsers keep to
//! themselves; what is kept is its hash.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::routing::{get, patch};
use axum::{Extension, Json, Router};
use http::StatusCode;
use http::header::HeaderMap;
use serde::{Deserialize, Serialize};
use tracing::info;

use super::Door;
use super::api::{Object, find, read};
use super::auth::Credential;
use super::error::ApiError;
use super::grant::OWNER;
use super::interact::allow;
use super::peer::{Local, Peer};
use super::router::Core;
use super::secret::{self, SecretHash};
use crate::clock;
use crate::model::access::{AUDIT, Action};
use crate::model::duration;
use crate::store::shares::Share;

/// How long a link is good for if nothing is said.
const EXPIRES: Duration = Duration::from_secs(60 * 60);

/// How long at most.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Links at once, of all sessions together: each is a row of a few hundred bytes.
const MOST: usize = 1000;

/// Characters of a link's id, which opens nothing: 60 random bits, so that no two are the same.
const ID_LENGTH: usize = 10;

/// What the routes stand on.
pub struct Shares {
    /// Who gets in.
    pub door: Arc<Door>,
    /// The sessions.
    pub core: Arc<Core>,
}

/// The routes.
pub fn routes(door: &Arc<Door>, core: &Arc<Core>) -> Router {
    let shares = Shares {
        door: Arc::clone(door),
        core: Arc::clone(core),
    };
    Router::new()
        .route("/api/v1/sessions/{id}/share", get(list).post(make))
        .route("/api/v1/shares/{id}", patch(narrow).delete(revoke))
        .with_state(Arc::new(shares))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MakeBody {
    write: bool,
    expires: Option<String>,
    once: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NarrowBody {
    write: bool,
}

/// A link that was just made: the only time that its secret is told.
#[derive(Serialize)]
struct Made {
    id: String,
    url: String,
    write: bool,
    once: bool,
    /// Seconds since 1970.
    expires: u64,
}

/// A link, as far as it is told later.
#[derive(Serialize)]
struct ShareBody {
    id: String,
    session: String,
    write: bool,
    once: bool,
    uses: u64,
    /// Who made it.
    creator: String,
    /// Seconds since 1970.
    created: u64,
    /// Seconds since 1970.
    expires: u64,
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        Self {
            id: share.id,
            session: share.session,
            write: share.write,
            once: share.once,
            uses: share.uses,
            creator: share.creator.unwrap_or_else(|| OWNER.to_owned()),
            created: share.created,
            expires: share.expires,
        }
    }
}

async fn list(
    State(shares): State<Arc<Shares>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
) -> Result<Json<Vec<ShareBody>>, ApiError> {
    let session = find(&shares.core, &credential, &id)?;
    allow(&credential, Action::Share)?;
    let known = shares.door.known().await?;
    let all = known.shares().into_iter();
    let of_session = all.filter(|share| share.session == session.id().as_str());
    Ok(Json(of_session.map(ShareBody::from).collect()))
}

async fn make(
    State(shares): State<Arc<Shares>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Extension(local): Extension<Local>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Object<MakeBody>>, JsonRejection>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let session = find(&shares.core, &credential, &id)?;
    allow(&credential, Action::Share)?;
    let body = read(body)?;
    let door = &shares.door;
    if body.write || credential.is_anothers(&session) {
        door.check_fresh(&credential)?;
    }
    let lasts = match body.expires.as_deref().map(duration::parse) {
        None => EXPIRES,
        Some(Ok(lasts)) if !lasts.is_zero() && lasts <= LONGEST => lasts,
        Some(Ok(_)) => return Err(ApiError::bad_request("expires: write 1s to 7d")),
        Some(Err(why)) => return Err(ApiError::bad_request(format!("expires: {why}"))),
    };
    let epoch = door.epoch(&credential)?;
    if door.known().await?.count() >= MOST {
        let message = "there are as many links as there may be; revoke one";
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "over_limit",
            message,
        ));
    }
    let random = || {
        secret::random().map_err(|error| {
            tracing::error!(%error, "no link");
            ApiError::internal()
        })
    };
    let mut id = random()?;
    id.truncate(ID_LENGTH);
    let secret = random()?;
    let now = clock::now();
    let since = |at: SystemTime| {
        at.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    };
    let share = Share {
        id: id.clone(),
        session: session.id().as_str().to_owned(),
        write: body.write,
        creator: epoch.user,
        epoch: epoch.mark,
        created: since(now).as_secs(),
        // Whole seconds: one that was begun counts.
        expires: since(now + lasts).as_secs().saturating_add(1),
        once: body.once,
        uses: 0,
    };
    let site = door.links_begin_with(&headers, local).ok_or_else(|| {
        ApiError::conflict("no browser reaches this server, which listens on Unix sockets alone")
    })?;
    let made = Made {
        id,
        url: format!("{site}/s/{}#share={secret}", session.id()),
        write: share.write,
        once: share.once,
        expires: share.expires,
    };
    let hash = SecretHash::of(&secret);
    door.accounts()
        .ask(true, move |store| store.add_share(&share, hash.bytes()))
        .await?
        .ok_or_else(|| ApiError::conflict("there is no place to keep links in"))?;
    let user = credential.user();
    info!(target: AUDIT, event = "share", user, from = %peer, session = %session.id(), share = made.id, write = made.write, once = made.once, expires = made.expires);
    Ok((StatusCode::CREATED, Json(made)))
}

async fn narrow(
    State(shares): State<Arc<Shares>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    body: Result<Json<Object<NarrowBody>>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Share)?;
    let share = shares.share(&credential, id).await?;
    let NarrowBody { write } = read(body)?;
    if write && !share.write {
        let message = "a link is only ever narrowed; make another one";
        return Err(ApiError::bad_request(message));
    }
    if !write {
        let user = credential.user();
        info!(target: AUDIT, event = "share_narrowed", user, from = %peer, session = share.session, share = share.id);
        let narrowed = shares.door.accounts();
        let narrowed = narrowed.ask(false, move |store| store.narrow_share(&share.id));
        narrowed.await?.filter(|found| *found).ok_or_else(none)?;
        shares.door.settle().await;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(
    State(shares): State<Arc<Shares>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Share)?;
    let share = shares.share(&credential, id).await?;
    let user = credential.user();
    info!(target: AUDIT, event = "share_revoked", user, from = %peer, session = share.session, share = share.id);
    let removed = shares.door.accounts();
    let removed = removed.ask(false, move |store| store.remove_share(&share.id));
    removed.await?.filter(|found| *found).ok_or_else(none)?;
    shares.door.settle().await;
    Ok(StatusCode::NO_CONTENT)
}

impl Shares {
    /// The link with this id, for one who may share at all: only owners may, who see all sessions.
    async fn share(&self, credential: &Credential, id: String) -> Result<Share, ApiError> {
        allow(credential, Action::Share)?;
        let found = self
            .door
            .accounts()
            .ask(false, move |store| store.share(&id));
        found.await?.flatten().ok_or_else(none)
    }
}

fn none() -> ApiError {
    ApiError::not_found("there is no such link")
}
