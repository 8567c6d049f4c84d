//! The screen of a terminal channel, kept off the byte path.
//!
//! The screen model is one more reader of the log. It lags behind on purpose and catches up when
//! the lag is large, when a program asks the terminal something, or when somebody needs to see the
//! screen. While nothing happens it is frozen: a few kilobytes instead of a grid.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, Semaphore, oneshot};

use super::memory::{Memory, Share};
use super::output::Output;
use crate::model::colors::Colors;
use crate::model::lane::Log as _;
use crate::model::meter::Meter;
use crate::model::output_log::{Cursor, Mark, Next};
use crate::model::screen::{Backlog, Clean, FrozenScreen, QueryScan, Screen, Settings};
use crate::model::size::Size;

/// How far the screen may lag behind before it is told to catch up, in bytes. The longer the
/// piece, the more of a log has scrolled away before it is looked at, and need not be; the shorter,
/// the less a late viewer waits. This is under 40 ms of the slowest program's output.
const LAG: u64 = 2 * 1024 * 1024;

/// What is folded between two looks at the log, in bytes: all that there can be.
const PIECE: usize = 4 * 1024 * 1024;

/// The largest snapshot, in bytes: it travels as one frame.
const SNAPSHOT_MAX: usize = 1024 * 1024 - 64;

/// Lines above the screen that are kept: about 1 MiB of usual text, packed to a tenth of that.
const SCROLLBACK: usize = 10_000;

/// Lines above the screen in a snapshot for which nothing else is said, as many as the page keeps:
/// whoever scrolls beyond them asks for more.
const SNAPSHOT_LINES: usize = 5_000;

/// What a terminal shows at an offset.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where the stream goes on: behind the size that is part of it.
    pub cursor: Cursor,
    /// The terminal's size there.
    pub size: Size,
    /// What to write into a terminal of this size that was reset.
    pub bytes: Bytes,
}

/// The screen of one channel.
pub struct Fold {
    state: Mutex<State>,
    /// The offset up to which the log was folded.
    folded: AtomicU64,
    /// Whether somebody is at it.
    busy: AtomicBool,
    /// Whether the screen takes the memory of a grid.
    live: AtomicBool,
    /// What it is counted with.
    share: Share,
    /// What the viewers draw text in, see [`Colors::packed`].
    colors: AtomicU64,
    /// Says which pieces of output ask something.
    questions: Mutex<QueryScan>,
}

struct State {
    screen: Form,
    /// What the screen takes before anything else happens to it.
    backlog: Backlog,
    cursor: Cursor,
}

enum Form {
    Live(Box<Screen>),
    Frozen(Box<FrozenScreen>),
    /// Nothing was folded yet.
    New(Size),
}

impl State {
    /// The memory that it takes, in bytes.
    fn bytes(&self) -> usize {
        let screen = match &self.screen {
            Form::Live(screen) => screen.bytes(),
            Form::Frozen(frozen) => frozen.bytes(),
            Form::New(_) => 0,
        };
        screen + self.backlog.bytes()
    }

    /// Takes a piece of output; one that nobody looks at yet may wait.
    fn take(&mut self, piece: &[u8], may_wait: bool) {
        self.live();
        let Self {
            screen, backlog, ..
        } = self;
        let waits = match screen {
            Form::Live(screen) if may_wait => backlog.take(screen, piece),
            _ => false,
        };
        if !waits {
            self.settle();
            self.live().feed_long(piece);
        }
    }

    /// Feeds the screen with what waits.
    fn settle(&mut self) {
        let waiting = self.backlog.release();
        if !waiting.is_empty() {
            self.live().feed(&waiting);
        }
    }

    fn live(&mut self) -> &mut Screen {
        let form = std::mem::replace(&mut self.screen, Form::New(Size::DEFAULT));
        let screen = match form {
            Form::Live(screen) => screen,
            Form::Frozen(frozen) => Box::new(frozen.thaw()),
            Form::New(size) => Box::new(Screen::new(size, settings())),
        };
        self.screen = Form::Live(screen);
        match &mut self.screen {
            Form::Live(screen) => screen,
            Form::Frozen(_) | Form::New(_) => unreachable!("it was made live just now"),
        }
    }
}

fn settings() -> Settings {
    Settings {
        scrollback_lines: SCROLLBACK,
        ..Settings::default()
    }
}

impl Fold {
    /// The screen of a terminal that was just switched on.
    pub fn new(size: Size, memory: &Arc<Memory>) -> Self {
        let state = State {
            screen: Form::New(size),
            backlog: Backlog::default(),
            cursor: Cursor::default(),
        };
        Self {
            state: Mutex::new(state),
            folded: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            live: AtomicBool::new(false),
            share: Share::new(memory),
            colors: AtomicU64::new(Colors::default().packed()),
            questions: Mutex::default(),
        }
    }

    /// Says what the viewers draw text in, for what is asked from now on.
    pub fn show_in(&self, colors: Colors) {
        self.colors.store(colors.packed(), Ordering::Relaxed);
    }

    /// The offset up to which the log was folded: nothing from here on may be forgotten.
    pub fn folded(&self) -> u64 {
        self.folded.load(Ordering::Acquire)
    }

    /// Whether this piece of output, the next one, asks the terminal something, and what viewers
    /// need not look at again.
    pub fn asks(&self, bytes: &[u8]) -> (bool, Clean) {
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (questions.needs_answer(bytes), questions.clean())
    }

    /// Folds everything there is, and gives the answers to what the program asked.
    pub fn catch_up(&self, output: &Output) -> Vec<u8> {
        self.fold(&mut self.lock(), output, false)
    }

    /// Takes everything there is, as [`Fold::catch_up`], for a screen that nobody looks at now.
    pub fn follow(&self, output: &Output) -> Vec<u8> {
        self.fold(&mut self.lock(), output, true)
    }

    /// Catches up and writes what the terminal shows now, with up to so many lines above it.
    pub fn snapshot(&self, output: &Output, lines: Option<u32>) -> (Snapshot, Vec<u8>) {
        let lines = lines.map_or(SNAPSHOT_LINES, |it| {
            usize::try_from(it).unwrap_or(usize::MAX)
        });
        self.look(output, |screen, cursor| Snapshot {
            cursor,
            size: screen.size(),
            bytes: screen.snapshot_within(SNAPSHOT_MAX, lines).into(),
        })
    }

    /// Catches up and looks at the screen.
    pub fn look<T>(
        &self,
        output: &Output,
        look: impl FnOnce(&Screen, Cursor) -> T,
    ) -> (T, Vec<u8>) {
        let mut state = self.lock();
        let was_live = self.is_live();
        let replies = self.fold(&mut state, output, false);
        let cursor = state.cursor;
        let seen = look(state.live(), cursor);
        if !was_live {
            // Nobody waits for an idle screen to be put away again.
            self.put_away(&mut state);
        }
        (seen, replies)
    }

    /// Catches up and puts the screen away until it is needed again.
    pub fn freeze(&self, output: &Output) -> Vec<u8> {
        let mut state = self.lock();
        let replies = self.fold(&mut state, output, false);
        self.put_away(&mut state);
        replies
    }

    fn put_away(&self, state: &mut State) {
        let form = std::mem::replace(&mut state.screen, Form::New(Size::DEFAULT));
        state.screen = match form {
            Form::Live(screen) => Form::Frozen(Box::new(screen.freeze())),
            other => other,
        };
        self.live.store(false, Ordering::Release);
        self.share.set(state.bytes());
    }

    /// Whether the screen takes the memory of a grid.
    pub fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    /// Whether the screen is so far behind `head` that somebody should catch up; the one who is
    /// told so has it to do, by [`Fold::done`] in the end. A log of `capacity` bytes is never full
    /// of what the screen has not seen.
    pub fn begin(&self, head: u64, capacity: usize) -> bool {
        let lag = LAG.min(capacity as u64 / 2);
        head - self.folded().min(head) > lag && !self.busy.swap(true, Ordering::AcqRel)
    }

    /// The work that [`Fold::begin`] gave out is done.
    pub fn done(&self) {
        self.busy.store(false, Ordering::Release);
    }

    fn fold(&self, state: &mut State, output: &Output, may_wait: bool) -> Vec<u8> {
        let mut piece = BytesMut::new();
        // What comes meanwhile is left for the next time: it would be caught up with byte by byte,
        // at the pace of the flood.
        let until = output.head();
        let colors = Colors::unpacked(self.colors.load(Ordering::Relaxed));
        loop {
            piece.clear();
            let mut cursor = state.cursor;
            let rest = until.saturating_sub(cursor.offset());
            let limit = usize::try_from(rest).unwrap_or(PIECE).min(PIECE);
            let next = output.read(&mut cursor, limit, &mut piece);
            match next {
                Next::Bytes(_) => {
                    state.live().show_in(colors);
                    state.take(&piece, may_wait);
                }
                Next::Mark(Mark::Size(size)) => {
                    state.settle();
                    match &mut state.screen {
                        Form::New(first) => *first = size,
                        _ => state.live().resize(size),
                    }
                }
                // The end is not passed: whoever goes on from here has to be told of it.
                Next::Nothing | Next::Mark(Mark::End) => break,
                // Reading waits for the screen, so nothing it has not seen is ever forgotten.
                Next::Lost(_) => cursor = output.oldest(),
            }
            state.cursor = cursor;
            self.folded.store(cursor.offset(), Ordering::Release);
        }
        if !may_wait {
            state.settle();
        }
        self.share.set(state.bytes());
        match &mut state.screen {
            Form::Live(screen) => {
                self.live.store(true, Ordering::Release);
                screen.replies()
            }
            Form::Frozen(_) | Form::New(_) => Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who folds: as many at once as there are cores, on threads of their own, so that no session's
/// screen holds up another's bytes.
#[derive(Clone)]
pub struct Folders {
    turns: Arc<Semaphore>,
    meter: Arc<Meter>,
}

impl Folders {
    /// Nobody folds yet; `meter` counts how often it is done.
    pub fn new(meter: &Arc<Meter>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            meter: Arc::clone(meter),
        }
    }

    /// Does some folding when it is its turn.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        self.meter.folds.one();
        let turn = Arc::clone(&self.turns);
        tokio::spawn(async move {
            let permit = turn.acquire_owned().await;
            let _ = tokio::task::spawn_blocking(move || {
                work();
                drop(permit);
            })
            .await;
        });
    }

    /// Does `work` with each of `outputs` when it is its turn, and waits until it is done.
    pub async fn each(&self, outputs: &Arc<[Output]>, work: fn(&Output)) {
        let (outputs, done) = (Arc::clone(outputs), Arc::new(Notify::new()));
        let told = Arc::clone(&done);
        self.run(move || {
            outputs.iter().for_each(work);
            told.notify_one();
        });
        done.notified().await;
    }

    /// Looks at the screen of a channel of `outputs`.
    pub fn look<T: Send + 'static>(
        &self,
        outputs: &Arc<[Output]>,
        index: usize,
        look: impl FnOnce(&Screen) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (give, take) = oneshot::channel();
        let outputs = Arc::clone(outputs);
        self.run(move || {
            if let Some(seen) = outputs.get(index).and_then(|output| output.look(look)) {
                let _ = give.send(seen);
            }
        });
        take
    }

    /// Takes a snapshot of a channel of `outputs`, with up to so many lines above it; `signal` is
    /// notified when it is there.
    pub fn snapshot(
        &self,
        outputs: &Arc<[Output]>,
        index: usize,
        lines: Option<u32>,
        signal: &Arc<Notify>,
    ) -> oneshot::Receiver<Snapshot> {
        let (give, take) = oneshot::channel();
        self.meter.snapshots.one();
        let (outputs, signal) = (Arc::clone(outputs), Arc::clone(signal));
        self.run(move || {
            let snapshot = outputs.get(index).and_then(|output| output.snapshot(lines));
            if let Some(snapshot) = snapshot {
                let _ = give.send(snapshot);
            }
            signal.notify_one();
        });
        take
    }
}
