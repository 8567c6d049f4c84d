//! The processes of one session over HTTP: list, start another, look at one, end it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::StatusCode;
use serde::Deserialize;

use super::api::{Object, ProcessBody, find, gone, read};
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Peer;
use super::router::Core;
use crate::model::access::Action;
use crate::model::id::ProcessId;
use crate::model::mode::Mode;
use crate::session::app::{self, App};
use crate::session::handle::SessionHandle;
use crate::session::view::ProcessView;

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    let all = get(list).post(start);
    let one = get(show).delete(end);
    Router::new()
        .route("/api/v1/sessions/{id}/processes", all)
        .route("/api/v1/sessions/{id}/processes/{process}", one)
}

/// A process to start. What is not said is as the session's app has it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StartBody {
    command: Option<Vec<String>>,
    mode: Option<Mode>,
    cwd: Option<String>,
    env: BTreeMap<String, String>,
    /// A process whose working directory it starts in, unless `cwd` says otherwise.
    beside: Option<ProcessId>,
}

impl StartBody {
    /// It asks for no more than another of what the session has.
    fn is_more_of_the_same(&self) -> bool {
        self.command.is_none() && self.mode.is_none() && self.cwd.is_none() && self.env.is_empty()
    }
}

async fn list(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
) -> Result<Json<Vec<ProcessBody>>, ApiError> {
    let view = find(&core, &credential, &id)?.view();
    Ok(Json(view.processes.iter().map(ProcessBody::from).collect()))
}

async fn show(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path((id, process)): Path<(String, ProcessId)>,
) -> Result<Json<ProcessBody>, ApiError> {
    let view = process_of(&find(&core, &credential, &id)?, process)?;
    Ok(Json(ProcessBody::from(&view)))
}

async fn start(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    body: Result<Json<Object<StartBody>>, JsonRejection>,
) -> Result<(StatusCode, Json<ProcessBody>), ApiError> {
    let session = find(&core, &credential, &id)?;
    let body = read(body)?;
    // Another of the same is for whoever may use the session; a program of one's own is as much as
    // a session of one's own.
    let action = if body.is_more_of_the_same() {
        Action::Arrange
    } else {
        Action::Create
    };
    allow(&credential, action)?;
    let app = core.catalog.app(session.app());
    let app = app
        .or_else(|| core.catalog.app(app::DEFAULT))
        .ok_or_else(|| ApiError::conflict("the session's app is no longer there"))?;
    let beside = match body.beside {
        Some(process) => process_of(&session, process)?.process.cwd(),
        None => None,
    };
    let app = App {
        name: session.app().to_owned(),
        command: body.command.unwrap_or_else(|| app.command.clone()),
        mode: body.mode.unwrap_or(app.mode),
        cwd: body.cwd.or(beside).or_else(|| app.cwd.clone()),
        env: app.env.iter().cloned().chain(body.env).collect(),
        ..App::clone(&app)
    };
    let identity = vec![("AWP_USER".to_owned(), credential.user().to_owned())];
    let started = core.catalog.start(&session, &app, identity);
    let process = started.await.map_err(|_| gone())??;
    audit::start_process(&credential, peer, &session, process);
    let view = process_of(&session, process)?;
    Ok((StatusCode::CREATED, Json(ProcessBody::from(&view))))
}

async fn end(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path((id, process)): Path<(String, ProcessId)>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Arrange)?;
    let session = find(&core, &credential, &id)?;
    process_of(&session, process)?;
    session.end_process(process).await.map_err(|_| gone())?;
    audit::end(&credential, peer, &session, Some(process));
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn process_of(
    session: &SessionHandle,
    process: ProcessId,
) -> Result<ProcessView, ApiError> {
    let view = session.view();
    let mut all = view.processes.iter();
    all.find(|view| view.id == process)
        .cloned()
        .ok_or_else(|| ApiError::not_found("the session has no such process"))
}
