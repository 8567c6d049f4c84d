//! When a terminal is put away: its screen, and the output that everybody has.

use std::time::Duration;

use tokio::time::Instant;

/// A terminal that was not written to for this long is put away, and so is one that was written to
/// slowly.
const REST: Duration = Duration::from_secs(30);

/// Less than this in [`REST`], in bytes, is slow: a person reads it as it comes, and a viewer that
/// falls behind is far from it. A log that is put away keeps what its viewers have not seen.
const SLOW: u64 = 256 * 1024;

/// When to put a terminal away: one timer while there is something to put away, none otherwise.
pub(super) struct Rest {
    last: Instant,
    pub(super) due: Option<Instant>,
    /// When its pace was looked at last, and the offset that it had reached.
    seen: (Instant, u64),
}

impl Default for Rest {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            last: now,
            due: None,
            seen: (now, 0),
        }
    }
}

impl Rest {
    /// There was output; `warm` says that there is something to put away.
    pub(super) fn disturbed(&mut self, warm: bool) {
        self.last = Instant::now();
        if warm && self.due.is_none() {
            self.due = Some(self.last + REST);
        }
    }

    pub(super) async fn due(&self) {
        if let Some(due) = self.due {
            tokio::time::sleep_until(due).await;
        }
    }

    /// Whether nothing or little happened since, for the output that stands at `head`; otherwise
    /// it is due later.
    pub(super) fn is_over(&mut self, head: u64) -> bool {
        let now = Instant::now();
        let (seen, before) = self.seen;
        let slow = now.duration_since(seen) >= REST && head.saturating_sub(before) < SLOW;
        if now.duration_since(seen) >= REST {
            self.seen = (now, head);
        }
        let due = self.last + REST;
        let over = due <= now || slow;
        self.due = (!over).then_some(due);
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_terminal_is_put_away_when_it_is_quiet_or_slow() {
        let mut rest = Rest::default();
        let mut head = 0;
        // A flood: it is due, again and again, and never over.
        for _ in 0..3 {
            tokio::time::advance(REST / 4 * 3).await;
            rest.disturbed(true);
            assert!(rest.due.is_some());
            tokio::time::advance(REST / 4).await;
            head += SLOW;
            assert!(!rest.is_over(head));
        }
        // A few bytes now and then.
        for _ in 0..2 {
            tokio::time::advance(REST / 2).await;
            rest.disturbed(true);
            head += 1;
        }
        assert!(rest.is_over(head) && rest.due.is_none());
        rest.disturbed(true);
        tokio::time::advance(REST).await;
        assert!(rest.is_over(head + SLOW), "quiet");
    }
}
