//! The sockets: from a request to an attached connection.

mod greeting;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tracing::debug;

use super::Door;
use super::adapter;
use super::api;
use super::audit;
use super::auth::Credential;
use super::cgi;
use super::connection::{Connection, Revoked};
use super::error::ApiError;
use super::handshake::{Handshake, Subprotocol};
use super::peer::{Local, Peer};
use super::places::Place;
use super::query::SocketQuery;
use super::router::Core;
use super::socket;
use super::strict_head::StrictHead;
use super::told;
use super::unproven::Pass;
use crate::model::access::{Access, Role};
use crate::model::id::ProcessId;
use crate::model::mode::Mode;
use crate::model::size::Size;
use crate::session::app;
use crate::session::catalog::{CreateError, NewSession, StartError};
use crate::session::handle::SessionHandle;
use crate::session::name::check_name;
use crate::session::viewer::{Attach, AttachError, Resume, Viewer};
use crate::wire::close::CloseCode;
use crate::wire::dialect::{Dialect, Hello, ServerEvent};
use crate::wire::json::Replay;

/// The process that a client means if it names none.
const FIRST: ProcessId = ProcessId(1);

/// What a connection is to be attached to.
enum Target {
    Existing(SessionHandle),
    New {
        app: String,
        /// Joined instead, if there is a session of this name by then.
        name: Option<String>,
        identity: Vec<(String, String)>,
    },
}

/// A connection on its way.
struct Opening {
    core: Arc<Core>,
    door: Arc<Door>,
    credential: Credential,
    peer: Peer,
    dialect: Subprotocol,
    /// What is wrong with the address of somebody who has not proven anything is told afterwards.
    target: Result<Target, ApiError>,
    query: SocketQuery,
    place: Place,
}

/// `GET /ws`
pub async fn open_default(
    state: State<Arc<Core>>,
    ends: Ends,
    query: Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let app = Path(app::DEFAULT.to_owned());
    open(state, app, ends, query, request).await
}

/// `GET /ws/{app}`
pub async fn open(
    state: State<Arc<Core>>,
    Path(app): Path<String>,
    ends: Ends,
    query: Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let address = Address { app, name: None };
    prepare(state, address, ends, query, request)
}

/// `GET /ws/{folder}/{program}`: a program of an app that is a folder of them.
pub async fn open_program(
    state: State<Arc<Core>>,
    Path((folder, program)): Path<(String, String)>,
    ends: Ends,
    query: Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let app = Path(format!("{folder}/{program}"));
    open(state, app, ends, query, request).await
}

/// `GET /terminals/websocket/{name}`
pub async fn open_terminado(
    state: State<Arc<Core>>,
    Path(name): Path<String>,
    ends: Ends,
    query: Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let app = app::DEFAULT.to_owned();
    let name = Some(name);
    prepare(state, Address { app, name }, ends, query, request)
}

/// What the door says of a request.
type Ends = (
    Extension<Arc<Door>>,
    Extension<Credential>,
    Extension<Peer>,
    Extension<Local>,
);

/// What a path names.
struct Address {
    app: String,
    /// terminado's name of a terminal.
    name: Option<String>,
}

fn prepare(
    State(core): State<Arc<Core>>,
    address: Address,
    (Extension(door), Extension(credential), Extension(peer), Extension(local)): Ends,
    Query(pairs): Query<Vec<(String, String)>>,
    mut request: Request,
) -> Response {
    let visits = matches!(credential, Credential::Visitor);
    if visits && !takes_visitors(&core, &address, &pairs) {
        return ApiError::unauthorized().into_response();
    }
    let handshake = match Handshake::read(request.method(), request.version(), request.headers()) {
        Ok(handshake) => handshake,
        Err(error) => {
            let (status, headers) = (error.status(), error.headers());
            let mut response =
                ApiError::new(status, "handshake", error.to_string()).into_response();
            response.headers_mut().extend(headers);
            return response;
        }
    };
    if let Some(pass) = request.extensions().get::<Pass>().filter(|_| visits) {
        // Logins under way are counted by their app, and each has its deadline.
        pass.proven();
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let dialect = match address.name {
        Some(_) => Subprotocol::Terminado,
        None => handshake.dialect(),
    };
    let announced = matches!(credential, Credential::Announced(_));
    if announced && dialect != Subprotocol::Tty {
        return ApiError::unauthorized().into_response();
    }
    let prepared = SocketQuery::read(&pairs)
        .map_err(|error| ApiError::bad_request(error.to_string()))
        .and_then(|query| {
            let creates = query.session.is_none() && !announced;
            let known = core.catalog.app(&address.app);
            let access = known.map_or(Access::default(), |app| app.access);
            if creates && !credential.opens(access) {
                return Err(ApiError::not_allowed("your role does not allow this"));
            }
            let user = credential.user();
            let target = target(&core, address, (&query, &pairs), &credential, || {
                cgi::variables(&parts, peer, local, user)
            });
            // A browser does not tell its page how an upgrade was refused: the page is told by a
            // close code why there is no new session.
            let told_by_code = announced || (dialect == Subprotocol::V1 && query.session.is_none());
            let target = if told_by_code { target } else { Ok(target?) };
            let place = Place::take(&core)?;
            Ok(Opening {
                core,
                door,
                credential,
                peer,
                dialect,
                target,
                query,
                place,
            })
        });
    match prepared {
        Err(error) => error.into_response(),
        Ok(opening) => {
            tokio::spawn(upgraded(upgrade, opening));
            (StatusCode::SWITCHING_PROTOCOLS, handshake.headers()).into_response()
        }
    }
}

/// Whether this address is open to whoever shows nothing: a new session of an app whose login program
/// decides, and nothing that there is already.
fn takes_visitors(core: &Core, address: &Address, pairs: &[(String, String)]) -> bool {
    const OF_A_NEW_ONE: [&str; 3] = ["cols", "rows", "role"];
    let app = core.catalog.app(&address.app);
    let takes = app.is_some_and(|app| {
        let known = |key: &String| OF_A_NEW_ONE.contains(&key.as_str()) || app.query.contains(key);
        app.takes_visitors() && pairs.iter().all(|(key, _)| known(key))
    });
    takes && address.name.is_none()
}

/// What the address names, as far as it can be known before the upgrade.
fn target(
    core: &Core,
    Address { app, name }: Address,
    (query, pairs): (&SocketQuery, &[(String, String)]),
    credential: &Credential,
    request: impl FnOnce() -> Vec<(String, String)>,
) -> Result<Target, ApiError> {
    if let Some(name) = &query.session {
        let session = api::find(core, credential, name)?;
        if session.is_in_login() {
            return Err(ApiError::conflict(AttachError::Login.to_string()));
        }
        let process = query.process.unwrap_or(FIRST);
        if query.process.is_some() && !session.has(process) {
            return Err(ApiError::not_found("the session has no such process"));
        }
        if !session.holds(&query.resume(process)) {
            return Err(ApiError::bad_request("from: lies beyond what was written"));
        }
        return Ok(Target::Existing(session));
    }
    if let Some(name) = &name {
        check_name(name)?;
        if let Ok(session) = api::find(core, credential, name) {
            return Ok(Target::Existing(session));
        }
    }
    let user = credential.user();
    let known = core
        .catalog
        .app(&app)
        .ok_or_else(|| ApiError::not_found("there is no such app"))?;
    core.catalog.room(&known, user)?;
    let mut identity = if known.mode.has_terminal() {
        Vec::new()
    } else {
        request()
    };
    identity.extend(known.from_query(pairs));
    identity.push(("AWP_USER".to_owned(), user.to_owned()));
    Ok(Target::New {
        app,
        name,
        identity,
    })
}

async fn upgraded(upgrade: OnUpgrade, opening: Opening) {
    let upgraded = match upgrade.await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            debug!(%error, "the upgrade was not completed");
            return;
        }
    };
    // The socket itself, where it is one, without the layers that read requests.
    match upgraded.downcast::<TokioIo<StrictHead<TcpStream>>>() {
        Ok(parts) => {
            let stream = parts.io.into_inner().into_inner();
            serve(stream, parts.read_buf, opening).await;
        }
        Err(upgraded) => serve(TokioIo::<Upgraded>::new(upgraded), Bytes::new(), opening).await,
    }
}

async fn serve<S>(stream: S, read: Bytes, mut opening: Opening)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (hello, mut socket) = match greeting::hear(stream, read, &opening).await {
        Ok(greeted) => greeted,
        Err((code, socket)) => return socket::close(socket, code).await,
    };
    opening.credential = opening.credential.proven();
    match attach(&opening, &hello) {
        Ok((viewer, mut dialect)) => {
            let welcome = told::welcome(&viewer, &hello.client);
            let revoked = revoked(&opening, viewer.role());
            let keep_alive = opening.core.settings.keep_alive;
            let first = dialect.event(&welcome);
            let connection = Connection::new(socket, dialect, viewer, hello.client, keep_alive);
            let visits = matches!(opening.credential, Credential::Visitor);
            let connection = Box::new(connection.admitting(visits.then_some(opening.door)));
            let place = opening.place;
            // A task of its own: what led here takes more memory than what lives on.
            tokio::spawn(async move {
                connection.run(revoked, first).await;
                drop(place);
            });
        }
        Err(Refused {
            code,
            error,
            message,
        }) => {
            let mut dialect = adapter::dialect(opening.dialect, Mode::Pty, FIRST, Vec::new());
            let told = dialect.event(&ServerEvent::Error {
                code: error,
                message,
            });
            if let Some(told) = told {
                let _ = socket::give(&mut socket, told.into());
            }
            socket::close(socket, code).await;
        }
    }
}

/// Why an opened socket is not attached.
struct Refused {
    code: CloseCode,
    error: &'static str,
    message: String,
}

/// The session that the address names; one that it asks for is made.
fn destination(opening: &Opening, size: Option<Size>) -> Result<SessionHandle, Refused> {
    let core = &opening.core;
    match &opening.target {
        Err(error) => Err(unreachable(error)),
        Ok(Target::Existing(session)) => Ok(session.clone()),
        Ok(Target::New {
            app,
            name,
            identity,
        }) => {
            let app = core.catalog.app(app).ok_or_else(|| Refused {
                code: CloseCode::Policy,
                error: "not_found",
                message: "there is no such app".to_owned(),
            })?;
            let size = size.unwrap_or(Size::DEFAULT);
            let new = NewSession {
                app: &app,
                name: name.as_deref(),
                maker: opening.credential.maker(),
                from: opening.peer.source_address(),
                size,
                identity: identity.clone(),
            };
            match core.catalog.create(new) {
                Err(CreateError::NameTaken(name)) => api::find(core, &opening.credential, &name)
                    .map_err(|_| refused(&CreateError::NameTaken(name))),
                Err(error) => Err(refused(&error)),
                Ok(made) => {
                    audit::start(&opening.credential, opening.peer, &made);
                    Ok(made)
                }
            }
        }
    }
}

fn attach(opening: &Opening, hello: &Hello) -> Result<(Viewer, Box<dyn Dialect>), Refused> {
    let query = &opening.query;
    let size = hello.size.or(query.size);
    let session = destination(opening, size)?;
    let (process, resume) = if opening.dialect == Subprotocol::V1 {
        let from = hello.from.iter();
        let from = from.map(|at| Resume {
            lane: crate::model::channel::Lane {
                process: at.process,
                channel: at.channel,
            },
            offset: at.offset,
        });
        (query.process, from.collect())
    } else {
        let process = query.process.unwrap_or(FIRST);
        (Some(process), query.resume(process))
    };
    let replay = resume.iter().filter_map(|resume: &Resume| {
        session.head(resume.lane).map(|until| Replay {
            lane: resume.lane,
            until,
        })
    });
    let replay = replay.collect();
    let role = if query.watch {
        Role::Watch
    } else {
        opening.credential.role()
    };
    let attach = Attach {
        process,
        size,
        user: Some(opening.credential.user().into()),
        from: opening.peer.source_address(),
        label: hello.label.as_deref().map(Into::into),
        notices: hello.notices,
        rewraps: matches!(opening.dialect, Subprotocol::V1 | Subprotocol::Json),
        resume,
        client: (!hello.client.is_empty()).then(|| hello.client.as_str().into()),
    };
    let dialect = opening.dialect.name();
    audit::attach(&opening.credential, opening.peer, &session, role, dialect);
    let viewer = Viewer::attach(session, role, attach).map_err(|error| Refused {
        code: CloseCode::Policy,
        error: match error {
            AttachError::BeyondEnd(_) => "bad_from",
            AttachError::Login => "in_login",
        },
        message: error.to_string(),
    })?;
    if let Some(colors) = hello.colors {
        viewer.show_in(colors);
    }
    let shown = viewer.processes().next();
    let mode = shown.map_or(Mode::Pty, |view| view.mode);
    // A login program comes before what was asked for.
    let process = shown.map_or(process.unwrap_or(FIRST), |view| view.id);
    let dialect = adapter::dialect(opening.dialect, mode, process, replay);
    Ok((viewer, dialect))
}

/// What an address names is not there; nobody was told before the upgrade.
fn unreachable(error: &ApiError) -> Refused {
    let (code, error, message) = match error.status() {
        StatusCode::NOT_FOUND => (CloseCode::NoSuchSession, error.code(), error.message()),
        StatusCode::TOO_MANY_REQUESTS => (CloseCode::OverLimit, error.code(), error.message()),
        _ => (CloseCode::Policy, error.code(), error.message()),
    };
    Refused {
        code,
        error,
        message: message.to_owned(),
    }
}

fn refused(error: &CreateError) -> Refused {
    let (code, kind) = match error {
        CreateError::Full(_) | CreateError::AppFull { .. } | CreateError::LoginsFull(_) => {
            (CloseCode::OverLimit, "over_limit")
        }
        CreateError::Closed => (CloseCode::GoingAway, "going_away"),
        CreateError::Start(StartError::Memory) => (CloseCode::OverLimit, "over_memory"),
        _ => (CloseCode::Internal, "not_started"),
    };
    Refused {
        code,
        error: kind,
        message: error.to_string(),
    }
}

/// When the connection has to end for a reason of its own.
fn revoked(opening: &Opening, role: Role) -> Revoked {
    let credential = opening.credential.clone();
    let mut shutdown = opening.core.shutdown.clone();
    Box::pin(async move {
        tokio::select! {
            code = credential.revoked(role) => code,
            _ = shutdown.wait_for(|stop| *stop) => CloseCode::GoingAway,
        }
    })
}
