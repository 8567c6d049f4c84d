//! How often a source may be wrong.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::peer::Source;

/// Wrong attempts that a source has within [`WINDOW`]; the next one is refused. More than a person
/// mistypes, and far too few to guess anything.
const ATTEMPTS: u32 = 9;

/// The time over which attempts are counted, from the first one on.
const WINDOW: Duration = Duration::from_secs(10);

/// Sources that are remembered at once, about 200 KiB; the oldest gives way.
const MOST: usize = 4096;

/// Counts the failed attempts of each source.
#[derive(Debug, Default)]
pub struct Limiter {
    failures: Mutex<HashMap<Source, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Limiter {
    /// Counts a failure.
    ///
    /// # Errors
    /// If it is one too many: the seconds after which the source may try again.
    pub fn failed(&self, source: Source, now: Instant) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !failures.contains_key(&source) && failures.len() >= MOST {
            failures.retain(|_, entry| now < entry.since + WINDOW);
            if failures.len() >= MOST {
                let oldest = failures.iter().min_by_key(|(_, entry)| entry.since);
                if let Some(source) = oldest.map(|(source, _)| *source) {
                    failures.remove(&source);
                }
            }
        }
        let fresh = Failures {
            since: now,
            count: 0,
        };
        let entry = failures.entry(source).or_insert(fresh);
        if now >= entry.since + WINDOW {
            *entry = fresh;
        }
        if entry.count >= ATTEMPTS {
            let left = (entry.since + WINDOW).saturating_duration_since(now);
            return Err(left.as_secs() + 1);
        }
        entry.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn source(number: u32) -> Source {
        Source::Address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn the_tenth_failure_is_refused_and_others_are_not() {
        let limiter = Limiter::default();
        let now = Instant::now();
        for _ in 0..9 {
            assert!(limiter.failed(source(1), now).is_ok());
        }
        assert_eq!(limiter.failed(source(1), now), Err(11));
        assert!(limiter.failed(source(2), now).is_ok());
        assert!(limiter.failed(source(1), now + WINDOW).is_ok());
    }

    #[test]
    fn the_table_is_bounded() {
        let limiter = Limiter::default();
        let now = Instant::now();
        for number in 0..10_000 {
            assert!(limiter.failed(source(number), now).is_ok());
        }
        assert_eq!(limiter.failures.lock().unwrap().len(), MOST);
    }
}
