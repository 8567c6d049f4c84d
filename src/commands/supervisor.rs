//! Whoever started the server and wants to know how it does, as systemd for a unit of the type
//! `notify`. Where nobody asks, nothing is said.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

/// Every socket listens: what needs the server may be started.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again, or was.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

/// The server goes away, in order.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says again and again that the server lives, where it is asked for (`WatchdogSec=`); does not
/// return. It is said by the thread that accepts: one that stands still says nothing.
pub async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    // Twice in the time: one that comes late is not the end.
    let mut ticks = interval((limit / 2).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

/// Nobody may hear it; that is no reason not to serve.
fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::debug!(%error, "the supervisor cannot be told");
    }
}
