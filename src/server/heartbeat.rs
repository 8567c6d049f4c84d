//! When a silent client is asked whether it is still there, and when it is taken for gone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// When the server asks whether the client is still there, and when it takes it for gone.
#[derive(Clone, Copy, Debug)]
pub struct KeepAlive {
    /// After this much silence, and at the connection's next beat, a ping is sent.
    pub interval: Duration,
    /// After this much silence the connection is given up.
    pub timeout: Duration,
}

/// The golden ratio's fraction of 2^64: its multiples spread evenly over the numbers, however many
/// there are.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Connections that were opened so far; each gets a beat of its own.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// The beat of one connection. Connections that open together do not beat together, not even after
/// the server stood still: a thousand of them must not ask a thousand clients at one instant.
pub(super) struct Heartbeat {
    settings: KeepAlive,
    heard: Instant,
    beat: Instant,
}

/// What there is to do at a beat.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing.
    Rest,
    /// Ask the client.
    Ask,
    /// The client is gone.
    Gone,
}

impl Heartbeat {
    /// The beat of a connection that opens now.
    pub(super) fn new(settings: KeepAlive, now: Instant) -> Self {
        let place = OPENED.fetch_add(1, Ordering::Relaxed);
        Self::at(settings, now, place)
    }

    fn at(settings: KeepAlive, now: Instant, place: u64) -> Self {
        let [a, b, c, d, ..] = place.wrapping_mul(SPREAD).to_be_bytes();
        let part = f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX);
        Self {
            settings,
            heard: now,
            beat: now + settings.interval.mul_f64(part),
        }
    }

    /// The client was heard.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// When to look next.
    pub(super) fn due(&self) -> Instant {
        self.beat.min(self.heard + self.settings.timeout)
    }

    /// What there is to do now.
    pub(super) fn look(&mut self, now: Instant) -> Beat {
        let due = self.due();
        if now < due {
            return Beat::Rest;
        }
        let KeepAlive { interval, timeout } = self.settings;
        let missed = now
            .saturating_duration_since(self.beat)
            .div_duration_f64(interval);
        if self.beat <= now {
            self.beat += interval.mul_f64(missed.floor() + 1.0);
        }
        if now - due >= interval {
            // It was the server that stood still, stopped or starved: it cannot know who spoke.
            self.heard = now;
            return Beat::Rest;
        }
        match now - self.heard {
            silence if silence >= timeout => Beat::Gone,
            silence if silence >= interval => Beat::Ask,
            _ => Beat::Rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const SETTINGS: KeepAlive = KeepAlive {
        interval: Duration::from_secs(15),
        timeout: Duration::from_secs(45),
    };

    /// When the client is asked and when it is given up, in seconds, if it says nothing.
    fn silent(heartbeat: &mut Heartbeat, start: Instant) -> (Vec<u64>, u64) {
        let mut asked = Vec::new();
        loop {
            let now = heartbeat.due();
            match heartbeat.look(now) {
                Beat::Rest => {}
                Beat::Ask => asked.push((now - start).as_secs()),
                Beat::Gone => return (asked, (now - start).as_secs()),
            }
        }
    }

    #[test]
    fn a_silent_client_is_asked_and_given_up_in_time() {
        for place in 0..100 {
            let start = Instant::now();
            let mut heartbeat = Heartbeat::at(SETTINGS, start, place);
            let (asked, gone) = silent(&mut heartbeat, start);
            assert!((15..=30).contains(&asked[0]), "{asked:?}");
            assert!(asked.len() >= 2, "{asked:?}");
            assert_eq!(gone, 45);
        }
    }

    #[test]
    fn connections_that_open_together_do_not_ask_together() {
        const MANY: u64 = 10_000;
        let start = Instant::now();
        let mut seconds = [0_u64; 60];
        for place in 0..MANY {
            let mut heartbeat = Heartbeat::at(SETTINGS, start, place);
            let (asked, _) = silent(&mut heartbeat, start);
            seconds[usize::try_from(asked[0]).expect("seconds")] += 1;
        }
        let busiest = seconds.iter().max().expect("some");
        assert!(*busiest < 1000, "{seconds:?}");
    }

    #[test]
    fn a_server_that_stood_still_gives_nobody_up_and_asks_nobody_at_once() {
        let start = Instant::now();
        let awake = start + 60 * SECOND;
        let mut beats = Vec::new();
        for place in 0..100 {
            let mut heartbeat = Heartbeat::at(SETTINGS, start, place);
            assert_eq!(heartbeat.look(awake), Beat::Rest);
            let next = heartbeat.due() - awake;
            assert!(next <= SETTINGS.interval, "{next:?}");
            beats.push(next.as_millis());
            let (asked, gone) = silent(&mut heartbeat, awake);
            assert!(!asked.is_empty() && gone == 45, "{asked:?} {gone}");
        }
        beats.sort_unstable();
        beats.dedup();
        assert_eq!(beats.len(), 100, "each at a time of its own");
    }

    #[test]
    fn who_answers_stays() {
        let mut now = Instant::now();
        let mut heartbeat = Heartbeat::at(SETTINGS, now, 3);
        for _ in 0..100 {
            now = heartbeat.due();
            if heartbeat.look(now) == Beat::Ask {
                heartbeat.heard(now);
            }
            assert!(now - heartbeat.heard < SETTINGS.timeout);
        }
    }
}
