//! Sessions that keep a server busy beside what is measured: their clients live on a thread of
//! their own.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use anyhow::Context as _;
use tokio::sync::{oneshot, watch};

use super::client::{Client, Dialect};
use super::subject::Door;

/// Bytes that each of the clients reads at once.
const READ: usize = 64 * 1024;

/// Sessions at work; they end when this is dropped.
pub struct Busy {
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// What came from each.
    counts: Vec<Arc<AtomicU64>>,
}

impl Busy {
    /// Opens a session for each command and has its program do it.
    ///
    /// # Errors
    /// When they do not come to work.
    pub fn start(door: Door, commands: Vec<String>) -> anyhow::Result<Self> {
        let commands = commands.into_iter().map(|command| (None, command));
        Self::start_at(door, commands.collect())
    }

    /// The same with some sessions at a path of their own.
    ///
    /// # Errors
    /// When they do not come to work.
    pub fn start_at(
        door: Door,
        commands: Vec<(Option<&'static str>, String)>,
    ) -> anyhow::Result<Self> {
        Self::over(commands.len(), open(door, commands))
    }

    /// Opens one session with so many viewers, and has its program do something.
    ///
    /// # Errors
    /// When it does not come to that.
    pub fn watch(door: Door, viewers: usize, command: String) -> anyhow::Result<Self> {
        Self::over(viewers, attach(door, viewers, command))
    }

    fn over(
        count: usize,
        opening: impl Future<Output = anyhow::Result<Vec<Client>>> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (stop, mut stopped) = watch::channel(());
        let (tell, works) = oneshot::channel();
        let counts: Vec<Arc<AtomicU64>> = (0..count).map(|_| Arc::default()).collect();
        let counting = counts.clone();
        let runtime = super::bench::single()?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let clients = match opening.await {
                    Ok(clients) => clients,
                    Err(error) => return drop(tell.send(Err(error))),
                };
                for (client, count) in clients.into_iter().zip(counting) {
                    tokio::spawn(read(client, count));
                }
                drop(tell.send(Ok(())));
                // An error is what is waited for: the sender is gone.
                let _ = stopped.changed().await;
            });
        });
        let busy = Self {
            stop: Some(stop),
            thread: Some(thread),
            counts,
        };
        works.blocking_recv().context("the busy sessions")??;
        Ok(busy)
    }

    /// What came from each session so far, in bytes.
    pub fn counts(&self) -> Vec<u64> {
        let counts = self.counts.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// All sessions first, then all work: nobody starts beside a flood.
async fn open(
    door: Door,
    commands: Vec<(Option<&'static str>, String)>,
) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::with_capacity(commands.len());
    for (path, _) in &commands {
        let mut client = match path {
            Some(path) => door.open_at(path, Dialect::Raw, READ).await?,
            None => door.open(READ).await?,
        };
        client.ready().await?;
        clients.push(client);
    }
    for (client, (_, command)) in clients.iter_mut().zip(&commands) {
        client.send(format!("{command}\n").as_bytes()).await?;
    }
    Ok(clients)
}

/// One session whose owner leaves it to its viewers.
async fn attach(door: Door, viewers: usize, command: String) -> anyhow::Result<Vec<Client>> {
    let mut owner = door.open_at("/ws", Dialect::Json, READ).await?;
    owner.ready().await?;
    let session = owner.session.clone().context("no session is told")?;
    let path = format!("/ws?session={session}&role=watch");
    let mut clients = Vec::with_capacity(viewers);
    for _ in 0..viewers {
        clients.push(door.open_at(&path, Dialect::Raw, READ).await?);
    }
    owner.send(format!("{command}\n").as_bytes()).await?;
    // The first of the flood: then the command has arrived.
    owner.next().await?;
    Ok(clients)
}

async fn read(mut client: Client, count: Arc<AtomicU64>) {
    while let Ok(bytes) = client.next().await {
        count.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}
