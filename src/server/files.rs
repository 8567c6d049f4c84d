//! A process's files over HTTP: given as attachments, in parts if asked so. What comes is in
//! [`upload`].

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures_util::stream::{self, Stream};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderValue,
};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::answer;
use super::api::find;
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Peer;
use super::range::{self, Wanted};
use super::router::Core;
use super::upload;
use crate::model::access::Action;
use crate::model::file_path::{FilePath, clean};
use crate::model::id::ProcessId;
use crate::session::asks::Offered;
use crate::session::files::{FileError, Files, Refused, Root, Transfer};
use crate::session::handle::SessionHandle;

/// How long a client may send, or take, nothing: far beyond a bad radio link, far below the time for
/// which a dead one would otherwise hold its place.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// Bytes that are read at once: one switch to a thread that may block for each of them.
const PIECE: u64 = 256 * 1024;

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

/// A file that is open, and what is known of it.
struct Found {
    file: Arc<File>,
    size: u64,
    tag: String,
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
    let way = (credential, &session, transfer);
    Ok(give(found, &name, &asked, way, None))
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
    let way = (credential, &session, transfer);
    Ok(give(found, &name, &asked, way, Some(taken)))
}

/// What is done once the connection has the last byte of a file.
type Finish = Box<dyn FnOnce() + Send>;

/// Gives a file, or the part of it that is asked for.
fn give(
    found: Found,
    name: &str,
    asked: &HeaderMap,
    (credential, session, transfer): (Credential, &SessionHandle, Transfer),
    finish: Option<Finish>,
) -> Response {
    let Found { file, size, tag } = found;
    let (status, first, count) = match range::asked(asked, size, &tag) {
        Wanted::Whole => (StatusCode::OK, 0, size),
        Wanted::Part(first, count) => (StatusCode::PARTIAL_CONTENT, first, count),
        Wanted::Beyond => {
            let why = "the file has no such part";
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            let mut response = ApiError::new(status, "bad_range", why).into_response();
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            return response;
        }
    };
    let flow = Flow {
        file,
        at: first,
        end: first + count,
        credential,
        files: Arc::clone(session.files()),
        _transfer: transfer,
    };
    let finish = finish.filter(|_| first + count == size);
    let body = Body::from_stream(flow.start(count, finish));
    let mut response = (status, body).into_response();
    set(&mut response, CONTENT_TYPE, "application/octet-stream");
    set(&mut response, CONTENT_LENGTH, &count.to_string());
    set(&mut response, CONTENT_DISPOSITION, &attachment(name));
    set(&mut response, ACCEPT_RANGES, "bytes");
    set(&mut response, ETAG, &tag);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{size}", first + count - 1);
        set(&mut response, CONTENT_RANGE, &range);
    }
    response
}

fn found(file: impl Into<Arc<File>>) -> Result<Found, FileError> {
    let file = file.into();
    let about = file.metadata()?;
    let (inode, seconds, nanos) = (about.ino(), about.mtime(), about.mtime_nsec());
    Ok(Found {
        file,
        size: about.len(),
        tag: format!("\"{inode:x}-{:x}-{seconds:x}.{nanos:x}\"", about.len()),
    })
}

/// What is still to be sent of a file.
struct Flow {
    file: Arc<File>,
    at: u64,
    end: u64,
    credential: Credential,
    files: Arc<Files>,
    _transfer: Transfer,
}

impl Flow {
    /// Sends itself piece by piece, from a task of its own: a client that takes nothing would
    /// otherwise hold the file and a place among the transfers for as long as its connection lasts.
    fn start(
        self,
        count: u64,
        mut finish: Option<Finish>,
    ) -> impl Stream<Item = std::io::Result<Bytes>> {
        let (pieces, sent) = mpsc::channel(1);
        tokio::spawn(self.run(pieces));
        if let Some(finish) = finish.take_if(|_| count == 0) {
            finish();
        }
        stream::try_unfold(
            (sent, count, finish),
            async |(mut sent, left, mut finish)| {
                let piece: Option<Bytes> = sent.recv().await;
                match piece {
                    Some(piece) => {
                        let left = left - piece.len() as u64;
                        if let Some(finish) = finish.take_if(|_| left == 0) {
                            finish();
                        }
                        Ok(Some((piece, (sent, left, finish))))
                    }
                    None if left == 0 => Ok(None),
                    // What breaks off is not to be taken for whole.
                    None => Err(std::io::ErrorKind::ConnectionAborted.into()),
                }
            },
        )
    }

    /// Goes on until all is sent, the client takes nothing for too long, the login or the session
    /// has ended, or the file has become shorter.
    async fn run(mut self, pieces: mpsc::Sender<Bytes>) {
        while self.at < self.end {
            let Ok(piece) = self.next().await else {
                return;
            };
            let sent = tokio::select! {
                sent = timeout(SILENCE, pieces.send(piece)) => sent.is_ok_and(|sent| sent.is_ok()),
                () = self.credential.ended() => false,
                () = self.files.closed() => false,
            };
            if !sent {
                return;
            }
        }
    }

    async fn next(&mut self) -> std::io::Result<Bytes> {
        let count = (self.end - self.at).min(PIECE);
        let (file, at) = (Arc::clone(&self.file), self.at);
        let read = spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(count).unwrap_or_default()];
            file.read_exact_at(&mut piece, at).map(|()| piece)
        });
        let piece = read.await.map_err(std::io::Error::other)??;
        self.at += count;
        Ok(piece.into())
    }
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Says that the answer is a file to be kept under this name, and never a page (RFC 6266).
fn attachment(name: &str) -> String {
    let name = clean(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let simple: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let mut header = format!("attachment; filename=\"{simple}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            header.push(char::from(byte));
        } else {
            let _ = write!(header, "%{byte:02X}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_nothing_but_a_name() {
        let header = attachment("a\"; x=<b>\u{202e}é.txt\r\n");
        let expected = "attachment; filename=\"a__ x__b__.txt\"; \
                        filename*=UTF-8''a%22%3B%20x%3D%3Cb%3E%C3%A9.txt";
        assert_eq!(header, expected);
    }
}
