//! What became of the users between two looks at them, for the audit. Users are changed by the
//! command line, with no server or with one that runs; the server tells what it sees.

use std::collections::HashMap;

use tracing::info;

use crate::model::access::{AUDIT, Role};
use crate::store::users::User;

/// The users at the last look.
#[derive(Debug, Default)]
pub(super) struct UserChanges {
    seen: Option<HashMap<String, Seen>>,
}

/// What is told apart of a user.
#[derive(Clone, Copy, Debug)]
struct Seen {
    role: Role,
    epoch: i64,
    second_factor: bool,
}

impl UserChanges {
    /// Takes the users as they are now, and writes down what differs from the look before. Gives those
    /// for whom what they proved before holds no longer.
    pub(super) fn note<'a>(&mut self, users: impl Iterator<Item = &'a User>) -> Vec<String> {
        let mut over = Vec::new();
        let now: HashMap<_, _> = users
            .map(|user| {
                let seen = Seen {
                    role: user.role,
                    epoch: user.epoch,
                    second_factor: user.second_factor,
                };
                (user.name.clone(), seen)
            })
            .collect();
        if let Some(before) = &self.seen {
            for (user, is) in &now {
                let role = is.role.name();
                if before.get(user).is_some_and(|was| was.epoch != is.epoch) {
                    over.push(user.clone());
                }
                match before.get(user) {
                    None => info!(target: AUDIT, event = "user_added", user, role),
                    Some(was) if was.role != is.role => {
                        info!(target: AUDIT, event = "user_role", user, role);
                    }
                    Some(was) if was.second_factor != is.second_factor => {
                        let on = is.second_factor;
                        info!(target: AUDIT, event = "user_second_factor", user, on);
                    }
                    Some(was) if was.epoch != is.epoch => {
                        info!(target: AUDIT, event = "user_password", user);
                    }
                    Some(_) => {}
                }
            }
            for user in before.keys().filter(|user| !now.contains_key(*user)) {
                info!(target: AUDIT, event = "user_removed", user);
                over.push(user.clone());
            }
        }
        self.seen = Some(now);
        over
    }
}
