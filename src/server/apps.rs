//! The apps over HTTP: what a client may make a session of.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::StatusCode;
use serde::Serialize;

use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::router::Core;
use crate::model::access::Action;
use crate::model::mode::Mode;
use crate::session::app::{App, DEFAULT};

/// The routes, to be given their state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/api/v1/apps", get(list))
        .route("/api/v1/apps/{app}/door", get(door))
}

/// An app, as far as it concerns who chooses one.
#[derive(Debug, PartialEq, Serialize)]
struct AppBody {
    name: String,
    mode: Mode,
    command: Vec<String>,
}

impl From<&App> for AppBody {
    fn from(app: &App) -> Self {
        Self {
            name: app.name.clone(),
            mode: app.mode,
            command: app.command.clone(),
        }
    }
}

/// `GET /api/v1/apps/{app}/door`, asked without any credential: whether a visitor may open it.
async fn door(State(core): State<Arc<Core>>, Path(app): Path<String>) -> StatusCode {
    let app = core.catalog.app(&app);
    if app.is_some_and(|app| app.takes_visitors()) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::UNAUTHORIZED
    }
}

/// The apps that one may open, the default app first, then the others by name. Who may open none is
/// told so: what is installed here is nobody else's business.
async fn list(
    State(core): State<Arc<Core>>,
    Extension(credential): Extension<Credential>,
) -> Result<Json<Vec<AppBody>>, ApiError> {
    let apps = core.catalog.apps();
    let open = apps.iter().filter(|app| credential.opens(app.access));
    let mut apps: Vec<AppBody> = open.map(|app| AppBody::from(app.as_ref())).collect();
    if apps.is_empty() {
        allow(&credential, Action::Create)?;
    }
    apps.sort_by_key(|app| app.name != DEFAULT);
    Ok(Json(apps))
}
