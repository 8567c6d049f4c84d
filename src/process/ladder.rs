//! How a process is ended: asked first, then told, then killed.

use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Settings, signal};

/// After SIGHUP a process has this long before SIGTERM.
pub const TERM_AFTER: Duration = Duration::from_secs(2);

/// And this long, counted from SIGHUP, before SIGKILL.
pub const KILL_AFTER: Duration = Duration::from_secs(5);

/// Ends everything in the Unix session that `leader` started: SIGHUP to every process group, then
/// SIGTERM, then SIGKILL. Returns as soon as nothing is left of it. `gone` turns true when the
/// leader has ended. A group stopped by job control is continued, or it would never notice.
pub async fn descend(leader: Pid, settings: Settings, mut gone: watch::Receiver<bool>) {
    let Settings { sweep, meter, .. } = settings;
    let mut orphans = Vec::new();
    let start = Instant::now();
    let rungs = [
        (Signal::HUP, TERM_AFTER),
        (Signal::TERM, KILL_AFTER),
        (Signal::KILL, KILL_AFTER + TERM_AFTER),
    ];
    for (rung, until) in rungs {
        let reaped = *gone.borrow_and_update();
        let groups = sweep.groups(leader, reaped).await;
        if reaped && groups.is_empty() {
            return;
        }
        for group in &groups {
            if reaped && !orphans.contains(group) {
                orphans.push(*group);
                meter.orphans.one();
            }
            signal::send_to_group(*group, rung);
            signal::send_to_group(*group, Signal::CONT);
        }
        let deadline = start + until;
        if !reaped {
            // The leader's end is the moment at which the rest has usually ended too.
            let _ = tokio::time::timeout_at(deadline, gone.wait_for(|gone| *gone)).await;
        }
        if *gone.borrow() && !sweep.groups(leader, true).await.is_empty() {
            tokio::time::sleep_until(deadline).await;
        }
    }
}
