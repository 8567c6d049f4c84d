//! The page: its files, embedded in the binary or read from a folder, and how browsers cache them.
//!
//! A file `x` may lie there a second and a third time as `x.br` and `x.gz`; whichever the client
//! takes is sent as it is. Nothing is compressed here.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, VARY,
};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

use super::etag;

/// The file behind every address of the page.
const INDEX: &str = "index.html";

/// What keeps the page for times without a server.
const WORKER: &str = "sw.js";

/// What an installed page is called and looks like.
const MANIFEST: &str = "manifest.webmanifest";

/// The folder whose names carry a hash of their content: what is there never changes.
const ASSETS: &str = "assets";

/// For names with a hash: kept for a year, the longest that caches honour, and never asked for again.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// For names without one: kept, but asked for each time, which `ETag` makes cheap.
const ASK_AGAIN: &str = "no-cache";

/// The longest file that is read from a folder, in bytes: far above any bundle, and a folder that
/// was named by mistake cannot fill the memory.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// What is served where the page would be.
#[cfg(not(feature = "ui"))]
const NO_PAGE: &str = "This build of awp has no page; use awp attach, or start it with --ui-dir.\n";

#[cfg(feature = "ui")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Embedded;

/// Where the page's files come from.
#[derive(Clone)]
pub struct Ui {
    folder: Option<Arc<PathBuf>>,
    /// The path that everything is served below: empty, or `/P`.
    base: Arc<str>,
    /// What the provider of logins is called, if there is one.
    provider: Option<Arc<str>>,
}

/// One file of the page.
struct File {
    bytes: Bytes,
    /// SHA-256 of the bytes.
    hash: [u8; 32],
}

impl Ui {
    /// The page that this binary carries.
    pub fn embedded() -> Self {
        Self {
            folder: None,
            base: "".into(),
            provider: None,
        }
    }

    /// The same page, below this path.
    pub fn below(self, base: &str) -> Self {
        Self {
            base: base.into(),
            ..self
        }
    }

    /// The same page, which offers the logins of this provider.
    pub fn offering(self, provider: Option<&str>) -> Self {
        Self {
            provider: provider.map(Into::into),
            ..self
        }
    }

    /// A page on disk, read anew for each request: for working on it.
    pub fn from_dir(folder: PathBuf) -> Self {
        Self {
            folder: Some(Arc::new(folder)),
            base: "".into(),
            provider: None,
        }
    }

    /// Serves the page: every address that is one of its own, and its assets.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(index))
            .route("/s/{id}", get(index))
            .route("/new/{app}", get(index))
            .route("/kiosk/{app}", get(index))
            .route("/recordings", get(index))
            .route("/recordings/{id}", get(index))
            .route("/assets/{name}", get(asset))
            .route("/sw.js", get(worker))
            .route("/manifest.webmanifest", get(manifest))
            .with_state(self)
    }

    /// The index with the addresses of its files below the base path, and the provider's name. It is
    /// the one file that names others by their whole path, and small enough to be sent as it is.
    async fn index_of_ours(&self, asked: &HeaderMap) -> Option<Response> {
        let file = self.file(INDEX).await?;
        let page = std::str::from_utf8(&file.bytes).ok()?;
        let mut page = page.replace("=\"/", &format!("=\"{}/", self.base));
        if let Some(provider) = &self.provider {
            let marked = format!("<html data-provider=\"{}\"", attribute(provider));
            page = page.replacen("<html", &marked, 1);
        }
        let hash = Sha256::digest(&page).into();
        let bytes = page.into();
        Some(respond(INDEX, File { bytes, hash }, "", ASK_AGAIN, asked))
    }

    async fn file(&self, name: &str) -> Option<File> {
        match &self.folder {
            Some(folder) => read(folder.join(name)).await,
            None => embedded(name),
        }
    }

    /// Answers with a file in the best form that the client takes.
    async fn answer(&self, name: &str, cache: &'static str, asked: &HeaderMap) -> Option<Response> {
        for (coding, suffix) in accepted(asked) {
            if let Some(file) = self.file(&format!("{name}{suffix}")).await {
                return Some(respond(name, file, coding, cache, asked));
            }
        }
        let file = self.file(name).await?;
        Some(respond(name, file, "", cache, asked))
    }
}

async fn index(State(ui): State<Ui>, asked: HeaderMap) -> Response {
    let page = if ui.base.is_empty() && ui.provider.is_none() {
        ui.answer(INDEX, ASK_AGAIN, &asked).await
    } else {
        ui.index_of_ours(&asked).await
    };
    page.unwrap_or_else(|| no_page(&ui))
}

/// A text as the value of an attribute.
fn attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '<' => escaped.push_str("&lt;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The service worker: the browser must learn of a newer one, and what it may see is what lies below
/// the path that it has itself.
async fn worker(State(ui): State<Ui>, asked: HeaderMap) -> Response {
    let found = ui.answer(WORKER, ASK_AGAIN, &asked).await;
    found.unwrap_or_else(no_file)
}

/// What an installed page is called and looks like.
async fn manifest(State(ui): State<Ui>, asked: HeaderMap) -> Response {
    let found = ui.answer(MANIFEST, ASK_AGAIN, &asked).await;
    found.unwrap_or_else(no_file)
}

fn no_file() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such file.\n")
}

async fn asset(State(ui): State<Ui>, Path(name): Path<String>, asked: HeaderMap) -> Response {
    let found = if is_plain(&name) {
        ui.answer(&format!("{ASSETS}/{name}"), FOREVER, &asked)
            .await
    } else {
        None
    };
    found.unwrap_or_else(no_file)
}

#[cfg(feature = "ui")]
fn embedded(name: &str) -> Option<File> {
    let file = <Embedded as rust_embed::RustEmbed>::get(name)?;
    let hash = file.metadata.sha256_hash();
    let bytes = match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    };
    Some(File { bytes, hash })
}

#[cfg(not(feature = "ui"))]
fn embedded(_name: &str) -> Option<File> {
    None
}

#[cfg(not(feature = "ui"))]
fn no_page(ui: &Ui) -> Response {
    match ui.folder {
        Some(_) => no_index(),
        None => plain(StatusCode::OK, NO_PAGE),
    }
}

#[cfg(feature = "ui")]
fn no_page(_ui: &Ui) -> Response {
    no_index()
}

fn no_index() -> Response {
    plain(
        StatusCode::NOT_FOUND,
        "The folder of the page has no index.html.\n",
    )
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], text).into_response()
}

/// Reads a file of a folder, off the runtime's threads.
async fn read(path: PathBuf) -> Option<File> {
    let read = tokio::task::spawn_blocking(move || {
        let length = std::fs::metadata(&path).ok()?;
        if !length.is_file() || length.len() > MAX_FILE {
            return None;
        }
        let bytes = std::fs::read(&path).ok()?;
        let hash = Sha256::digest(&bytes).into();
        let bytes = bytes.into();
        Some(File { bytes, hash })
    });
    read.await.ok().flatten()
}

/// Whether a name is that of a file and of nothing else: no separator, no drive, no hidden file,
/// no way up. The names that the bundler gives are all of this form.
fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
}

/// The codings that the client takes and that files may lie there in, the smaller one first.
fn accepted(asked: &HeaderMap) -> impl Iterator<Item = (&'static str, &'static str)> {
    let offers: Vec<String> = asked
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|offer| offer.to_ascii_lowercase().replace([' ', '\t'], ""))
        .collect();
    let taken = move |coding: &str| {
        offers.iter().any(|offer| {
            let (name, quality) = offer.split_once(";q=").unwrap_or((offer, "1"));
            name == coding && quality.parse().is_ok_and(|quality: f32| quality > 0.0)
        })
    };
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(move |(coding, _)| taken(coding))
}

fn respond(
    name: &str,
    file: File,
    coding: &'static str,
    cache: &'static str,
    asked: &HeaderMap,
) -> Response {
    let tag = etag::tag(&file.hash);
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CACHE_CONTROL, cache);
    set(VARY, "accept-encoding");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(CONTENT_TYPE, content_type(name));
    if !coding.is_empty() {
        set(CONTENT_ENCODING, coding);
    }
    let known = etag::matches(asked, &tag);
    etag::set(&mut headers, &tag);
    if known {
        headers.remove(CONTENT_TYPE);
        headers.remove(CONTENT_ENCODING);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, file.bytes).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[path = "ui_tests.rs"]
mod tests;
