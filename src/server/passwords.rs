//! Looks at the passwords that login programs are shown, as the page's login does: the same users,
//! the same penalties, the same lines of the audit.

use std::net::IpAddr;
use std::sync::Arc;

use rustix::process::geteuid;

use super::Door;
use super::peer::Peer;
use super::routes_login::by_password;
use crate::session::passwords::{Answer, Found, Password, Passwords};

/// The users that the door knows.
pub(super) struct Users(pub(super) Arc<Door>);

impl Passwords for Users {
    fn prove(&self, from: Option<IpAddr>, shown: Password) -> Answer {
        let door = Arc::clone(&self.0);
        // What comes from this machine came over a socket that its own user alone may open.
        let uid = geteuid().as_raw();
        let peer = from.map_or(Peer::Unix { uid }, Peer::Behind);
        Box::pin(async move {
            let shown = (shown.user, shown.password, shown.code);
            match by_password(&door, shown, peer).await {
                Ok(grant) => Found::User(grant.role),
                Err(error) => match (error.code(), error.retry_after()) {
                    ("code_needed", _) => Found::CodeNeeded,
                    ("wrong_code", _) => Found::WrongCode,
                    ("unauthorized", _) => Found::Nobody,
                    (_, Some(seconds)) => Found::TooMany(seconds),
                    _ => Found::Failed,
                },
            }
        })
    }
}
