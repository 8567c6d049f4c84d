//! What records terminals: one task for all of them, which reads their logs as a viewer does.
//!
//! There is no queue: what is not written yet is in the log, and nothing is forgotten there before
//! it is written. A disk that takes nothing for a while ends the recordings, never the processes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;
use tracing::warn;

use super::catalog::Catalog;
use super::recording::{Recording, Subject, Turn};
use super::recordings::{Recordings, fresh_id};
use crate::model::access::AUDIT;
use crate::model::cast::Record;
use crate::model::channel::Channel;
use crate::model::id::{ProcessId, SessionId};
use crate::model::process::ExitStatus;
use crate::model::size::Size;
use crate::process::Process;
use crate::process::output::Output;

/// For how long the disk may take nothing while processes wait for it: longer than a disk that is
/// woken up takes, shorter than what a person takes for a program that hangs.
const STALL: Duration = Duration::from_secs(2);

/// For how long a server that goes away waits for its recordings to be sealed.
const CLOSE: Duration = Duration::from_secs(5);

/// Records terminals.
pub struct Recorder {
    recordings: Recordings,
    signal: Arc<Notify>,
    live: Mutex<Vec<Arc<Recording>>>,
    /// How many there are.
    count: watch::Sender<usize>,
    progress: AtomicU64,
}

impl Catalog {
    /// What records terminals.
    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.settings.recorder.as_deref()
    }

    /// What was recorded, if anything ever is.
    pub fn recordings(&self) -> Option<&Recordings> {
        self.recorder().map(Recorder::recordings)
    }

    /// Whether the recording of this name is being made now.
    pub fn is_recording(&self, name: &str) -> bool {
        let live = |recorder: &Recorder| recorder.lock().iter().any(|one| one.id == name);
        self.recorder().is_some_and(live)
    }
}

/// A process that is recorded; dropping it ends the recording.
pub(super) struct Recorded {
    process: ProcessId,
    recording: Arc<Recording>,
    signal: Arc<Notify>,
}

impl Recorded {
    /// A process has ended.
    pub(super) fn exited(&self, process: ProcessId, status: &ExitStatus) {
        if self.process == process {
            self.recording.exited(status.clone());
            self.signal.notify_one();
        }
    }

    /// Whether nothing more is written.
    pub(super) fn is_over(&self) -> bool {
        self.recording.is_over()
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.recording.close();
        self.signal.notify_one();
    }
}

impl Recorder {
    /// Records into this folder, on the current runtime.
    pub fn start(folder: PathBuf) -> Arc<Self> {
        let recorder = Arc::new(Self {
            recordings: Recordings::at(folder),
            signal: Arc::default(),
            live: Mutex::default(),
            count: watch::Sender::new(0),
            progress: AtomicU64::new(0),
        });
        let task = Arc::downgrade(&recorder);
        let signal = Arc::clone(&recorder.signal);
        tokio::spawn(async move {
            loop {
                signal.notified().await;
                let Some(recorder) = task.upgrade() else {
                    break;
                };
                recorder.write().await;
            }
        });
        recorder
    }

    /// The folder.
    pub const fn recordings(&self) -> &Recordings {
        &self.recordings
    }

    /// Records the terminal of a process, if it has one.
    pub(super) fn record(
        &self,
        (session, app): (&SessionId, &str),
        (id, process): (ProcessId, &Process),
        (rules, size): (Record, Size),
    ) -> Option<Recorded> {
        let is_terminal = |output: &Output| output.channel() == Channel::Tty;
        let index = process.outputs.iter().position(is_terminal)?;
        let name = fresh_id()
            .inspect_err(|error| {
                let why = error.to_string();
                warn!(target: AUDIT, event = "recording_stopped", %session, why);
            })
            .ok()?;
        let subject = Subject {
            session: session.clone(),
            process: id,
            app: Arc::from(app),
            rules,
            size,
        };
        let outputs = (Arc::clone(&process.outputs), index);
        let recording = Arc::new(Recording::new(name, subject, outputs, &self.signal));
        let mut live = self.lock();
        live.push(Arc::clone(&recording));
        self.count.send_replace(live.len());
        drop(live);
        self.signal.notify_one();
        Some(Recorded {
            process: id,
            recording,
            signal: Arc::clone(&self.signal),
        })
    }

    /// Waits until everything is written, but not for a disk that does not take it.
    pub async fn close(&self) {
        let mut count = self.count.subscribe();
        let all = count.wait_for(|count| *count == 0);
        if !matches!(timeout(CLOSE, all).await, Ok(Ok(_))) {
            warn!("the disk does not take the recordings; they have no end");
        }
    }

    /// A turn for each recording.
    async fn write(self: &Arc<Self>) {
        let live: Vec<Arc<Recording>> = self.lock().clone();
        let recorder = Arc::clone(self);
        let mut turns = spawn_blocking(move || recorder.turns(&live));
        self.watch(&mut turns).await;
        let mut live = self.lock();
        live.retain(|recording| !recording.is_over());
        self.count.send_replace(live.len());
    }

    /// Waits for the disk; gives the recordings up when it takes nothing.
    async fn watch(&self, turns: &mut JoinHandle<()>) {
        loop {
            let before = self.progress.load(Ordering::Relaxed);
            if timeout(STALL, &mut *turns).await.is_ok() {
                return;
            }
            if self.progress.load(Ordering::Relaxed) == before {
                self.lock().iter().for_each(|recording| recording.give_up());
            }
        }
    }

    /// Where it may block.
    fn turns(&self, live: &[Arc<Recording>]) {
        let mut more = false;
        for recording in live {
            let others = self.lock().clone();
            let others = others.iter().filter(|other| other.id != recording.id);
            let (mut names, mut reserved) = (Vec::new(), 0);
            for other in others {
                names.push(other.id.clone());
                reserved += other.subject.rules.max;
            }
            let turn = recording.turn(&self.recordings, (&names, reserved), &self.progress);
            more |= turn == Turn::More;
        }
        if more {
            self.signal.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Recording>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
