//! Recordings over HTTP: which there are, one as it was written, none any more.
//!
//! They show what other people saw, so they are for owners alone, and to read or delete one asks for
//! a login of just now.

use std::fs::File;
use std::io;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::StatusCode;
use http::header::HeaderMap;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::Door;
use super::attachment::{Attachment, While};
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Peer;
use super::router::Core;
use crate::model::access::Action;
use crate::session::recordings::{Info, Recordings};

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/api/v1/recordings", get(list))
        .route("/api/v1/recordings/{id}", get(read).delete(delete))
}

/// A recording, as the list tells of it.
#[derive(Serialize)]
struct RecordingBody {
    id: String,
    /// The app that was recorded.
    app: String,
    bytes: u64,
    /// Seconds since 1970.
    begun: u64,
    /// Until when it is kept, in seconds since 1970; `null` where it does not say so.
    until: Option<u64>,
    /// Whether it is still being made.
    live: bool,
}

/// The recordings, the newest first.
async fn list(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
) -> Result<Json<Vec<RecordingBody>>, ApiError> {
    allow(&credential, Action::Replay)?;
    let all = on_disk(&core, Recordings::list).await?.unwrap_or_default();
    let body = |info: Info| RecordingBody {
        live: core.catalog.is_recording(&info.id),
        id: info.id,
        app: info.title,
        bytes: info.bytes,
        begun: info.begun,
        until: Some(info.until).filter(|until| *until != u64::MAX),
    };
    Ok(Json(all.into_iter().rev().map(body).collect()))
}

/// The file itself, as far as it is written.
async fn read(
    State(core): State<Arc<Core>>,
    Extension(door): Extension<Arc<Door>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Replay)?;
    door.check_fresh(&credential)?;
    let name = id.clone();
    let open = move |recordings: &Recordings| match recordings.find(&name).map(File::open) {
        None => Ok(None),
        Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Some(file) => Attachment::of(file?).map(Some),
    };
    let found = on_disk(&core, open).await?.flatten().ok_or_else(none)?;
    audit::recording(&credential, peer, "replay", &id);
    let during = While {
        credential,
        of: None,
    };
    Ok(found.give(&format!("{id}.cast"), &asked, during, None))
}

/// Deletes one that is no longer being made.
async fn delete(
    State(core): State<Arc<Core>>,
    Extension(door): Extension<Arc<Door>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Replay)?;
    door.check_fresh(&credential)?;
    if core.catalog.is_recording(&id) {
        let message = "it is still being recorded: it ends with its program";
        return Err(ApiError::conflict(message));
    }
    let name = id.clone();
    let deleted = on_disk(&core, move |recordings| recordings.delete(&name)).await?;
    if deleted != Some(true) {
        return Err(none());
    }
    audit::recording(&credential, peer, "recording_deleted", &id);
    Ok(StatusCode::NO_CONTENT)
}

fn none() -> ApiError {
    ApiError::not_found("there is no such recording")
}

/// Does something with the folder, where it may block. `None`: nothing is ever recorded here.
async fn on_disk<T: Send + 'static>(
    core: &Core,
    act: impl FnOnce(&Recordings) -> io::Result<T> + Send + 'static,
) -> Result<Option<T>, ApiError> {
    let Some(recordings) = core.catalog.recordings().cloned() else {
        return Ok(None);
    };
    let done = spawn_blocking(move || act(&recordings)).await;
    let done = done.map_err(|_| ApiError::internal())?;
    done.map(Some).map_err(|error| {
        tracing::warn!(%error, "the folder of recordings cannot be used");
        ApiError::internal()
    })
}
