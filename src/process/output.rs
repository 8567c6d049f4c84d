//! One output channel, shared: the process's task appends, viewers read by cursor.
//!
//! The lock is held for one append or one copy, never across an await.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::fold::{Fold, Snapshot};
use super::input::InputQueue;
use super::memory::{Memory, Share};
use crate::model::channel::Channel;
use crate::model::colors::Colors;
use crate::model::id::ViewerId;
use crate::model::lane::Log;
use crate::model::output_log::{Cursor, Mark, Next, OutputLog};
use crate::model::pace::{Audience, Pace};
use crate::model::screen::{Clean, Screen};
use crate::model::size::Size;

/// What a terminal's log holds, in bytes: enough for a viewer that was away for a moment to go on
/// at the next byte, and for the screen to lag behind a flood without holding it up.
pub const TERMINAL_LOG: usize = 4 * 1024 * 1024;

/// What a pipe's log holds, in bytes. A pipe is never skipped, so this is also how far its writer
/// may be ahead of the slowest viewer.
pub const PIPE_LOG: usize = 1024 * 1024;

/// What stays of a terminal's log while nothing happens, in bytes: a viewer that lost its
/// connection meanwhile goes on at the next byte.
const IDLE_LOG: usize = 16 * 1024;

/// A log that takes more than this, in bytes, is worth being made as small as an idle one.
const WARM_LOG: usize = 2 * IDLE_LOG;

/// For how long nothing is forgotten that the last viewer of a terminal had not received: a lost
/// connection is opened anew within this, and then goes on at the next byte, even in a flood.
/// Afterwards the program runs on, whoever watches.
const AWAY: Duration = Duration::from_secs(10);

/// An output channel of a process.
pub struct Output {
    channel: Channel,
    /// The screen, where it is a terminal's.
    terminal: Option<Terminal>,
    state: Mutex<State>,
    /// Notified when there may be room again for the process to be read.
    room: Notify,
    /// What the log is, in bytes, where there is memory enough.
    full: usize,
    /// What the log is counted with.
    share: Share,
}

/// How it stands with a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// What its log takes, in bytes.
    pub memory: usize,
    /// How many bytes its slowest viewer has not acknowledged.
    pub lag: u64,
}

/// What a terminal's channel has besides its bytes.
struct Terminal {
    fold: Fold,
    /// Where the answers to the program's questions go.
    input: Arc<InputQueue>,
}

struct State {
    log: OutputLog,
    audience: Audience,
    /// Who is notified at every change.
    signals: Vec<(ViewerId, Arc<Notify>)>,
    /// Until when the last viewer of a terminal may come back.
    away_until: Option<Instant>,
    /// When the process last wrote.
    touched: Instant,
    /// What was looked at and asks the terminal nothing.
    clean: Clean,
    /// Who records it.
    tap: Option<Tap>,
}

/// Whoever records a channel: a reader that nothing is forgotten before, as long as it reads on.
struct Tap {
    /// Everything below this was read.
    read: u64,
    signal: Arc<Notify>,
}

impl Output {
    /// The empty channel of a pipe.
    pub fn pipe(channel: Channel, memory: &Arc<Memory>) -> Self {
        Self::new(channel, PIPE_LOG, Pace::Pipe { floor: 0 }, None, memory)
    }

    /// The empty channel of a terminal; what its program asks is answered into `input`.
    pub fn terminal(size: Size, input: Arc<InputQueue>, memory: &Arc<Memory>) -> Self {
        let terminal = Terminal {
            fold: Fold::new(size, memory),
            input,
        };
        let pace = Pace::Terminal { floor: None };
        let output = Self::new(Channel::Tty, TERMINAL_LOG, pace, Some(terminal), memory);
        output.mark(Mark::Size(size));
        output
    }

    fn new(
        channel: Channel,
        full: usize,
        pace: Pace,
        terminal: Option<Terminal>,
        memory: &Arc<Memory>,
    ) -> Self {
        let state = State {
            log: OutputLog::new(full),
            audience: Audience::new(pace),
            signals: Vec::new(),
            away_until: None,
            touched: Instant::now(),
            clean: Clean::default(),
            tap: None,
        };
        Self {
            channel,
            terminal,
            state: Mutex::new(state),
            room: Notify::new(),
            full,
            share: Share::new(memory),
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

    /// How it stands with this channel now.
    pub fn reading(&self) -> Reading {
        let state = self.lock();
        Reading {
            memory: state.log.memory(),
            lag: state.audience.lag(state.log.head()),
        }
    }

    /// When the process last wrote.
    pub fn touched(&self) -> Instant {
        self.lock().touched
    }

    /// Adds bytes. Whoever shows them is woken by [`Output::wake`]. Questions to the terminal are
    /// answered at once.
    pub fn append(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if self.fit(&mut state) < self.full {
            let needed = state.needed().min(self.folded());
            state.log.append_keeping(bytes, needed);
        } else {
            state.log.append(bytes);
        }
        self.share.set(state.log.memory());
        state.touched = Instant::now();
        drop(state);
        let Some(terminal) = &self.terminal else {
            return;
        };
        let (asks, clean) = terminal.fold.asks(bytes);
        self.lock().clean = clean;
        if asks {
            self.catch_up();
        }
    }

    /// How many bytes from this offset on surely ask the terminal nothing.
    pub fn clean(&self, offset: u64) -> usize {
        self.lock().clean.after(offset)
    }

    /// Makes the log as long as it may be now, and gives that length.
    fn fit(&self, state: &mut State) -> usize {
        let capacity = self.full.min(self.share.longest());
        state.log.set_capacity(capacity);
        capacity
    }

    /// Up to where the screen has seen what was written; a pipe has none.
    fn folded(&self) -> u64 {
        let terminal = self.terminal.as_ref();
        terminal.map_or(u64::MAX, |terminal| terminal.fold.folded())
    }

    /// The memory that the log takes, in bytes.
    pub fn log_memory(&self) -> usize {
        self.lock().log.memory()
    }

    /// Makes the log as short as it has to be, forgetting nothing that is needed still.
    pub fn shorten(&self) {
        if let Some(Terminal { fold, input }) = &self.terminal {
            answer(input, fold.freeze(self));
        }
        let mut state = self.lock();
        let capacity = self.fit(&mut state);
        let needed = state.needed().min(self.folded());
        self.trim(&mut state, capacity, needed);
        drop(state);
        self.room.notify_one();
    }

    /// Forgets all but the newest `keep` bytes and what comes from `needed` on.
    fn trim(&self, state: &mut State, keep: usize, needed: u64) {
        let unseen = state.log.head().saturating_sub(needed);
        let keep = keep.max(usize::try_from(unseen).unwrap_or(usize::MAX));
        state.log.trim(keep);
        self.share.set(state.log.memory());
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
        let mut state = self.lock();
        self.fit(&mut state);
        let log = &state.log;
        let room = state.audience.room(log.head(), log.capacity());
        // What the screen and the recording have not seen must not be forgotten.
        let seen = self.folded().min(state.unrecorded());
        let unseen = log.head() - seen.min(log.head());
        room.min(
            log.capacity()
                - usize::try_from(unseen)
                    .unwrap_or(log.capacity())
                    .min(log.capacity()),
        )
    }

    /// Waits for a change after which there may be room.
    pub async fn room_changed(&self) {
        let Some(until) = self.away_until() else {
            return self.room.notified().await;
        };
        if timeout_at(until, self.room.notified()).await.is_err() {
            self.lock().give_up();
        }
    }

    /// Until when nothing is forgotten because the last viewer may come back.
    pub fn away_until(&self) -> Option<Instant> {
        self.lock().away_until
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
        state.away_until = None;
        state.audience.join(viewer, cursor.offset());
        state.signals.reserve_exact(1);
        state.signals.push((viewer, Arc::clone(signal)));
        drop(state);
        self.room.notify_one();
        Some(cursor)
    }

    /// Takes a viewer off.
    pub fn leave(&self, viewer: ViewerId) {
        let mut state = self.lock();
        state.signals.retain(|(known, _)| *known != viewer);
        if state.audience.leave(viewer) {
            state.away_until = Some(Instant::now() + AWAY);
        }
        drop(state);
        self.room.notify_one();
    }

    /// Begins to record: `signal` is notified at every change, and nothing is forgotten from the
    /// cursor on, until [`Output::recorded`] says so.
    pub fn record(&self, signal: &Arc<Notify>) -> Cursor {
        let mut state = self.lock();
        let cursor = state.log.oldest();
        state.tap = Some(Tap {
            read: cursor.offset(),
            signal: Arc::clone(signal),
        });
        cursor
    }

    /// Everything below `offset` is recorded; `None`: nothing is recorded any more.
    pub fn recorded(&self, offset: Option<u64>) {
        let mut state = self.lock();
        match (offset, &mut state.tap) {
            (Some(offset), Some(tap)) => tap.read = offset,
            (Some(_), None) => {}
            (None, tap) => *tap = None,
        }
        drop(state);
        self.room.notify_one();
    }

    /// A viewer has consumed everything below `offset`.
    pub fn ack(&self, viewer: ViewerId, offset: u64) {
        let mut state = self.lock();
        state.audience.ack(viewer, offset);
        // Nothing happens any more after which it would be put away.
        if self.terminal.is_some() && state.log.ended() && state.log.memory() > WARM_LOG {
            self.rest(&mut state);
        }
        drop(state);
        self.room.notify_one();
    }

    /// Says what the viewers of the screen draw text in.
    pub fn show_in(&self, colors: Colors) {
        if let Some(terminal) = &self.terminal {
            terminal.fold.show_in(colors);
        }
    }

    /// Brings the screen up to date.
    pub fn catch_up(&self) {
        if let Some(Terminal { fold, input }) = &self.terminal {
            answer(input, fold.catch_up(self));
            self.room.notify_one();
        }
    }

    /// Whether the screen lags so far behind that the caller has to bring it up to date, by
    /// [`Output::follow`], on another thread.
    pub fn lags(&self) -> bool {
        self.terminal.as_ref().is_some_and(|terminal| {
            let state = self.lock();
            let (head, capacity) = (state.log.head(), state.log.capacity());
            drop(state);
            terminal.fold.begin(head, capacity)
        })
    }

    /// Brings a screen that lags up to date.
    pub fn follow(&self) {
        if let Some(Terminal { fold, input }) = &self.terminal {
            answer(input, fold.follow(self));
            self.room.notify_one();
            fold.done();
        }
    }

    /// What the terminal shows now, with up to so many lines above it; `None` for a pipe.
    pub fn snapshot(&self, lines: Option<u32>) -> Option<Snapshot> {
        let Terminal { fold, input } = self.terminal.as_ref()?;
        let (snapshot, replies) = fold.snapshot(self, lines);
        answer(input, replies);
        self.room.notify_one();
        Some(snapshot)
    }

    /// Looks at the screen as it is now; `None` for a pipe.
    pub fn look<T>(&self, look: impl FnOnce(&Screen) -> T) -> Option<T> {
        let Terminal { fold, input } = self.terminal.as_ref()?;
        let (seen, replies) = fold.look(self, |screen, _| look(screen));
        answer(input, replies);
        self.room.notify_one();
        Some(seen)
    }

    /// The newest bytes that are held, at most this many, and the offset behind them.
    pub fn newest(&self, limit: usize) -> (BytesMut, u64) {
        let state = self.lock();
        let (oldest, head) = (state.log.oldest(), state.log.head());
        let from = head.saturating_sub(limit as u64).max(oldest.offset());
        let mut cursor = state.log.cursor_at(from).unwrap_or(oldest);
        let mut bytes = BytesMut::new();
        loop {
            match state.log.read(&mut cursor, limit, &mut bytes) {
                Next::Bytes(_) | Next::Mark(Mark::Size(_)) => {}
                Next::Mark(Mark::End) | Next::Nothing | Next::Lost(_) => return (bytes, head),
            }
        }
    }

    /// Whether it holds more memory than it needs while nothing happens.
    pub fn is_warm(&self) -> bool {
        let live = |terminal: &Terminal| terminal.fold.is_live();
        self.terminal.as_ref().is_some_and(live) || self.log_memory() > WARM_LOG
    }

    /// Gives back what is not needed while nothing happens: the screen's grid, and old output
    /// that everybody has.
    pub fn cool(&self) {
        if let Some(Terminal { fold, input }) = &self.terminal {
            answer(input, fold.freeze(self));
        }
        let mut state = self.lock();
        if state
            .away_until
            .is_some_and(|until| until <= Instant::now())
        {
            state.give_up();
        }
        self.rest(&mut state);
    }

    /// Forgets old output that everybody has.
    fn rest(&self, state: &mut State) {
        let needed = state.audience.slowest().min(self.folded());
        let needed = needed.min(state.unrecorded());
        self.trim(state, IDLE_LOG, needed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Output {
    fn read(&self, cursor: &mut Cursor, limit: usize, out: &mut BytesMut) -> Next {
        self.lock().log.read(cursor, limit, out)
    }

    fn oldest(&self) -> Cursor {
        self.lock().log.oldest()
    }
}

/// Types the answers to a program's questions. A program that asks without reading is not
/// answered for ever.
fn answer(input: &InputQueue, replies: Vec<u8>) {
    if !replies.is_empty() {
        let _ = input.push(&mut replies.into(), &Arc::default());
    }
}

impl State {
    /// The last viewer is no longer waited for: another one has come, or it did not come back.
    fn give_up(&mut self) {
        self.away_until = None;
        self.audience.give_up();
    }

    /// From where on nothing may be forgotten.
    fn needed(&self) -> u64 {
        self.audience.needed().min(self.unrecorded())
    }

    /// From where on nothing is recorded yet.
    fn unrecorded(&self) -> u64 {
        self.tap.as_ref().map_or(u64::MAX, |tap| tap.read)
    }

    fn wake(&self) {
        let tap = self.tap.iter().map(|tap| &tap.signal);
        for signal in self.signals.iter().map(|(_, signal)| signal).chain(tap) {
            signal.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
