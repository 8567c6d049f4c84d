//! What the token of a session says, for the back ends of its application: RFC 7662.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use axum::{Extension, Json, Router};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::router::Core;
use crate::model::access::Action;
use crate::session::catalog::Lookup;
use crate::session::validity;

/// Where it is asked.
const PATH: &str = "/api/v1/introspect";

/// The route, to be given its state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new().route(PATH, post(introspect))
}

/// What is asked. What else RFC 7662 lets a client say (`token_type_hint`) changes nothing.
#[derive(Deserialize)]
struct Asked {
    token: String,
}

async fn introspect(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    allow(&credential, Action::Introspect)?;
    let token = asked(&headers, &body)?;
    let id = validity::named(&token).unwrap_or_default();
    // By the whole id: a beginning of one, or a name, is nobody's token.
    let session = match core.catalog.find(id, |_| true) {
        Lookup::Local(session) if session.id().as_str() == id => session,
        _ => return Ok(Json(validity::inactive())),
    };
    Ok(Json(session.introspect(&token)))
}

/// The token that is asked about, in a form or in JSON.
fn asked(headers: &HeaderMap, body: &[u8]) -> Result<String, ApiError> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or("");
    let wrong = |why: String| ApiError::bad_request(format!("a token is asked about: {why}"));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/json" => {
            let asked: Asked =
                serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))?;
            Ok(asked.token)
        }
        "application/x-www-form-urlencoded" => {
            let mut fields = form_urlencoded::parse(body);
            let token = fields.find(|(name, _)| name == "token");
            let token = token.ok_or_else(|| wrong("the form has no field `token`".to_owned()))?;
            Ok(token.1.into_owned())
        }
        _ => Err(wrong("send a form or JSON".to_owned())),
    }
}
