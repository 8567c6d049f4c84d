//! `awp wait`: until a session ends, or a process of it.

use awp_server::client::connect::Body;
use awp_server::client::error::ClientError;
use awp_server::client::status;
use http::Method;

use super::sessions::{self, Session};
use crate::cli::Wait;

/// Waits and gives the status of the session's first process, or of the one that was named.
///
/// # Errors
/// When there is no server or no such session, or the connection is lost.
pub fn run(typed: &Wait) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let rest = match typed.process {
        None => "/wait".to_owned(),
        Some(process) => format!("/wait?process={process}"),
    };
    let ended = sessions::run(async {
        Ok(sessions::ask(&server, Method::GET, &typed.session, &rest, Body::None).await?)
    })?;
    let session: Session = sessions::read(&ended)?;
    let wanted = |number: u16| typed.process.is_none_or(|process| process == number);
    let mut processes = session.processes.iter();
    let Some(process) = processes.find(|process| wanted(process.number)) else {
        let why = "its process was forgotten before its status was seen".to_owned();
        return Err(ClientError::Failed(why).into());
    };
    Ok(process.exit.as_ref().map_or(0, status::of))
}
