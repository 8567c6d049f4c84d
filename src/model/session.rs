//! A session's state: which processes and viewers it has, how large its terminals are, and when it
//! ends. Events go in, effects come out; whoever owns the state carries them out.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access::Role;
use super::id::{ProcessId, ViewerId};
use super::keep::OnDisconnect;
use super::process::ExitStatus;
use super::size::{Size, SizePolicy};

/// How long a session that nobody has seen yet is kept where its rule is to hang up: its maker is
/// on the way to it.
const UNSEEN_KEEP: Duration = Duration::from_secs(60);

/// Processes that a session may have had in its life. Each leaves some hundred bytes behind.
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

/// Something that happened to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was made without a viewer, who is still to come.
    Unattended,
    /// A process was started.
    Started,
    /// A process ended, and its last byte is in its log.
    Exited(ProcessId, ExitStatus),
    /// A viewer came.
    Joined {
        /// Who.
        viewer: ViewerId,
        /// What it may do.
        role: Role,
        /// Its window, if it has one.
        size: Option<Size>,
    },
    /// A viewer left.
    Left(ViewerId),
    /// A viewer's window has another size.
    Resized(ViewerId, Size),
    /// A viewer typed.
    Typed(ViewerId),
    /// Somebody who is no viewer asked for this size.
    Sized(Size),
    /// Somebody asked for the session's end.
    End,
    /// The deadline that was asked for has passed.
    Expired,
}

/// Something to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Every living terminal gets this size.
    Resize(Size),
    /// Every living process is ended.
    EndProcesses,
    /// `Expired` is due after this time, in place of any earlier one.
    Deadline(Duration),
    /// `Expired` is no longer due.
    NoDeadline,
    /// The session is over and forgotten.
    Forget,
}

/// A viewer as the session's rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerState {
    /// What it may do.
    pub role: Role,
    /// Its window, if it has one.
    pub size: Option<Size>,
}

/// What a session consists of, apart from its bytes.
#[derive(Clone, Debug)]
pub struct SessionState {
    phase: Phase,
    on_disconnect: OnDisconnect,
    linger: Duration,
    policy: SizePolicy,
    size: Size,
    processes: BTreeMap<ProcessId, Option<ExitStatus>>,
    viewers: BTreeMap<ViewerId, ViewerState>,
    active: Option<ViewerId>,
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
            processes: BTreeMap::new(),
            viewers: BTreeMap::new(),
            active: None,
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

    /// The size of its terminals.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Who is attached.
    pub const fn viewers(&self) -> &BTreeMap<ViewerId, ViewerState> {
        &self.viewers
    }

    /// The viewer whose window decides under the policy `active`.
    pub const fn active(&self) -> Option<ViewerId> {
        self.active
    }

    /// Its processes, in start order, and how they ended.
    pub const fn processes(&self) -> &BTreeMap<ProcessId, Option<ExitStatus>> {
        &self.processes
    }

    /// The number of the next process; `None` when the session may have no more.
    pub fn next_process(&self) -> Option<ProcessId> {
        let number = self.processes.len();
        let open = self.phase == Phase::Running && number < MAX_PROCESSES;
        open.then(|| u16::try_from(number + 1).ok().map(ProcessId))
            .flatten()
    }

    /// Takes note of an event and says what is to be done.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Unattended => {
                self.unseen = true;
                self.deserted()
            }
            Event::Started => self.started(),
            Event::Exited(process, status) => self.exited(process, status),
            Event::Joined { viewer, role, size } => self.joined(viewer, ViewerState { role, size }),
            Event::Left(viewer) => self.left(viewer),
            Event::Resized(viewer, size) => {
                if let Some(state) = self.viewers.get_mut(&viewer) {
                    state.size = Some(size);
                }
                self.resized()
            }
            Event::Typed(viewer) => {
                self.active = Some(viewer);
                self.resized()
            }
            Event::Sized(size) => self.become_size(self.policy.fixed().unwrap_or(size)),
            Event::End => self.end(),
            Event::Expired => match self.phase {
                Phase::Ended => vec![Effect::Forget],
                _ if self.viewers.is_empty() => self.end(),
                _ => Vec::new(),
            },
        }
    }

    fn started(&mut self) -> Vec<Effect> {
        if let Some(process) = self.next_process() {
            self.processes.insert(process, None);
        }
        Vec::new()
    }

    fn exited(&mut self, process: ProcessId, status: ExitStatus) -> Vec<Effect> {
        self.processes.insert(process, Some(status));
        if self.phase == Phase::Ended || self.processes.values().any(Option::is_none) {
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
        self.viewers.insert(viewer, state);
        self.unseen = false;
        if self.active.is_none() && state.role >= Role::Write {
            self.active = Some(viewer);
        }
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

    /// Decides the size anew.
    fn resized(&mut self) -> Vec<Effect> {
        let decided = self.policy.decide(&self.viewers, self.active);
        decided.map_or_else(Vec::new, |size| self.become_size(size))
    }

    fn become_size(&mut self, size: Size) -> Vec<Effect> {
        if size == self.size {
            return Vec::new();
        }
        self.size = size;
        vec![Effect::Resize(size)]
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
