//! What a viewer is told beside output: processes that come and end, notices, and that the session
//! is locked until whom it is for has logged in again.

use std::sync::Arc;

use super::event::ViewerEvent;
use super::gate::Login;
use super::view::SessionView;
use super::viewer::Viewer;
use crate::model::id::ProcessId;
use crate::model::notice::Posted;
use crate::model::session::Phase;

/// How a viewer stands to the session's lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lock {
    /// There is none.
    #[default]
    Open,
    /// It sees and types nothing.
    Withheld,
    /// It sits before the login program, which was run again so often.
    Seat(u32),
}

impl Viewer {
    /// Whether it shows this process, as soon as it may.
    pub(super) fn shows(&self, process: ProcessId) -> bool {
        let seat = process == ProcessId::LOGIN && matches!(self.lock, Lock::Seat(_));
        seat || self.only.is_none_or(|only| only == process)
    }

    /// Whether what this process shows and takes waits for the session's lock to open.
    pub(super) fn withholds(&self, process: ProcessId) -> bool {
        match self.lock {
            Lock::Open => false,
            Lock::Withheld => true,
            Lock::Seat(_) => process != ProcessId::LOGIN,
        }
    }

    /// Whether nothing may be done in the session for now.
    pub const fn is_locked(&self) -> bool {
        !matches!(self.lock, Lock::Open)
    }

    /// How it stands to the lock now, if that has changed: one step at a time.
    pub(super) fn locked(&mut self) -> Option<ViewerEvent> {
        let now = match self.view.seat(self.reader.id) {
            Some(round) => Lock::Seat(round),
            None if self.view.is_locked() => Lock::Withheld,
            None => Lock::Open,
        };
        if now == self.lock {
            return None;
        }
        match (self.lock, now) {
            (Lock::Open, _) => {
                self.lock = Lock::Withheld;
                self.changed = true;
                Some(ViewerEvent::Locked)
            }
            (Lock::Withheld, Lock::Seat(_)) => {
                self.lock = now;
                let _ = self.join_lanes();
                self.known.push(ProcessId::LOGIN);
                Some(ViewerEvent::Seated)
            }
            (Lock::Withheld, _) => {
                self.lock = Lock::Open;
                self.changed = true;
                Some(ViewerEvent::Unlocked)
            }
            (Lock::Seat(_), _) => {
                self.lock = Lock::Withheld;
                // Also where the next one runs already: that one begins anew.
                self.forget_login();
                Some(match (&self.view.login, now) {
                    (Login::Granted(identity), Lock::Open) => {
                        ViewerEvent::Renewed(Arc::clone(identity))
                    }
                    _ => ViewerEvent::Denied,
                })
            }
        }
    }

    /// The login program is done with: what follows is shown in its place.
    pub(super) fn admitted(&mut self) -> Option<ViewerEvent> {
        let Login::Granted(identity) = &self.view.login else {
            return None;
        };
        if !std::mem::take(&mut self.in_login) {
            return None;
        }
        self.only = self.only.map(|_| ProcessId::FIRST);
        Some(ViewerEvent::Admitted(Arc::clone(identity)))
    }

    /// What is to be told of the session as a whole. A viewer is told once it is counted itself.
    pub(super) fn news(&mut self) -> Option<ViewerEvent> {
        let mut ids = self.view.processes.iter().map(|view| view.id);
        if let Some(new) = ids.find(|id| self.shows(*id) && !self.known.contains(id)) {
            self.known.push(new);
            return Some(ViewerEvent::Started(new));
        }
        let counted = self
            .view
            .viewers
            .iter()
            .any(|viewer| viewer.id == self.reader.id);
        let due = self.changed && counted;
        self.changed &= !due;
        due.then_some(ViewerEvent::Session)
    }

    /// The next notice that is for this viewer.
    pub(super) fn notice(&mut self) -> Option<Posted> {
        if self.lock != Lock::Open {
            return None;
        }
        let last = self.noticed.as_mut()?;
        let mut held = self.view.notices.iter();
        let next = held.find(|posted| {
            let shown = self.only.is_none_or(|only| only == posted.process);
            let news = posted.number > *last || self.due.contains(&posted.number);
            news && shown && posted.notice.is_for(self.role)
        })?;
        *last = next.number.max(*last);
        self.due.retain(|number| *number != next.number);
        Some(next.clone())
    }

    /// A process that ended and was shown to its end, or the end of all.
    pub(super) fn exited(&mut self) -> Option<ViewerEvent> {
        if self.lock == Lock::Withheld {
            let over = matches!(self.view.login, Login::Barred) && self.view.phase == Phase::Ended;
            return (over && !std::mem::replace(&mut self.over, true)).then_some(ViewerEvent::Over);
        }
        if self.lock != Lock::Open {
            return None;
        }
        let shown = |process: ProcessId| {
            self.lanes
                .iter()
                .all(|viewed| viewed.lane().process != process || viewed.ended())
        };
        let next = self
            .processes()
            .find(|view| view.exit.is_some() && !self.told.contains(&view.id) && shown(view.id));
        if let Some((process, status)) = next.and_then(|view| Some((view.id, view.exit.clone()?))) {
            if std::mem::take(&mut self.in_login) {
                return Some(ViewerEvent::Denied);
            }
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

/// The numbers of the questions that wait for an answer.
pub(super) fn waiting(view: &SessionView) -> Vec<u64> {
    let held = view.notices.iter();
    let waiting = held.filter(|posted| posted.notice.ask().is_some());
    waiting.map(|posted| posted.number).collect()
}

/// Whether viewers are told of this change: processes and their ends are told apart from it.
pub(super) fn is_news(old: &SessionView, new: &SessionView) -> bool {
    old.is_locked() != new.is_locked()
        || old.revision != new.revision
        || old.active != new.active
        || old.name != new.name
        || old.audience() != new.audience()
}
