//! Whether a session is somebody's, and whose: asked by its programs, and by others with a token.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::handle::SessionHandle;
use crate::clock;
use crate::control::protocol::Validity;
use crate::model::session::Phase;

impl SessionHandle {
    /// Who its user is: as the login program said, or whoever opened it.
    pub(super) fn subject(&self) -> String {
        let granted = self.identity();
        granted.map_or_else(
            || self.user().to_owned(),
            |identity| identity.subject.clone(),
        )
    }

    /// What is said of it; `left` is how long the token is still good that was shown, if one was.
    pub(super) fn validity(&self, left: Option<Duration>) -> Validity {
        let identity = self.identity();
        let known = identity.as_deref();
        let own = known.and_then(|identity| identity.expires);
        let until = left.map(|left| clock::seconds().saturating_add(left.as_secs()));
        Validity {
            active: true,
            sub: Some(self.subject()),
            name: known.and_then(|identity| identity.name.clone()),
            session: Some(self.id().to_string()),
            app: Some(self.app().to_owned()),
            exp: [own, until].into_iter().flatten().min(),
            acr: known.and_then(|identity| identity.acr.clone()),
            claims: known.map(|identity| identity.claims.clone()),
        }
    }

    /// What is said of the session to its own programs: nothing once its grant is over, until it has
    /// another.
    pub(super) fn own_validity(&self) -> Validity {
        let found = Some(self.validity(None));
        found.filter(is_good).unwrap_or_default()
    }

    /// What is said of the session whose token this is; that it is not, where the token or the
    /// session is over.
    pub(super) fn validate(&self, token: &str) -> Validity {
        let left = self.desk(|desk| desk.tokens.check(token, Instant::now()));
        let runs = self.view().phase == Phase::Running;
        let found = left.filter(|_| runs).map(|left| self.validity(Some(left)));
        found.filter(is_good).unwrap_or_default()
    }

    /// As JSON of RFC 7662: what this token says of the session.
    pub fn introspect(&self, token: &str) -> Value {
        serde_json::to_value(self.validate(token)).unwrap_or_default()
    }
}

fn is_good(found: &Validity) -> bool {
    found.exp.is_none_or(|until| until > clock::seconds())
}

/// What is said of a token that is nobody's.
pub fn inactive() -> Value {
    serde_json::to_value(Validity::default()).unwrap_or_default()
}

/// The session that a token names, which says nothing of whether it is good.
pub fn named(token: &str) -> Option<&str> {
    token.split_once('.').map(|(session, _)| session)
}
