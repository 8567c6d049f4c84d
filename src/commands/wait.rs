//! `awp wait`: until a session ends.

use awp_server::client::connect::Body;
use awp_server::client::status;
use http::Method;

use super::sessions::{self, Session};
use crate::cli::Wait;

/// Waits and gives the status of the session's first process.
///
/// # Errors
/// When there is no server or no such session, or the connection is lost.
pub fn run(typed: &Wait) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let ended = sessions::run(async {
        let rest = "/wait";
        Ok(sessions::ask(&server, Method::GET, &typed.session, rest, Body::None).await?)
    })?;
    let session: Session = sessions::read(&ended)?;
    let exit = session
        .processes
        .first()
        .and_then(|first| first.exit.as_ref());
    Ok(exit.map_or(0, status::of))
}
