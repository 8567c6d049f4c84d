//! A session's state: which processes and viewers it has, how large its terminals are, and when it
//! ends. Events go in, effects come out; whoever owns the state carries them out.

mod event;

use std::time::Duration;

use litemap::LiteMap;

pub use self::event::{Effect, Event};
use super::access::Role;
use super::colors::Colors;
use super::id::{ProcessId, ViewerId};
use super::keep::OnDisconnect;
use super::layout::{BadLayout, Layout};
use super::process::ExitStatus;
use super::size::{Size, SizePolicy};

/// How long a session that nobody has seen yet is kept where its rule is to hang up: its maker is
/// on the way to it.
const UNSEEN_KEEP: Duration = Duration::from_secs(60);

/// Processes that a session holds at most, those that have ended and were not closed included: each
/// keeps its output. A person looks at a few, a program that starts more wants sessions.
pub const MAX_PROCESSES: usize = 64;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has a process that lives.
    Running,
    /// Its processes were told to end.
    Ending,
    /// The last process has ended; it can still be read.
    Ended,
}

impl Phase {
    /// The phase as clients read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }
}

/// A viewer as the session's rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerState {
    /// What it may do.
    pub role: Role,
    /// Its window, if it has one.
    size: Option<Size>,
    /// What it draws text in, if it has said so.
    colors: Option<Colors>,
    /// The parts of its window that show one process each.
    sizes: LiteMap<ProcessId, Size>,
}

impl ViewerState {
    /// The size that it shows a process in. One that has said so of some process has no say about
    /// those of which it has not: it does not show them.
    pub fn size(&self, process: ProcessId) -> Option<Size> {
        if self.sizes.is_empty() {
            self.size
        } else {
            self.sizes.get(&process).copied()
        }
    }
}

/// A process as the session's rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessState {
    /// How it ended, once it has.
    pub exit: Option<ExitStatus>,
    /// The size of its terminal.
    pub size: Size,
}

/// What a session consists of, apart from its bytes.
#[derive(Clone, Debug)]
pub struct SessionState {
    phase: Phase,
    on_disconnect: OnDisconnect,
    linger: Duration,
    policy: SizePolicy,
    size: Size,
    processes: LiteMap<ProcessId, ProcessState>,
    /// The number of the process that was started last.
    newest: u16,
    layout: Layout,
    /// Counts the layouts.
    revision: u32,
    viewers: LiteMap<ViewerId, ViewerState>,
    active: Option<ViewerId>,
    /// What programs are told of the colours.
    colors: Colors,
    /// Made without a viewer, and none has come yet.
    unseen: bool,
}

impl SessionState {
    /// A session without a process so far.
    pub fn new(on_disconnect: OnDisconnect, policy: SizePolicy, size: Size) -> Self {
        Self {
            phase: Phase::Running,
            on_disconnect,
            linger: on_disconnect.linger(),
            policy,
            size: policy.fixed().unwrap_or(size),
            // Most sessions have one process, and one viewer.
            processes: LiteMap::with_capacity(1),
            newest: 0,
            layout: Layout::default(),
            revision: 0,
            viewers: LiteMap::with_capacity(1),
            active: None,
            colors: Colors::default(),
            unseen: false,
        }
    }

    /// The same, to be forgotten when it has ended and those who watched have left, whatever its
    /// rule: a server that lives for one session does not outlive it.
    pub const fn without_linger(mut self) -> Self {
        self.linger = Duration::ZERO;
        self
    }

    /// How far it has come.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The size that its next terminal begins with: that of its newest.
    pub fn size(&self) -> Size {
        let newest = self.processes.values().next_back();
        newest.map_or(self.size, |process| process.size)
    }

    /// Whose window decides.
    pub const fn policy(&self) -> SizePolicy {
        self.policy
    }

    /// How its processes are laid out, and the number of this layout.
    pub const fn layout(&self) -> (&Layout, u32) {
        (&self.layout, self.revision)
    }

    /// Who is attached.
    pub const fn viewers(&self) -> &LiteMap<ViewerId, ViewerState> {
        &self.viewers
    }

    /// The viewer whose window decides under the policy `active`.
    pub const fn active(&self) -> Option<ViewerId> {
        self.active
    }

    /// What programs are told of the colours: those of the viewer that typed last, who looks at
    /// what they draw.
    pub const fn colors(&self) -> Colors {
        self.colors
    }

    /// Its processes, in start order.
    pub const fn processes(&self) -> &LiteMap<ProcessId, ProcessState> {
        &self.processes
    }

    /// The number of the next process; `None` when the session may have no more.
    pub fn next_process(&self) -> Option<ProcessId> {
        let open = self.phase == Phase::Running && self.processes.len() < MAX_PROCESSES;
        open.then(|| self.newest.checked_add(1).map(ProcessId))
            .flatten()
    }

    /// Takes over a layout that a viewer made from the one with this number. Processes that have
    /// ended and are left out of it are forgotten.
    ///
    /// # Errors
    /// When it was made from an older one, or is none for this session.
    pub fn arrange(&mut self, revision: u32, layout: Layout) -> Result<Vec<Effect>, BadLayout> {
        if revision != self.revision {
            return Err(BadLayout::Stale);
        }
        let processes = self.processes.iter();
        let left_out = layout.check(processes.map(|(id, state)| (*id, state.exit.is_none())))?;
        self.layout = layout;
        self.revision += 1;
        Ok(left_out
            .into_iter()
            .filter_map(|process| self.close(process))
            .collect())
    }

    /// Takes note of an event and says what is to be done.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Unattended => {
                self.unseen = true;
                self.deserted()
            }
            Event::LoginStarted => {
                let (id, size) = (ProcessId::LOGIN, self.size);
                self.processes.insert(id, ProcessState { exit: None, size });
                self.layout.add(id);
                self.revision += 1;
                Vec::new()
            }
            Event::Admitted => {
                self.size = self.size();
                self.processes.remove(&ProcessId::LOGIN);
                self.layout.remove(ProcessId::LOGIN);
                self.started()
            }
            Event::Renewing => {
                // In no layout: it is shown before what there is, and not beside it.
                let (id, size) = (ProcessId::LOGIN, self.size());
                self.processes.insert(id, ProcessState { exit: None, size });
                self.resized()
            }
            Event::Renewed => {
                self.forget(ProcessId::LOGIN);
                Vec::new()
            }
            Event::Started => self.started(),
            Event::Exited(process, status) => self.exited(process, status),
            Event::Joined { viewer, role, size } => {
                let state = ViewerState {
                    role,
                    size,
                    colors: None,
                    sizes: LiteMap::new(),
                };
                self.joined(viewer, state)
            }
            Event::Left(viewer) => self.left(viewer),
            Event::Resized(viewer, process, size) => {
                self.window(viewer, process, size);
                self.resized()
            }
            Event::Colored(viewer, colors) => {
                if let Some(state) = self.viewers.get_mut(&viewer) {
                    state.colors = Some(colors);
                }
                Vec::from_iter(self.colored())
            }
            Event::Typed(viewer) => {
                self.active = Some(viewer);
                let mut effects = self.resized();
                effects.extend(self.colored());
                effects
            }
            Event::Sized(process, size) => {
                let size = self.policy.fixed().unwrap_or(size);
                self.resize(|id| process.is_none_or(|only| only == id).then_some(size))
            }
            Event::Closed(process) => {
                let ended = self
                    .processes
                    .get(&process)
                    .is_some_and(|state| state.exit.is_some());
                let closed = ended.then(|| self.close(process)).flatten();
                if closed.is_some() {
                    self.layout.remove(process);
                    self.revision += 1;
                }
                Vec::from_iter(closed)
            }
            Event::End => self.end(),
            Event::Expired => match self.phase {
                Phase::Ended => vec![Effect::Forget],
                _ if self.viewers.is_empty() => self.end(),
                _ => Vec::new(),
            },
        }
    }

    fn started(&mut self) -> Vec<Effect> {
        if let Some(id) = self.next_process() {
            let size = self.size();
            self.newest = id.0;
            self.processes.insert(id, ProcessState { exit: None, size });
            self.layout.add(id);
            self.revision += 1;
        }
        Vec::new()
    }

    /// A viewer said how large its window, or a part of it, is.
    fn window(&mut self, viewer: ViewerId, process: Option<ProcessId>, size: Size) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        match process {
            None => state.size = Some(size),
            // Only processes that there are: a viewer cannot fill the memory with others.
            Some(process) if self.processes.contains_key(&process) => {
                state.sizes.insert(process, size);
            }
            Some(_) => {}
        }
    }

    /// Forgets a process, unless it is the last one: by that the session is known.
    fn close(&mut self, process: ProcessId) -> Option<Effect> {
        if self.processes.len() < 2 {
            return None;
        }
        self.forget(process)?;
        Some(Effect::Close(process))
    }

    fn forget(&mut self, process: ProcessId) -> Option<ProcessState> {
        for (_, viewer) in self.viewers.iter_mut() {
            viewer.sizes.remove(&process);
        }
        self.processes.remove(&process)
    }

    fn exited(&mut self, process: ProcessId, status: ExitStatus) -> Vec<Effect> {
        if let Some(state) = self.processes.get_mut(&process) {
            state.exit = Some(status);
        }
        // A login program that runs beside others keeps nothing alive.
        let alone = self.processes.len() == 1;
        let running = self
            .processes
            .iter()
            .any(|(id, state)| state.exit.is_none() && (alone || *id != ProcessId::LOGIN));
        if self.phase == Phase::Ended || running {
            return Vec::new();
        }
        let was_told_to = self.phase == Phase::Ending;
        self.phase = Phase::Ended;
        match self.linger {
            _ if was_told_to => vec![Effect::Forget],
            Duration::ZERO if self.unseen => vec![Effect::Deadline(UNSEEN_KEEP)],
            Duration::ZERO if self.viewers.is_empty() => vec![Effect::Forget],
            Duration::ZERO => Vec::new(),
            linger => vec![Effect::Deadline(linger)],
        }
    }

    fn joined(&mut self, viewer: ViewerId, state: ViewerState) -> Vec<Effect> {
        if self.active.is_none() && state.role >= Role::Write {
            self.active = Some(viewer);
        }
        self.viewers.insert(viewer, state);
        self.unseen = false;
        let mut effects = self.resized();
        // What is hung up goes when its viewer does, even if it ended before anybody came.
        if self.phase == Phase::Running || self.linger.is_zero() {
            effects.push(Effect::NoDeadline);
        }
        effects
    }

    fn left(&mut self, viewer: ViewerId) -> Vec<Effect> {
        if self.viewers.remove(&viewer).is_none() {
            return Vec::new();
        }
        if self.active == Some(viewer) {
            let writers = self
                .viewers
                .iter()
                .filter(|(_, state)| state.role >= Role::Write);
            self.active = writers.map(|(viewer, _)| *viewer).next_back();
        }
        let mut effects = self.resized();
        if self.viewers.is_empty() {
            effects.extend(self.deserted());
        }
        effects
    }

    /// Nobody is there any more, or not yet.
    fn deserted(&mut self) -> Vec<Effect> {
        match (self.phase, self.on_disconnect) {
            (Phase::Running, OnDisconnect::Hangup) if self.unseen => {
                vec![Effect::Deadline(UNSEEN_KEEP)]
            }
            (Phase::Running, OnDisconnect::Hangup) => self.end(),
            (Phase::Running, OnDisconnect::Keep(Some(time))) => vec![Effect::Deadline(time)],
            (Phase::Ended, _) if self.linger.is_zero() => vec![Effect::Forget],
            _ => Vec::new(),
        }
    }

    fn end(&mut self) -> Vec<Effect> {
        match self.phase {
            Phase::Running => {
                self.phase = Phase::Ending;
                vec![Effect::EndProcesses]
            }
            Phase::Ending => Vec::new(),
            Phase::Ended => vec![Effect::Forget],
        }
    }

    /// Decides the colours anew. Those of a viewer that has left hold until another one types.
    fn colored(&mut self) -> Option<Effect> {
        let active = self.viewers.get(&self.active?)?;
        let colors = active.colors.filter(|colors| *colors != self.colors)?;
        self.colors = colors;
        Some(Effect::Colors(colors))
    }

    /// Decides the sizes anew.
    fn resized(&mut self) -> Vec<Effect> {
        let (policy, active) = (self.policy, self.active);
        let viewers = std::mem::take(&mut self.viewers);
        let effects = self.resize(|process| policy.decide(&viewers, active, process));
        self.viewers = viewers;
        effects
    }

    /// Gives each living process the size that `decide` finds for it, if any.
    fn resize(&mut self, decide: impl Fn(ProcessId) -> Option<Size>) -> Vec<Effect> {
        let living = self
            .processes
            .iter_mut()
            .filter(|(_, state)| state.exit.is_none());
        living
            .filter_map(|(id, state)| {
                let size = decide(*id).filter(|size| *size != state.size)?;
                state.size = size;
                Some(Effect::Resize(*id, size))
            })
            .collect()
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
