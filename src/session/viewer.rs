//! One attached viewer: cursors into the logs of what it shows, and the way back in.
//!
//! Presence is a guard: dropping the viewer is leaving.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::sync::{Notify, oneshot, watch};

pub use super::event::{Attach, BeyondEnd, Input, Resume, Snapshot, ViewerEvent};
use super::handle::{Command, SessionHandle};
use super::view::{ProcessView, SessionView};
use crate::model::access::Role;
use crate::model::channel::{Channel, Lane};
use crate::model::id::{ProcessId, ViewerId};
use crate::model::ledger::Accept;
use crate::model::output_log::{Cursor, Mark, Next};
use crate::model::pace::VIEWER_WINDOW;
use crate::model::session::Phase;
use crate::model::size::Size;
use crate::process::input::Pushed;
use crate::process::signal;

/// Bytes of output that one event carries at most. One drain of a process is one event.
pub const MAX_OUTPUT: usize = 64 * 1024;

/// An attached viewer.
pub struct Viewer {
    id: ViewerId,
    role: Role,
    session: SessionHandle,
    signal: Arc<Notify>,
    watched: watch::Receiver<SessionView>,
    view: SessionView,
    only: Option<ProcessId>,
    resume: Vec<Resume>,
    lanes: Vec<ViewedLane>,
    /// Processes whose exit was told.
    told: Vec<ProcessId>,
    /// Which lane is looked at first, in turn.
    turn: usize,
    over: bool,
}

struct ViewedLane {
    lane: Lane,
    cursor: Cursor,
    acked: u64,
    ended: bool,
    /// A snapshot that was asked for.
    awaited: Option<oneshot::Receiver<Snapshot>>,
}

impl Viewer {
    /// Attaches to a session.
    ///
    /// # Errors
    /// When it wants to go on beyond what was written.
    pub fn attach(session: SessionHandle, role: Role, attach: Attach) -> Result<Self, BeyondEnd> {
        let id = session.next_viewer();
        let signal = Arc::new(Notify::new());
        let watched = session.watch();
        let view = watched.borrow().clone();
        let Attach {
            process: only,
            size,
            resume,
        } = attach;
        let join = Command::Join {
            viewer: id,
            role,
            size,
            signal: Arc::clone(&signal),
        };
        let mut viewer = Self {
            id,
            role,
            session,
            signal,
            watched,
            view,
            only,
            resume,
            lanes: Vec::new(),
            told: Vec::new(),
            turn: 0,
            over: false,
        };
        viewer.join_lanes()?;
        viewer.session.tell(join);
        Ok(viewer)
    }

    /// What it may do.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The session it watches.
    pub const fn session(&self) -> &SessionHandle {
        &self.session
    }

    /// The processes that it shows, as they were at its last look.
    pub fn processes(&self) -> impl Iterator<Item = &ProcessView> {
        self.view
            .processes
            .iter()
            .filter(|view| self.only.is_none_or(|only| only == view.id))
    }

    /// The session as it was at its last look.
    pub const fn view(&self) -> &SessionView {
        &self.view
    }

    /// Waits until there may be something to show, or room for input.
    pub async fn changed(&self) {
        self.signal.notified().await;
    }

    /// The next event. Output is appended to `out`, after what `begin` puts before it.
    pub fn next(
        &mut self,
        out: &mut BytesMut,
        begin: impl Fn(&mut BytesMut, Lane, u64),
    ) -> Option<ViewerEvent> {
        if self.watched.has_changed().unwrap_or(false) {
            self.view = self.watched.borrow_and_update().clone();
            // A new process starts at its first byte, which is always there.
            let _ = self.join_lanes();
        }
        for _ in 0..self.lanes.len() {
            self.turn = (self.turn + 1) % self.lanes.len();
            if let Some(event) = self.read_lane(self.turn, out, &begin) {
                return Some(event);
            }
        }
        self.exited()
    }

    /// Everything below `offset` was consumed.
    ///
    /// # Errors
    /// When that much was never sent.
    pub fn ack(&mut self, lane: Lane, offset: u64) -> Result<(), BeyondEnd> {
        let output = output(&self.view, lane);
        let viewed = self
            .lanes
            .iter_mut()
            .find(|viewed| viewed.lane == lane)
            .ok_or(BeyondEnd)?;
        if offset > viewed.cursor.offset() {
            return Err(BeyondEnd);
        }
        if offset > viewed.acked {
            viewed.acked = offset;
            if let Some(output) = output {
                output.ack(self.id, offset);
            }
        }
        Ok(())
    }

    /// Everything that was handed out has been consumed.
    pub fn ack_all(&mut self) {
        for viewed in &mut self.lanes {
            let offset = viewed.cursor.offset();
            if offset > viewed.acked {
                viewed.acked = offset;
                if let Some(output) = output(&self.view, viewed.lane) {
                    output.ack(self.id, offset);
                }
            }
        }
    }

    /// Offers input; what was taken is taken off the front of `bytes`.
    pub fn input(&self, process: ProcessId, bytes: &mut Bytes) -> Input {
        let Some(view) = self.processes().find(|view| view.id == process) else {
            return Input::NoProcess;
        };
        if self.view.active != Some(self.id) {
            self.session.tell(Command::Typed(self.id));
        }
        match view.process.input.push(bytes, &self.signal) {
            Pushed::All => Input::Taken,
            Pushed::Full => Input::Wait,
            Pushed::Closed => Input::Closed,
        }
    }

    /// Offers input that a client numbered: each byte is taken once, however often it comes.
    /// `seq` moves with what was taken.
    pub fn numbered(
        &self,
        client: &str,
        process: ProcessId,
        seq: &mut u64,
        bytes: &mut Bytes,
    ) -> Input {
        // One lock for all of it: two connections of one client never take the same byte twice.
        self.session.ledger(|ledger| {
            match ledger.check(client, process, *seq, bytes.len()) {
                Accept::Ahead => return Input::Ahead,
                Accept::After(known) => {
                    bytes.advance(known);
                    *seq += known as u64;
                }
            }
            let before = bytes.len();
            let outcome = self.input(process, bytes);
            let taken = before - bytes.len();
            ledger.accept(client, process, taken);
            *seq += taken as u64;
            outcome
        })
    }

    /// How much of a client's input was accepted.
    pub fn position(&self, client: &str, process: ProcessId) -> u64 {
        self.session
            .ledger(|ledger| ledger.position(client, process))
    }

    /// Ends the input of a process on pipes. False where there is no such thing.
    pub fn end_input(&self, process: ProcessId) -> bool {
        let on_pipes = |view: &&ProcessView| view.mode != crate::model::mode::Mode::Pty;
        let target = self.processes().find(|view| view.id == process);
        let target = target.filter(on_pipes);
        if let Some(view) = target {
            view.process.input.end();
        }
        target.is_some()
    }

    /// The viewer's window has another size.
    pub fn resize(&self, size: Size) {
        self.session.tell(Command::Resize(self.id, size));
    }

    /// Sends a signal by its name. False if there is no such signal or process.
    pub fn signal(&self, process: ProcessId, name: &str) -> bool {
        let target = self
            .processes()
            .find(|view| view.id == process && view.exit.is_none());
        match (target, signal::by_name(name)) {
            (Some(view), Some(signal)) => {
                view.process.signal(signal);
                true
            }
            _ => false,
        }
    }

    /// Joins the channels of processes that it does not show yet.
    fn join_lanes(&mut self) -> Result<(), BeyondEnd> {
        for view in &*self.view.processes {
            let shown = self
                .lanes
                .iter()
                .any(|viewed| viewed.lane.process == view.id);
            if shown || self.only.is_some_and(|only| only != view.id) {
                continue;
            }
            for output in &*view.process.outputs {
                let lane = Lane {
                    process: view.id,
                    channel: output.channel(),
                };
                let from = self
                    .resume
                    .iter()
                    .find(|resume| resume.lane == lane)
                    .map(|resume| resume.offset);
                let cursor = output.join(self.id, from, &self.signal).ok_or(BeyondEnd)?;
                // Late to a terminal, without a place to go on: its screen, not its past.
                let is_late = from.is_none() && output.head() > 0;
                let awaited = is_late
                    .then(|| view.process.snapshot(lane.channel, &self.signal))
                    .flatten();
                let acked = cursor.offset();
                self.lanes.push(ViewedLane {
                    lane,
                    cursor,
                    acked,
                    ended: false,
                    awaited,
                });
            }
        }
        Ok(())
    }

    fn read_lane(
        &mut self,
        at: usize,
        out: &mut BytesMut,
        begin: &impl Fn(&mut BytesMut, Lane, u64),
    ) -> Option<ViewerEvent> {
        let viewed = &mut self.lanes[at];
        if viewed.ended {
            return None;
        }
        let lane = viewed.lane;
        let output = output(&self.view, lane)?;
        let from = viewed.cursor.offset();
        if let Some(awaited) = &mut viewed.awaited {
            let snapshot = match awaited.try_recv() {
                Ok(snapshot) => snapshot,
                Err(oneshot::error::TryRecvError::Empty) => return None,
                Err(oneshot::error::TryRecvError::Closed) => {
                    viewed.awaited = None;
                    return None;
                }
            };
            viewed.awaited = None;
            viewed.cursor = output.cursor_at(snapshot.offset)?;
            viewed.acked = snapshot.offset;
            output.ack(self.id, snapshot.offset);
            let skipped = snapshot.offset.saturating_sub(from);
            return Some(ViewerEvent::Snapshot {
                lane,
                snapshot,
                skipped,
            });
        }
        let window = (viewed.acked + VIEWER_WINDOW).saturating_sub(from);
        let limit = usize::try_from(window)
            .unwrap_or(MAX_OUTPUT)
            .min(MAX_OUTPUT);
        let start = out.len();
        begin(out, lane, from);
        let next = output.read(&mut viewed.cursor, limit, out);
        if !matches!(next, Next::Bytes(_)) {
            out.truncate(start);
        }
        match next {
            Next::Bytes(_) => Some(ViewerEvent::Output { lane, offset: from }),
            Next::Mark(Mark::Size(size)) => Some(ViewerEvent::Sized {
                lane,
                offset: from,
                size,
            }),
            Next::Mark(Mark::End) => {
                viewed.ended = true;
                Some(ViewerEvent::Ended { lane, offset: from })
            }
            Next::Nothing => None,
            Next::Lost(_) if lane.channel == Channel::Tty => {
                let view = self
                    .view
                    .processes
                    .iter()
                    .find(|view| view.id == lane.process)?;
                viewed.awaited = view.process.snapshot(lane.channel, &self.signal);
                None
            }
            Next::Lost(_) => {
                viewed.cursor = output.oldest();
                viewed.acked = viewed.cursor.offset();
                output.ack(self.id, viewed.acked);
                Some(ViewerEvent::Gap {
                    lane,
                    from,
                    offset: viewed.acked,
                })
            }
        }
    }

    /// A process that ended and was shown to its end, or the end of all.
    fn exited(&mut self) -> Option<ViewerEvent> {
        let shown = |process: ProcessId| {
            self.lanes
                .iter()
                .all(|viewed| viewed.lane.process != process || viewed.ended)
        };
        let next = self
            .processes()
            .find(|view| view.exit.is_some() && !self.told.contains(&view.id) && shown(view.id));
        if let Some((process, status)) = next.and_then(|view| Some((view.id, view.exit.clone()?))) {
            self.told.push(process);
            return Some(ViewerEvent::Exited { process, status });
        }
        let ended = self.view.phase == Phase::Ended || self.only.is_some();
        let all_told = self.processes().all(|view| self.told.contains(&view.id));
        if ended && all_told && !self.over && self.processes().next().is_some() {
            self.over = true;
            return Some(ViewerEvent::Over);
        }
        None
    }
}

fn output(view: &SessionView, lane: Lane) -> Option<&crate::process::output::Output> {
    view.processes
        .iter()
        .find(|view| view.id == lane.process)?
        .process
        .output(lane.channel)
}

impl Drop for Viewer {
    fn drop(&mut self) {
        for viewed in &self.lanes {
            if let Some(output) = output(&self.view, viewed.lane) {
                output.leave(self.id);
            }
        }
        self.session.tell(Command::Left(self.id));
    }
}
