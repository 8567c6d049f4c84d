//! What becomes of logs and screens when they take more memory than they may, as numbers.
//!
//! Three steps, each only where the one before did not do: sessions that are quiet are put away, the
//! one quiet longest first; logs are made shorter, all alike, down to a floor; new sessions are
//! refused. Below the mark nothing of this happens.

use std::time::Duration;

/// The least that a log may be made, in bytes: one turn of reading, so that a program still writes
/// at some pace and a viewer's acknowledgements keep it going.
pub const LOG_FLOOR: usize = 64 * 1024;

/// The most that a log ever is, in bytes; see the two sizes of `process::output`.
pub const LOG_FULL: usize = 4 * 1024 * 1024;

/// The least memory that may be configured, in bytes: a hundred logs at their floor.
pub const LEAST: u64 = 8 * 1024 * 1024;

/// A session that wrote nothing for this long is quiet.
pub const QUIET: Duration = Duration::from_secs(1);

/// How much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    limit: u64,
}

impl Cap {
    /// At most this many bytes.
    pub const fn new(limit: u64) -> Self {
        Self { limit }
    }

    /// All that may be held, in bytes.
    pub const fn limit(self) -> u64 {
        self.limit
    }

    /// Above this many bytes memory is given back: there is room above it for what is written
    /// meanwhile, and for new sessions.
    pub const fn mark(self) -> u64 {
        self.limit / 4 * 3
    }

    /// Whether another session may begin while `held` bytes are held; `exhausted` says that nothing
    /// more can be given back.
    pub const fn admits(self, held: u64, exhausted: bool) -> bool {
        held <= self.limit && !(exhausted && held > self.mark())
    }

    /// How long logs may be so that all fits below the mark: `logs` are the bytes that each takes
    /// now, `rest` are those of everything else. It is a power of two, [`LOG_FLOOR`] at least.
    pub fn longest(self, logs: &[usize], rest: u64) -> usize {
        let fits = |length: usize| {
            let logs = logs.iter().map(|log| *log.min(&length) as u64);
            logs.sum::<u64>() + rest <= self.mark()
        };
        let mut length = LOG_FULL;
        while length > LOG_FLOOR && !fits(length) {
            length /= 2;
        }
        length
    }

    /// How long logs that may be `length` may be again while `held` bytes are held: twice that
    /// never takes more than twice the memory, so it never goes above the mark.
    pub const fn longer(self, mut length: usize, held: u64) -> usize {
        let mut held = held;
        while length < LOG_FULL && held.saturating_mul(2) <= self.mark() {
            length *= 2;
            held = held.saturating_mul(2);
        }
        length
    }
}

/// Which to put away, as places in `quiet`, the one that was quiet longest first; those that were
/// busy a moment ago are left alone.
pub fn coolest(quiet: &[Duration]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..quiet.len()).filter(|at| quiet[*at] >= QUIET).collect();
    places.sort_by_key(|at| std::cmp::Reverse(quiet[*at]));
    places
}

/// Sessions that end in one wave at least, by number, before it is worth the time that giving their
/// memory back takes: some 4 MiB.
const WAVE: usize = 256;

/// Whether so many sessions have ended that what they held should be given back to the system: half
/// of the most that there were since the last time, and a wave of them.
pub const fn wave_is_over(most: usize, now: usize) -> bool {
    let gone = most.saturating_sub(now);
    gone >= WAVE && gone >= now
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;
    const CAP: Cap = Cap::new(24 * MIB as u64);

    #[test]
    fn quiet_ones_are_put_away_in_the_order_of_their_quiet() {
        let seconds = [0, 5, 1, 3600, 0].map(Duration::from_secs);
        assert_eq!(coolest(&seconds), [3, 1, 2]);
        assert!(coolest(&[QUIET / 2]).is_empty());
    }

    #[test]
    fn logs_get_as_long_as_fits_and_no_shorter_than_the_floor() {
        assert_eq!(CAP.longest(&[4 * MIB; 4], 0), LOG_FULL);
        assert_eq!(CAP.longest(&[4 * MIB; 5], 0), LOG_FULL / 2);
        assert_eq!(CAP.longest(&[4 * MIB; 30], 0), MIB / 2);
        // Short ones count as what they are.
        let mixed = [[4 * MIB; 4], [MIB / 2; 4]].concat();
        assert_eq!(CAP.longest(&mixed, 0), LOG_FULL);
        assert_eq!(CAP.longest(&mixed, 1), LOG_FULL / 2);
        assert_eq!(CAP.longest(&[4 * MIB; 4], 10 * MIB as u64), LOG_FULL / 2);
        assert_eq!(CAP.longest(&vec![4 * MIB; 4000], 0), LOG_FLOOR);
        assert_eq!(CAP.longest(&[], 100 * MIB as u64), LOG_FLOOR);
    }

    #[test]
    fn logs_get_longer_again_without_going_above_the_mark() {
        assert_eq!(CAP.longer(LOG_FLOOR, CAP.mark() / 2 + 1), LOG_FLOOR);
        assert_eq!(CAP.longer(LOG_FLOOR, CAP.mark() / 2), 2 * LOG_FLOOR);
        assert_eq!(CAP.longer(LOG_FLOOR, CAP.mark() / 7), 4 * LOG_FLOOR);
        assert_eq!(CAP.longer(LOG_FLOOR, 0), LOG_FULL);
        assert_eq!(CAP.longer(LOG_FULL, 0), LOG_FULL);
        let unlimited = Cap::new(u64::MAX);
        assert_eq!(unlimited.longer(LOG_FULL, u64::MAX), LOG_FULL);
    }

    #[test]
    fn a_session_is_refused_above_the_limit_and_where_nothing_can_be_given_back() {
        assert!(CAP.admits(CAP.limit(), false));
        assert!(!CAP.admits(CAP.limit() + 1, false));
        assert!(CAP.admits(CAP.mark(), true));
        assert!(!CAP.admits(CAP.mark() + 1, true));
    }

    #[test]
    fn memory_is_given_back_a_few_times_in_a_wave_and_never_for_a_handful() {
        let mut most = 4000;
        let mut times = Vec::new();
        for now in (0..4000).rev() {
            if wave_is_over(most, now) {
                most = now;
                times.push(now);
            }
        }
        assert_eq!(times, [2000, 1000, 500, 244]);
        assert!(!wave_is_over(WAVE - 1, 0) && wave_is_over(WAVE, 0));
    }
}
