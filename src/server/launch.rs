//! One-time launch codes: how the page that awp opens gets its first login.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::grant::Grant;
use super::secret::{self, NoRandomness, SecretHash};

/// Codes of printed lines that can be waiting at once; the oldest gives way.
pub const PRINTED: usize = 64;

/// Codes of logins just granted that can be waiting at once, 100 KiB; the oldest gives way.
pub const ADMITTED: usize = 1024;

/// Codes that were given out and not used yet. Only their hashes are kept.
#[derive(Debug)]
pub struct LaunchCodes {
    ttl: Duration,
    most: usize,
    waiting: Mutex<VecDeque<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    hash: SecretHash,
    until: Instant,
    grant: Grant,
}

impl LaunchCodes {
    /// No codes yet; each will be good for `ttl`, and so many at once.
    pub fn new(ttl: Duration, most: usize) -> Self {
        Self {
            ttl,
            most,
            waiting: Mutex::default(),
        }
    }

    /// Makes a code for this: 256 random bits as base64url.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn issue(&self, grant: Grant, now: Instant) -> Result<String, NoRandomness> {
        let code = secret::random()?;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|entry| entry.until > now);
        if waiting.len() == self.most {
            waiting.pop_front();
        }
        waiting.push_back(Waiting {
            hash: SecretHash::of(&code),
            until: now + self.ttl,
            grant,
        });
        Ok(code)
    }

    /// Makes every code that waits worthless.
    pub fn clear(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clear();
    }

    /// What this code is for, if it is good; it is not from then on.
    pub fn redeem(&self, code: &str, now: Instant) -> Option<Grant> {
        let hash = SecretHash::of(code);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|entry| entry.until > now);
        // Every entry is compared, so that the time does not tell which one was near.
        let mut found = None;
        for (index, entry) in waiting.iter().enumerate() {
            if entry.hash == hash {
                found = Some(index);
            }
        }
        let used = found.and_then(|index| waiting.remove(index));
        used.map(|used| used.grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 4;
    const TTL: Duration = Duration::from_secs(300);

    #[test]
    fn a_code_is_good_once() {
        let codes = LaunchCodes::new(TTL, MOST);
        let now = Instant::now();
        let code = codes.issue(Grant::of_owner(), now).unwrap();
        assert!(codes.redeem("other", now).is_none());
        assert!(codes.redeem(&code, now).is_some());
        assert!(codes.redeem(&code, now).is_none());
    }

    #[test]
    fn a_late_code_is_not_good() {
        let codes = LaunchCodes::new(TTL, MOST);
        let now = Instant::now();
        let code = codes.issue(Grant::of_owner(), now).unwrap();
        assert!(codes.redeem(&code, now + TTL).is_none());
    }

    #[test]
    fn the_oldest_code_gives_way() {
        let codes = LaunchCodes::new(TTL, MOST);
        let now = Instant::now();
        let first = codes.issue(Grant::of_owner(), now).unwrap();
        let second = codes.issue(Grant::of_owner(), now).unwrap();
        for _ in 0..MOST - 1 {
            codes.issue(Grant::of_owner(), now).unwrap();
        }
        assert!(codes.redeem(&first, now).is_none());
        assert!(codes.redeem(&second, now).is_some());
    }
}
