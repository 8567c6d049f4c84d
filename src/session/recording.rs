//! One recording while it is made: a reader of a terminal's output that writes what it reads into
//! a file. Everything here that touches the file is done where it may block.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::recordings::{Recordings, keep_line};
use crate::clock;
use crate::model::access::AUDIT;
use crate::model::cast::Record;
use crate::model::cast::chain::{Chain, Kind};
use crate::model::cast::encode::{self, Encoder, MAX_EVENT};
use crate::model::id::{ProcessId, SessionId};
use crate::model::lane::Log as _;
use crate::model::output_log::{Cursor, Mark, Next};
use crate::model::process::ExitStatus;
use crate::model::size::Size;
use crate::process::output::Output;

/// Output of one terminal that is written before the next one has its turn, in bytes.
const TURN: usize = 1 << 20;

/// Bytes between two marks of the chain: what a change can be narrowed down to.
const BLOCK: u64 = 64 * 1024;

/// Time between two marks at most, while there is something to mark: what a crash leaves unmarked.
const MARKED: Duration = Duration::from_secs(10);

/// What is kept free below the limit for the last lines, in bytes.
const LAST: u64 = 1024;

/// What a recording is of.
pub(super) struct Subject {
    pub(super) session: SessionId,
    pub(super) process: ProcessId,
    pub(super) app: Arc<str>,
    pub(super) rules: Record,
    pub(super) size: Size,
}

/// A recording that is being made.
pub(super) struct Recording {
    pub(super) id: String,
    pub(super) subject: Subject,
    outputs: Arc<[Output]>,
    index: usize,
    begun: Instant,
    told: Mutex<Told>,
    over: AtomicBool,
    given_up: AtomicBool,
    tape: Mutex<Tape>,
}

/// What its session says of the process.
#[derive(Default)]
struct Told {
    exit: Option<ExitStatus>,
    closed: bool,
}

/// What is written.
struct Tape {
    file: Option<File>,
    cursor: Cursor,
    encoder: Encoder,
    chain: Chain,
    lines: Vec<u8>,
    size: Size,
    /// Bytes in the file.
    written: u64,
    /// Bytes of it up to the newest mark, and when that was.
    marked: (u64, Instant),
    ended: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is more to read already.
    More,
    /// Nothing yet.
    Waiting,
    /// That was all.
    Over,
}

impl Recording {
    pub(super) fn new(
        id: String,
        subject: Subject,
        (outputs, index): (Arc<[Output]>, usize),
        signal: &Arc<Notify>,
    ) -> Self {
        let begun = Instant::now();
        let tape = Tape {
            file: None,
            cursor: outputs[index].record(signal),
            encoder: Encoder::default(),
            chain: Chain::new(None),
            lines: Vec::new(),
            size: subject.size,
            written: 0,
            marked: (0, begun),
            ended: false,
        };
        Self {
            id,
            subject,
            outputs,
            index,
            begun,
            told: Mutex::default(),
            over: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            tape: Mutex::new(tape),
        }
    }

    /// The process has ended.
    pub(super) fn exited(&self, status: ExitStatus) {
        lock(&self.told).exit = Some(status);
    }

    /// Nothing more will be said of it.
    pub(super) fn close(&self) {
        lock(&self.told).closed = true;
    }

    /// Whether nothing more is written.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// The disk does not take it: the process goes on without it.
    pub(super) fn give_up(&self) {
        if !self.given_up.swap(true, Ordering::AcqRel) {
            self.output().recorded(None);
        }
    }

    fn output(&self) -> &Output {
        &self.outputs[self.index]
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes what there is. `reserved` says what others may still write, and who they are.
    pub(super) fn turn(
        &self,
        recordings: &Recordings,
        others: (&[String], u64),
        progress: &AtomicU64,
    ) -> Turn {
        if self.is_over() {
            return Turn::Over;
        }
        let mut tape = lock(&self.tape);
        let turn = match self.advance(&mut tape, recordings, others, progress) {
            Ok(turn) => turn,
            Err(why) => {
                self.stop(&mut tape, &why);
                Turn::Over
            }
        };
        if turn == Turn::Over {
            tape.file = None;
            self.output().recorded(None);
            self.over.store(true, Ordering::Release);
        } else if !self.given_up.load(Ordering::Acquire) {
            self.output().recorded(Some(tape.cursor.offset()));
        }
        turn
    }

    fn advance(
        &self,
        tape: &mut Tape,
        recordings: &Recordings,
        others: (&[String], u64),
        progress: &AtomicU64,
    ) -> Result<Turn, String> {
        if tape.file.is_none() {
            self.begin(tape, recordings, others)
                .map_err(|error| error.to_string())?;
        }
        // Asked before the output is read: what was written before the end is read below.
        let (exit, closed) = {
            let told = lock(&self.told);
            (told.exit.clone(), told.closed)
        };
        let (mut buffer, mut taken) = (BytesMut::new(), 0);
        let more = loop {
            if taken >= TURN {
                break true;
            }
            if self.given_up.load(Ordering::Acquire) {
                return Err("the disk was too slow".to_owned());
            }
            buffer.clear();
            match self.output().read(&mut tape.cursor, MAX_EVENT, &mut buffer) {
                Next::Bytes(count) => {
                    tape.encoder.output(self.now(), &buffer, &mut tape.lines);
                    taken += count;
                }
                Next::Mark(Mark::Size(size)) => {
                    if std::mem::replace(&mut tape.size, size) != size {
                        tape.encoder.resize(self.now(), size, &mut tape.lines);
                    }
                }
                Next::Mark(Mark::End) => tape.ended = true,
                Next::Nothing => break false,
                Next::Lost(_) => return Err("the disk was too slow".to_owned()),
            }
            if tape.lines.len() as u64 >= BLOCK {
                self.write(tape)?;
                progress.fetch_add(1, Ordering::Relaxed);
            }
        };
        self.write(tape)?;
        progress.fetch_add(1, Ordering::Relaxed);
        if more {
            return Ok(Turn::More);
        }
        if closed || (tape.ended && exit.is_some()) {
            self.end(tape, exit)?;
            return Ok(Turn::Over);
        }
        Ok(Turn::Waiting)
    }

    /// Makes the file.
    fn begin(
        &self,
        tape: &mut Tape,
        recordings: &Recordings,
        (others, reserved): (&[String], u64),
    ) -> io::Result<()> {
        let rules = self.subject.rules;
        recordings.prepare()?;
        if !recordings.make_room(others, reserved, rules.max)? {
            return Err(io::Error::other("those that are being made leave no room"));
        }
        tape.chain = Chain::new(Some(recordings.key()?));
        tape.file = Some(recordings.create(&self.id)?);
        let begun = clock::seconds().saturating_sub(self.begun.elapsed().as_secs());
        let head = encode::header(self.subject.size, begun, &self.subject.app);
        tape.lines.extend_from_slice(head.as_bytes());
        let until = begun.saturating_add(rules.keep.as_secs());
        tape.lines.extend_from_slice(keep_line(until).as_bytes());
        let Subject {
            session,
            process,
            app,
            ..
        } = &self.subject;
        info!(target: AUDIT, event = "recording", recording = self.id, %session, process = process.0, app = &**app);
        Ok(())
    }

    /// Writes the lines that wait, and a mark where one is due.
    fn write(&self, tape: &mut Tape) -> Result<(), String> {
        let due = tape.written - tape.marked.0 >= BLOCK || tape.marked.1.elapsed() >= MARKED;
        if tape.lines.is_empty() {
            return Ok(());
        }
        if tape.written + tape.lines.len() as u64 + LAST > self.subject.rules.max {
            return Err("it has reached its limit".to_owned());
        }
        put(tape).map_err(|error| error.to_string())?;
        if due {
            mark(tape, Kind::Block, self.now()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn end(&self, tape: &mut Tape, exit: Option<ExitStatus>) -> Result<(), String> {
        let now = self.now();
        match exit {
            Some(exit) => tape.encoder.exit(now, exit.as_shell(), &mut tape.lines),
            None => tape.encoder.close(now, &mut tape.lines),
        }
        seal(tape, now).map_err(|error| error.to_string())?;
        let (session, hash) = (&self.subject.session, tape.chain.head());
        info!(target: AUDIT, event = "recorded", recording = self.id, %session, bytes = tape.written, hash);
        Ok(())
    }

    /// Stops before the end, and says so in the recording if that can be.
    fn stop(&self, tape: &mut Tape, why: &str) {
        let now = self.now();
        tape.lines.clear();
        let text = format!("The recording stops here: {why}");
        tape.encoder.marker(now, &text, &mut tape.lines);
        // A line that was written in part is taken back first. An error changes nothing: then the
        // recording has no end, which whoever checks it is told.
        let sealed = match &tape.file {
            Some(file) => file.set_len(tape.written).and_then(|()| seal(tape, now)),
            None => Ok(()),
        };
        let (session, bytes) = (&self.subject.session, tape.written);
        let (sealed, hash) = (sealed.is_ok() && bytes > 0, tape.chain.head());
        warn!(target: AUDIT, event = "recording_stopped", recording = self.id, %session, why, bytes, sealed, hash);
    }
}

/// Writes the lines that wait.
fn put(tape: &mut Tape) -> io::Result<()> {
    let Some(file) = &tape.file else {
        return Ok(());
    };
    // At its place, wherever an attempt before it came to.
    file.write_all_at(&tape.lines, tape.written)?;
    tape.chain.feed(&tape.lines);
    tape.written += tape.lines.len() as u64;
    tape.lines.clear();
    Ok(())
}

fn mark(tape: &mut Tape, kind: Kind, now: u64) -> io::Result<()> {
    let line = tape.chain.mark(kind, now);
    tape.lines.extend_from_slice(line.as_bytes());
    let Some(file) = &tape.file else {
        return Ok(());
    };
    file.write_all_at(&tape.lines, tape.written)?;
    tape.written += tape.lines.len() as u64;
    tape.lines.clear();
    tape.marked = (tape.written, Instant::now());
    Ok(())
}

fn seal(tape: &mut Tape, now: u64) -> io::Result<()> {
    put(tape)?;
    mark(tape, Kind::End, now)?;
    tape.file.as_ref().map_or(Ok(()), File::sync_all)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
