//! How often a source may be wrong.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sources that are remembered at once, about 200 KiB; the oldest gives way.
const MOST: usize = 4096;

/// How often is too often.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Wrong attempts within the window; the next one is refused.
    pub attempts: u32,
    /// The time over which attempts are counted, from the first one on.
    pub window: Duration,
}

impl Rule {
    /// For secrets that nobody can guess: more than a person mistypes.
    pub const SECRETS: Self = Self {
        attempts: 9,
        window: Duration::from_secs(10),
    };

    /// For passwords, which can be guessed, by source: some 2 600 a day.
    pub const PASSWORDS: Self = Self {
        attempts: 9,
        window: Duration::from_secs(5 * 60),
    };

    /// For passwords, by account, whoever guesses: far above what its user mistypes, and no more
    /// than 15 000 a day from however many sources.
    pub const ACCOUNT: Self = Self {
        attempts: 100,
        window: Duration::from_secs(10 * 60),
    };
}

/// Counts the failed attempts of each source, whatever a source is.
#[derive(Debug)]
pub struct Limiter<K> {
    rule: Rule,
    failures: Mutex<HashMap<K, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    since: Instant,
    count: u32,
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    /// Nobody has failed yet.
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            failures: Mutex::default(),
        }
    }

    /// Whether a source may try at all: where a secret can be guessed, even the right one is not
    /// looked at after too many wrong ones.
    ///
    /// # Errors
    /// If it may not: the seconds after which it may try again.
    pub fn may_try(&self, source: &K, now: Instant) -> Result<(), u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(source) {
            Some(entry) if entry.count >= self.rule.attempts => self.left(entry, now),
            _ => Ok(()),
        }
    }

    fn left(&self, entry: &Failures, now: Instant) -> Result<(), u64> {
        let left = (entry.since + self.rule.window).saturating_duration_since(now);
        if left.is_zero() {
            Ok(())
        } else {
            Err(left.as_secs() + 1)
        }
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// If it is one too many: the seconds after which the source may try again.
    pub fn failed(&self, source: K, now: Instant) -> Result<(), u64> {
        let window = self.rule.window;
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !failures.contains_key(&source) && failures.len() >= MOST {
            failures.retain(|_, entry| now < entry.since + window);
            if failures.len() >= MOST {
                let oldest = failures.iter().min_by_key(|(_, entry)| entry.since);
                if let Some(source) = oldest.map(|(source, _)| source.clone()) {
                    failures.remove(&source);
                }
            }
        }
        let fresh = Failures {
            since: now,
            count: 0,
        };
        let entry = failures.entry(source).or_insert(fresh);
        if now >= entry.since + window {
            *entry = fresh;
        }
        if entry.count >= self.rule.attempts {
            return self.left(entry, now);
        }
        entry.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::super::peer::Source;
    use super::*;

    fn source(number: u32) -> Source {
        Source::Address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn the_tenth_failure_is_refused_and_others_are_not() {
        let limiter = Limiter::new(Rule::SECRETS);
        let now = Instant::now();
        for _ in 0..9 {
            assert!(limiter.failed(source(1), now).is_ok());
        }
        assert_eq!(limiter.failed(source(1), now), Err(11));
        assert!(limiter.failed(source(2), now).is_ok());
        assert!(
            limiter
                .failed(source(1), now + Rule::SECRETS.window)
                .is_ok()
        );
    }

    #[test]
    fn after_too_many_failures_nothing_is_tried() {
        let limiter = Limiter::new(Rule::PASSWORDS);
        let now = Instant::now();
        for _ in 0..9 {
            assert!(limiter.may_try(&source(1), now).is_ok());
            assert!(limiter.failed(source(1), now).is_ok());
        }
        assert_eq!(limiter.may_try(&source(1), now), Err(301));
        assert!(limiter.may_try(&source(2), now).is_ok());
        let later = now + Rule::PASSWORDS.window;
        assert!(limiter.may_try(&source(1), later).is_ok());
    }

    #[test]
    fn the_table_is_bounded() {
        let limiter = Limiter::new(Rule::SECRETS);
        let now = Instant::now();
        for number in 0..10_000 {
            assert!(limiter.failed(source(number), now).is_ok());
        }
        assert_eq!(limiter.failures.lock().unwrap().len(), MOST);
    }
}
