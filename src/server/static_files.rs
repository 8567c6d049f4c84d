//! Folders of files, read by whoever may make sessions.
//!
//! The files share the page's origin, so they get none of its authority: in a document from here no
//! script runs, no form is sent and nothing is framed, and a file from here is refused to whoever
//! wants to run or embed it. Paths are walked one name at a time below the folder; no name may be
//! hidden, lead upwards or be a link, so nothing outside can be reached, whoever changes the folder
//! meanwhile.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path as Below, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use futures_util::stream;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri};
use rustix::fs::{Mode, OFlags};

use super::auth::Credential;
use super::error::ApiError;
use super::etag;
use super::interact::allow;
use super::range::{self, Wanted};
use crate::model::access::Action;

/// Where the files are, below the base path.
pub(super) const PREFIX: &str = "/static/";

/// The file behind the address of a folder.
const INDEX: &str = "index.html";

/// What a document from here may do: show its own pictures, styles, fonts, sound and films.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; font-src 'self'; media-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-downloads \
    allow-popups";

/// What a browser may want a file for. Not to run it, nor to embed it as a document.
const USES: [&str; 7] = [
    "document", "image", "style", "font", "audio", "video", "empty",
];

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Names in a path at most, and so folders that are opened for one request.
const MAX_DEPTH: usize = 32;

/// What is found at a path.
enum Found {
    File(File),
    Folder,
}

/// Sets what every answer from here carries besides.
pub(super) fn confine(headers: &mut HeaderMap) {
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Folders by the first name in an address; the one without a name has the addresses that are left.
type Folders = BTreeMap<String, PathBuf>;

/// The files of these folders.
pub(super) fn router(folders: Folders) -> Router {
    let folder = Arc::new(folders);
    Router::new()
        .route("/static/", get(index))
        .route("/static/{*path}", get(answer))
        .with_state(folder)
}

async fn index(
    state: State<Arc<Folders>>,
    credential: Extension<Credential>,
    address: Uri,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    answer(
        state,
        Below(String::new()),
        credential,
        address,
        method,
        asked,
    )
    .await
}

async fn answer(
    State(folders): State<Arc<Folders>>,
    Below(path): Below<String>,
    Extension(credential): Extension<Credential>,
    address: Uri,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Create)?;
    let used = asked.get("sec-fetch-dest");
    if used.is_some_and(|used| !USES.iter().any(|known| used == known)) {
        return Err(ApiError::not_allowed(
            "files are shown, not run or embedded",
        ));
    }
    let asks_folder = path.is_empty() || path.ends_with('/');
    let name = if asks_folder {
        format!("{path}{INDEX}")
    } else {
        path
    };
    let looked = name.clone();
    let look = move || match place(&folders, &looked) {
        Some((_, "")) => Some(Found::Folder),
        Some((folder, path)) => find(folder, path),
        None => None,
    };
    let found = tokio::task::spawn_blocking(look).await;
    match found.map_err(|_| ApiError::internal())? {
        Some(Found::File(file)) => respond(&name, file, &method, &asked),
        // Without the slash the addresses in its index would mean something else.
        Some(Found::Folder) if !asks_folder => {
            let name = address.path().rsplit('/').next().unwrap_or_default();
            Ok(Redirect::permanent(&format!("./{name}/")).into_response())
        }
        _ => Err(ApiError::not_found("there is no such file")),
    }
}

/// The folder that a path leads into, and the way from there; none where the path names it alone.
fn place<'a>(folders: &'a Folders, path: &'a str) -> Option<(&'a Path, &'a str)> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let named = folders.get(first).filter(|_| !first.is_empty());
    let named = named.map(|folder| (folder.as_path(), rest));
    named.or_else(|| folders.get("").map(|folder| (folder.as_path(), path)))
}

/// Walks down from the folder. `None` where there is nothing that may be read.
fn find(folder: &Path, path: &str) -> Option<Found> {
    let names: Vec<&str> = path.split('/').collect();
    let plain = |name: &&str| !name.is_empty() && !name.starts_with('.') && !name.contains('\0');
    if names.len() > MAX_DEPTH || !names.iter().all(plain) {
        return None;
    }
    // A file that is a pipe must not hold us up.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut place = File::open(folder).ok()?;
    for name in names {
        if !place.metadata().ok()?.is_dir() {
            return None;
        }
        place = rustix::fs::openat(&place, name, flags, Mode::empty())
            .ok()?
            .into();
    }
    let kind = place.metadata().ok()?.file_type();
    if kind.is_dir() {
        return Some(Found::Folder);
    }
    kind.is_file().then_some(Found::File(place))
}

fn respond(
    name: &str,
    mut file: File,
    method: &Method,
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    let metadata = file.metadata().map_err(|_| ApiError::internal())?;
    let (length, seconds, nanos) = (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    let tag = format!("\"{seconds:x}.{nanos:x}-{length:x}\"");
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static(content_type(name));
    headers.insert(header::CONTENT_TYPE, kind);
    let private = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, private);
    etag::set(&mut headers, &tag);
    if etag::matches(asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let (status, first, count) = match range::asked(asked, length, &tag) {
        Wanted::Whole => (StatusCode::OK, 0, length),
        Wanted::Part(first, count) => {
            let part = format!("bytes {first}-{}/{length}", first + count - 1);
            set(&mut headers, header::CONTENT_RANGE, part);
            (StatusCode::PARTIAL_CONTENT, first, count)
        }
        Wanted::Beyond => {
            set(
                &mut headers,
                header::CONTENT_RANGE,
                format!("bytes */{length}"),
            );
            headers.remove(header::CONTENT_TYPE);
            let why = "the file has no such part";
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            let mut response = ApiError::new(status, "bad_range", why).into_response();
            response.headers_mut().extend(headers);
            return Ok(response);
        }
    };
    headers.insert(header::CONTENT_LENGTH, count.into());
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        file.seek(SeekFrom::Start(first))
            .map_err(|_| ApiError::internal())?;
        content(file, count)
    };
    Ok((status, headers, body).into_response())
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}

/// What a file holds, a piece at a time, and no more than it was said to hold.
fn content(file: File, length: u64) -> Body {
    let pieces = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = move || {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let mut piece = vec![0; most];
            let count = file.read(&mut piece)?;
            piece.truncate(count);
            Ok::<_, std::io::Error>((file, piece))
        };
        let read = tokio::task::spawn_blocking(read).await;
        let (file, piece) = read.map_err(std::io::Error::other)??;
        if piece.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        let left = left - piece.len() as u64;
        Ok(Some((Bytes::from(piece), (file, left))))
    });
    Body::from_stream(pieces)
}

fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "txt" | "md" | "log" | "csv" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_but_plain_files_below_the_folder_is_found() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("www");
        fs::create_dir_all(folder.join("sub/.git")).unwrap();
        for file in ["www/a.txt", "www/sub/b", "www/.env", "www/sub/.git/config"] {
            fs::write(home.path().join(file), "x").unwrap();
        }
        fs::write(home.path().join("secret"), "x").unwrap();
        symlink(home.path().join("secret"), folder.join("link")).unwrap();
        symlink(home.path(), folder.join("up")).unwrap();
        symlink("sub", folder.join("inside")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("pipe"), Mode::RUSR).unwrap();
        let file = |path: &str| matches!(find(&folder, path), Some(Found::File(_)));
        assert!(file("a.txt") && file("sub/b"));
        assert!(matches!(find(&folder, "sub"), Some(Found::Folder)));
        let deep = "sub/".repeat(MAX_DEPTH + 1);
        for path in [
            "",
            "/",
            "/etc/passwd",
            "../secret",
            "sub/../../secret",
            "sub/../a.txt",
            "./a.txt",
            "sub//b",
            ".env",
            "sub/.git/config",
            "link",
            "up/secret",
            "inside/b",
            "pipe",
            "a.txt/b",
            "gone",
            "a.txt\0.png",
            deep.as_str(),
        ] {
            assert!(find(&folder, path).is_none(), "{path:?}");
        }
    }
}
