//! What a login was given for, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use crate::model::access::Role;
use crate::model::id::SessionId;

/// The name of the owner by token.
pub const OWNER: &str = "owner";

/// The name of whoever comes by a share link.
pub const GUEST: &str = "guest";

/// The name of whoever shows nothing, at an app whose login program decides. No user has it.
pub const VISITOR: &str = "(visitor)";

/// On whose behalf a login acts, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The user's name.
    pub user: Arc<str>,
    /// What it allows at first. It may become less while the login lives, never more.
    pub role: Role,
    /// What it was given for.
    pub origin: Origin,
    /// It ends after this long in any case, where that is shorter than the longest life of logins.
    pub left: Option<Duration>,
}

/// What a login was given for: it holds as long as that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The owner's token, or a launch code.
    Token,
    /// A user's password.
    User {
        /// The user's epoch at that time.
        epoch: i64,
    },
    /// A share link: it leads to one session alone.
    Share {
        /// The link's id, which is no secret.
        id: Arc<str>,
        /// The session.
        session: SessionId,
    },
    /// A session's login program has let a visitor in: it leads to that session alone.
    Admitted {
        /// The session.
        session: SessionId,
    },
}

/// What has become of the grant of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds, with this role at most.
    Holds(Role),
    /// It does not.
    Over,
}

impl Grant {
    /// What the owner's token gives.
    pub fn of_owner() -> Self {
        Self {
            user: OWNER.into(),
            role: Role::Owner,
            origin: Origin::Token,
            left: None,
        }
    }

    /// What a visitor is given whom the login program of this session has let in.
    pub fn of_visitor(session: SessionId) -> Self {
        Self {
            user: VISITOR.into(),
            role: Role::Write,
            origin: Origin::Admitted { session },
            left: None,
        }
    }

    /// Whether both were given to the same for the same.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.user == other.user && self.origin == other.origin
    }

    /// Whether a login with this grant may go on as one with `other`, without gaining anything.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let all = self.role == Role::Owner && !matches!(self.origin, Origin::Share { .. });
        self.is_of(other) || (all && matches!(other.origin, Origin::Share { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(user: &str, role: Role, origin: Origin) -> Grant {
        Grant {
            user: user.into(),
            role,
            origin,
            left: None,
        }
    }

    #[test]
    fn a_login_goes_on_as_nobody_else() {
        let share = |id: &str| Origin::Share {
            id: id.into(),
            session: SessionId::parse("s-0000000000").unwrap(),
        };
        let user = |name, role, epoch| grant(name, role, Origin::User { epoch });
        let owner = Grant::of_owner();
        let guest = grant(GUEST, Role::Write, share("a"));
        let bob = user("bob", Role::Write, 1);
        assert!(owner.covers(&owner) && bob.covers(&bob) && guest.covers(&guest));
        assert!(owner.covers(&guest));
        assert!(user("ann", Role::Owner, 2).covers(&guest));
        for (one, other) in [
            (&bob, &guest),
            (&guest, &bob),
            (&guest, &owner),
            (&bob, &owner),
            (&owner, &bob),
            (&bob, &user("bob", Role::Write, 3)),
            (&bob, &user("ann", Role::Write, 1)),
            (&guest, &grant(GUEST, Role::Write, share("b"))),
        ] {
            assert!(!one.covers(other), "{one:?} {other:?}");
        }
    }
}
