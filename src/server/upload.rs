//! A file that comes to a process's folder, at once or in parts.
//!
//! Without `Content-Range` the body is the file. With `Content-Range: bytes FIRST-LAST/SIZE` it is a
//! part, which must begin where the last one ended; the answer is 202 with how much is there until
//! the file is whole. `Content-Range: bytes */SIZE` asks how much is there. What a broken connection
//! has brought is kept, so that a client goes on after it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap};
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;

use super::api::find;
use super::attachment::SILENCE;
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::files::{Which, path_in};
use super::interact::allow;
use super::peer::Peer;
use super::range::{Brought, brought};
use super::router::Core;
use crate::model::access::Action;
use crate::model::file_path::{BadPath, FilePath};
use crate::session::asks::{About, Answer};
use crate::session::files::{FileError, Partial, Refused, Root, Turn, UploadKey, asked_path};
use crate::session::handle::SessionHandle;

/// Bytes that are gathered before they are written: one switch to a thread that may block for each.
const PIECE: usize = 256 * 1024;

/// The longest word of a client for an upload, in characters.
const MAX_WORD: usize = 64;

/// Where an upload stands.
const OFFSET: &str = "upload-offset";

/// A file that is whole.
#[derive(Serialize)]
struct Whole {
    path: String,
    name: String,
    size: u64,
}

/// A file of which a part is here.
#[derive(Serialize)]
struct Waiting {
    offset: u64,
    size: u64,
}

pub(super) async fn upload(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Transfer)?;
    let session = find(&core, &credential, &id)?;
    let brought = part_of(&headers)?;
    let size = match brought {
        Brought::Part(_, _, size) | Brought::Nothing(size) => size,
    };
    let key = key(&which)?;
    let _transfer = session.files().transfer()?;
    let mut turn = session.files().turn(key, size).await?;
    if turn.is_new() {
        begin(&session, &which, size, &mut turn).await?;
    }
    let (first, count) = match brought {
        Brought::Nothing(_) => (None, 0),
        Brought::Part(first, count, _) => (Some(first), count),
    };
    let held = turn.with(move |partial| stand(partial, first)).await?;
    if first.is_some_and(|first| first != held) {
        let why = format!("the part must begin at {held}");
        let mut response = ApiError::new(StatusCode::CONFLICT, "wrong_offset", why).into_response();
        tell(&mut response, held);
        return Ok(response);
    }
    if first.is_some() {
        take(&mut turn, body, count, &credential).await?;
    }
    let held = turn.with(|partial| stand(partial, None)).await?;
    if held < size || first.is_none() {
        let state = Json(Waiting { offset: held, size });
        let mut response = (StatusCode::ACCEPTED, state).into_response();
        tell(&mut response, held);
        return Ok(response);
    }
    let Some(overwrite) = overwrites(&session, &which) else {
        turn.give_up();
        return Err(not_asked());
    };
    let placed = turn.with(move |partial| {
        let partial = partial.as_mut().ok_or(FileError::Missing)?;
        let replaced = partial.finish(overwrite)?;
        Ok((replaced, partial.path().to_owned()))
    });
    let (replaced, path) = placed
        .await
        .map_err(|error| refused(error, &which, overwrite))?;
    turn.done();
    audit::file(&credential, peer, &session, "upload", &path);
    if let Some(ask) = which.ask {
        let path = path.to_string_lossy().into_owned();
        session.answer(ask, Answer::File { path, size });
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let whole = Whole {
        path: path.to_string_lossy().into_owned(),
        name: name.unwrap_or_default(),
        size,
    };
    let status = if replaced {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(whole)).into_response())
}

/// Removes what is there of an upload that its client no longer wants.
pub(super) async fn abandon(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Transfer)?;
    let session = find(&core, &credential, &id)?;
    if session.files().abandon(&key(&which)?) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("there is no such upload"))
    }
}

/// Which part of the file the body is.
fn part_of(headers: &HeaderMap) -> Result<Brought, ApiError> {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().ok())
    };
    let length: Option<u64> = text(CONTENT_LENGTH)
        .flatten()
        .and_then(|text| text.parse().ok());
    let Some(range) = text(CONTENT_RANGE) else {
        let why = "say how long the file is: Content-Length or Content-Range";
        let missing = || ApiError::new(StatusCode::LENGTH_REQUIRED, "length_required", why);
        let length = length.ok_or_else(missing)?;
        return Ok(Brought::Part(0, length, length));
    };
    let part = range.and_then(brought);
    let part = part.ok_or_else(|| {
        ApiError::bad_request("Content-Range is bytes FIRST-LAST/SIZE or bytes */SIZE")
    })?;
    let count = match part {
        Brought::Part(_, count, _) => count,
        Brought::Nothing(_) => 0,
    };
    if length.is_some_and(|length| length != count) {
        return Err(ApiError::bad_request(
            "Content-Length and Content-Range differ",
        ));
    }
    Ok(part)
}

fn key(which: &Which) -> Result<UploadKey, ApiError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if which.upload.len() > MAX_WORD || !which.upload.chars().all(plain) {
        let why = format!("upload has at most {MAX_WORD} letters, digits, - and _");
        return Err(ApiError::bad_request(why));
    }
    let path = match which.ask {
        Some(ask) => asked_path(ask, &which.path),
        None => which.path.clone(),
    };
    Ok(UploadKey {
        process: which.process(),
        path,
        word: which.upload.clone(),
    })
}

/// Makes the file under its temporary name, in the folder where the process is now; there it stays
/// wherever the process goes.
async fn begin(
    session: &SessionHandle,
    which: &Which,
    size: u64,
    turn: &mut Turn,
) -> Result<(), ApiError> {
    let begun = async {
        let (root, path) = place(session, which).await?;
        let overwrite = overwrites(session, which).ok_or_else(not_asked)?;
        let begun = turn.with(move |partial| {
            *partial = Some(Partial::begin(&root, &path, size, overwrite)?);
            Ok(())
        });
        begun
            .await
            .map_err(|error| refused(error, which, overwrite))
    };
    let begun: Result<(), ApiError> = begun.await;
    if begun.is_err() {
        turn.give_up();
    }
    begun
}

/// The folder that the file goes to, and its path there: the process's, that which the program has
/// said whose question it answers, or one of its own.
async fn place(session: &SessionHandle, which: &Which) -> Result<(Arc<Root>, FilePath), ApiError> {
    let bad = |error: BadPath| ApiError::bad_request(error.to_string());
    if let Some(target) = which.ask.and_then(|ask| session.target(ask)) {
        let path = target.place(&which.path).map_err(bad)?;
        return Ok((target.root, path));
    }
    let root = match which.ask {
        None => session.root(which.process()).await.ok_or(Refused::Gone)?,
        Some(ask) => inbox(session, ask).await?,
    };
    let path = path_in(&root, &which.path)?.cleaned().map_err(bad)?;
    Ok((Arc::new(root), path))
}

/// Whether a file may be replaced: the program says so where it says where the file goes. `None` where
/// nobody waits for it any more.
fn overwrites(session: &SessionHandle, which: &Which) -> Option<bool> {
    let Some(ask) = which.ask else {
        return Some(which.overwrite);
    };
    let waits = session.asks(ask) == Some(About::File);
    let target = session.target(ask);
    waits.then(|| target.map_or(which.overwrite, |target| target.overwrite))
}

/// Why a file is not taken. Where the program that asks for it replaces none, the person has no say.
fn refused(error: Refused, which: &Which, overwrite: bool) -> ApiError {
    let exists = matches!(error, Refused::File(FileError::Exists));
    if exists && which.overwrite && !overwrite {
        let why = "there is a file of this name, which the program does not replace";
        return ApiError::conflict(why);
    }
    error.into()
}

fn not_asked() -> ApiError {
    ApiError::not_found("nobody waits for such a file")
}

/// The folder of a question.
async fn inbox(session: &SessionHandle, ask: u64) -> Result<Root, ApiError> {
    if session.asks(ask) != Some(About::File) {
        return Err(not_asked());
    }
    let files = Arc::clone(session.files());
    let inbox = tokio::task::spawn_blocking(move || files.inbox(ask)).await;
    Ok(inbox.map_err(|_| ApiError::internal())??)
}

/// How much is here. A part that begins at 0 begins the file anew.
fn stand(partial: &mut Option<Partial>, first: Option<u64>) -> Result<u64, FileError> {
    let partial = partial.as_mut().ok_or(FileError::Missing)?;
    if first == Some(0) && partial.held() > 0 {
        partial.restart()?;
    }
    Ok(partial.held())
}

/// Takes so many bytes out of the body. What came before the client broke off is written.
async fn take(
    turn: &mut Turn,
    mut body: Body,
    mut count: u64,
    credential: &Credential,
) -> Result<(), ApiError> {
    let mut gathered = Vec::new();
    let broken = loop {
        let frame = tokio::select! {
            frame = tokio::time::timeout(SILENCE, body.frame()) => frame,
            () = turn.taken_over() => break Some(Refused::TakenOver.into()),
            () = credential.ended() => break Some(ApiError::unauthorized()),
        };
        let data = match frame {
            Ok(None) if count > 0 => break Some(ApiError::bad_request("the part is incomplete")),
            Ok(None) => break None,
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(_))) => break Some(ApiError::bad_request("the connection broke off")),
            Err(_) => {
                let why = "nothing came for too long";
                break Some(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", why));
            }
        };
        if data.len() as u64 > count {
            break Some(ApiError::bad_request("there is more than the part has"));
        }
        count -= data.len() as u64;
        gathered.push(data);
        if gathered.iter().map(Bytes::len).sum::<usize>() >= PIECE {
            write(turn, std::mem::take(&mut gathered)).await?;
        }
    };
    write(turn, gathered).await?;
    broken.map_or(Ok(()), Err)
}

async fn write(turn: &mut Turn, pieces: Vec<Bytes>) -> Result<(), Refused> {
    let write = move |partial: &mut Option<Partial>| {
        let partial = partial.as_mut().ok_or(FileError::Missing)?;
        pieces.iter().try_for_each(|piece| partial.write(piece))
    };
    turn.with(write).await
}

fn tell(response: &mut Response, held: u64) {
    response
        .headers_mut()
        .insert(OFFSET, HeaderValue::from(held));
}
