//! What ties the provider's answer to the browser that asked for it.
//!
//! Nothing is kept of a login that has begun: its cookie is a random value with its time and a code
//! of authentication over both, and state, nonce and verifier are made of that value by a key that
//! this server alone has. So strangers who begin logins fill no table. What is kept is which of them
//! have come back, for as long as they could do so again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::server::grant::Grant;
use crate::server::secret::{NoRandomness, SECRET_BYTES, SecretHash};

/// How long a person may take at the provider, who may have to find a second device.
pub(super) const LIFE: Duration = Duration::from_secs(10 * 60);

/// How long what was granted waits for the page to take it: it does so as soon as it is loaded.
const WAITS: Duration = Duration::from_secs(60);

/// Logins that have come back and are remembered, about 200 KiB; the oldest gives way. Whoever makes
/// another one come back is counted, and the provider takes a code once in any case.
const MOST: usize = 1024;

/// Bytes of the time in a cookie.
const TIME_BYTES: usize = 8;

/// Bytes of what makes a cookie one of ours.
const TAG_BYTES: usize = 32;

/// The logins by way of the provider.
pub(super) struct Flows {
    key: [u8; SECRET_BYTES],
    began: Instant,
    back: Mutex<Vec<Back>>,
}

/// One that has begun.
pub(super) struct Flow<'a> {
    flows: &'a Flows,
    /// The value of its cookie.
    pub(super) cookie: String,
}

/// One that has come back.
struct Back {
    hash: SecretHash,
    at: Instant,
    grant: Option<Grant>,
}

impl Flows {
    /// Nobody has begun yet.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn new(now: Instant) -> Result<Self, NoRandomness> {
        let mut key = [0; SECRET_BYTES];
        getrandom::fill(&mut key).map_err(NoRandomness)?;
        Ok(Self {
            key,
            began: now,
            back: Mutex::default(),
        })
    }

    /// Begins one.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn begin(&self, now: Instant) -> Result<Flow<'_>, NoRandomness> {
        let mut value = vec![0; SECRET_BYTES];
        getrandom::fill(&mut value).map_err(NoRandomness)?;
        value.extend(self.seconds(now).to_be_bytes());
        value.extend(self.tag(b"cookie", &value));
        let cookie = URL_SAFE_NO_PAD.encode(value);
        Ok(Flow {
            flows: self,
            cookie,
        })
    }

    /// The one of this cookie, if it is ours and not too old.
    pub(super) fn read(&self, cookie: &str, now: Instant) -> Option<Flow<'_>> {
        let value = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        if value.len() != SECRET_BYTES + TIME_BYTES + TAG_BYTES {
            return None;
        }
        let (signed, tag) = value.split_at(SECRET_BYTES + TIME_BYTES);
        if !bool::from(self.tag(b"cookie", signed).ct_eq(tag)) {
            return None;
        }
        let began = u64::from_be_bytes(signed[SECRET_BYTES..].try_into().ok()?);
        let age = self.seconds(now).saturating_sub(began);
        (age < LIFE.as_secs()).then(|| Flow {
            flows: self,
            cookie: cookie.to_owned(),
        })
    }

    /// Takes what was granted to the one of this cookie, once.
    pub(super) fn take(&self, cookie: &str, now: Instant) -> Option<Grant> {
        let hash = SecretHash::of(cookie);
        let mut back = self.back(now);
        let found = back.iter_mut().find(|one| one.hash == hash)?;
        let grant = found.grant.take()?;
        (now < found.at + WAITS).then_some(grant)
    }

    fn back(&self, now: Instant) -> MutexGuard<'_, Vec<Back>> {
        let mut back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        back.retain(|one| now < one.at + LIFE);
        back
    }

    fn seconds(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }

    fn tag(&self, purpose: &[u8], value: &[u8]) -> [u8; TAG_BYTES] {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key");
        mac.update(purpose);
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }
}

impl Flow<'_> {
    /// What the provider brings back with its answer.
    pub(super) fn state(&self) -> String {
        self.made_for(b"state")
    }

    /// What the provider writes into what it says of the person.
    pub(super) fn nonce(&self) -> String {
        self.made_for(b"nonce")
    }

    /// What proves to the provider that who brings its code is who asked for it (RFC 7636).
    pub(super) fn verifier(&self) -> String {
        self.made_for(b"verifier")
    }

    /// Whether this is the state of this one.
    pub(super) fn is_of(&self, state: &str) -> bool {
        self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// Says that it has come back. False if it had before.
    pub(super) fn comes_back(&self, now: Instant) -> bool {
        let hash = SecretHash::of(&self.cookie);
        let mut back = self.flows.back(now);
        if back.iter().any(|one| one.hash == hash) {
            return false;
        }
        if back.len() == MOST {
            back.remove(0);
        }
        back.push(Back {
            hash,
            at: now,
            grant: None,
        });
        true
    }

    /// Lets the page take this.
    pub(super) fn grant(&self, grant: Grant, now: Instant) {
        let hash = SecretHash::of(&self.cookie);
        if let Some(one) = self.flows.back(now).iter_mut().find(|one| one.hash == hash) {
            one.at = now;
            one.grant = Some(grant);
        }
    }

    fn made_for(&self, purpose: &[u8]) -> String {
        let tag = self.flows.tag(purpose, self.cookie.as_bytes());
        URL_SAFE_NO_PAD.encode(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_its_own_and_none_is_the_cookie() {
        let now = Instant::now();
        let flows = Flows::new(now).unwrap();
        let flow = flows.begin(now).unwrap();
        let other = flows.begin(now).unwrap();
        let parts = [flow.state(), flow.nonce(), flow.verifier(), other.state()];
        for (at, part) in parts.iter().enumerate() {
            assert_eq!(part.len(), 43, "256 bits, as RFC 7636 asks for");
            assert!(!flow.cookie.contains(part.as_str()));
            assert!(parts[at + 1..].iter().all(|next| next != part));
        }
        let read = flows.read(&flow.cookie, now).unwrap();
        assert!(read.is_of(&flow.state()) && !read.is_of(&other.state()) && !read.is_of(""));
    }

    #[test]
    fn a_cookie_of_another_server_or_of_long_ago_is_none() {
        let now = Instant::now();
        let flows = Flows::new(now).unwrap();
        let flow = flows.begin(now).unwrap();
        assert!(flows.read(&flow.cookie, now + LIFE).is_none());
        let elsewhere = Flows::new(now).unwrap();
        assert!(elsewhere.read(&flow.cookie, now).is_none());
        let mut bytes = URL_SAFE_NO_PAD.decode(&flow.cookie).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert!(flows.read(&URL_SAFE_NO_PAD.encode(&bytes), now).is_none());
            bytes[at] ^= 1;
        }
        assert!(flows.read("", now).is_none());
    }

    #[test]
    fn one_comes_back_once_and_its_grant_is_taken_once() {
        let now = Instant::now();
        let flows = Flows::new(now).unwrap();
        let flow = flows.begin(now).unwrap();
        assert!(flows.take(&flow.cookie, now).is_none());
        assert!(flow.comes_back(now) && !flow.comes_back(now));
        flow.grant(Grant::of_owner(), now);
        assert!(flows.take(&flow.cookie, now).is_some());
        assert!(flows.take(&flow.cookie, now).is_none() && !flow.comes_back(now));
        let late = flows.begin(now).unwrap();
        assert!(late.comes_back(now));
        late.grant(Grant::of_owner(), now);
        assert!(flows.take(&late.cookie, now + WAITS).is_none());
    }

    #[test]
    fn the_table_is_bounded() {
        let now = Instant::now();
        let flows = Flows::new(now).unwrap();
        for _ in 0..MOST + 10 {
            assert!(flows.begin(now).unwrap().comes_back(now));
        }
        assert_eq!(flows.back(now).len(), MOST);
        assert_eq!(flows.back(now + LIFE).len(), 0);
    }
}
