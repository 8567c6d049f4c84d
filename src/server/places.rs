//! How many viewers there may be at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::StatusCode;

use super::error::ApiError;
use super::router::Core;

/// Counts the viewers of all sessions.
#[derive(Debug, Default)]
pub struct Viewers(AtomicUsize);

/// A viewer's place; it is free again when dropped.
pub(super) struct Place(Arc<Core>);

impl Place {
    /// Takes one.
    ///
    /// # Errors
    /// When there are as many viewers as there may be.
    pub(super) fn take(core: &Arc<Core>) -> Result<Self, ApiError> {
        let max = core.settings.max_viewers;
        let grow = |count: usize| (count < max).then_some(count + 1);
        let taken = core
            .viewers
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow);
        taken.map(|_| Self(Arc::clone(core))).map_err(|_| {
            ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "over_limit",
                "there are as many viewers as there may be",
            )
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.viewers.0.fetch_sub(1, Ordering::Relaxed);
    }
}
