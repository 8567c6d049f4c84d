//! Many sessions at once, each with a program that waits.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use super::client::Client;
use super::subject::Door;

/// Sessions that are being opened at a time.
const AT_ONCE: usize = 32;

/// Bytes that a client reads at once: it does not read much.
const READ: usize = 256;

/// The program of the sessions. It is on every system, and small.
pub const COMMAND: [&str; 1] = ["cat"];

/// Sessions that idle; they are left when this is dropped.
pub struct Herd {
    runtime: Runtime,
    door: Door,
    /// What comes back of a line, once the program is there.
    answer: u64,
    /// Whether a client stays with its session.
    stays: bool,
    stop: watch::Sender<()>,
    refused: Arc<AtomicU64>,
}

/// What opening brought.
pub struct Opened {
    /// How many sessions there are more.
    pub count: usize,
    /// How long it took.
    pub took: Duration,
    /// How long each took to its program's first answer, in order.
    pub answers: Vec<Duration>,
    /// How many were refused.
    pub refused: u64,
}

impl Opened {
    /// Sessions a second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// The answer that this share of the sessions was faster than, in milliseconds.
    pub fn answer(&self, share: f64) -> f64 {
        let place = (self.answers.len() as f64 * share) as usize;
        let answer = self
            .answers
            .get(place.min(self.answers.len().saturating_sub(1)));
        answer.map_or(0.0, |answer| answer.as_secs_f64() * 1e3)
    }
}

impl Herd {
    /// None yet, at a server whose sessions have terminals or not.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub fn new(door: Door, terminal: bool, stays: bool) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            door,
            // The terminal's own echo comes first, and both lines end in two characters.
            answer: if terminal { 6 } else { 2 },
            stays,
            stop: watch::Sender::new(()),
            refused: Arc::default(),
        })
    }

    /// Opens so many more, or as many as fit into `limit`.
    pub fn grow(&self, count: usize, limit: Duration) -> Opened {
        let reached = Arc::new(AtomicUsize::new(0));
        let answers = Arc::new(Mutex::new(Vec::with_capacity(count)));
        let began = Instant::now();
        let opening = futures_util::stream::iter(0..count)
            .map(|_| {
                let (reached, answers) = (Arc::clone(&reached), Arc::clone(&answers));
                let one = first_answer(self.door, self.answer);
                let (stopped, stays) = (self.stop.subscribe(), self.stays);
                let refused = Arc::clone(&self.refused);
                tokio::spawn(async move {
                    let Ok((client, took)) = one.await else {
                        refused.fetch_add(1, Ordering::Relaxed);
                        return;
                    };
                    reached.fetch_add(1, Ordering::Relaxed);
                    answers
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(took);
                    if stays {
                        tokio::spawn(idle(client, stopped));
                    }
                })
            })
            .buffer_unordered(AT_ONCE)
            .for_each(|_| std::future::ready(()));
        // What is not there by then is what the caller is told.
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(limit, opening).await });
        let took = began.elapsed();
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = std::mem::take(&mut *answers);
        answers.sort_unstable();
        Opened {
            count: reached.load(Ordering::Relaxed),
            took,
            answers,
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

/// Opens a session, and waits until its program has answered a line.
async fn first_answer(door: Door, answer: u64) -> anyhow::Result<(Client, Duration)> {
    let began = Instant::now();
    let mut client = door.open(READ).await?;
    client.send(b"a\n").await?;
    let mut seen = 0;
    while seen < answer {
        seen += client.next().await?.len() as u64;
    }
    Ok((client, began.elapsed()))
}

/// Stays with a session, and answers what the server asks.
async fn idle(mut client: Client, mut stopped: watch::Receiver<()>) {
    tokio::select! {
        _ = stopped.changed() => {}
        () = async { while client.next().await.is_ok() {} } => {}
    }
}
