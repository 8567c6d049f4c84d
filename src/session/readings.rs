//! How it stands with all sessions at one moment, in numbers: read when somebody asks, kept nowhere.

use std::collections::BTreeMap;

use super::catalog::Catalog;
use super::handle::SessionHandle;
use crate::model::access::Role;
use crate::model::meter::Meter;
use crate::model::session::Phase;

/// The numbers of one app's sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// Sessions with a living process.
    pub running: u64,
    /// Sessions that are over, or about to be.
    pub ended: u64,
    /// Living processes.
    pub processes: u64,
    /// Viewers, by what they may do, the one who may do least first.
    pub viewers: [u64; 3],
    /// What the logs of their output take, in bytes.
    pub log_bytes: u64,
    /// Bytes that the slowest viewer of each channel has not acknowledged, of all channels.
    pub lag_bytes: u64,
    /// The same, of the channel where it is most.
    pub lag_max_bytes: u64,
}

impl Catalog {
    /// What is counted about processes and their bytes.
    pub fn meter(&self) -> &Meter {
        &self.process.meter
    }
}

impl Readings {
    /// Reads every session, by app.
    pub fn by_app(sessions: &[SessionHandle]) -> BTreeMap<String, Self> {
        let mut apps: BTreeMap<String, Self> = BTreeMap::new();
        for session in sessions {
            apps.entry(session.app().to_owned())
                .or_default()
                .add(session);
        }
        apps
    }

    fn add(&mut self, session: &SessionHandle) {
        let view = session.view();
        match view.phase {
            Phase::Running => self.running += 1,
            Phase::Ending | Phase::Ended => self.ended += 1,
        }
        for viewer in &*view.viewers {
            self.viewers[match viewer.role {
                Role::Watch => 0,
                Role::Write => 1,
                Role::Owner => 2,
            }] += 1;
        }
        for process in &*view.processes {
            self.processes += u64::from(process.exit.is_none());
            for output in &*process.process.outputs {
                let reading = output.reading();
                self.log_bytes += reading.memory as u64;
                self.lag_bytes += reading.lag;
                self.lag_max_bytes = self.lag_max_bytes.max(reading.lag);
            }
        }
    }
}
