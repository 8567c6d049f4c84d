//! What all logs and screens of the server hold together, and who gives it back.
//!
//! Counted where memory is taken and given back, not where bytes pass. Above the mark one task goes
//! over all of them, round by round, by the rules of [`crate::model::memory`]; below it there is none.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::{info, warn};

use super::StartError;
use super::fold::Folders;
use super::output::Output;
use super::spawn;
use crate::model::memory::{Cap, LOG_FLOOR, LOG_FULL, coolest, wave_is_over};

/// Between two rounds: what was busy becomes quiet, and viewers acknowledge.
const ROUND: Duration = Duration::from_millis(250);

/// From when half of a wave of sessions has ended until memory is given back.
const EBB: Duration = Duration::from_millis(300);

/// The memory of logs and screens.
pub struct Memory {
    cap: Cap,
    held: AtomicU64,
    /// How long a log may be now, in bytes.
    longest: AtomicUsize,
    /// Nothing more can be given back.
    exhausted: AtomicBool,
    /// The most sessions that there were since memory was given back to the system.
    most: AtomicUsize,
    /// Somebody goes over all of them.
    sweeping: AtomicBool,
    outputs: Mutex<Vec<Weak<[Output]>>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

impl Memory {
    /// Nothing yet, and at most `limit` bytes of it.
    pub fn new(limit: u64) -> Self {
        Self {
            cap: Cap::new(limit),
            held: AtomicU64::new(0),
            longest: AtomicUsize::new(LOG_FULL),
            exhausted: AtomicBool::new(false),
            most: AtomicUsize::new(0),
            sweeping: AtomicBool::new(false),
            outputs: Mutex::default(),
        }
    }

    /// What is held now, in bytes.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// How long a log may be now, in bytes.
    pub fn longest(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Whether there is room for another process.
    ///
    /// # Errors
    /// When there is none.
    pub fn check(&self) -> Result<(), StartError> {
        let exhausted = self.exhausted.load(Ordering::Relaxed);
        let admitted = self.cap.admits(self.held(), exhausted);
        admitted.then_some(()).ok_or(StartError::Memory)
    }

    /// There are so many sessions now. After a wave of ends the allocator, which keeps what it has for
    /// those to come, is told to give it back.
    pub fn sessions(&self, now: usize) {
        let most = self.most.fetch_max(now, Ordering::Relaxed).max(now);
        let order = Ordering::Relaxed;
        let over =
            wave_is_over(most, now) && self.most.compare_exchange(most, now, order, order).is_ok();
        if over && let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async {
                // The rest of the wave, and what each of them still holds for a moment.
                tokio::time::sleep(EBB).await;
                let _ = tokio::task::spawn_blocking(spawn::give_memory_back).await;
            });
        }
    }

    /// Goes over these as well from now on, for as long as they are there.
    pub fn watch(&self, outputs: &Arc<[Output]>) {
        let mut watched = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.len() == watched.capacity() {
            watched.retain(|outputs| outputs.strong_count() > 0);
        }
        watched.push(Arc::downgrade(outputs));
    }

    fn living(&self) -> Vec<Arc<[Output]>> {
        let mut watched = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|outputs| outputs.strong_count() > 0);
        watched.iter().filter_map(Weak::upgrade).collect()
    }

    fn took(self: &Arc<Self>, bytes: usize) {
        let held = self.held.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if held > self.cap.mark() && !self.sweeping.swap(true, Ordering::AcqRel) {
            match Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn(Arc::clone(self).sweep())),
                Err(_) => self.sweeping.store(false, Ordering::Release),
            }
        }
    }

    fn gave(&self, bytes: usize) {
        let held = self.held.fetch_sub(bytes as u64, Ordering::Relaxed) - bytes as u64;
        if self.longest() < LOG_FULL {
            let longer = |length| Some(self.cap.longer(length, held));
            let order = Ordering::Relaxed;
            let _ = self.longest.fetch_update(order, order, longer);
        }
    }

    /// Gives memory back until less than the mark is held.
    async fn sweep(self: Arc<Self>) {
        // Turns of their own: who gives memory back does not wait for who takes it.
        let folders = Folders::new(&Arc::default());
        info!(
            held = self.held(),
            "memory of logs and screens: above the mark"
        );
        loop {
            self.round(&folders).await;
            if self.held() > self.cap.mark() {
                tokio::time::sleep(ROUND).await;
                continue;
            }
            self.exhausted.store(false, Ordering::Relaxed);
            self.sweeping.store(false, Ordering::Release);
            // Whoever took more meanwhile found somebody at it.
            let again = self.held() > self.cap.mark();
            if !again || self.sweeping.swap(true, Ordering::AcqRel) {
                info!(
                    held = self.held(),
                    longest = self.longest(),
                    "memory of logs and screens: below the mark"
                );
                return;
            }
        }
    }

    async fn round(&self, folders: &Folders) {
        let all = self.living();
        let now = Instant::now();
        let touched = |outputs: &Arc<[Output]>| outputs.iter().map(Output::touched).max();
        let quiet = |outputs| now.saturating_duration_since(touched(outputs).unwrap_or(now));
        let quiet: Vec<Duration> = all.iter().map(quiet).collect();
        for at in coolest(&quiet) {
            if self.held() <= self.cap.mark() {
                return;
            }
            if all[at].iter().any(Output::is_warm) {
                let cool = |output: &Output| output.cool();
                folders.each(&all[at], cool).await;
            }
        }
        if self.held() <= self.cap.mark() {
            return;
        }
        let logs = all.iter().flat_map(|outputs| outputs.iter());
        let logs: Vec<usize> = logs.map(Output::log_memory).collect();
        let rest = self
            .held()
            .saturating_sub(logs.iter().sum::<usize>() as u64);
        let length = self.cap.longest(&logs, rest).min(self.longest());
        self.longest.store(length, Ordering::Relaxed);
        // Asked again: one that came meanwhile may have read more than it may hold now, and would
        // wait for its screen for ever.
        for outputs in &self.living() {
            folders.each(outputs, Output::shorten).await;
        }
        let exhausted = length == LOG_FLOOR && self.held() > self.cap.mark();
        if exhausted && !self.exhausted.swap(exhausted, Ordering::Relaxed) {
            warn!(held = self.held(), "no memory is left for new sessions");
        }
    }
}

/// What one log or screen holds of it; given back when this is dropped.
pub(super) struct Share {
    memory: Arc<Memory>,
    bytes: AtomicUsize,
}

impl Share {
    pub(super) fn new(memory: &Arc<Memory>) -> Self {
        Self {
            memory: Arc::clone(memory),
            bytes: AtomicUsize::new(0),
        }
    }

    /// It holds this many bytes now.
    pub(super) fn set(&self, bytes: usize) {
        if self.bytes.load(Ordering::Relaxed) == bytes {
            return;
        }
        let before = self.bytes.swap(bytes, Ordering::Relaxed);
        if bytes > before {
            self.memory.took(bytes - before);
        } else {
            self.memory.gave(before - bytes);
        }
    }

    /// How long a log may be now, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.memory.longest()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}
