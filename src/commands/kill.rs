//! `awp kill`: ends a session, or signals it.

use awp_server::client::connect::Body;
use http::Method;

use super::sessions;
use crate::cli::Kill;

/// Ends it, or sends it a signal.
///
/// # Errors
/// When there is no server, no such session, or no such signal.
pub fn run(typed: &Kill) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let (method, rest, body) = match &typed.signal {
        None => (Method::DELETE, "", Body::None),
        Some(signal) => {
            let body = serde_json::json!({ "signal": signal });
            (Method::POST, "/signal", Body::Json(body.to_string().into()))
        }
    };
    sessions::run(async {
        sessions::ask(&server, method, &typed.session, rest, body).await?;
        Ok(0)
    })
}
