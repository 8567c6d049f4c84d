//! What a session holds for the programs that speak over its control sockets. Most never do: it is
//! made when the first one does.

use std::time::Duration;

use tokio::time::Instant;

use super::asks::Asks;
use super::tokens::Tokens;
use crate::model::allowance::Allowance;
use crate::model::vars::Vars;

/// Notices at once, and the time after which one more may come: as fast as anybody can look.
const NOTICES: Allowance = Allowance::new(16, Duration::from_millis(250));

/// Lines for the server's log at once, and the time after which one more may come: a disk is not
/// filled by one session.
const LINES: Allowance = Allowance::new(64, Duration::from_millis(50));

/// What the programs of one session have left with it.
pub(super) struct Desk {
    pub(super) vars: Vars,
    pub(super) tokens: Tokens,
    pub(super) asks: Asks,
    notices: Allowance,
    lines: Allowance,
    since: Instant,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            vars: Vars::default(),
            tokens: Tokens::default(),
            asks: Asks::default(),
            notices: NOTICES,
            lines: LINES,
            since: Instant::now(),
        }
    }
}

impl Desk {
    /// Whether one more notice may come now.
    pub(super) fn may_notify(&mut self) -> bool {
        self.notices.take(self.since.elapsed())
    }

    /// Whether one more line may be logged now.
    pub(super) fn may_log(&mut self) -> bool {
        self.lines.take(self.since.elapsed())
    }
}
