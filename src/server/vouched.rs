//! Users that somebody else has made sure of: what their name gives here.

use axum::extract::Request;
use http::header::{self, HeaderMap};
use tokio::time::Instant;
use tracing::info;

use super::certified::Certified;
use super::error::ApiError;
use super::grant::{Grant, Origin};
use super::login::Login;
use super::peer::Peer;
use super::proxy::Claim;
use super::{Door, auth};
use crate::clock;
use crate::model::access::AUDIT;
use crate::store::users::valid_name;

/// Whom somebody else has made sure of: a proxy, or else a certificate. What the client shows to us
/// itself goes before a certificate, and so does a proxy that shows its own.
pub(super) fn claim(door: &Door, request: &mut Request) -> Result<Option<Claim>, ApiError> {
    let before = request.extensions().get::<Peer>().copied();
    if let Some(claim) = door.proxies.listen_to(request)? {
        forget_proxys_own(request.headers_mut());
        return Ok(Some(claim));
    }
    let certified = request.extensions().get::<Certified>();
    let acts_for_another = before.is_none_or(|peer| door.proxies.trusts(peer))
        || auth::came_through_a_proxy(request.headers());
    if acts_for_another || request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    Ok(certified.and_then(|certified| certified.claim(clock::now())))
}

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
            left: claim.left,
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
fn forget_proxys_own(headers: &mut HeaderMap) {
    let ours = headers
        .get(header::AUTHORIZATION)
        .is_none_or(|value| auth::bearer(value).is_some());
    if !ours {
        headers.remove(header::AUTHORIZATION);
    }
}
