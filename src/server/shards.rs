//! The threads that sessions live on: one single-threaded runtime per core.
//!
//! A connection and the session that it starts share a thread, so a byte goes from the process to
//! the socket without changing cores. Measured against one runtime with as many workers (64 MiB of
//! mixed text, 3 rounds): the same throughput at three quarters of the server's CPU time, and the
//! same echo beside four busy sessions. A viewer may attach from another thread; the logs and
//! their wake-ups do not care.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::session;

/// Runtimes, taken in turn.
pub struct Shards {
    handles: Vec<Handle>,
    turn: AtomicUsize,
    threads: Vec<(oneshot::Sender<()>, thread::JoinHandle<()>)>,
}

impl Shards {
    /// Starts as many runtimes as the machine has cores for this process.
    ///
    /// # Errors
    /// When a thread or a descriptor is not to be had.
    pub fn start() -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let mut shards = Self {
            handles: Vec::with_capacity(count),
            turn: AtomicUsize::new(0),
            threads: Vec::new(),
        };
        let (ready, waiting) = sync_channel(count);
        for number in 0..count {
            let ready = ready.clone();
            let runtime = Builder::new_current_thread().enable_all().build()?;
            shards.handles.push(runtime.handle().clone());
            let (stop, stopped) = oneshot::channel();
            let body = move || {
                session::prepare();
                drop(ready);
                // A sender that is gone says the same as one that speaks.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            };
            let thread = thread::Builder::new()
                .name(format!("awp-shard-{number}"))
                .spawn(body)?;
            shards.threads.push((stop, thread));
        }
        drop(ready);
        // Nothing is ever said: it ends when all of them are ready.
        let _: Result<(), _> = waiting.recv();
        Ok(shards)
    }

    /// The next runtime.
    pub fn next(&self) -> Handle {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.handles[turn % self.handles.len()].clone()
    }
}

impl Drop for Shards {
    fn drop(&mut self) {
        for (stop, thread) in self.threads.drain(..) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
