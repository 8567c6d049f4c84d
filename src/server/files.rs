//! A process's files over HTTP: given as attachments, in parts if asked so. What comes is in
//! [`upload`].

use std::fs::File;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::StatusCode;
use http::header::HeaderMap;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::answer::answer;
use super::api::find;
use super::attachment::{Attachment, Finish, While};
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Peer;
use super::router::Core;
use super::upload;
use crate::model::access::Action;
use crate::model::file_path::FilePath;
use crate::model::id::ProcessId;
use crate::session::asks::Offered;
use crate::session::files::{FileError, Refused, Root, Transfer};
use crate::session::handle::SessionHandle;

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    let files = get(download).put(upload::upload).delete(upload::abandon);
    Router::new()
        .route("/api/v1/sessions/{id}/files", files)
        .route("/api/v1/sessions/{id}/offers/{offer}", get(offered))
        .route("/api/v1/sessions/{id}/asks/{ask}", post(answer))
}

/// Which file is meant, and how.
#[derive(Deserialize)]
pub(super) struct Which {
    pub(super) path: String,
    pub(super) process: Option<u16>,
    /// A file of this name may be replaced.
    #[serde(default)]
    pub(super) overwrite: bool,
    /// The client's own word for an upload.
    #[serde(default)]
    pub(super) upload: String,
    /// The question of a program that the file answers: it goes to a folder of its own.
    pub(super) ask: Option<u64>,
}

impl Which {
    /// The process whose folder it is about.
    pub(super) fn process(&self) -> ProcessId {
        ProcessId(self.process.unwrap_or(1))
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let message = refused.to_string();
        match refused {
            Refused::Off => Self::new(StatusCode::FORBIDDEN, "files_off", message),
            Refused::Busy(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, "over_limit", message),
            Refused::TooLarge(_) | Refused::SessionFull(_) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
            }
            Refused::Gone => Self::conflict(message),
            Refused::TakenOver => Self::new(StatusCode::CONFLICT, "taken_over", message),
            Refused::File(error) => match error {
                FileError::Missing => Self::not_found(message),
                FileError::Outside | FileError::Special | FileError::Denied => {
                    Self::not_allowed(message)
                }
                FileError::Exists => Self::new(StatusCode::CONFLICT, "exists", message),
                FileError::Full => {
                    Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", message)
                }
                FileError::System(error) => {
                    tracing::warn!(%error, "a file operation failed");
                    Self::internal()
                }
            },
        }
    }
}

/// The path that is meant, below the folder of the process.
pub(super) fn path_in(root: &Root, text: &str) -> Result<FilePath, ApiError> {
    let place = root.path().to_string_lossy();
    FilePath::parse(text, &place).map_err(|error| ApiError::bad_request(error.to_string()))
}

async fn download(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Transfer)?;
    let session = find(&core, &credential, &id)?;
    let transfer = session.files().transfer()?;
    let root = session.root(which.process()).await.ok_or(Refused::Gone)?;
    let path = path_in(&root, &which.path)?;
    let name = path.name().to_owned();
    let place = root.path().join(path.joined());
    let found = spawn_blocking(move || found(root.file(&path)?)).await;
    let found = found.map_err(|_| ApiError::internal())?;
    let found = found.map_err(Refused::from)?;
    audit::file(&credential, peer, &session, "download", &place);
    let during = during(credential, &session, transfer);
    Ok(found.give(&name, &asked, during, None))
}

/// `GET /api/v1/sessions/{id}/offers/{offer}`: a file that a program of the session offers.
async fn offered(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path((id, offer)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Transfer)?;
    let session = find(&core, &credential, &id)?;
    let gone = || ApiError::not_found("there is no such offer, or it is over");
    let offer = offer.parse().map_err(|_| gone())?;
    let Offered { file, name } = session.offered(offer).ok_or_else(gone)?;
    let transfer = session.files().transfer()?;
    let found = spawn_blocking(move || found(file)).await;
    let found = found.map_err(|_| ApiError::internal())?;
    let found = found.map_err(Refused::from)?;
    audit::file(&credential, peer, &session, "offered", name.as_ref());
    let taken = session.clone();
    let taken: Finish = Box::new(move || taken.taken(offer));
    let during = during(credential, &session, transfer);
    Ok(found.give(&name, &asked, during, Some(taken)))
}

fn during(credential: Credential, session: &SessionHandle, transfer: Transfer) -> While {
    While {
        credential,
        of: Some((Arc::clone(session.files()), transfer)),
    }
}

fn found(file: impl Into<Arc<File>>) -> Result<Attachment, FileError> {
    Ok(Attachment::of(file)?)
}
