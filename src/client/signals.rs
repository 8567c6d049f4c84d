//! The signals that this process gets while it stands in for another one.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that are taken instead of obeyed.
pub struct Signals(Vec<(SignalKind, Signal)>);

impl Signals {
    /// Takes these from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take(kinds: &[SignalKind]) -> io::Result<Self> {
        let taken = kinds.iter().map(|kind| Ok((*kind, signal(*kind)?)));
        taken.collect::<io::Result<_>>().map(Self)
    }

    /// The next one. Cancel safe.
    pub async fn next(&mut self) -> SignalKind {
        poll_fn(|context| {
            for (kind, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*kind);
                }
            }
            Poll::Pending
        })
        .await
    }
}
