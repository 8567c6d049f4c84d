//! One attached viewer: cursors into the logs of what it shows, and the way back in.
//!
//! Presence is a guard: dropping the viewer is leaving.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::sync::{Notify, watch};

pub use super::event::{Attach, AttachError, BeyondEnd, Input, Resume, Snapshot, ViewerEvent};
use super::handle::{Command, SessionHandle};
use super::lane::{Reader, ViewedLane};
use super::news::{Lock, is_news, waiting};
use super::view::{ProcessView, SessionView, ViewerView};
use crate::model::access::Role;
use crate::model::channel::{Channel, Lane};
use crate::model::colors::Colors;
use crate::model::id::{ProcessId, ViewerId};
use crate::model::layout::{BadLayout, Layout};
use crate::model::ledger::Accept;
use crate::model::size::Size;
use crate::process::Process;
use crate::process::input::Pushed;
use crate::process::output::Output;
use crate::process::signal;

/// An attached viewer.
pub struct Viewer {
    pub(super) reader: Reader,
    pub(super) role: Role,
    pub(super) session: SessionHandle,
    /// The client's own name.
    pub(super) client: Option<Box<str>>,
    /// Notified when the client has come again over another connection.
    pub(super) replaced: Arc<Notify>,
    pub(super) watched: watch::Receiver<SessionView>,
    pub(super) view: SessionView,
    /// The session as a whole has changed since that was told.
    pub(super) changed: bool,
    /// The newest notice that it was told, or that there was when it came; `None`: it shows none.
    pub(super) noticed: Option<u64>,
    /// Questions that waited when it came, and were not told to it yet.
    pub(super) due: Vec<u64>,
    /// The processes that were there when the viewer came, or were told since.
    pub(super) known: Vec<ProcessId>,
    pub(super) only: Option<ProcessId>,
    pub(super) resume: Vec<Resume>,
    pub(super) lanes: Vec<ViewedLane>,
    /// Processes whose exit was told.
    pub(super) told: Vec<ProcessId>,
    /// It sits before the login program, alone.
    pub(super) in_login: bool,
    /// How the session's lock was told to it last.
    pub(super) lock: Lock,
    /// Which lane is looked at first, in turn.
    pub(super) turn: usize,
    pub(super) over: bool,
}

impl Viewer {
    /// Attaches to a session.
    ///
    /// # Errors
    /// When it wants to go on beyond what was written.
    pub fn attach(session: SessionHandle, role: Role, attach: Attach) -> Result<Self, AttachError> {
        let in_login = session.login_runs();
        if in_login && !session.claim() {
            return Err(AttachError::Login);
        }
        let id = session.next_viewer();
        let signal = Arc::new(Notify::new());
        let watched = session.watch();
        let view = watched.borrow().clone().seen_by(id);
        let Attach {
            process: only,
            size,
            user,
            from,
            label,
            notices,
            rewraps,
            resume,
            client,
        } = attach;
        let join = Command::Join {
            viewer: ViewerView {
                id,
                role,
                user,
                label,
                notices,
                from,
            },
            size,
            signal: Arc::clone(&signal),
        };
        let mut viewer = Self {
            reader: Reader {
                id,
                signal,
                rewraps,
            },
            role,
            session,
            client,
            replaced: Arc::default(),
            watched,
            changed: true,
            noticed: notices.then(|| view.notices.last().map_or(0, |posted| posted.number)),
            due: waiting(&view),
            in_login,
            lock: Lock::default(),
            known: view.processes.iter().map(|view| view.id).collect(),
            view,
            // Whichever it asked for: there is nothing else yet.
            only: if in_login {
                only.map(|_| ProcessId::LOGIN)
            } else {
                only
            },
            resume,
            lanes: Vec::new(),
            told: Vec::new(),
            turn: 0,
            over: false,
        };
        viewer.join_lanes()?;
        if let Some(client) = &viewer.client {
            let (session, replaced) = (&viewer.session, &viewer.replaced);
            session.clients(|clients| clients.take_over(client, id, replaced));
        }
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
            .filter(|view| self.shows(view.id))
    }

    /// The process that it shows, where it shows one.
    pub fn main(&self) -> ProcessId {
        self.only.unwrap_or(ProcessId::FIRST)
    }

    /// The session as it was at its last look.
    pub const fn view(&self) -> &SessionView {
        &self.view
    }

    /// Waits until there may be something to show, or room for input.
    pub async fn changed(&self) {
        self.reader.signal.notified().await;
    }

    /// Waits until its client has come again over another connection: then this one is over.
    pub async fn replaced(&self) {
        self.replaced.notified().await;
    }

    /// The next event. Output is appended to `out`, after what `begin` puts before it.
    pub fn next(
        &mut self,
        out: &mut BytesMut,
        begin: impl Fn(&mut BytesMut, Lane, u64),
    ) -> Option<ViewerEvent> {
        // A session that is over tells no more; its last word may still be unheard.
        if self.watched.has_changed().unwrap_or(true) {
            let view = self.watched.borrow_and_update().clone();
            let view = view.seen_by(self.reader.id);
            self.changed |= is_news(&self.view, &view);
            self.view = view;
            self.forget_closed();
            let admitted = self.admitted();
            // A new process starts at its first byte, which is always there.
            let _ = self.join_lanes();
            if admitted.is_some() {
                return admitted;
            }
        }
        if let Some(event) = self.locked() {
            return Some(event);
        }
        if let Some(event) = self.news() {
            return Some(event);
        }
        if let Some(posted) = self.notice() {
            return Some(ViewerEvent::Notice(posted));
        }
        for _ in 0..self.lanes.len() {
            self.turn = (self.turn + 1) % self.lanes.len();
            if self.withholds(self.lanes[self.turn].lane().process) {
                continue;
            }
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
        let mut lanes = self.lanes.iter_mut();
        let viewed = lanes.find(|viewed| viewed.lane() == lane);
        if viewed.is_none() && lane.process == ProcessId::LOGIN {
            // It was on its way when the login was done with.
            return Ok(());
        }
        viewed.ok_or(BeyondEnd)?.ack(output, &self.reader, offset)
    }

    /// Everything that was handed out has been consumed.
    pub fn ack_all(&mut self) {
        for viewed in &mut self.lanes {
            let output = output(&self.view, viewed.lane());
            let _ = viewed.ack(output, &self.reader, viewed.sent());
        }
    }

    /// Offers input; what was taken is taken off the front of `bytes`.
    pub fn input(&self, process: ProcessId, bytes: &mut Bytes) -> Input {
        if self.withholds(process) {
            // Not passed on later either: whoever typed it did not see what it was for.
            bytes.clear();
            return Input::Locked;
        }
        let Some(view) = self.processes().find(|view| view.id == process) else {
            if process == ProcessId::LOGIN {
                // It was on its way when the login was done with.
                bytes.clear();
                return Input::Taken;
            }
            return Input::NoProcess;
        };
        if self.view.active != Some(self.reader.id) {
            self.session.tell(Command::Typed(self.reader.id));
        }
        match view.process.input.push(bytes, &self.reader.signal) {
            Pushed::All => Input::Taken,
            Pushed::Full => Input::Wait,
            Pushed::Closed => Input::Closed,
            Pushed::Refused(error) => Input::Refused(error),
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
        self.session.clients(|clients| {
            if clients.is_replaced(client, self.reader.id) {
                return Input::Replaced;
            }
            let ledger = &mut clients.ledger;
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
            .clients(|clients| clients.ledger.position(client, process))
    }

    /// Ends the input of a process on pipes, where all of it was taken: `seq` is how much a client
    /// that numbers it has sent.
    pub fn end_input(&self, client: &str, process: ProcessId, seq: Option<u64>) -> Input {
        if self.withholds(process) {
            return Input::Locked;
        }
        let on_pipes = |view: &&ProcessView| !view.mode.has_terminal();
        self.session.clients(|clients| {
            if clients.is_replaced(client, self.reader.id) {
                return Input::Replaced;
            }
            let ahead = |seq| clients.ledger.check(client, process, seq, 0) == Accept::Ahead;
            if seq.is_some_and(ahead) {
                return Input::Ahead;
            }
            let target = self.processes().find(|view| view.id == process);
            match target.filter(on_pipes) {
                Some(view) => match view.process.input.end() {
                    Ok(()) => Input::Taken,
                    Err(error) => Input::Refused(error),
                },
                None => Input::NoProcess,
            }
        })
    }

    /// The viewer has another size to show a process in, or all that it named no size for.
    pub fn resize(&self, process: Option<ProcessId>, size: Size) {
        self.session
            .tell(Command::Resize(self.reader.id, process, size));
    }

    /// The viewer draws text in these colours.
    pub fn show_in(&self, colors: Colors) {
        self.session.tell(Command::Colors(self.reader.id, colors));
    }

    /// Wants what a terminal shows anew, in place of the bytes that are on the way, with up to so
    /// many lines above it, or as many as are usual. False where there is no such terminal.
    pub fn refresh(&mut self, id: ProcessId, lines: Option<u32>) -> bool {
        let lane = Lane {
            process: id,
            channel: Channel::Tty,
        };
        let mut all = self.lanes.iter_mut();
        let viewed = all.find(|viewed| viewed.lane() == lane);
        let (Some(process), Some(viewed)) = (process(&self.view, id), viewed) else {
            return false;
        };
        viewed.refresh(process, &self.reader, lines);
        true
    }

    /// Lays the session's processes out anew, from the layout with this number. If another viewer
    /// does the same at this moment one of them wins; both see which by the layout that they are
    /// told next.
    ///
    /// # Errors
    /// When it cannot be laid out so.
    pub fn arrange(&self, revision: u32, layout: Layout) -> Result<(), BadLayout> {
        if revision != self.view.revision {
            return Err(BadLayout::Stale);
        }
        let processes = self.view.processes.iter();
        layout.check(processes.map(|view| (view.id, view.exit.is_none())))?;
        self.session.tell(Command::Arrange(revision, layout));
        Ok(())
    }

    /// Its number in the session.
    pub const fn id(&self) -> ViewerId {
        self.reader.id
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

    /// Lets go of the channels of processes that were closed.
    fn forget_closed(&mut self) {
        let held = &self.view.processes;
        let is_held = |id: ProcessId| held.iter().any(|view| view.id == id);
        self.lanes.retain(|viewed| is_held(viewed.lane().process));
        self.known.retain(|id| is_held(*id));
        self.told.retain(|id| is_held(*id));
    }

    /// Lets go of the login program that it sat before.
    pub(super) fn forget_login(&mut self) {
        let login = ProcessId::LOGIN;
        for viewed in self
            .lanes
            .extract_if(.., |viewed| viewed.lane().process == login)
        {
            if let Some(output) = output(&self.view, viewed.lane()) {
                output.leave(self.reader.id);
            }
        }
        self.known.retain(|id| *id != login);
        self.told.retain(|id| *id != login);
    }

    /// Joins the channels of processes that it does not show yet.
    pub(super) fn join_lanes(&mut self) -> Result<(), BeyondEnd> {
        for view in &*self.view.processes {
            let mut lanes = self.lanes.iter();
            let shown = lanes.any(|viewed| viewed.lane().process == view.id);
            if shown || !self.shows(view.id) {
                continue;
            }
            for output in &*view.process.outputs {
                let lane = Lane {
                    process: view.id,
                    channel: output.channel(),
                };
                let resume = self.resume.iter().find(|resume| resume.lane == lane);
                let from = resume.map(|resume| resume.offset);
                let viewed = ViewedLane::join(lane, &view.process, output, from, &self.reader)?;
                self.lanes.reserve_exact(1);
                self.lanes.push(viewed);
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
        let process = process(&self.view, viewed.lane().process)?;
        viewed.read(process, &self.reader, out, begin)
    }
}

fn output(view: &SessionView, lane: Lane) -> Option<&Output> {
    process(view, lane.process)?.output(lane.channel)
}

fn process(view: &SessionView, id: ProcessId) -> Option<&Process> {
    let mut all = view.processes.iter();
    all.find(|view| view.id == id).map(|view| &view.process)
}

impl Drop for Viewer {
    fn drop(&mut self) {
        for viewed in &self.lanes {
            if let Some(output) = output(&self.view, viewed.lane()) {
                output.leave(self.reader.id);
            }
        }
        if let Some(client) = &self.client {
            self.session
                .clients(|clients| clients.leave(client, self.reader.id));
        }
        self.session.tell(Command::Left(self.reader.id));
    }
}
