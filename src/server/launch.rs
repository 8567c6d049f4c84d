//! One-time launch codes: how the page that awp opens gets its first login.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::secret::{self, NoRandomness, SecretHash};

/// Codes that can be waiting at once. Each is one printed line or one login just granted; the
/// oldest gives way.
const MOST: usize = 64;

/// Codes that were given out and not used yet. Only their hashes are kept.
#[derive(Debug)]
pub struct LaunchCodes {
    ttl: Duration,
    waiting: Mutex<VecDeque<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    hash: SecretHash,
    until: Instant,
}

impl LaunchCodes {
    /// No codes yet; each will be good for `ttl`.
    pub fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            waiting: Mutex::default(),
        }
    }

    /// Makes a code: 256 random bits as base64url.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn issue(&self, now: Instant) -> Result<String, NoRandomness> {
        let code = secret::random()?;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|entry| entry.until > now);
        if waiting.len() == MOST {
            waiting.pop_front();
        }
        waiting.push_back(Waiting {
            hash: SecretHash::of(&code),
            until: now + self.ttl,
        });
        Ok(code)
    }

    /// Makes every code that waits worthless.
    pub fn clear(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clear();
    }

    /// Whether this code is good; it is not from then on.
    pub fn redeem(&self, code: &str, now: Instant) -> bool {
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
        found.and_then(|index| waiting.remove(index)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(300);

    #[test]
    fn a_code_is_good_once() {
        let codes = LaunchCodes::new(TTL);
        let now = Instant::now();
        let code = codes.issue(now).unwrap();
        assert!(!codes.redeem("other", now));
        assert!(codes.redeem(&code, now));
        assert!(!codes.redeem(&code, now));
    }

    #[test]
    fn a_late_code_is_not_good() {
        let codes = LaunchCodes::new(TTL);
        let now = Instant::now();
        let code = codes.issue(now).unwrap();
        assert!(!codes.redeem(&code, now + TTL));
    }

    #[test]
    fn the_oldest_code_gives_way() {
        let codes = LaunchCodes::new(TTL);
        let now = Instant::now();
        let first = codes.issue(now).unwrap();
        let second = codes.issue(now).unwrap();
        for _ in 0..MOST - 1 {
            codes.issue(now).unwrap();
        }
        assert!(!codes.redeem(&first, now));
        assert!(codes.redeem(&second, now));
    }
}
