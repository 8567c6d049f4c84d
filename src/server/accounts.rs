//! The users and share links of this server, as the door asks for them.
//!
//! The database is opened when somebody first needs it. Its calls block, so they are made on the
//! runtime's threads for that.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, Semaphore};

use super::error::ApiError;
use super::grant::{Grant, Origin, Verdict};
use super::{password, totp};
use crate::clock;
use crate::model::access::Role;
use crate::store::shares::Share;
use crate::store::users::{User, valid_name};
use crate::store::{Store, StoreError};

/// Passwords that are hashed at once: each takes 19 MiB and a core.
const HASHES: usize = 2;

/// Logins that wait for a hash at most, a second's work; the next one is sent away.
const WAITING: usize = 32;

/// Seconds after which one that was sent away may come again.
const BUSY_RETRY: u64 = 1;

/// The users and share links.
#[derive(Debug)]
pub struct Accounts {
    /// The database's file; without one there are no users and no links.
    path: Option<PathBuf>,
    store: Mutex<Option<Arc<Store>>>,
    opened: Notify,
    waiting: Semaphore,
    hashing: Semaphore,
}

/// Who there is and what leads here, at one moment.
#[derive(Debug, Default)]
pub struct Known {
    users: HashMap<String, User>,
    shares: HashMap<String, Share>,
    /// What tells the owner's token from one before.
    token: String,
}

/// What somebody who shows a password turns out to be.
#[derive(Debug)]
pub enum Shown {
    /// It is another one, or there is no such user.
    Wrong {
        /// Whether there is.
        known: bool,
    },
    /// It is the user's, who is asked for a code as well.
    CodeNeeded,
    /// It is the user's, but the code is another one or was used before.
    WrongCode,
    /// The user.
    User(Grant),
}

/// Holds what was shown beside the right password against what is asked for.
fn second(store: &Store, user: User, code: Option<&str>) -> Result<Shown, StoreError> {
    if let Some(secret) = store.totp(&user.name)? {
        let Some(code) = code else {
            return Ok(Shown::CodeNeeded);
        };
        let first = match totp::period(&secret, code, clock::wall()) {
            Some(period) => store.use_totp(&user.name, period)?,
            None => false,
        };
        if !first {
            return Ok(Shown::WrongCode);
        }
    }
    Ok(Shown::User(Grant {
        user: user.name.into(),
        role: user.role,
        origin: Origin::User { epoch: user.epoch },
        left: None,
    }))
}

impl Accounts {
    /// The accounts of the database in this file, which need not be there.
    ///
    /// # Errors
    /// When it is there and cannot be trusted.
    pub fn new(path: Option<PathBuf>) -> Result<Self, StoreError> {
        let store = match &path {
            Some(path) => Store::open_existing(path)?,
            None => None,
        };
        let opened = Notify::new();
        if store.is_some() {
            opened.notify_one();
        }
        Ok(Self {
            path,
            store: Mutex::new(store.map(Arc::new)),
            opened,
            waiting: Semaphore::new(WAITING),
            hashing: Semaphore::new(HASHES),
        })
    }

    /// The database's file, once it is open. Waits until then.
    pub async fn opened(&self) -> Option<&Path> {
        self.opened.notified().await;
        self.path.as_deref()
    }

    /// Asks the database, which is made first if `make` says so. `None` where there is none.
    ///
    /// # Errors
    /// When it fails; what happened is in the log.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        make: bool,
        question: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, ApiError> {
        let accounts = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let store = accounts.open(make)?;
            store.map(|store| question(&store)).transpose()
        });
        match asked.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                tracing::error!(%error, "the database failed");
                Err(ApiError::internal())
            }
            Err(_) => Err(ApiError::internal()),
        }
    }

    fn open(&self, make: bool) -> Result<Option<Arc<Store>>, StoreError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.is_none()
            && let Some(path) = &self.path
        {
            let opened = if make {
                Some(Store::open(path)?)
            } else {
                Store::open_existing(path)?
            };
            *store = opened.map(Arc::new);
            if store.is_some() {
                self.opened.notify_one();
            }
        }
        Ok(store.clone())
    }

    /// What a user's password gives, with the code of the user's second device where one is asked
    /// for.
    ///
    /// # Errors
    /// When too many wait for theirs to be looked at, or the database fails.
    pub async fn log_in(
        self: &Arc<Self>,
        name: String,
        password: String,
        code: Option<String>,
    ) -> Result<Shown, ApiError> {
        if !valid_name(&name) {
            return Ok(Shown::Wrong { known: false });
        }
        let _waiting = self
            .waiting
            .try_acquire()
            .map_err(|_| ApiError::too_many(BUSY_RETRY))?;
        // Never closed, so this ends with a permit only.
        let _hashing = self.hashing.acquire().await;
        let checked = self.ask(false, move |store| {
            let found = store.user(&name)?;
            let hash = found.as_ref().map(|(_, hash)| hash);
            let good = password::verify(&password, hash);
            let known = found.is_some();
            let Some((user, _)) = found.filter(|_| good) else {
                return Ok(Shown::Wrong { known });
            };
            second(store, user, code.as_deref())
        });
        Ok(checked.await?.unwrap_or(Shown::Wrong { known: false }))
    }

    /// Everything that grants are held against. `token` is the mark of the owner's token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(self: &Arc<Self>, token: String) -> Result<Known, ApiError> {
        let read = self.ask(false, |store| {
            Ok((store.users()?, store.shares(clock::now())?))
        });
        let (users, shares) = read.await?.unwrap_or_default();
        let users = users.into_iter().map(|user| (user.name.clone(), user));
        let shares = shares.into_iter().map(|share| (share.id.clone(), share));
        Ok(Known {
            users: users.collect(),
            shares: shares.collect(),
            token,
        })
    }
}

impl Known {
    /// What has become of a grant.
    pub fn judge(&self, grant: &Grant) -> Verdict {
        match &grant.origin {
            Origin::Token => Verdict::Holds(Role::Owner),
            // Held by the session: when that is over it leads nowhere.
            Origin::Admitted { .. } => Verdict::Holds(grant.role),
            Origin::User { epoch } => match self.users.get(&*grant.user) {
                Some(user) if user.epoch == *epoch => Verdict::Holds(user.role),
                _ => Verdict::Over,
            },
            Origin::Share { id, .. } => match self.shares.get(&**id) {
                Some(share) if self.stands(share) => Verdict::Holds(role(share)),
                _ => Verdict::Over,
            },
        }
    }

    /// Whether who made a link still may: a link never outlives its creator's rights.
    pub fn stands(&self, share: &Share) -> bool {
        match &share.creator {
            None => share.epoch == self.token,
            Some(name) => self.users.get(name).is_some_and(|user| {
                user.role == Role::Owner && share.epoch == user.epoch.to_string()
            }),
        }
    }

    /// The users.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// How many links there are.
    pub fn count(&self) -> usize {
        self.shares.len()
    }

    /// The links that are good, the oldest first.
    pub fn shares(self) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::with_capacity(self.shares.len());
        shares.extend(
            self.shares
                .values()
                .filter(|share| self.stands(share))
                .cloned(),
        );
        shares.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        shares
    }
}

/// What a link allows.
pub fn role(share: &Share) -> Role {
    if share.write {
        Role::Write
    } else {
        Role::Watch
    }
}
