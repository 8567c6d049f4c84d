//! The API's own description, as `OpenAPI` 3.1. `tests/openapi.rs` holds it against what the server does.

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;

/// Where it is, for everybody.
pub(super) const PATH: &str = "/api/v1/openapi.json";

/// The description.
const DOCUMENT: &str = include_str!("openapi.json");

/// The route.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let document = || async { ([(CONTENT_TYPE, "application/json")], DOCUMENT) };
    Router::new().route(PATH, get(document))
}
