//! `awp kill`: ends a session or a process of it, or signals one.

use awp_server::client::connect::Body;
use http::Method;

use super::attach::FIRST;
use super::sessions;
use crate::cli::Kill;

/// Ends it, or sends it a signal.
///
/// # Errors
/// When there is no server, no such session, or no such signal.
pub fn run(typed: &Kill) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let (method, rest, body) = match (&typed.signal, typed.process) {
        (None, None) => (Method::DELETE, String::new(), Body::None),
        (None, Some(process)) => (Method::DELETE, format!("/processes/{process}"), Body::None),
        (Some(signal), process) => {
            let process = process.unwrap_or(FIRST.0);
            let body = serde_json::json!({ "signal": signal, "process": process });
            let body = Body::Json(body.to_string().into());
            (Method::POST, "/signal".to_owned(), body)
        }
    };
    sessions::run(async {
        sessions::ask(&server, method, &typed.session, &rest, body).await?;
        Ok(0)
    })
}
