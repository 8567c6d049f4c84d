//! Users whom a provider of logins made: they are in the table as all others are, without a password.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::users::{User, seconds, user};
use super::{Store, StoreError, next_epoch};
use crate::clock;
use crate::model::access::Role;

/// Stands where the hash of a password would: no password has it.
const PROVIDED: &str = "!provider";

const USER: &str = "SELECT name, role, epoch, created, totp IS NOT NULL, password FROM users
                    WHERE name = ?";

impl Store {
    /// The user of this name, for whom a provider vouches and to whom it gives this role, if any. A
    /// user who has a password keeps what the table says. Any other is made, changed or removed so
    /// as to be what the provider says: what was granted under another role ends.
    ///
    /// # Errors
    /// When the file fails.
    pub fn provided_user(
        &self,
        name: &str,
        role: Option<Role>,
    ) -> Result<Option<User>, StoreError> {
        let created = seconds(clock::now());
        self.change(|transaction| {
            let both = |row: &Row<'_>| Ok((user(row)?, row.get::<_, String>(5)?));
            let known = transaction.query_row(USER, [name], both).optional()?;
            match (known, role) {
                (Some((user, password)), _) if password != PROVIDED => return Ok(Some(user)),
                (Some((user, _)), Some(role)) if user.role == role => return Ok(Some(user)),
                (Some(_), None) => {
                    let name = named_params! {":name": name};
                    transaction.execute("DELETE FROM shares WHERE creator = :name", name)?;
                    transaction.execute("DELETE FROM users WHERE name = :name", name)?;
                    return Ok(None);
                }
                (None, None) => return Ok(None),
                (_, Some(role)) => {
                    let epoch = next_epoch(transaction)?;
                    transaction.execute(
                        "INSERT INTO users (name, password, role, epoch, created)
                         VALUES (:name, :password, :role, :epoch, :created)
                         ON CONFLICT (name) DO UPDATE SET role = :role, epoch = :epoch",
                        named_params! {
                            ":name": name, ":password": PROVIDED, ":role": role.name(),
                            ":epoch": epoch, ":created": created,
                        },
                    )?;
                }
            }
            let user = transaction.query_row(USER, [name], user)?;
            Ok(Some(user))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::users::PasswordHash;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("awp.db")).unwrap();
        (folder, store)
    }

    #[test]
    fn who_is_nobody_here_is_made_by_a_role_alone() {
        let (_folder, store) = store();
        assert_eq!(store.provided_user("ann", None).unwrap(), None);
        assert!(store.users().unwrap().is_empty());
        let ann = store.provided_user("ann", Some(Role::Write)).unwrap();
        let ann = ann.unwrap();
        assert_eq!((&*ann.name, ann.role), ("ann", Role::Write));
        let again = store.provided_user("ann", Some(Role::Write)).unwrap();
        assert_eq!(again.unwrap(), ann, "nothing ends where nothing changed");
        let less = store.provided_user("ann", Some(Role::Watch)).unwrap();
        let less = less.unwrap();
        assert!(less.role == Role::Watch && less.epoch != ann.epoch);
        assert_eq!(store.provided_user("ann", None).unwrap(), None);
        assert!(store.users().unwrap().is_empty());
    }

    #[test]
    fn who_has_a_password_is_what_the_table_says() {
        let (_folder, store) = store();
        let hash = PasswordHash("$argon2id$x".to_owned());
        store.add_user("bob", &hash, Role::Watch).unwrap();
        for role in [None, Some(Role::Owner)] {
            let bob = store.provided_user("bob", role).unwrap().unwrap();
            assert_eq!(bob.role, Role::Watch);
        }
        store.provided_user("ann", Some(Role::Owner)).unwrap();
        assert!(store.set_password("ann", &hash).unwrap());
        let ann = store.provided_user("ann", Some(Role::Watch)).unwrap();
        assert_eq!(
            ann.unwrap().role,
            Role::Owner,
            "one of our own from then on"
        );
    }
}
