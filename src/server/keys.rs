//! The public keys of signed statements, for whoever is shown one: RFC 7517.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::error::ApiError;
use super::router::Core;

/// Where they are, for everybody.
pub(super) const PATH: &str = "/.well-known/awp/jwks.json";

/// The route, to be given its state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new().route(PATH, get(keys))
}

async fn keys(State(core): State<Arc<Core>>) -> Result<Json<Value>, ApiError> {
    let signer = core.catalog.signer().map_err(|_| ApiError::internal())?;
    Ok(Json(signer.keys()))
}
