//! What all measurements share: who is measured, in which order, and where it is noted.

use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::client::Dialect;
use super::proc;
use super::report::Report;
use super::subject::{Kind, Subject};
use super::texts::Texts;

/// How long the machine is looked at before a measurement.
const LOOK: Duration = Duration::from_millis(60);

/// A run of the benchmark.
pub struct Bench {
    /// Less of everything.
    pub quick: bool,
    /// How often each is measured.
    pub rounds: usize,
    /// No further round of what is measured now begins after this.
    pub until: Instant,
    /// Whether there was no time for some of the rounds.
    pub cut: bool,
    /// Where it is noted.
    pub report: Report,
    /// What the programs write.
    pub texts: Texts,
    /// The binary of awp.
    pub program: PathBuf,
    /// This program, which is also the one in the sessions.
    pub own: String,
    /// The peers that are installed.
    pub peers: Vec<Subject>,
}

/// A runtime of one thread.
///
/// # Errors
/// When the system has none left.
pub fn single() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Runs something on a thread that does nothing else.
///
/// # Errors
/// Its own, or that of a runtime that cannot be had.
pub fn alone<T>(doing: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    single()?.block_on(doing)
}

impl Bench {
    /// awp with terminals, in its bare dialect.
    pub fn awp(&self) -> Subject {
        Subject::awp(&self.program, "awp", Kind::Awp, Dialect::Raw)
    }

    /// Every server that gives a session a terminal.
    pub fn terminals(&self) -> Vec<Subject> {
        let mut all = vec![self.awp()];
        all.extend(Subject::reference().ok());
        let peers = self.peers.iter().filter(|peer| peer.has_terminal());
        all.extend(peers.cloned());
        all
    }

    /// awp in its other dialects.
    pub fn other_dialects(&self) -> Vec<Subject> {
        [("awp.v1", Dialect::V1), ("awp.json", Dialect::Json)]
            .map(|(name, dialect)| Subject::awp(&self.program, name, Kind::Awp, dialect))
            .into()
    }

    /// Every server that gives a session pipes.
    pub fn pipes(&self) -> Vec<Subject> {
        let mut all = vec![Subject::awp(
            &self.program,
            "awp",
            Kind::AwpPipe,
            Dialect::Raw,
        )];
        let peers = self.peers.iter().filter(|peer| !peer.has_terminal());
        all.extend(peers.cloned());
        all
    }

    /// The command of the sessions.
    pub fn child(&self) -> [&str; 2] {
        // Not borrowed for as long as the bench: figures are noted meanwhile.
        [self.own.as_str(), "child"]
    }

    /// The column of a server.
    pub fn column(subject: &Subject) -> &'static str {
        match subject.kind {
            Kind::Awp | Kind::AwpPipe => "awp",
            _ => subject.name,
        }
    }

    /// Does something once, and so many times while there is time.
    pub fn rounds(&mut self, count: usize, mut round: impl FnMut(&mut Self, usize)) {
        for number in 0..count {
            if number > 0 && Instant::now() >= self.until {
                self.cut = true;
                return;
            }
            round(self, number);
        }
    }

    /// Measures every one of these, beginning with another one in each round.
    pub fn each(
        &mut self,
        subjects: &[Subject],
        round: usize,
        mut one: impl FnMut(&mut Self, &Subject) -> anyhow::Result<()>,
    ) {
        for place in 0..subjects.len() {
            let subject = &subjects[(place + round) % subjects.len()];
            self.look();
            if let Err(error) = one(self, subject) {
                self.report.note(format!("{}: {error:#}", subject.name));
            }
        }
    }

    /// Measures what needs no server.
    pub fn floor_of(&mut self, one: impl FnOnce(&mut Self) -> anyhow::Result<()>) {
        self.look();
        if let Err(error) = one(self) {
            self.report.note(format!("floor: {error:#}"));
        }
    }

    /// How busy others keep the machine.
    #[expect(clippy::disallowed_methods, reason = "a share of time takes time")]
    fn look(&mut self) {
        let (used, all) = proc::machine_ticks();
        std::thread::sleep(LOOK);
        let (used_then, all_then) = proc::machine_ticks();
        if all_then > all {
            let share = (used_then - used) as f64 / (all_then - all) as f64;
            self.report.add_ambient(share);
        }
    }
}
