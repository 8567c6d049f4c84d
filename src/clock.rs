//! What time it is: the wall clock as it stood when the server started, and what has passed since.
//!
//! The wall clock jumps: somebody sets it, a time service mends it. Whatever has a moment at which
//! it ends would then end early, or live again after its end. What is measured here goes on evenly,
//! and through a laptop's sleep as well. Deadlines of a session do not need it: they count from
//! [`tokio::time::Instant`].

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// The wall clock and the even one, at one moment.
static START: LazyLock<(SystemTime, Duration)> = LazyLock::new(|| (SystemTime::now(), even()));

/// The time of this server. It never goes back, and never jumps.
pub fn now() -> SystemTime {
    let (wall, begun) = *START;
    wall + even().saturating_sub(begun)
}

/// As [`now`], in whole seconds since 1970.
pub fn seconds() -> u64 {
    let since = now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// What the wall clock says, with its jumps: for what is held against another device's clock alone.
pub fn wall() -> SystemTime {
    SystemTime::now()
}

/// A clock that nobody sets; where the system has one, it counts while the machine sleeps.
fn even() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let now = clock_gettime(CLOCK);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_evenly_and_never_back() {
        let times: Vec<_> = (0..1000).map(|_| now()).collect();
        assert!(times.is_sorted());
        let wall = SystemTime::now();
        let apart = wall
            .duration_since(now())
            .unwrap_or_else(|error| error.duration());
        assert!(apart < Duration::from_secs(60), "{apart:?}");
        assert_eq!(
            seconds(),
            now().duration_since(UNIX_EPOCH).expect("after").as_secs()
        );
    }
}
