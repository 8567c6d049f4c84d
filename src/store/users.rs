//! The users: their names, the hashes of their passwords, their roles.

use std::fmt;
use std::time::{Duration, SystemTime};

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Store, StoreError, next_epoch};
use crate::clock;
use crate::model::access::Role;

/// A user, as far as everybody may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name that logs in.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Changes whenever password or role do, and is never one that was before: what was granted
    /// under another one no longer holds.
    pub epoch: i64,
    /// Seconds since 1970.
    pub created: u64,
    /// Whether a code of a second device is asked for beside the password.
    pub second_factor: bool,
}

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 64;

/// Names that stand for somebody who is not a user of the table.
const RESERVED: [&str; 2] = ["owner", "guest"];

/// Whether a user may have this name: letters, digits and `-_.@`, beginning with one of the first
/// two.
pub fn valid_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    (1..=LONGEST_NAME).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(plain)
        && !RESERVED.contains(&name)
}

/// The hash of a password, as a PHC string. Not to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(..)")
    }
}

/// What the codes of a user's second device are made of. Not to be shown, but once to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(pub Vec<u8>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TotpSecret(..)")
    }
}

impl Store {
    /// Adds a user. False if there is one of this name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn add_user(
        &self,
        name: &str,
        password: &PasswordHash,
        role: Role,
    ) -> Result<bool, StoreError> {
        let created = seconds(clock::now());
        self.change(|transaction| {
            let epoch = next_epoch(transaction)?;
            let added = transaction.execute(
                "INSERT OR IGNORE INTO users (name, password, role, epoch, created)
                 VALUES (:name, :password, :role, :epoch, :created)",
                named_params! {
                    ":name": name, ":password": password.0, ":role": role.name(),
                    ":epoch": epoch, ":created": created,
                },
            )?;
            Ok(added == 1)
        })
    }

    /// Gives a user another password. False if there is none of this name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn set_password(&self, name: &str, password: &PasswordHash) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let epoch = next_epoch(transaction)?;
            let changed = transaction.execute(
                "UPDATE users SET password = :password, epoch = :epoch WHERE name = :name",
                named_params! {":name": name, ":password": password.0, ":epoch": epoch},
            )?;
            Ok(changed == 1)
        })
    }

    /// Gives a user another role. False if there is none of this name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn set_role(&self, name: &str, role: Role) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let epoch = next_epoch(transaction)?;
            let changed = transaction.execute(
                "UPDATE users SET role = :role, epoch = :epoch WHERE name = :name",
                named_params! {":name": name, ":role": role.name(), ":epoch": epoch},
            )?;
            Ok(changed == 1)
        })
    }

    /// Asks a user for codes of this secret from now on, or for none. False if there is none of this
    /// name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn set_totp(&self, name: &str, secret: Option<&TotpSecret>) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let epoch = next_epoch(transaction)?;
            let changed = transaction.execute(
                "UPDATE users SET totp = :secret, totp_period = 0, epoch = :epoch
                 WHERE name = :name",
                named_params! {
                    ":name": name, ":secret": secret.map(|secret| &secret.0), ":epoch": epoch,
                },
            )?;
            Ok(changed == 1)
        })
    }

    /// What a user's codes are made of, where the user is asked for them.
    ///
    /// # Errors
    /// When the file fails.
    pub fn totp(&self, name: &str) -> Result<Option<TotpSecret>, StoreError> {
        self.read(|connection| {
            let mut found = connection.prepare("SELECT totp FROM users WHERE name = ?")?;
            let secret = found.query_row([name], |row| row.get::<_, Option<Vec<u8>>>(0));
            Ok(secret.optional()?.flatten().map(TotpSecret))
        })
    }

    /// Uses up the code of a period, and those of all before it. False where it is used up: of
    /// several who show one code, one gets in.
    ///
    /// # Errors
    /// When the file fails.
    pub fn use_totp(&self, name: &str, period: u64) -> Result<bool, StoreError> {
        let period = i64::try_from(period).unwrap_or(i64::MAX);
        self.change(|transaction| {
            let used = transaction.execute(
                "UPDATE users SET totp_period = :period
                 WHERE name = :name AND totp IS NOT NULL AND totp_period < :period",
                named_params! {":name": name, ":period": period},
            )?;
            Ok(used == 1)
        })
    }

    /// Removes a user and the links that the user made. False if there is none of this name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn remove_user(&self, name: &str) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let name = named_params! {":name": name};
            transaction.execute("DELETE FROM shares WHERE creator = :name", name)?;
            let removed = transaction.execute("DELETE FROM users WHERE name = :name", name)?;
            Ok(removed == 1)
        })
    }

    /// A user and the hash of the user's password.
    ///
    /// # Errors
    /// When the file fails.
    pub fn user(&self, name: &str) -> Result<Option<(User, PasswordHash)>, StoreError> {
        self.read(|connection| {
            let mut found = connection.prepare(
                "SELECT name, role, epoch, created, totp IS NOT NULL, password FROM users
                 WHERE name = ?",
            )?;
            let both = |row: &Row<'_>| Ok((user(row)?, PasswordHash(row.get(5)?)));
            found.query_row([name], both).optional()
        })
    }

    /// All users, by name.
    ///
    /// # Errors
    /// When the file fails.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|connection| {
            let mut all = connection.prepare(
                "SELECT name, role, epoch, created, totp IS NOT NULL FROM users ORDER BY name",
            )?;
            all.query_map([], user)?.collect()
        })
    }
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get(1)?;
    Ok(User {
        name: row.get(0)?,
        // The table holds no other word; one that does not exist yet allows the least.
        role: Role::by_name(&role).unwrap_or(Role::Watch),
        epoch: row.get(2)?,
        created: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
        second_factor: row.get(4)?,
    })
}

/// A moment as it is kept.
pub(super) fn seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.as_ref().map_or(0, Duration::as_secs);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["bob", "Ann.Lee", "a@example.org", "7of9", "x-1_2"] {
            assert!(valid_name(good), "{good}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for bad in [
            "",
            "owner",
            "guest",
            "-x",
            ".x",
            "a b",
            "a\n",
            "\u{1b}[2J",
            "ü",
            &long,
        ] {
            assert!(!valid_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_code_is_used_once_and_none_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("awp.db")).unwrap();
        let hash = PasswordHash("$argon2id$x".to_owned());
        store.add_user("bob", &hash, Role::Watch).unwrap();
        assert!(!store.use_totp("bob", 7).unwrap(), "none is asked for");
        let epoch = |store: &Store| store.user("bob").unwrap().unwrap().0.epoch;
        let before = epoch(&store);
        let secret = TotpSecret(vec![1, 2, 3]);
        assert!(store.set_totp("bob", Some(&secret)).unwrap());
        assert_eq!(store.totp("bob").unwrap(), Some(secret));
        assert!(epoch(&store) != before && store.users().unwrap()[0].second_factor);
        let used = [7, 7, 6, 8, 7].map(|period| store.use_totp("bob", period).unwrap());
        assert_eq!(used, [true, false, false, true, false]);
        assert!(store.set_totp("bob", None).unwrap() && !store.set_totp("eve", None).unwrap());
        assert_eq!(store.totp("bob").unwrap(), None);
        assert_eq!(store.totp("eve").unwrap(), None);
        assert!(!store.users().unwrap()[0].second_factor);
    }

    #[test]
    fn a_user_never_has_an_epoch_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("awp.db")).unwrap();
        let hash = PasswordHash("$argon2id$x".to_owned());
        assert!(store.add_user("bob", &hash, Role::Watch).unwrap());
        assert!(!store.add_user("bob", &hash, Role::Owner).unwrap());
        let mut seen = Vec::new();
        let mut look = || {
            let (user, _) = store.user("bob").unwrap().unwrap();
            assert!(!seen.contains(&user.epoch), "{seen:?}");
            seen.push(user.epoch);
            user
        };
        assert_eq!(look().role, Role::Watch);
        assert!(store.set_role("bob", Role::Write).unwrap());
        assert_eq!(look().role, Role::Write);
        assert!(store.set_password("bob", &hash).unwrap());
        look();
        assert!(store.remove_user("bob").unwrap() && !store.remove_user("bob").unwrap());
        assert!(store.user("bob").unwrap().is_none() && store.users().unwrap().is_empty());
        assert!(store.add_user("bob", &hash, Role::Watch).unwrap());
        look();
        assert!(!store.set_role("eve", Role::Owner).unwrap());
        assert!(!store.set_password("eve", &hash).unwrap());
        assert_eq!(format!("{hash:?}"), "PasswordHash(..)");
    }
}
