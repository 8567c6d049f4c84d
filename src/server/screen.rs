//! What a terminal shows, over HTTP: to be read by people, by programs, and at a glance.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::api::find;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::processes::process_of;
use super::router::Core;
use crate::model::access::Action;
use crate::model::channel::Channel;
use crate::model::id::ProcessId;
use crate::model::screen::{Screen, ScreenView};
use crate::session::view::ProcessView;

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/api/v1/sessions/{id}/screen", get(screen))
        .route("/api/v1/sessions/{id}/thumbnail", get(thumbnail))
}

#[derive(Deserialize)]
struct Which {
    process: Option<u16>,
    format: Option<String>,
}

/// What a screen looks like in one of the formats.
enum Shown {
    Text(String),
    Bytes(Vec<u8>),
    View(Box<ScreenView>),
}

async fn screen(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Watch)?;
    let look: fn(&Screen) -> Shown = match which.format.as_deref() {
        None | Some("text") => |screen| Shown::Text(text(screen)),
        Some("ansi") => |screen| Shown::Bytes(screen.printed()),
        Some("json") => |screen| Shown::View(Box::new(screen.view())),
        Some(_) => {
            let why = "a screen's format is text, ansi or json";
            return Err(ApiError::bad_request(why));
        }
    };
    let process = process(&core, &id, &which)?;
    let shown = process.process.look(look).await.ok_or_else(no_terminal)?;
    Ok(match shown {
        Shown::Text(text) => text.into_response(),
        Shown::Bytes(bytes) => {
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            ([(CONTENT_TYPE, kind)], bytes).into_response()
        }
        Shown::View(view) => Json(view).into_response(),
    })
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
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Watch)?;
    let ProcessView {
        id, size, process, ..
    } = process(&core, &id, &which)?;
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

/// The process that is asked for: the first that lives and has a terminal, unless one is named.
fn process(core: &Core, id: &str, which: &Which) -> Result<ProcessView, ApiError> {
    let session = find(core, id)?;
    if let Some(process) = which.process {
        return process_of(&session, ProcessId(process));
    }
    let view = session.view();
    let on_terminal = |view: &&ProcessView| view.process.output(Channel::Tty).is_some();
    let lives = |view: &&ProcessView| view.exit.is_none();
    let mut terminals = view.processes.iter().filter(on_terminal);
    let living = terminals.clone().find(lives);
    living
        .or_else(|| terminals.next())
        .cloned()
        .ok_or_else(no_terminal)
}

fn no_terminal() -> ApiError {
    ApiError::conflict("the process has no terminal, so there is no screen")
}
