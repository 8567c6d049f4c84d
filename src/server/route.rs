//! What each path asks of its client.

use http::Method;

use super::{Door, keys, openapi, static_files};

/// What a path asks of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// The page and its files: no secret in them, no credentials asked.
    Public,
    /// Where credentials are shown for the first time.
    Login,
    /// For reverse proxies: the cookie alone is enough.
    Check,
    /// Files that are shown: as with `Check`, the cookie alone is enough.
    Files,
    /// A socket: the page key comes in its first message.
    Socket,
    /// Everything else.
    Guarded,
}

impl Door {
    /// What this path asks of its client.
    pub(super) fn route(&self, method: &Method, path: &str) -> Route {
        let Some(path) = path.strip_prefix(self.base_path.as_str()) else {
            return Route::Guarded;
        };
        let reads = [Method::GET, Method::HEAD].contains(method);
        let one = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
        };
        match path {
            "/api/v1/login" => Route::Login,
            #[cfg(feature = "oidc")]
            "/api/v1/oidc/start" | "/api/v1/oidc/login" => Route::Login,
            // It comes from a page of the provider's, and shows what that gave it.
            #[cfg(feature = "oidc")]
            "/api/v1/oidc/callback" => Route::Public,
            "/api/v1/check" => Route::Check,
            ""
            | "/"
            | "/healthz"
            | "/recordings"
            | "/favicon.ico"
            | "/sw.js"
            | "/manifest.webmanifest"
            | keys::PATH
            | openapi::PATH
                if reads =>
            {
                Route::Public
            }
            _ if reads && PAGES.into_iter().any(one) => Route::Public,
            _ if reads && is_door(path) => Route::Public,
            _ if reads && path.starts_with("/assets/") => Route::Public,
            _ if reads && path.starts_with(static_files::PREFIX) => Route::Files,
            "/ws" => Route::Socket,
            _ if path.starts_with("/ws/") || path.starts_with("/terminals/websocket/") => {
                Route::Socket
            }
            _ => Route::Guarded,
        }
    }
}

/// What an address of the page begins with; a name follows.
const PAGES: [&str; 4] = ["/s/", "/new/", "/kiosk/", "/recordings/"];

/// Where it is asked whether an app takes visitors.
fn is_door(path: &str) -> bool {
    let rest = path.strip_prefix("/api/v1/apps/");
    let app = rest.and_then(|rest| rest.strip_suffix("/door"));
    app.is_some_and(|app| !app.is_empty() && !app.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::super::DoorSettings;
    use super::*;

    #[test]
    fn routes_are_guarded_unless_listed() {
        let settings = DoorSettings {
            base_path: "/term".to_owned(),
            ..DoorSettings::default()
        };
        let door = Door::new(&settings).unwrap();
        let route = |path: &str| door.route(&Method::GET, path);
        for path in [
            "/term",
            "/term/",
            "/term/s/x",
            "/term/new/a",
            "/term/kiosk/a",
            "/term/recordings",
            "/term/recordings/r-1",
            "/term/assets/a/b.js",
            "/term/sw.js",
            "/term/manifest.webmanifest",
            "/term/api/v1/apps/a/door",
        ] {
            assert_eq!(route(path), Route::Public, "{path}");
        }
        for path in [
            "/",
            "/metrics",
            "/term/s/",
            "/term/s/x/y",
            "/term/recordings/",
            "/term/api/v1/recordings",
            "/term/metrics",
            "/term/assets",
            "/term/api/v1/apps",
            "/term/api/v1/apps//door",
            "/term/api/v1/apps/a/b/door",
        ] {
            assert_eq!(route(path), Route::Guarded, "{path}");
        }
        for path in ["/term/ws", "/term/ws/app", "/term/terminals/websocket/1"] {
            assert_eq!(route(path), Route::Socket, "{path}");
        }
        assert_eq!(door.route(&Method::POST, "/term/"), Route::Guarded);
    }
}
