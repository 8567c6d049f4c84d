//! What is counted, for whoever operates a server: numbers that only grow.
//!
//! Counting costs one relaxed addition and is done per drain, never per byte. Nothing is read back
//! but to be shown, so no other memory is ordered by it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts this many.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts one.
    pub fn one(&self) {
        self.add(1);
    }

    /// How many there were so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The upper bounds of the buckets of a [`Histogram`], in microseconds: starting a process takes
/// some hundred of them, and a second where something is wrong.
pub const BOUNDS: [u64; 10] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 1_000_000,
];

/// How long something took, each time.
#[derive(Debug, Default)]
pub struct Histogram {
    /// One more than there are bounds: the last is for what took longer.
    buckets: [Counter; BOUNDS.len() + 1],
    microseconds: Counter,
}

impl Histogram {
    /// Counts one that took this long.
    pub fn observe(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| took <= *bound);
        self.buckets[bucket.unwrap_or(BOUNDS.len())].one();
        self.microseconds.add(took);
    }

    /// How many took at most as long as each bound, and how many there were in all.
    pub fn cumulative(&self) -> ([u64; BOUNDS.len()], u64) {
        let mut upto = [0; BOUNDS.len()];
        let mut count = 0;
        for (bucket, upto) in self.buckets.iter().zip(&mut upto) {
            count += bucket.get();
            *upto = count;
        }
        (upto, count + self.buckets[BOUNDS.len()].get())
    }

    /// How long all of them took together, in microseconds.
    pub fn microseconds(&self) -> u64 {
        self.microseconds.get()
    }
}

/// Everything that is counted about processes and their bytes, of all sessions together.
#[derive(Debug, Default)]
pub struct Meter {
    /// Bytes that processes wrote.
    pub output: Counter,
    /// Bytes that processes were given.
    pub input: Counter,
    /// Times that a process was no longer read, because nobody had taken what it wrote.
    pub pauses: Counter,
    /// Times that somebody worked on a terminal's screen.
    pub folds: Counter,
    /// Snapshots of a terminal for viewers that came late or fell behind.
    pub snapshots: Counter,
    /// How long starting a process took.
    pub spawns: Histogram,
    /// Processes that could not be started.
    pub spawn_failures: Counter,
    /// Process groups that outlived the process that their session was ended with.
    pub orphans: Counter,
    /// Sessions that were made.
    pub sessions: Counter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_in_every_bucket_that_it_fits() {
        let histogram = Histogram::default();
        for micros in [100, 250, 251, 2_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let (upto, count) = histogram.cumulative();
        assert_eq!((upto[0], upto[1], upto[BOUNDS.len() - 1]), (2, 3, 3));
        assert_eq!((count, histogram.microseconds()), (4, 2_000_601));
    }
}
