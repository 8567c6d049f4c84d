//! How many sessions of each app there are, and whose.

use std::collections::HashMap;

use super::app::App;
use super::catalog::CreateError;

/// Counts the sessions that are not over, by app and user.
#[derive(Default)]
pub(super) struct Quota(HashMap<(String, String), u32>);

impl Quota {
    /// Whether this user may have another session of this app.
    ///
    /// # Errors
    /// When the app's own limits are reached.
    pub(super) fn check(&self, app: &App, user: &str) -> Result<(), CreateError> {
        let of_app = self.0.iter().filter(|((name, _), _)| *name == app.name);
        let all: u32 = of_app.map(|(_, count)| count).sum();
        if let Some(max) = app.limits.sessions.filter(|max| all >= *max) {
            return Err(CreateError::AppFull {
                app: app.name.clone(),
                max,
                whose: "",
            });
        }
        let key = (app.name.clone(), user.to_owned());
        let own = self.0.get(&key).copied().unwrap_or_default();
        match app.limits.per_user.filter(|max| own >= *max) {
            Some(max) => Err(CreateError::AppFull {
                app: key.0,
                max,
                whose: " of one user",
            }),
            None => Ok(()),
        }
    }

    /// Counts one more.
    pub(super) fn add(&mut self, app: &str, user: &str) {
        let key = (app.to_owned(), user.to_owned());
        *self.0.entry(key).or_default() += 1;
    }

    /// Counts one less.
    pub(super) fn remove(&mut self, app: &str, user: &str) {
        let key = (app.to_owned(), user.to_owned());
        if let Some(count) = self.0.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&key);
            }
        }
    }
}
