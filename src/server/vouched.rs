//! Users that somebody else has made sure of: what their name gives here.

use http::header::{self, HeaderMap};
use tokio::time::Instant;
use tracing::info;

use super::Door;
use super::error::ApiError;
use super::grant::{Grant, Origin};
use super::login::Login;
use super::peer::Peer;
use super::proxy::Claim;
use crate::model::access::AUDIT;
use crate::store::users::valid_name;

impl Door {
    /// The login of the user that a claim names; `None` where there is no such user here. It is one
    /// for all of the user's requests, and ends as every login of the user does.
    ///
    /// # Errors
    /// When the database fails, or there is no randomness.
    pub(super) async fn vouch(&self, claim: &Claim, peer: Peer) -> Result<Option<Login>, ApiError> {
        let how = claim.by.name();
        let name = claim.user.to_string();
        let found = if valid_name(&name) {
            let asked = self.accounts().ask(false, move |store| store.user(&name));
            asked.await?.flatten()
        } else {
            None
        };
        let Some((user, _)) = found else {
            let user = if valid_name(&claim.user) {
                &*claim.user
            } else {
                ""
            };
            info!(target: AUDIT, event = "login_failed", how, user, from = %peer);
            return Ok(None);
        };
        let grant = Grant {
            user: user.name.into(),
            role: user.role,
            origin: Origin::User { epoch: user.epoch },
            left: None,
        };
        let now = Instant::now().into_std();
        if let Some(login) = self.logins.vouched(&grant, claim.by, now) {
            return Ok(Some(login));
        }
        let login = self.logins.vouch(grant, claim.by, now);
        // The user may have changed after the look and before this was a login.
        self.settle().await;
        if login.has_ended() {
            return Ok(None);
        }
        let (user, role) = (&*login.grant().user, login.role().name());
        info!(target: AUDIT, event = "login", how, user, role, from = %peer, login = login.number());
        Ok(Some(login))
    }
}

/// Takes off what a client showed to the proxy that let it in: it is not meant for us, and to be
/// taken for a wrong secret here.
pub(super) fn forget_proxys_own(headers: &mut HeaderMap) {
    let ours = headers
        .get(header::AUTHORIZATION)
        .is_none_or(|value| super::auth::bearer(value).is_some());
    if !ours {
        headers.remove(header::AUTHORIZATION);
    }
}
