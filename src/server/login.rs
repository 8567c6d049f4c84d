//! Logins: what a cookie stands for, kept in memory on the server.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::grant::{Grant, Verdict};
use super::proxy::Voucher;
use super::secret::{self, NoRandomness, SecretHash};
use crate::model::access::{AUDIT, Role};

/// Logins that can live at once; the one that was idle longest gives way.
const MOST: usize = 1024;

/// Pages (tabs) that one login holds keys for; the oldest gives way.
const MOST_PAGES: usize = 64;

/// Whether a login holds, and what it allows.
#[derive(Clone, Copy, Debug)]
struct Standing {
    ended: bool,
    role: Role,
}

/// How long a login lives.
#[derive(Clone, Copy, Debug)]
pub struct LoginLimits {
    /// It ends when it was not used for this long.
    pub idle: Duration,
    /// It ends this long after it was made, used or not.
    pub max: Duration,
    /// It is fresh for this long after a secret was shown.
    pub fresh: Duration,
}

/// Every login of this server.
#[derive(Debug)]
pub struct Logins {
    limits: LoginLimits,
    table: Mutex<Vec<Entry>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    login: Login,
}

/// What a login is found by.
#[derive(Debug, PartialEq)]
enum Key {
    Cookie(SecretHash),
    /// Its user, for whom this vouches anew with every request.
    User(Voucher),
}

/// One login; clones are the same one. Its `Debug` shows its number, which is no secret.
#[derive(Clone)]
pub struct Login(Arc<Inner>);

struct Inner {
    number: u64,
    grant: Grant,
    until: Instant,
    state: Mutex<State>,
    standing: watch::Sender<Standing>,
}

struct State {
    used: Instant,
    /// When the secret that it stands for was last shown.
    proven: Instant,
    pages: Vec<SecretHash>,
}

/// What a client gets when it logs in. Neither part is kept.
pub struct NewLogin {
    /// The cookie's value: 256 random bits as base64url.
    pub cookie: String,
    /// What the page proves itself with beside the cookie: 256 random bits as base64url.
    pub page_key: String,
    /// The login itself.
    pub login: Login,
}

impl Entry {
    fn is_vouched(&self, grant: &Grant, by: Voucher) -> bool {
        let known = self.login.grant();
        self.key == Key::User(by)
            && (&known.user, known.role, &known.origin) == (&grant.user, grant.role, &grant.origin)
    }
}

impl Logins {
    /// No logins yet.
    pub fn new(limits: LoginLimits) -> Self {
        Self {
            limits,
            table: Mutex::default(),
            next: AtomicU64::new(1),
        }
    }

    /// Makes a login. Where the client shows the cookie of a live one of the same user, that one
    /// goes on under a new cookie and the old cookie is dead: a second tab that logs in does not
    /// throw the first out, and no client ever chooses its cookie. An owner who follows a share
    /// link stays the owner.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn create(
        &self,
        grant: Grant,
        shown: Option<&str>,
        now: Instant,
    ) -> Result<NewLogin, NoRandomness> {
        let cookie = secret::random()?;
        let page_key = secret::random()?;
        let hash = Key::Cookie(SecretHash::of(&cookie));
        let mut table = self.table(now);
        let known = shown.map(|shown| Key::Cookie(SecretHash::of(shown)));
        let known = known.and_then(|shown| table.iter_mut().find(|entry| entry.key == shown));
        let known = known.filter(|entry| entry.login.grant().covers(&grant));
        let login = if let Some(entry) = known {
            entry.key = hash;
            if entry.login.grant().is_of(&grant) {
                entry.login.state().proven = now;
            }
            entry.login.clone()
        } else {
            evict(&mut table);
            let login = self.fresh(grant, now);
            table.push(Entry {
                key: hash,
                login: login.clone(),
            });
            login
        };
        drop(table);
        login.add_page(&page_key, now);
        Ok(NewLogin {
            cookie,
            page_key,
            login,
        })
    }

    /// The live login that this cookie stands for; asking is using it.
    pub fn find(&self, cookie: &str, now: Instant) -> Option<Login> {
        let key = Key::Cookie(SecretHash::of(cookie));
        let table = self.table(now);
        let login = table.iter().find(|entry| entry.key == key)?;
        let login = login.login.clone();
        drop(table);
        login.touch(now);
        Some(login)
    }

    /// The live login of a user for whom this vouches; asking is using it.
    pub(super) fn vouched(&self, grant: &Grant, by: Voucher, now: Instant) -> Option<Login> {
        let table = self.table(now);
        let known = |entry: &&Entry| entry.is_vouched(grant, by);
        let login = table.iter().find(known)?.login.clone();
        drop(table);
        login.touch(now);
        Some(login)
    }

    /// Makes the login of such a user, unless another request has made it by now.
    pub(super) fn vouch(&self, grant: Grant, by: Voucher, now: Instant) -> Login {
        let mut table = self.table(now);
        let known = |entry: &&Entry| entry.is_vouched(&grant, by);
        if let Some(known) = table.iter().find(known) {
            return known.login.clone();
        }
        evict(&mut table);
        let login = self.fresh(grant, now);
        table.push(Entry {
            key: Key::User(by),
            login: login.clone(),
        });
        login
    }

    /// Whether the secret that a login stands for was shown of late: a browser that was left open, or
    /// a page that was taken over, has none to show.
    pub fn is_fresh(&self, login: &Login, now: Instant) -> bool {
        now < login.state().proven + self.limits.fresh
    }

    /// Ends a login: its cookie is dead at once, and whoever waits for its end is told.
    pub fn end(&self, login: &Login) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|entry| entry.login.number() != login.number());
        login.end();
    }

    /// Holds every login against what its grant has become.
    pub fn settle(&self, judge: impl Fn(&Grant) -> Verdict) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|entry| match judge(entry.login.grant()) {
            Verdict::Over => {
                let user = &*entry.login.grant().user;
                let login = entry.login.number();
                tracing::info!(target: AUDIT, event = "login_ended", user, login);
                entry.login.end();
                false
            }
            Verdict::Holds(role) => {
                entry.login.narrow(role);
                true
            }
        });
    }

    fn fresh(&self, grant: Grant, now: Instant) -> Login {
        let max = self.limits.max;
        let standing = Standing {
            ended: false,
            role: grant.role,
        };
        Login(Arc::new(Inner {
            number: self.next.fetch_add(1, Ordering::Relaxed),
            until: now + grant.left.map_or(max, |left| left.min(max)),
            grant,
            state: Mutex::new(State {
                used: now,
                proven: now,
                pages: Vec::new(),
            }),
            standing: watch::Sender::new(standing),
        }))
    }

    /// The table without the logins whose time is over.
    fn table(&self, now: Instant) -> MutexGuard<'_, Vec<Entry>> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|entry| {
            let login = &entry.login;
            let live = now < login.0.until && now < login.used() + self.limits.idle;
            if !live {
                login.end();
            }
            live
        });
        table
    }
}

/// Makes room for one more.
fn evict(table: &mut Vec<Entry>) {
    if table.len() < MOST {
        return;
    }
    let idlest = (0..table.len()).min_by_key(|&index| table[index].login.used());
    if let Some(index) = idlest {
        table.swap_remove(index).login.end();
    }
}

impl Login {
    /// The login's number: unique in this server's life, fit for logs.
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// On whose behalf it acts.
    pub fn grant(&self) -> &Grant {
        &self.0.grant
    }

    /// What it allows now.
    pub fn role(&self) -> Role {
        self.0.standing.borrow().role
    }

    /// Resolves when it no longer allows this much.
    pub async fn narrowed(&self, role: Role) {
        let mut standing = self.0.standing.subscribe();
        // The sender lives in the login that `self` holds, so this ends with less only.
        let _ = standing.wait_for(|now| now.role < role).await;
    }

    /// Whether this is the key of one of the login's pages.
    pub fn prove(&self, page_key: &str) -> bool {
        let hash = SecretHash::of(page_key);
        // Every key is compared, so that the time does not tell which one was near.
        let state = self.state();
        state.pages.iter().filter(|key| **key == hash).count() > 0
    }

    /// Says that the login is in use. Its idle time starts again.
    pub fn touch(&self, now: Instant) {
        let mut state = self.state();
        state.used = state.used.max(now);
    }

    /// Resolves when the login has ended: logged out, pushed out, or its longest life is over.
    pub async fn ended(&self) {
        let mut standing = self.0.standing.subscribe();
        let until = tokio::time::Instant::from_std(self.0.until);
        tokio::select! {
            // The sender lives in the login that `self` holds, so this ends with `true` only.
            _ = standing.wait_for(|now| now.ended) => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// Whether the login was ended by logout or by its limits.
    pub fn has_ended(&self) -> bool {
        self.0.standing.borrow().ended
    }

    fn end(&self) {
        self.0.standing.send_modify(|now| now.ended = true);
    }

    fn narrow(&self, role: Role) {
        let login = self.number();
        self.0.standing.send_if_modified(|now| {
            let less = role < now.role;
            if less {
                let (user, role) = (&*self.0.grant.user, role.name());
                tracing::info!(target: AUDIT, event = "role", user, role, login);
            }
            now.role = now.role.min(role);
            less
        });
    }

    fn used(&self) -> Instant {
        self.state().used
    }

    fn add_page(&self, page_key: &str, now: Instant) {
        let mut state = self.state();
        state.used = state.used.max(now);
        if state.pages.len() == MOST_PAGES {
            state.pages.remove(0);
        }
        state.pages.push(SecretHash::of(page_key));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Login({})", self.0.number)
    }
}

impl fmt::Debug for NewLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewLogin({:?})", self.login)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::SessionId;
    use crate::server::grant::Origin;

    const DAY: Duration = Duration::from_secs(86_400);

    fn logins() -> Logins {
        Logins::new(LoginLimits {
            idle: 7 * DAY,
            max: 30 * DAY,
            fresh: Duration::from_secs(600),
        })
    }

    #[test]
    fn a_cookie_finds_its_login_and_a_page_key_proves_it() {
        let logins = logins();
        let now = Instant::now();
        let new = logins.create(Grant::of_owner(), None, now).unwrap();
        let found = logins.find(&new.cookie, now).unwrap();
        assert_eq!(found.number(), new.login.number());
        assert!(found.prove(&new.page_key));
        assert!(!found.prove(&new.cookie));
        assert!(!found.prove(""));
        assert!(logins.find("chosen", now).is_none());
    }

    #[test]
    fn an_unused_login_ends_and_a_used_one_lives_to_its_limit() {
        let logins = logins();
        let now = Instant::now();
        let idle = logins.create(Grant::of_owner(), None, now).unwrap();
        let used = logins.create(Grant::of_owner(), None, now).unwrap();
        for day in [6, 12, 18, 24, 29] {
            assert!(logins.find(&used.cookie, now + day * DAY).is_some());
        }
        assert!(logins.find(&idle.cookie, now + 7 * DAY).is_none());
        assert!(idle.login.has_ended());
        assert!(logins.find(&used.cookie, now + 30 * DAY).is_none());
    }

    #[test]
    fn logging_in_again_changes_the_cookie_and_keeps_the_pages() {
        let logins = logins();
        let now = Instant::now();
        let first = logins.create(Grant::of_owner(), None, now).unwrap();
        let second = logins
            .create(Grant::of_owner(), Some(&first.cookie), now)
            .unwrap();
        assert!(logins.find(&first.cookie, now).is_none());
        let login = logins.find(&second.cookie, now).unwrap();
        assert!(login.prove(&first.page_key) && login.prove(&second.page_key));
        let third = logins
            .create(Grant::of_owner(), Some("chosen"), now)
            .unwrap();
        assert_ne!(third.login.number(), login.number());
        assert!(logins.find("chosen", now).is_none());
    }

    #[test]
    fn a_login_is_fresh_until_long_after_its_secret_was_shown() {
        let logins = logins();
        let (now, minute) = (Instant::now(), Duration::from_secs(60));
        let first = logins.create(Grant::of_owner(), None, now).unwrap();
        assert!(logins.is_fresh(&first.login, now + 9 * minute));
        logins.find(&first.cookie, now + 9 * minute).unwrap();
        assert!(
            !logins.is_fresh(&first.login, now + 10 * minute),
            "use is no proof"
        );
        let guest = Grant {
            user: "guest".into(),
            role: Role::Watch,
            origin: Origin::Share {
                id: "a".into(),
                session: SessionId::parse("s-0000000000").unwrap(),
            },
            left: None,
        };
        let later = now + 20 * minute;
        let followed = logins.create(guest, Some(&first.cookie), later).unwrap();
        assert_eq!(followed.login.number(), first.login.number());
        assert!(
            !logins.is_fresh(&first.login, later),
            "a link proves no owner"
        );
        let again = logins.create(Grant::of_owner(), Some(&followed.cookie), later);
        assert_eq!(again.unwrap().login.number(), first.login.number());
        assert!(logins.is_fresh(&first.login, later + 9 * minute));
    }

    #[test]
    fn the_longest_idle_gives_way() {
        let logins = logins();
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let oldest = logins.create(Grant::of_owner(), None, now).unwrap();
        let next = logins
            .create(Grant::of_owner(), None, now + second)
            .unwrap();
        for _ in 0..MOST - 1 {
            logins
                .create(Grant::of_owner(), None, now + 2 * second)
                .unwrap();
        }
        assert!(logins.find(&oldest.cookie, now + 2 * second).is_none());
        assert!(oldest.login.has_ended());
        assert!(logins.find(&next.cookie, now + 2 * second).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_told_of_the_end() {
        let logins = logins();
        let now = tokio::time::Instant::now();
        let new = logins
            .create(Grant::of_owner(), None, now.into_std())
            .unwrap();
        let waiting = tokio::spawn({
            let login = new.login.clone();
            async move { login.ended().await }
        });
        logins.end(&new.login);
        waiting.await.unwrap();
        assert!(now.elapsed() < DAY, "the logout was the reason");
        assert!(logins.find(&new.cookie, now.into_std()).is_none());

        let long = logins
            .create(Grant::of_owner(), None, now.into_std())
            .unwrap();
        long.login.ended().await;
        assert!(now.elapsed() >= 30 * DAY);
    }
}
