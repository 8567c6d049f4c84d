//! How long a session may live, and how long do nothing: one deadline for both.

use std::time::Duration;

use tokio::time::Instant;

use super::app::Limits;

/// The times of one session.
pub(super) struct Lifetime {
    end: Option<Instant>,
    idle: Option<Duration>,
    /// Before this nothing is to be looked at.
    quiet: Option<Instant>,
}

impl Lifetime {
    /// Of a session that begins now. A time beyond what a clock can tell is none.
    pub(super) fn of(limits: Limits) -> Self {
        let now = Instant::now();
        let after = |time: Option<Duration>| time.and_then(|time| now.checked_add(time));
        Self {
            end: after(limits.max),
            idle: limits.idle,
            quiet: after(limits.idle),
        }
    }

    /// When to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.end, self.quiet].into_iter().flatten().min()
    }

    /// Why it is over, if it is; `touched` is when there last was input or output. Nothing is due
    /// twice.
    pub(super) fn is_over(
        &mut self,
        now: Instant,
        touched: Option<Instant>,
    ) -> Option<&'static str> {
        if self.end.is_some_and(|end| end <= now) {
            (self.end, self.quiet) = (None, None);
            return Some("its time is over");
        }
        if self.quiet.is_some_and(|quiet| quiet <= now) {
            let last = touched.zip(self.idle);
            self.quiet = last.and_then(|(last, idle)| last.checked_add(idle));
            if self.quiet.is_none_or(|quiet| quiet <= now) {
                (self.end, self.quiet) = (None, None);
                return Some("nothing happened in it");
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_puts_the_end_off_but_not_beyond_the_longest_time() {
        let (second, start) = (Duration::from_secs(1), Instant::now());
        let mut life = Lifetime {
            end: Some(start + 10 * second),
            idle: Some(4 * second),
            quiet: Some(start + 4 * second),
        };
        assert_eq!(life.due(), Some(start + 4 * second));
        let touched = Some(start + 3 * second);
        assert_eq!(life.is_over(start + 4 * second, touched), None);
        assert_eq!(life.due(), Some(start + 7 * second));
        let touched = Some(start + 7 * second);
        assert_eq!(life.is_over(start + 7 * second, touched), None);
        assert_eq!(life.due(), Some(start + 10 * second));
        assert!(life.is_over(start + 10 * second, touched).is_some());
        assert_eq!(life.due(), None);
    }

    #[test]
    fn a_session_in_which_nothing_happens_is_over() {
        let mut life = Lifetime::of(Limits {
            idle: Some(Duration::from_secs(1)),
            ..Limits::default()
        });
        let due = life.due().expect("a time");
        assert!(life.is_over(due, None).is_some());
        assert_eq!(Lifetime::of(Limits::default()).due(), None);
    }
}
