//! What a terminal shows, over HTTP: to be read by people, by programs, and at a glance.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::api::{FIRST, find};
use super::auth::Credential;
use super::error::ApiError;
use super::interact::{allow, query};
use super::processes::process_of;
use super::router::Core;
use crate::model::access::Action;
use crate::model::channel::Channel;
use crate::model::id::ProcessId;
use crate::model::screen::Screen;
use crate::session::view::ProcessView;

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/api/v1/sessions/{id}/screen", get(screen))
        .route("/api/v1/sessions/{id}/thumbnail", get(thumbnail))
}

/// What is shown of a process without a terminal, in bytes: its newest output, a few screens of
/// long lines.
const TAIL: usize = 64 * 1024;

#[derive(Deserialize)]
struct Which {
    process: Option<ProcessId>,
    format: Option<String>,
    /// Lines above the screen.
    lines: Option<u64>,
}

/// How a screen is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Ansi,
    Json,
}

impl Format {
    fn read(text: Option<&str>) -> Result<Self, ApiError> {
        match text {
            None | Some("text") => Ok(Self::Text),
            Some("ansi") => Ok(Self::Ansi),
            Some("json") => Ok(Self::Json),
            Some(_) => Err(ApiError::bad_request("format: is none of text, ansi, json")),
        }
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Text | Self::Ansi => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        })
    }

    /// Writes a screen, with up to this many lines from above it.
    fn write(self, screen: &Screen, lines: u16) -> Vec<u8> {
        let tall = screen.with_lines_above(lines);
        let whole = tall.as_ref().unwrap_or(screen);
        match self {
            Self::Text => text(whole).into_bytes(),
            Self::Ansi => whole.printed(),
            Self::Json => whole.document(screen),
        }
    }
}

async fn screen(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Watch)?;
    let which = query(which)?;
    let format = Format::read(which.format.as_deref())?;
    let lines = u16::try_from(which.lines.unwrap_or(0)).unwrap_or(u16::MAX);
    let view = process(&core, &credential, &id, &which)?;
    let look = move |screen: &Screen| format.write(screen, lines);
    let shown = match view.process.look(look).await {
        Some(shown) => shown,
        None if format == Format::Text => tail(&view).into_bytes(),
        None => return Err(no_terminal()),
    };
    Ok(([(CONTENT_TYPE, format.content_type())], shown).into_response())
}

/// The newest output of a process without a terminal, in whole lines where it is cut. Characters
/// that would speak to a terminal are not text.
fn tail(view: &ProcessView) -> String {
    let Some(output) = view.process.output(Channel::Stdout) else {
        return String::new();
    };
    let (bytes, head) = output.newest(TAIL);
    let is_cut = head > bytes.len() as u64;
    let end = memchr::memchr(b'\n', &bytes).filter(|_| is_cut);
    let text = String::from_utf8_lossy(&bytes[end.map_or(0, |end| end + 1)..]);
    text.replace(
        |character: char| character.is_control() && !"\n\t".contains(character),
        "\u{fffd}",
    )
}

/// The rows, each with its line's end; empty ones at the bottom are left out.
fn text(screen: &Screen) -> String {
    let rows = screen.text();
    let used = rows.iter().rposition(|row| !row.is_empty());
    let rows = &rows[..used.map_or(0, |last| last + 1)];
    rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect()
}

/// The digest of a screen. The tag tells screens apart by what was written, so that one on which
/// nothing happened is neither thawed nor sent.
async fn thumbnail(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    which: Result<Query<Which>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Watch)?;
    let ProcessView {
        id, size, process, ..
    } = process(&core, &credential, &id, &query(which)?)?;
    let head = process.output(Channel::Tty).ok_or_else(no_terminal)?.head();
    let tag = format!("\"{id}-{head}-{}x{}\"", size.cols, size.rows);
    let known = headers.get(IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let digest = process.look(Screen::digest).await;
        digest.ok_or_else(no_terminal)?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.extend(HeaderValue::from_str(&tag).map(|tag| (ETAG, tag)));
    Ok(response)
}

/// The process that is asked for: the first that lives and has a terminal, unless one is named or
/// none has.
fn process(
    core: &Core,
    credential: &Credential,
    id: &str,
    which: &Which,
) -> Result<ProcessView, ApiError> {
    let session = find(core, credential, id)?;
    if let Some(process) = which.process {
        return process_of(&session, process);
    }
    let view = session.view();
    let on_terminal = |view: &&ProcessView| view.process.output(Channel::Tty).is_some();
    let lives = |view: &&ProcessView| view.exit.is_none();
    let mut terminals = view.processes.iter().filter(on_terminal);
    let living = terminals.clone().find(lives);
    let found = living.or_else(|| terminals.next());
    found
        .cloned()
        .map_or_else(|| process_of(&session, FIRST), Ok)
}

fn no_terminal() -> ApiError {
    ApiError::conflict("the process has no terminal; format=text gives its newest output")
}
