//! What became of the users between two looks at them, for the audit. Users are changed by the
//! command line, with no server or with one that runs; the server tells what it sees.

use std::collections::HashMap;

use tracing::info;

use crate::model::access::{AUDIT, Role};
use crate::store::users::User;

/// The users at the last look.
#[derive(Debug, Default)]
pub(super) struct UserChanges {
    seen: Option<HashMap<String, (Role, i64)>>,
}

impl UserChanges {
    /// Takes the users as they are now, and writes down what differs from the look before.
    pub(super) fn note<'a>(&mut self, users: impl Iterator<Item = &'a User>) {
        let now: HashMap<_, _> = users
            .map(|user| (user.name.clone(), (user.role, user.epoch)))
            .collect();
        if let Some(before) = &self.seen {
            for (user, (role, epoch)) in &now {
                let name = role.name();
                match before.get(user) {
                    None => info!(target: AUDIT, event = "user_added", user, role = name),
                    Some((old, _)) if old != role => {
                        info!(target: AUDIT, event = "user_role", user, role = name);
                    }
                    Some((_, old)) if old != epoch => {
                        info!(target: AUDIT, event = "user_password", user);
                    }
                    Some(_) => {}
                }
            }
            for user in before.keys().filter(|user| !now.contains_key(*user)) {
                info!(target: AUDIT, event = "user_removed", user);
            }
        }
        self.seen = Some(now);
    }
}
