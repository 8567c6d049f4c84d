//! Who may do what: the roles of a viewer, and the single check.

use serde::{Deserialize, Serialize};

/// The target under which it is written down who did what: one event each, with `event`, `user`,
/// `from` and what else there is to say; never a secret, nor what was typed or shown.
pub const AUDIT: &str = "audit";

/// What a viewer may do in a session. Each role includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Role {
    /// See the output.
    Watch,
    /// Type, resize and signal as well.
    Write,
    /// Everything, also what concerns the session as a whole.
    Owner,
}

/// Something that a client asks of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See output, acknowledge it, measure the round trip.
    Watch,
    /// Send input, or its end.
    Type,
    /// Say how large its window is.
    Resize,
    /// Change how the processes are laid out, start another of the session's own kind, end one.
    Arrange,
    /// Send a signal to a process.
    Signal,
    /// Put a file into a process's folder, or take one out of it.
    Transfer,
    /// Change or end the session as a whole.
    End,
    /// Make another session.
    Create,
    /// Give others a way into the session.
    Share,
    /// Ask what the token of a session says.
    Introspect,
    /// See what was recorded of sessions, and delete it.
    Replay,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Watch, Self::Write, Self::Owner];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Write => "write",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The single check: may a viewer with this role do this?
    pub const fn allows(self, action: Action) -> bool {
        match action {
            Action::Watch => true,
            Action::Type | Action::Resize | Action::Arrange | Action::Signal | Action::Transfer => {
                !matches!(self, Self::Watch)
            }
            Action::End | Action::Create | Action::Share | Action::Introspect | Action::Replay => {
                matches!(self, Self::Owner)
            }
        }
    }
}

/// Who may open an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Who may make any session.
    #[default]
    Owner,
    /// Users who may type, as well.
    Users,
    /// Whoever its login program lets in, visitors without any credential as well.
    Login,
}

impl Access {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Users => "users",
            Self::Login => "login",
        }
    }

    /// That of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Users, Self::Login]
            .into_iter()
            .find(|access| access.name() == name)
    }

    /// The single check: may a user with this role open the app?
    pub const fn admits(self, role: Role) -> bool {
        match self {
            Self::Owner => role.allows(Action::Create),
            Self::Users | Self::Login => role.allows(Action::Type),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_changes_nothing_and_an_owner_may_do_all() {
        let all = [
            Action::Watch,
            Action::Type,
            Action::Resize,
            Action::Arrange,
            Action::Signal,
            Action::Transfer,
            Action::End,
            Action::Create,
            Action::Share,
            Action::Introspect,
        ];
        let allowed = |role: Role| all.iter().filter(|action| role.allows(**action)).count();
        assert_eq!(allowed(Role::Watch), 1);
        assert_eq!(allowed(Role::Write), 6);
        assert_eq!(allowed(Role::Owner), 10);
        assert!(Role::Watch < Role::Write && Role::Write < Role::Owner);
    }

    #[test]
    fn users_open_what_is_for_users_and_watchers_open_nothing() {
        let admitted = |access: Access| Role::ALL.map(|role| access.admits(role));
        assert_eq!(admitted(Access::Owner), [false, false, true]);
        assert_eq!(admitted(Access::Users), [false, true, true]);
        assert_eq!(admitted(Access::Login), [false, true, true]);
        for access in [Access::Owner, Access::Users, Access::Login] {
            assert_eq!(Access::by_name(access.name()), Some(access));
        }
    }
}
