//! Every route, behind the door.

use std::sync::Arc;

use axum::response::Redirect;
use axum::routing::get;
use axum::{Extension, Router};
use tokio::sync::watch;

use super::error::ApiError;
use super::heartbeat::KeepAlive;
use super::places::Viewers;
use super::routes_login::login_routes;
use super::{Door, api, introspect, keys, metrics, openapi, recordings, shares, websocket};
use crate::session::catalog::Catalog;

/// What the routes need to know.
#[derive(Clone, Copy, Debug)]
pub struct CoreSettings {
    /// Viewers at once, of all sessions together.
    pub max_viewers: usize,
    /// When a silent client is asked for, and given up.
    pub keep_alive: KeepAlive,
}

/// What the routes stand on.
pub struct Core {
    /// The sessions.
    pub catalog: Arc<Catalog>,
    /// The settings.
    pub settings: CoreSettings,
    /// How many viewers there are.
    pub viewers: Viewers,
    /// True when the server goes away.
    pub shutdown: watch::Receiver<bool>,
}

/// All routes below the door's base path: the login, the sessions, the sockets, the page.
pub fn router(door: &Arc<Door>, core: &Arc<Core>, page: Router) -> Router {
    let routes = Router::new()
        .route("/ws", get(websocket::open_default))
        .route("/ws/{app}", get(websocket::open))
        .route("/ws/{folder}/{program}", get(websocket::open_program))
        .route(
            "/terminals/websocket/{name}",
            get(websocket::open_terminado),
        )
        .merge(api::routes())
        .merge(metrics::routes())
        .merge(introspect::routes())
        .merge(keys::routes())
        .merge(recordings::routes())
        .merge(openapi::routes())
        .with_state(Arc::clone(core))
        .layer(Extension(Arc::clone(door)))
        .merge(shares::routes(door, core))
        .merge(login_routes(door))
        .merge(page);
    #[cfg(feature = "oidc")]
    let routes = routes.merge(super::oidc::routes(door));
    let routes = routes
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .fallback(|| async { ApiError::not_found("there is nothing here") });
    let routes = if door.base_path().is_empty() {
        routes
    } else {
        let base = door.base_path();
        let home = format!("{base}/");
        // The page's own address ends with a slash; without it, it is led there.
        let lead = Redirect::permanent(&home);
        Router::new()
            .nest(&home, routes)
            .route(base, get(move || std::future::ready(lead.clone())))
            .fallback(|| async { ApiError::not_found("there is nothing here") })
    };
    door.protect(routes)
}
