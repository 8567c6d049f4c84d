//! Waits that end.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::{interval, timeout};

/// After this a test has failed. Nothing takes anywhere near as long; a machine that is busy with
/// other work may.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often the system is asked about what it tells nobody by itself.
const LOOK: Duration = Duration::from_millis(5);

/// Waits for `future`, or fails and says for what it waited.
pub async fn within<T>(what: impl Display, future: impl Future<Output = T>) -> T {
    let waited = timeout(DEADLINE, future).await;
    waited.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}"))
}

/// Looks until `look` finds something; fails with what `state` shows at the end.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    let searching = async {
        let mut ticks = interval(LOOK);
        loop {
            ticks.tick().await;
            match look() {
                Ok(found) => return found,
                Err(state) => last = state,
            }
        }
    };
    let found = timeout(DEADLINE, searching).await;
    found.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}, last seen: {last}"))
}
