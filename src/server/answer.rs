//! A person's answer to what a program of a session asks.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

use super::api::{Object, find, read};
use super::audit;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Peer;
use super::router::Core;
use crate::model::access::Action;
use crate::session::asks;

/// Bytes of what is typed, at most: a key of any kind, and no file.
const MAX_TEXT: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Accept,
    Decline,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBody {
    action: Decision,
    /// What was typed, where a secret is asked for.
    text: Option<String>,
}

/// `POST /api/v1/sessions/{id}/asks/{ask}`. What is typed goes to the program that asked, and nowhere
/// else.
pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    Extension(peer): Extension<Peer>,
    Path((id, ask)): Path<(String, String)>,
    body: Result<Json<Object<AnswerBody>>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    allow(&credential, Action::Type)?;
    let session = find(&core, &credential, &id)?;
    let AnswerBody { action, text } = read(body)?;
    if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
        let why = format!("an answer has at most {MAX_TEXT} bytes");
        return Err(ApiError::bad_request(why));
    }
    let answer = match action {
        Decision::Accept => asks::Answer::Accepted(text),
        Decision::Decline => asks::Answer::Declined,
    };
    let refused = || ApiError::conflict("nobody waits for this answer, or for another kind of it");
    let ask = ask.parse().map_err(|_| refused())?;
    if !session.answer(ask, answer) {
        return Err(refused());
    }
    audit::answered(&credential, peer, &session, ask);
    Ok(StatusCode::NO_CONTENT)
}
