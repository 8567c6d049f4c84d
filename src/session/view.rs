//! Everything about a session that is not bytes, as its viewers see it: the newest value, never a
//! backlog.

use std::net::IpAddr;
use std::sync::Arc;

use super::gate::Login;
use crate::model::access::Role;
use crate::model::id::{ProcessId, ViewerId};
use crate::model::layout::Layout;
use crate::model::mode::Mode;
use crate::model::notice::Posted;
use crate::model::process::ExitStatus;
use crate::model::session::{Phase, SessionState};
use crate::model::size::{Size, SizePolicy};
use crate::process::Process;

/// A session at one moment.
#[derive(Clone)]
pub struct SessionView {
    /// How far it has come.
    pub phase: Phase,
    /// The name that somebody gave it.
    pub name: Option<Arc<str>>,
    /// The size of its newest terminal, and of the next one.
    pub size: Size,
    /// Whose window decides.
    pub policy: SizePolicy,
    /// The viewer whose window does, under the policy `active`.
    pub active: Option<ViewerId>,
    /// Who is attached.
    pub viewers: Arc<[ViewerView]>,
    /// How its processes are laid out.
    pub layout: Arc<Layout>,
    /// The number of this layout.
    pub revision: u32,
    /// Its processes, in start order.
    pub processes: Arc<[ProcessView]>,
    /// How far its login has come.
    pub login: Login,
    /// The newest of what its programs have told, the oldest first.
    pub notices: Arc<[Posted]>,
}

/// Viewers that are told apart; more of them are a crowd. Each that comes or goes is told to
/// everybody, which a large audience could not bear.
const CROWD: usize = 32;

impl SessionView {
    /// Of a session without a process so far.
    pub(super) fn at_first(state: &SessionState, name: Option<Arc<str>>, login: Login) -> Self {
        Self {
            phase: state.phase(),
            name,
            size: state.size(),
            policy: state.policy(),
            active: None,
            viewers: Arc::default(),
            layout: Arc::default(),
            revision: 0,
            processes: Arc::default(),
            notices: Arc::default(),
            login,
        }
    }

    /// Whether whom it is for has to log in again, or could not.
    pub const fn is_locked(&self) -> bool {
        matches!(self.login, Login::Locked { .. } | Login::Barred)
    }

    /// The round of the login program that this viewer sits before, while the session is locked.
    pub fn seat(&self, viewer: ViewerId) -> Option<u32> {
        match &self.login {
            Login::Locked { seat, .. } => seat
                .filter(|(seat, _)| *seat == viewer)
                .map(|(_, round)| round),
            _ => None,
        }
    }

    /// The same, as this viewer may see it: a login program that runs again is not for others.
    pub(super) fn seen_by(mut self, viewer: ViewerId) -> Self {
        let is_login = |view: &ProcessView| view.id == ProcessId::LOGIN;
        let hidden = self.is_locked()
            && self.seat(viewer).is_none()
            && self.processes.iter().any(is_login)
            && self.processes.len() > 1;
        if hidden {
            let others = self.processes.iter().filter(|view| !is_login(view));
            self.processes = others.cloned().collect();
        }
        self
    }

    /// Who is told to be there: so many, and of these the first by name.
    pub fn audience(&self) -> (usize, &[ViewerView]) {
        let count = self.viewers.len();
        if count <= CROWD {
            return (count, &self.viewers);
        }
        let step = count.next_power_of_two() / 16;
        (count - count % step, &self.viewers[..CROWD])
    }
}

/// A viewer, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewerView {
    /// Its number.
    pub id: ViewerId,
    /// What it may do.
    pub role: Role,
    /// Who it is, as the server knows it.
    pub user: Option<Arc<str>>,
    /// What it calls itself.
    pub label: Option<Arc<str>>,
    /// It shows what programs tell those who watch.
    pub notices: bool,
    /// Where it comes from; `None`: this machine.
    pub from: Option<IpAddr>,
}

/// A process at one moment.
#[derive(Clone)]
pub struct ProcessView {
    /// Its number.
    pub id: ProcessId,
    /// How it is connected.
    pub mode: Mode,
    /// Its program's name.
    pub title: Arc<str>,
    /// The size of its terminal.
    pub size: Size,
    /// Its channels.
    pub process: Process,
    /// How it ended, once it has.
    pub exit: Option<ExitStatus>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_told_of_in_steps() {
        let view = |count: usize| SessionView {
            phase: Phase::Running,
            name: None,
            size: Size::DEFAULT,
            policy: SizePolicy::Active,
            active: None,
            viewers: (0..count as u64)
                .map(|id| ViewerView {
                    id: ViewerId(id),
                    role: Role::Watch,
                    user: None,
                    label: None,
                    notices: false,
                    from: None,
                })
                .collect(),
            layout: Arc::default(),
            revision: 0,
            processes: Arc::default(),
            notices: Arc::default(),
            login: Login::None,
        };
        let mut told = Vec::new();
        for count in 1..=1000 {
            let view = view(count);
            let (about, named) = view.audience();
            assert!(about <= count && about * 9 >= count * 8);
            assert_eq!(named.len(), about.min(CROWD));
            told.push(about);
        }
        told.dedup();
        assert!(told.len() < 100, "{} times", told.len());
    }
}
