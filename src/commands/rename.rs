//! `awp rename`: gives a session another name.

use awp_server::client::connect::Body;
use http::Method;

use super::sessions;
use crate::cli::Rename;

/// Renames it.
///
/// # Errors
/// When there is no server, no such session, or the name cannot be its.
pub fn run(typed: &Rename) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let body = serde_json::json!({ "name": typed.name }).to_string();
    sessions::run(async {
        let body = Body::Json(body.into());
        sessions::ask(&server, Method::PATCH, &typed.session, "", body).await?;
        Ok(0)
    })
}
