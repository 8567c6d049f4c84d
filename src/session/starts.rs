//! How many logins are under way at once, by app and by where they come from: whoever opens more of
//! them waits, and nobody else does.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// An app, and an address or this machine.
type Key = (String, Option<IpAddr>);

/// Counts the logins that are under way.
#[derive(Clone, Default)]
pub(super) struct Starts(Arc<Mutex<HashMap<Key, u32>>>);

/// One of them, until it is dropped.
pub(super) struct Start {
    starts: Starts,
    key: Key,
}

impl Starts {
    /// Counts one more, if there may be.
    pub(super) fn take(&self, app: &str, from: Option<IpAddr>, most: u32) -> Option<Start> {
        let key = (app.to_owned(), from);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        let starts = self.clone();
        Some(Start { starts, key })
    }
}

impl Start {
    /// Where it comes from; `None`: this machine.
    pub(super) const fn from(&self) -> Option<IpAddr> {
        self.key.1
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let mut counts = self.starts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_from_each_place_and_nothing_is_kept_of_those_that_are_over() {
        let starts = Starts::default();
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        let held: Vec<_> = (0..3).filter_map(|_| starts.take("a", here, 2)).collect();
        assert_eq!(held.len(), 2);
        assert!(starts.take("b", here, 2).is_some() && starts.take("a", None, 2).is_some());
        drop(held);
        assert!(starts.take("a", here, 2).is_some());
        assert!(starts.0.lock().expect("whole").is_empty());
    }
}
