//! One output channel, shared: the process's task appends, viewers read by cursor.
//!
//! The lock is held for one append or one copy, never across an await.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use tokio::sync::Notify;

use crate::model::channel::Channel;
use crate::model::id::ViewerId;
use crate::model::output_log::{Cursor, Mark, Next, OutputLog};
use crate::model::pace::{self, Pace};

/// What a terminal's log holds, in bytes: enough for a viewer that was away for a moment to go on
/// at the next byte, at a pace that no person reads.
pub const TERMINAL_LOG: usize = 2 * 1024 * 1024;

/// What a pipe's log holds, in bytes. A pipe is never skipped, so this is also how far its writer
/// may be ahead of the slowest viewer.
pub const PIPE_LOG: usize = 1024 * 1024;

/// An output channel of a process.
pub struct Output {
    channel: Channel,
    state: Mutex<State>,
    /// Notified when there may be room again for the process to be read.
    room: Notify,
}

struct State {
    log: OutputLog,
    pace: Pace,
    readers: Vec<Reader>,
}

/// A viewer that shows this channel.
struct Reader {
    viewer: ViewerId,
    /// The first byte that it has not acknowledged.
    acked: u64,
    signal: Arc<Notify>,
}

impl Output {
    /// An empty channel.
    pub fn new(channel: Channel) -> Self {
        let (capacity, pace) = match channel {
            Channel::Tty => (TERMINAL_LOG, Pace::Terminal),
            _ => (PIPE_LOG, Pace::Pipe { floor: 0 }),
        };
        let state = State {
            log: OutputLog::new(capacity),
            pace,
            readers: Vec::new(),
        };
        Self {
            channel,
            state: Mutex::new(state),
            room: Notify::new(),
        }
    }

    /// Which channel this is.
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The offset after the newest byte.
    pub fn head(&self) -> u64 {
        self.lock().log.head()
    }

    /// Adds bytes. Whoever shows them is woken by [`Output::wake`].
    pub fn append(&self, bytes: &[u8]) {
        self.lock().log.append(bytes);
    }

    /// Wakes whoever shows this channel.
    pub fn wake(&self) {
        self.lock().wake();
    }

    /// Sets a mark and wakes whoever shows it.
    pub fn mark(&self, mark: Mark) {
        let mut state = self.lock();
        state.log.mark(mark);
        state.wake();
    }

    /// How many bytes of the process may be read now.
    pub fn room(&self) -> usize {
        let state = self.lock();
        let log = &state.log;
        let acked = state.readers.iter().map(|reader| reader.acked);
        pace::room(state.pace, log.head(), log.capacity(), acked)
    }

    /// Waits for a change after which there may be room.
    pub async fn room_changed(&self) {
        self.room.notified().await;
    }

    /// Adds a viewer at the offset `from`, or at the oldest byte held. `signal` is notified at
    /// every change. `None` if `from` lies beyond what was written.
    pub fn join(
        &self,
        viewer: ViewerId,
        from: Option<u64>,
        signal: &Arc<Notify>,
    ) -> Option<Cursor> {
        let mut state = self.lock();
        let cursor = match from {
            Some(offset) => state.log.cursor_at(offset)?,
            None => state.log.oldest(),
        };
        let signal = Arc::clone(signal);
        state.readers.push(Reader {
            viewer,
            acked: cursor.offset(),
            signal,
        });
        drop(state);
        self.room.notify_one();
        Some(cursor)
    }

    /// Takes a viewer off.
    pub fn leave(&self, viewer: ViewerId) {
        let mut state = self.lock();
        let acked: Vec<u64> = state.readers.iter().map(|reader| reader.acked).collect();
        state.readers.retain(|reader| reader.viewer != viewer);
        if let Pace::Pipe { floor } = &mut state.pace {
            // What the slowest of them had not received is kept for whoever comes next.
            *floor = acked.into_iter().min().unwrap_or(*floor).max(*floor);
        }
        drop(state);
        self.room.notify_one();
    }

    /// A viewer has consumed everything below `offset`.
    pub fn ack(&self, viewer: ViewerId, offset: u64) {
        let mut state = self.lock();
        if let Some(reader) = state
            .readers
            .iter_mut()
            .find(|reader| reader.viewer == viewer)
        {
            reader.acked = reader.acked.max(offset);
        }
        drop(state);
        self.room.notify_one();
    }

    /// Reads on at `cursor`; see [`OutputLog::read`].
    pub fn read(&self, cursor: &mut Cursor, limit: usize, out: &mut BytesMut) -> Next {
        self.lock().log.read(cursor, limit, out)
    }

    /// A cursor at the oldest byte held.
    pub fn oldest(&self) -> Cursor {
        self.lock().log.oldest()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&self) {
        for reader in &self.readers {
            reader.signal.notify_one();
        }
    }
}
