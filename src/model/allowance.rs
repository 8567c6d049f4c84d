//! How often something may be done: so many times at once, and so many per second from then on.

use std::time::Duration;

/// A budget that fills up again with time.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Times that may come at once.
    burst: u32,
    /// The time after which one more may come.
    every: Duration,
    /// When all of it is there again.
    full: Duration,
}

impl Allowance {
    /// So many at once, and one more each time this long has passed.
    pub const fn new(burst: u32, every: Duration) -> Self {
        Self {
            burst,
            every,
            full: Duration::ZERO,
        }
    }

    /// Takes one, if one is left. `now` counts from any moment, the same each time.
    pub fn take(&mut self, now: Duration) -> bool {
        let full = self.full.max(now) + self.every;
        let taken = full <= now + self.every * self.burst;
        if taken {
            self.full = full;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_one_at_a_time() {
        let second = Duration::from_secs(1);
        let mut allowance = Allowance::new(3, second);
        let taken = |allowance: &mut Allowance, now, times: usize| {
            (0..times).filter(|_| allowance.take(now)).count()
        };
        assert_eq!(taken(&mut allowance, 10 * second, 10), 3);
        assert_eq!(taken(&mut allowance, 11 * second, 10), 1);
        assert_eq!(taken(&mut allowance, 13 * second, 10), 2);
        assert_eq!(taken(&mut allowance, 100 * second, 10), 3);
    }
}
