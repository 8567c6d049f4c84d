//! What is done to one session over HTTP without being its viewer: type, resize, wait.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::StatusCode;
use serde::Deserialize;

use super::api::{FIRST, Object, SessionBody, find, gone, read};
use super::auth::Credential;
use super::error::ApiError;
use super::processes::process_of;
use super::router::Core;
use crate::model::access::Action;
use crate::model::id::ProcessId;
use crate::model::size::Size;
use crate::session::handle::NoInput;

/// Input that one request carries at most, in bytes: as much as one message of a socket.
const MAX_INPUT: usize = 1024 * 1024;

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    let input = post(input).layer(DefaultBodyLimit::max(MAX_INPUT));
    Router::new()
        .route("/api/v1/sessions/{id}/input", input)
        .route("/api/v1/sessions/{id}/resize", post(resize))
        .route("/api/v1/sessions/{id}/wait", get(wait))
}

/// Which process is meant; the first one where there is none.
#[derive(Deserialize)]
pub(super) struct Which {
    process: Option<ProcessId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResizeBody {
    /// One process; all of them where there is none.
    process: Option<ProcessId>,
    cols: u64,
    rows: u64,
}

/// Refuses what the credential's role does not allow.
pub(super) fn allow(credential: &Credential, action: Action) -> Result<(), ApiError> {
    if credential.role().allows(action) {
        Ok(())
    } else {
        Err(ApiError::not_allowed("your role does not allow this"))
    }
}

async fn input(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    which: Result<Query<Which>, QueryRejection>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Type)?;
    let session = find(&core, &credential, &id)?;
    let bytes = bytes.map_err(|rejection| {
        ApiError::new(rejection.status(), "bad_body", rejection.body_text())
    })?;
    let process = query(which)?.process.unwrap_or(FIRST);
    match session.input(process, bytes).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error @ NoInput::NoProcess) => Err(ApiError::not_found(error.to_string())),
        Err(NoInput::Refused(error)) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            error.code(),
            error.to_string(),
        )),
        Err(error @ NoInput::Closed) => Err(ApiError::conflict(error.to_string())),
    }
}

async fn resize(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    body: Result<Json<Object<ResizeBody>>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Resize)?;
    let session = find(&core, &credential, &id)?;
    let ResizeBody {
        process,
        cols,
        rows,
    } = read(body)?;
    let size = Size::clamped(cols, rows);
    session.resize(process, size).await.map_err(|_| gone())?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers when the session has ended, or one process of it: who waits need not be a viewer, whose coming and going
/// would change how long the session lives.
async fn wait(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<SessionBody>, ApiError> {
    allow(&credential, Action::Watch)?;
    let session = find(&core, &credential, &id)?;
    let process = query(which)?.process;
    if let Some(process) = process {
        process_of(&session, process)?;
    }
    let last = async {
        match process {
            None => session.ended().await,
            Some(process) => session.exited(process).await,
        }
    };
    tokio::select! {
        last = last => Ok(Json(SessionBody::at(&session, &last))),
        () = credential.ended() => Err(ApiError::unauthorized()),
    }
}

/// What stands behind the path, or what is wrong with it.
pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ApiError> {
    query
        .map(|Query(query)| query)
        .map_err(|rejection| ApiError::bad_request(rejection.body_text()))
}
