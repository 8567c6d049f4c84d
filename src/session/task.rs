//! One session: its task owns the state and carries out its effects.

use std::sync::Arc;

use futures_util::future::OptionFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use litemap::LiteMap;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{debug, info};

use super::files::Files;
use super::gate::{Gate, Login};
use super::handle::Command;
use super::lifetime::Lifetime;
use super::recorder::Recorded;
use super::renewal::Chain;
use super::slots::Slots;
use super::view::{ProcessView, SessionView, ViewerView};
use crate::control::slot::Slot;
use crate::model::access::AUDIT;
use crate::model::cast::Record;
use crate::model::id::{ProcessId, SessionId, ViewerId};
use crate::model::notice::{Notice, Notices};
use crate::model::process::{ExitStatus, ProcessSpec};
use crate::model::session::{Effect, Event, MAX_PROCESSES, SessionState};
use crate::model::size::Size;
use crate::process::group::Group;
use crate::process::{self, Ended, Process, Settings, StartError};

/// A process that was just started.
pub(super) struct Started {
    pub(super) process: Process,
    pub(super) ended: Ended,
    pub(super) task: JoinHandle<()>,
    pub(super) slot: Option<Slot>,
}

/// Owns a session.
pub(super) struct SessionTask {
    pub(super) id: SessionId,
    pub(super) state: SessionState,
    pub(super) settings: Settings,
    pub(super) commands: mpsc::Receiver<Box<Command>>,
    pub(super) view: watch::Sender<SessionView>,
    pub(super) name: Option<Arc<str>>,
    pub(super) viewers: LiteMap<ViewerId, (ViewerView, Arc<Notify>)>,
    pub(super) processes: Vec<ProcessView>,
    pub(super) slots: Slots,
    pub(super) notices: Notices,
    /// Its door, while its login program runs.
    pub(super) gate: Option<Box<Gate>>,
    pub(super) login: Login,
    /// Its login program, if it has one, for the next time.
    pub(super) chain: Option<Box<Chain>>,
    pub(super) tasks: Vec<JoinHandle<()>>,
    pub(super) deadline: Option<Instant>,
    pub(super) lifetime: Lifetime,
    /// What holds all its processes to limits of the session; gone with it.
    pub(super) group: Option<Group>,
    pub(super) files: Arc<Files>,
    /// How its terminals are recorded, if they are.
    pub(super) recording: Option<(Record, Vec<Recorded>)>,
}

/// The ends of processes that are still to come.
pub(super) type Exits = FuturesUnordered<
    std::pin::Pin<Box<dyn std::future::Future<Output = (ProcessId, ExitStatus)> + Send>>,
>;

impl SessionTask {
    /// Takes its first process in: from now on it is in the view.
    pub(super) fn begin(
        &mut self,
        spec: &ProcessSpec,
        first: Started,
        at_first: Vec<Effect>,
    ) -> Exits {
        let mut exits = Exits::new();
        let event = match self.gate {
            Some(_) => Event::LoginStarted,
            None => Event::Started,
        };
        self.started(spec, first, event, &mut exits);
        self.carry_out(at_first);
        exits
    }

    /// Lives as long as the session. When it returns, the session is over and nothing is left of
    /// its processes.
    pub(super) async fn run(mut self: Box<Self>, mut exits: Exits, over: impl FnOnce()) {
        loop {
            let gate = self.gate.as_ref().map(|gate| gate.deadline());
            let grant = self.chain.as_ref().and_then(|chain| chain.due());
            let due = [self.deadline, self.lifetime.due(), gate, grant]
                .into_iter()
                .flatten()
                .min();
            let deadline: OptionFuture<_> = due.map(tokio::time::sleep_until).into();
            let effects = tokio::select! {
                Some(command) = self.commands.recv() => self.command(*command, &mut exits),
                Some((process, status)) = exits.next() => self.exited(process, status, &mut exits),
                Some(()) = deadline => {
                    self.due(&mut exits)
                }
                else => break,
            };
            let forget = self.carry_out(effects);
            self.publish();
            if forget {
                break;
            }
        }
        over();
        for process in &self.processes {
            process.process.end();
        }
        self.processes.clear();
        self.slots.close_all();
        // The mailbox closes: whoever asks from now on learns that the session is gone.
        self.commands.close();
        self.files.close().await;
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
        info!(session = %self.id, "session is over");
        info!(target: AUDIT, event = "over", session = %self.id);
    }

    /// The time has come for something.
    fn due(&mut self, exits: &mut Exits) -> Vec<Effect> {
        let now = Instant::now();
        if self
            .gate
            .as_ref()
            .is_some_and(|gate| gate.deadline() <= now)
        {
            let why = "the login took too long";
            if matches!(self.login, Login::Locked { .. }) {
                self.stop_login(why);
                return Vec::new();
            }
            return self.abandon(why);
        }
        if self
            .chain
            .as_ref()
            .and_then(|chain| chain.due())
            .is_some_and(|due| due <= now)
        {
            return self.grant_due(now, exits);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            return self.state.apply(Event::Expired);
        }
        let touched = self
            .processes
            .iter()
            .filter_map(|view| view.process.touched());
        match self.lifetime.is_over(now, touched.max()) {
            Some(why) => {
                info!(session = %self.id, why, "session is ended");
                self.state.apply(Event::End)
            }
            None => Vec::new(),
        }
    }

    fn command(&mut self, command: Command, exits: &mut Exits) -> Vec<Effect> {
        match command {
            Command::Join {
                viewer,
                size,
                signal,
            } => {
                let (id, role) = (viewer.id, viewer.role);
                debug!(session = %self.id, viewer = id.0, ?role, "viewer joined");
                self.viewers.insert(id, (viewer, signal));
                let mut effects = self.state.apply(Event::Joined {
                    viewer: id,
                    role,
                    size,
                });
                effects.extend(self.seat(exits));
                effects
            }
            Command::Left(viewer) => {
                debug!(session = %self.id, viewer = viewer.0, "viewer left");
                self.viewers.remove(&viewer);
                let effects = self.state.apply(Event::Left(viewer));
                if matches!(self.login, Login::Running) && self.gate.is_some() {
                    return self.abandon("whoever logged in has left");
                }
                self.unseat(viewer);
                effects
            }
            Command::Resize(viewer, process, size) => {
                self.state.apply(Event::Resized(viewer, process, size))
            }
            Command::Colors(viewer, colors) => self.state.apply(Event::Colored(viewer, colors)),
            Command::Typed(viewer) => self.state.apply(Event::Typed(viewer)),
            Command::Size(process, size) => self.state.apply(Event::Sized(process, size)),
            Command::Arrange(revision, layout) => {
                // Whoever lost a race sees so by the layout that won it.
                self.state.arrange(revision, layout).unwrap_or_default()
            }
            Command::EndProcess(process) => {
                let mut living = self.processes.iter().filter(|view| view.exit.is_none());
                if let Some(view) = living.find(|view| view.id == process) {
                    view.process.end();
                }
                self.state.apply(Event::Closed(process))
            }
            Command::Signal(process, signal) => {
                let mut living = self.processes.iter().filter(|view| view.exit.is_none());
                if let Some(view) = living.find(|view| view.id == process) {
                    view.process.signal(signal);
                }
                Vec::new()
            }
            Command::Rename(name) => {
                self.name = name;
                Vec::new()
            }
            Command::Door(ask) => self.asked_at_door(ask, exits),
            Command::Post(process, notice, answer) => {
                let _ = answer.send(self.post(process, notice));
                Vec::new()
            }
            Command::Told(process, notice) => {
                self.post(process, notice);
                Vec::new()
            }
            Command::Start(spec, answer) => {
                let _ = answer.send(self.start(&spec, exits));
                Vec::new()
            }
            Command::End => self.state.apply(Event::End),
        }
    }

    fn start(&mut self, spec: &ProcessSpec, exits: &mut Exits) -> Result<ProcessId, StartError> {
        if !matches!(self.login, Login::None | Login::Granted(_)) {
            return Err(StartError::Login);
        }
        let full = StartError::Full(MAX_PROCESSES);
        let id = self.state.next_process().ok_or(full)?;
        let mut spec = ProcessSpec {
            size: self.state.size(),
            ..spec.clone()
        };
        spec.resources.group = self.group.as_ref().map(Group::name);
        self.tasks.retain(|task| !task.is_finished());
        let slot = self.slots.make(id, &mut spec);
        let (process, ended, task) = process::start(&spec, &self.settings)?;
        self.started(
            &spec,
            Started {
                process,
                ended,
                task,
                slot,
            },
            Event::Started,
            exits,
        );
        Ok(id)
    }

    pub(super) fn started(
        &mut self,
        spec: &ProcessSpec,
        started: Started,
        event: Event,
        exits: &mut Exits,
    ) {
        let next = match event {
            Event::LoginStarted | Event::Renewing => Some(ProcessId::LOGIN),
            _ => self.state.next_process(),
        };
        let Some(id) = next else {
            return;
        };
        let Started {
            process,
            ended,
            task,
            slot,
        } = started;
        info!(session = %self.id, process = id.0, pid = process.pid, mode = %spec.mode, "process started");
        process.show_in(self.state.colors());
        if id != ProcessId::LOGIN {
            self.record(id, &process, spec.size);
        }
        self.state.apply(event);
        exits.push(Box::pin(async move {
            // The task always reports; should it have been lost, the process is gone as well.
            (id, ended.await.unwrap_or(ExitStatus::Code(u8::MAX)))
        }));
        // Most sessions have one process and no more.
        self.tasks.reserve_exact(1);
        self.tasks.push(task);
        self.slots.serve(id, slot);
        let title = spec.title().into();
        self.processes.reserve_exact(1);
        self.processes.push(ProcessView {
            id,
            mode: spec.mode,
            title,
            size: spec.size,
            process,
            exit: None,
        });
        self.publish();
    }

    /// Records a process from its first byte on. Never a login: what is typed and shown there is
    /// nobody else's business.
    fn record(&mut self, id: ProcessId, process: &Process, size: Size) {
        let Some((rules, made)) = &mut self.recording else {
            return;
        };
        let Some(recorder) = self.slots.catalog.recorder() else {
            return;
        };
        made.retain(|recorded| !recorded.is_over());
        let whose = (&self.id, self.slots.session.app());
        made.extend(recorder.record(whose, (id, process), (*rules, size)));
    }

    /// Tells those who watch; gives how many are told.
    fn post(&mut self, process: ProcessId, notice: Notice) -> usize {
        let mut living = self.processes.iter_mut().filter(|view| view.exit.is_none());
        let Some(view) = living.find(|view| view.id == process) else {
            return 0;
        };
        if let Notice::Title { text } = &notice {
            view.title = text.as_str().into();
        }
        let viewers = self.viewers.values();
        let told = viewers
            .filter(|(viewer, _)| viewer.notices && notice.is_for(viewer.role))
            .count();
        self.notices.post(process, notice);
        told
    }

    fn exited(&mut self, process: ProcessId, status: ExitStatus, exits: &mut Exits) -> Vec<Effect> {
        info!(session = %self.id, process = process.0, ?status, "process ended");
        if let Some(view) = self.processes.iter_mut().find(|view| view.id == process) {
            view.exit = Some(status.clone());
        }
        if process == ProcessId::LOGIN {
            return self.login_ended(status, exits);
        }
        self.slots.close(process);
        for recorded in self.recording.iter().flat_map(|(_, made)| made) {
            recorded.exited(process, &status);
        }
        self.state.apply(Event::Exited(process, status))
    }

    /// Carries effects out; true when the session is to be forgotten.
    fn carry_out(&mut self, effects: Vec<Effect>) -> bool {
        let mut forget = false;
        for effect in effects {
            let mut living = self.processes.iter_mut().filter(|view| view.exit.is_none());
            match effect {
                Effect::Resize(id, size) => {
                    if let Some(view) = living.find(|view| view.id == id) {
                        view.size = size;
                        view.process.resize(size);
                    }
                }
                Effect::Colors(colors) => living.for_each(|view| view.process.show_in(colors)),
                Effect::Close(id) => self.processes.retain(|view| view.id != id),
                Effect::EndProcesses => living.for_each(|view| view.process.end()),
                Effect::Deadline(time) => self.deadline = Some(Instant::now() + time),
                Effect::NoDeadline => self.deadline = None,
                Effect::Forget => forget = true,
            }
        }
        forget
    }

    /// Makes the newest view known and wakes the viewers.
    fn publish(&self) {
        let (layout, revision) = self.state.layout();
        self.view.send_modify(|view| {
            if view.revision != revision {
                view.layout = Arc::new(layout.clone());
            }
            *view = SessionView {
                phase: self.state.phase(),
                name: self.name.clone(),
                size: self.state.size(),
                policy: self.state.policy(),
                active: self.state.active(),
                viewers: self
                    .viewers
                    .values()
                    .map(|(viewer, _)| viewer.clone())
                    .collect(),
                layout: Arc::clone(&view.layout),
                revision,
                processes: self.processes.iter().cloned().collect(),
                notices: self.notices.kept().cloned().collect(),
                login: self.login.clone(),
            };
        });
        for (_, signal) in self.viewers.values() {
            signal.notify_one();
        }
    }
}
