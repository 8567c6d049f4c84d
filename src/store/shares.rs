//! The share links: for each the hash of its secret, the session it leads to, and what it allows.

use std::time::{Duration, SystemTime};

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::users::seconds;
use super::{Store, StoreError};
use crate::clock;

/// A share link without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What names it in the API; opens nothing.
    pub id: String,
    /// The session that it leads to.
    pub session: String,
    /// Whether its holder may type.
    pub write: bool,
    /// The user who made it; `None` is the owner by token.
    pub creator: Option<String>,
    /// What its creator's epoch was: under another one the link no longer holds.
    pub epoch: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Seconds since 1970.
    pub expires: u64,
    /// Whether it is good for one use only.
    pub once: bool,
    /// How often it was used.
    pub uses: u64,
}

const COLUMNS: &str = "id, session, write, creator, epoch, created, expires, once, uses";

impl Share {
    /// How long it is still good.
    pub fn left(&self, now: SystemTime) -> Duration {
        let now = u64::try_from(seconds(now)).unwrap_or(0);
        Duration::from_secs(self.expires.saturating_sub(now))
    }
}

impl Store {
    /// Keeps a link, under the hash of its secret. Links whose time is over are forgotten.
    ///
    /// # Errors
    /// When the file fails.
    pub fn add_share(&self, share: &Share, secret: &[u8]) -> Result<(), StoreError> {
        let now = seconds(clock::now());
        self.change(|transaction| {
            transaction.execute("DELETE FROM shares WHERE expires <= ?", [now])?;
            transaction.execute(
                "INSERT INTO shares
                    (id, secret, session, write, creator, epoch, created, expires, once)
                 VALUES
                    (:id, :secret, :session, :write, :creator, :epoch, :created, :expires, :once)",
                named_params! {
                    ":id": share.id, ":secret": secret, ":session": share.session,
                    ":write": share.write, ":creator": share.creator, ":epoch": share.epoch,
                    ":created": whole(share.created), ":expires": whole(share.expires),
                    ":once": share.once,
                },
            )?;
            Ok(())
        })
    }

    /// Uses the link with this secret: of one that is good once, one use alone succeeds.
    ///
    /// # Errors
    /// When the file fails.
    pub fn use_share(&self, secret: &[u8], now: SystemTime) -> Result<Option<Share>, StoreError> {
        self.change(|transaction| {
            // One whose time is over has no second life, whatever the clock says after a restart.
            transaction.execute("DELETE FROM shares WHERE expires <= ?", [seconds(now)])?;
            let mut used = transaction.prepare(&format!(
                "UPDATE shares SET uses = uses + 1
                 WHERE secret = :secret AND (once = 0 OR uses = 0)
                 RETURNING {COLUMNS}"
            ))?;
            used.query_row(named_params! {":secret": secret}, share)
                .optional()
        })
    }

    /// The link with this id.
    ///
    /// # Errors
    /// When the file fails.
    pub fn share(&self, id: &str) -> Result<Option<Share>, StoreError> {
        self.read(|connection| {
            let mut found =
                connection.prepare(&format!("SELECT {COLUMNS} FROM shares WHERE id = ?"))?;
            found.query_row([id], share).optional()
        })
    }

    /// The links that are still good, the oldest first.
    ///
    /// # Errors
    /// When the file fails.
    pub fn shares(&self, now: SystemTime) -> Result<Vec<Share>, StoreError> {
        self.read(|connection| {
            let mut all = connection.prepare(&format!(
                "SELECT {COLUMNS} FROM shares WHERE expires > ? ORDER BY created, id"
            ))?;
            all.query_map([seconds(now)], share)?.collect()
        })
    }

    /// Takes the right to type from a link. False if there is no such link.
    ///
    /// # Errors
    /// When the file fails.
    pub fn narrow_share(&self, id: &str) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let narrowed = transaction.execute("UPDATE shares SET write = 0 WHERE id = ?", [id])?;
            Ok(narrowed == 1)
        })
    }

    /// Forgets a link, which is then good for nothing. False if there is none.
    ///
    /// # Errors
    /// When the file fails.
    pub fn remove_share(&self, id: &str) -> Result<bool, StoreError> {
        self.change(|transaction| {
            let removed = transaction.execute("DELETE FROM shares WHERE id = ?", [id])?;
            Ok(removed == 1)
        })
    }
}

fn whole(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn share(row: &Row<'_>) -> rusqlite::Result<Share> {
    let number = |at| -> rusqlite::Result<u64> {
        let number: i64 = row.get(at)?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    Ok(Share {
        id: row.get(0)?,
        session: row.get(1)?,
        write: row.get(2)?,
        creator: row.get(3)?,
        epoch: row.get(4)?,
        created: number(5)?,
        expires: number(6)?,
        once: row.get(7)?,
        uses: number(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: &str, expires: u64, once: bool) -> Share {
        Share {
            id: id.to_owned(),
            session: "s-0000000000".to_owned(),
            write: true,
            creator: None,
            epoch: "e".to_owned(),
            created: 1,
            expires,
            once,
            uses: 0,
        }
    }

    #[test]
    fn a_link_is_used_while_it_is_good_and_once_if_it_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("awp.db")).unwrap();
        let now = SystemTime::now();
        let later = u64::try_from(seconds(now)).unwrap() + 100;
        store.add_share(&link("once", later, true), b"1").unwrap();
        store.add_share(&link("many", later, false), b"2").unwrap();
        assert!(store.use_share(b"3", now).unwrap().is_none());
        assert_eq!(store.use_share(b"1", now).unwrap().unwrap().uses, 1);
        assert!(store.use_share(b"1", now).unwrap().is_none());
        for uses in 1..4 {
            assert_eq!(store.use_share(b"2", now).unwrap().unwrap().uses, uses);
        }
        let over = now + Duration::from_secs(101);
        assert!(store.shares(over).unwrap().is_empty());
        assert_eq!(store.shares(now).unwrap().len(), 2);
        assert!(store.narrow_share("many").unwrap() && !store.narrow_share("no").unwrap());
        assert!(!store.share("many").unwrap().unwrap().write);
        assert!(store.remove_share("many").unwrap() && !store.remove_share("many").unwrap());
        assert!(store.use_share(b"2", now).unwrap().is_none());
        assert_eq!(
            store.share("once").unwrap().unwrap().left(over),
            Duration::ZERO
        );
    }

    #[test]
    fn a_link_that_was_found_to_be_over_stays_over_when_the_clock_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("awp.db");
        let store = Store::open(&file).unwrap();
        let now = SystemTime::now();
        let later = u64::try_from(seconds(now)).unwrap() + 100;
        store.add_share(&link("many", later, false), b"1").unwrap();
        let over = now + Duration::from_secs(101);
        assert!(store.use_share(b"1", over).unwrap().is_none());
        drop(store);
        let store = Store::open(&file).unwrap();
        assert!(store.use_share(b"1", now).unwrap().is_none());
    }

    #[test]
    fn twenty_at_once_use_a_link_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("awp.db")).unwrap();
        let now = SystemTime::now();
        store
            .add_share(&link("once", u64::MAX, true), b"1")
            .unwrap();
        let used = std::thread::scope(|scope| {
            let try_once = || store.use_share(b"1", now).unwrap().is_some();
            let all: Vec<_> = (0..20).map(|_| scope.spawn(try_once)).collect();
            all.into_iter()
                .map(|one| usize::from(one.join().unwrap()))
                .sum::<usize>()
        });
        assert_eq!(used, 1);
    }
}
