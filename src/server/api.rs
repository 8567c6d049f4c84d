//! The sessions over HTTP: list, create, look at, rename, end, signal.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};

use super::Door;
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::{self, allow};
use super::peer::Peer;
use super::processes::{self, process_of};
use super::router::Core;
use super::{apps, etag, files, screen};
use crate::model::access::{Access, Action};
use crate::model::id::{ProcessId, SessionId};
use crate::model::keep::OnDisconnect;
use crate::model::mode::Mode;
use crate::model::process::ExitStatus;
use crate::model::signal;
use crate::model::size::Size;
use crate::session::app::{self, App};
use crate::session::catalog::{Lookup, NewSession};
use crate::session::gate::Login;
use crate::session::handle::SessionHandle;
use crate::session::view::{ProcessView, SessionView};

/// The process that is meant where none is named.
pub(super) const FIRST: ProcessId = ProcessId(1);

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/api/v1/sessions", get(list).post(create))
        .route("/api/v1/sessions/{id}", get(show).patch(change).delete(end))
        .route("/api/v1/sessions/{id}/signal", post(send_signal))
        .merge(apps::routes())
        .merge(files::routes())
        .merge(interact::routes())
        .merge(processes::routes())
        .merge(screen::routes())
}

/// A session, as the contract has it.
#[derive(Serialize)]
pub(super) struct SessionBody {
    id: SessionId,
    name: Option<String>,
    app: String,
    mode: Option<Mode>,
    state: &'static str,
    /// Whom it is for has to log in again; its processes are nobody's to see meanwhile.
    locked: bool,
    /// Seconds since 1970.
    created: u64,
    size: Size,
    viewers: usize,
    processes: Vec<ProcessBody>,
}

#[derive(Serialize)]
pub(super) struct ProcessBody {
    process: ProcessId,
    title: String,
    pid: u32,
    mode: Mode,
    size: Size,
    state: &'static str,
    exit: Option<ExitStatus>,
}

impl From<&SessionHandle> for SessionBody {
    fn from(session: &SessionHandle) -> Self {
        Self::at(session, &session.view())
    }
}

impl SessionBody {
    /// A session as it was at one moment.
    pub(super) fn at(session: &SessionHandle, view: &SessionView) -> Self {
        let since = session.created().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            id: session.id().clone(),
            name: view.name.as_deref().map(str::to_owned),
            app: session.app().to_owned(),
            mode: view.processes.first().map(|process| process.mode),
            state: view.phase.name(),
            locked: matches!(view.login, Login::Locked { .. }),
            created: since.as_ref().map_or(0, Duration::as_secs),
            size: view.size,
            viewers: view.viewers.len(),
            processes: view.processes.iter().map(ProcessBody::from).collect(),
        }
    }
}

impl From<&ProcessView> for ProcessBody {
    fn from(view: &ProcessView) -> Self {
        Self {
            process: view.id,
            title: view.title.to_string(),
            pid: view.process.pid,
            mode: view.mode,
            size: view.size,
            state: if view.exit.is_some() {
                "ended"
            } else {
                "running"
            },
            exit: view.exit.clone(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CreateBody {
    app: Option<String>,
    name: Option<String>,
    command: Option<Vec<String>>,
    mode: Option<Mode>,
    /// The mode where neither the request nor the app says one.
    fallback_mode: Option<Mode>,
    cwd: Option<String>,
    env: BTreeMap<String, String>,
    cols: Option<u64>,
    rows: Option<u64>,
    on_disconnect: Option<Rule>,
}

impl CreateBody {
    /// Whether it says what is run, or how.
    fn is_own(&self) -> bool {
        self.command.is_some()
            || self.mode.is_some()
            || self.cwd.is_some()
            || !self.env.is_empty()
            || self.on_disconnect.is_some()
    }
}

/// The rules that a request may choose instead of its app's.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    Keep,
    Hangup,
}

impl From<Rule> for OnDisconnect {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Keep => Self::Keep(None),
            Rule::Hangup => Self::Hangup,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignalBody {
    signal: String,
    /// The first one where there is none.
    process: Option<ProcessId>,
}

/// All sessions that one may know of, tagged: who asks again and again is mostly told that nothing
/// has changed.
async fn list(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let all = core.catalog.list();
    let seen = all.iter().filter(|session| credential.sees(session));
    let sessions: Vec<_> = seen.map(SessionBody::from).collect();
    let body = serde_json::to_vec(&sessions).map_err(|_| ApiError::internal())?;
    let tag = etag::tag(&Sha256::digest(&body).into());
    let mut response = if etag::matches(&asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "application/json")], body).into_response()
    };
    etag::set(response.headers_mut(), &tag);
    Ok(response)
}

async fn create(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    body: Result<Json<Object<CreateBody>>, JsonRejection>,
) -> Result<(StatusCode, Json<SessionBody>), ApiError> {
    let owns = credential.role().allows(Action::Create);
    if !owns && !credential.opens(Access::Users) {
        return Err(ApiError::not_allowed("your role does not allow this"));
    }
    let body = read(body)?;
    let name = body.app.as_deref().unwrap_or(app::DEFAULT);
    let app = core.catalog.app(name);
    // Whoever may not open it does not learn whether it is there, and opens it as it is.
    if !owns && (app.as_ref().is_none_or(|app| !credential.opens(app.access)) || body.is_own()) {
        return Err(ApiError::not_allowed("your role does not allow this"));
    }
    let app = app.ok_or_else(|| ApiError::bad_request("there is no such app"))?;
    let size = Size::clamped(
        body.cols.unwrap_or(Size::DEFAULT.cols.into()),
        body.rows.unwrap_or(Size::DEFAULT.rows.into()),
    );
    let app = App {
        command: body.command.unwrap_or_else(|| app.command.clone()),
        mode: body
            .mode
            .or(body.fallback_mode.filter(|_| app.mode_is_default))
            .unwrap_or(app.mode),
        cwd: body.cwd.or_else(|| app.cwd.clone()),
        env: app.env.iter().cloned().chain(body.env).collect(),
        on_disconnect: body.on_disconnect.map_or(app.on_disconnect, Into::into),
        ..App::clone(&app)
    };
    let identity = vec![("AWP_USER".to_owned(), credential.user().to_owned())];
    let new = NewSession {
        app: &app,
        name: body.name.as_deref(),
        maker: credential.maker(),
        from: peer.source_address(),
        size,
        identity,
    };
    let session = core.catalog.create(new)?;
    audit::start(&credential, peer, &session);
    Ok((StatusCode::CREATED, Json(SessionBody::from(&session))))
}

async fn show(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
) -> Result<Json<SessionBody>, ApiError> {
    Ok(Json(SessionBody::from(&find(&core, &credential, &id)?)))
}

async fn change(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    body: Result<Json<Object<ChangeBody>>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::End)?;
    let session = find(&core, &credential, &id)?;
    let name = read(body)?.name;
    core.catalog.rename(&session, name.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(
    State(core): State<Arc<Core>>,
    Extension(door): Extension<Arc<Door>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::End)?;
    let session = find(&core, &credential, &id)?;
    if credential.is_anothers(&session) {
        door.check_fresh(&credential)?;
    }
    session.end().await.map_err(|_| gone())?;
    audit::end(&credential, peer, &session, None);
    Ok(StatusCode::NO_CONTENT)
}

async fn send_signal(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    body: Result<Json<Object<SignalBody>>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Signal)?;
    let session = find(&core, &credential, &id)?;
    let body = read(body)?;
    let process = body.process.unwrap_or(FIRST);
    process_of(&session, process)?;
    let sent = session
        .signal(process, &body.signal)
        .await
        .map_err(|_| gone())?;
    if sent {
        audit::signal(&credential, peer, &session, process, &body.signal);
        Ok(StatusCode::NO_CONTENT)
    } else {
        let names: Vec<&str> = signal::names().collect();
        let message = format!("there is no such signal; there are {}", names.join(" "));
        Err(ApiError::bad_request(message))
    }
}

/// The session of this name, for one who may know of it; to everybody else there is none.
pub(super) fn find(
    core: &Core,
    credential: &Credential,
    id: &str,
) -> Result<SessionHandle, ApiError> {
    match core.catalog.find(id, |session| credential.sees(session)) {
        Lookup::Local(session) => Ok(session),
        Lookup::Unknown => Err(gone()),
        Lookup::Ambiguous(named, all) => Err(ambiguous(&named, all)),
    }
}

/// 409: the beginning of an id fits several sessions.
pub(super) fn ambiguous(named: &[SessionId], all: usize) -> ApiError {
    let named: Vec<&str> = named.iter().map(SessionId::as_str).collect();
    let more = match all - named.len() {
        0 => String::new(),
        more => format!(" or {more} more"),
    };
    let message = format!("may be {}{more}", named.join(" or "));
    ApiError::new(StatusCode::CONFLICT, "ambiguous", message)
}

pub(super) fn gone() -> ApiError {
    ApiError::not_found("there is no such session")
}

/// A JSON object. Serde alone takes an array for a struct as well, by the order of its fields, and
/// so `[]` for one that has only defaults.
pub(super) struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// A body that was read, or what is wrong with it.
pub(super) fn read<T>(body: Result<Json<Object<T>>, JsonRejection>) -> Result<T, ApiError> {
    body.map(|Json(Object(body))| body)
        .map_err(|rejection| match rejection {
            JsonRejection::MissingJsonContentType(_) => ApiError::not_json(),
            other => ApiError::bad_request(other.body_text()),
        })
}
