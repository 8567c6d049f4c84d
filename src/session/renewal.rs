//! The login program once more: when a grant is over, or when the application wants to know who is
//! there now.
//!
//! The session is locked meanwhile. One who may type sits before the login program; nobody sees or
//! types anything else, and what the application shows goes on where each viewer had left it. Only
//! whom the session is for opens it again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{info, warn};

use super::gate::{Gate, Identity, Login};
use super::task::{Exits, SessionTask, Started};
use super::tokens;
use crate::control::error::{Code, RpcError};
use crate::control::protocol::{Reauth, Reproved};
use crate::model::access::{AUDIT, Action};
use crate::model::id::{ProcessId, ViewerId};
use crate::model::notice::Notice;
use crate::model::process::{ExitStatus, ProcessSpec};
use crate::model::session::{Effect, Event, Phase};
use crate::process;
use crate::process::group::Group;

/// How long before a grant is over those who watch are told: time to save what is open.
const AHEAD: Duration = Duration::from_secs(120);

/// Where the answer to an application that asked goes.
pub(super) type Answer = oneshot::Sender<Result<Reproved, RpcError>>;

/// The login program of a session, kept for the next time.
pub(super) struct Chain {
    program: ProcessSpec,
    /// How long it may take.
    timeout: Duration,
    /// When the grant is over.
    ends: Option<Instant>,
    /// It is.
    over: bool,
    /// When that is told.
    warns: Option<Instant>,
    /// When somebody last proved who they are.
    proven: Instant,
    /// Viewers that it was run for in vain since the session was locked: not for them again, so that
    /// nothing turns round in a circle.
    tried: Vec<ViewerId>,
    /// What the application asked for.
    asked: Option<(Reauth, Answer)>,
    /// How often it was run again.
    round: u32,
    /// The user of awp that somebody at the login program proved to be.
    proved: Option<String>,
    /// The session is of a user of awp, and stays theirs only as long as they are the one that they
    /// were.
    of_user: bool,
}

impl Chain {
    /// Of a session whose login begins now.
    pub(super) fn new(program: &ProcessSpec, timeout: Duration) -> Self {
        Self {
            program: program.clone(),
            timeout,
            ends: None,
            over: false,
            warns: None,
            proven: Instant::now(),
            tried: Vec::new(),
            asked: None,
            round: 0,
            proved: None,
            of_user: false,
        }
    }

    /// Somebody at the login program proved to be this user of awp.
    pub(super) fn proves(&mut self, user: String) {
        self.proved = Some(user);
    }

    /// Somebody was let in, for this long.
    pub(super) fn granted(&mut self, identity: &Identity, ttl: Option<Duration>) {
        let now = Instant::now();
        self.of_user = self.proved.take().as_ref() == Some(&identity.subject);
        self.proven = now;
        self.tried = Vec::new();
        self.over = false;
        self.ends = ttl.and_then(|ttl| now.checked_add(ttl));
        let told = ttl.and_then(|ttl| ttl.checked_sub(AHEAD));
        self.warns = told
            .filter(|time| !time.is_zero())
            .and_then(|time| now.checked_add(time));
    }

    /// When it is to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.ends, self.warns].into_iter().flatten().min()
    }

    /// What the application wants to be proven.
    pub(super) fn wanted(&self) -> Option<&str> {
        self.asked.as_ref()?.0.acr.as_deref()
    }

    /// What is known of whoever is there is as good as what is asked for.
    fn suffices(&self, asked: &Reauth, identity: &Identity) -> bool {
        let young = asked
            .max_age
            .is_some_and(|most| self.proven.elapsed() <= Duration::from_secs(most));
        young && is_proven_so(asked, identity)
    }
}

fn is_proven_so(asked: &Reauth, identity: &Identity) -> bool {
    asked.acr.is_none() || asked.acr == identity.acr
}

impl SessionTask {
    /// The time has come for something that concerns the grant.
    pub(super) fn grant_due(&mut self, now: Instant, exits: &mut Exits) -> Vec<Effect> {
        let Some(chain) = &mut self.chain else {
            return Vec::new();
        };
        if chain.warns.is_some_and(|warns| warns <= now) {
            chain.warns = None;
            let left = chain
                .ends
                .map_or(AHEAD, |ends| ends.saturating_duration_since(now));
            let newest = self.state.processes().iter().next_back();
            let process = newest.map_or(ProcessId::FIRST, |(id, _)| *id);
            let seconds = left.as_secs();
            self.notices.post(process, Notice::Expiring { seconds });
        }
        if chain.ends.is_none_or(|ends| ends > now) {
            return Vec::new();
        }
        (chain.ends, chain.over) = (None, true);
        let Login::Granted(identity) = &self.login else {
            // The login program runs already; whoever passes it has a grant of its own.
            return Vec::new();
        };
        let subject = identity.subject.as_str();
        info!(target: AUDIT, event = "login_expired", session = %self.id, subject);
        self.lock(Arc::clone(identity), exits)
    }

    /// A user of awp was removed, or has another password or role: what they proved before holds no
    /// longer.
    pub(super) fn user_changed(&mut self, exits: &mut Exits) -> Vec<Effect> {
        let Some(chain) = self.chain.as_mut().filter(|chain| chain.of_user) else {
            return Vec::new();
        };
        chain.proved = None;
        // As if its time were over.
        chain.ends = Some(Instant::now());
        self.grant_due(Instant::now(), exits)
    }

    /// The application asks who is there now.
    pub(super) fn reauth(
        &mut self,
        asked: Reauth,
        answer: Answer,
        exits: &mut Exits,
    ) -> Vec<Effect> {
        let refusal = match (&mut self.chain, &self.login) {
            (Some(chain), Login::Granted(identity)) if chain.suffices(&asked, identity) => {
                let _ = answer.send(Ok(Reproved::accepted(identity.acr.clone())));
                return Vec::new();
            }
            (Some(chain), Login::Granted(identity)) => {
                let identity = Arc::clone(identity);
                chain.tried = Vec::new();
                if self.next_seat().is_some() {
                    if let Some(chain) = &mut self.chain {
                        chain.asked = Some((asked, answer));
                    }
                    return self.lock(identity, exits);
                }
                RpcError::new(Code::NoClient, "nobody is there who could log in")
            }
            (Some(_), _) => RpcError::new(Code::Conflict, "a login is under way"),
            (None, _) => RpcError::not_allowed("the session has no login program"),
        };
        let _ = answer.send(Err(refusal));
        Vec::new()
    }

    fn lock(&mut self, identity: Arc<Identity>, exits: &mut Exits) -> Vec<Effect> {
        self.login = Login::Locked {
            identity,
            seat: None,
        };
        self.seat(exits)
    }

    /// Who is to sit before the login program: whoever typed last, or came last, of those who may
    /// type.
    fn next_seat(&self) -> Option<ViewerId> {
        let tried = &self.chain.as_ref()?.tried;
        let may = |id: &ViewerId| {
            let known = self.viewers.get(id);
            !tried.contains(id) && known.is_some_and(|(one, _)| one.role.allows(Action::Type))
        };
        let active = self.state.active().filter(may);
        active.or_else(|| self.viewers.keys().copied().rfind(may))
    }

    /// Runs the login program for the next one, if the session is locked and there is anybody.
    pub(super) fn seat(&mut self, exits: &mut Exits) -> Vec<Effect> {
        let Login::Locked {
            identity,
            seat: None,
        } = &self.login
        else {
            return Vec::new();
        };
        if self.state.phase() == Phase::Ending {
            return Vec::new();
        }
        let identity = Arc::clone(identity);
        while let Some(viewer) = self.next_seat() {
            match self.run_again(&identity, viewer, exits) {
                Ok(()) => return Vec::new(),
                Err(why) => {
                    warn!(session = %self.id, "the login program cannot be run again: {why}");
                    self.tried(viewer);
                }
            }
        }
        // Whoever comes next is the next one to try.
        self.declined(&identity);
        Vec::new()
    }

    fn run_again(
        &mut self,
        identity: &Arc<Identity>,
        viewer: ViewerId,
        exits: &mut Exits,
    ) -> Result<(), String> {
        let Some(chain) = &mut self.chain else {
            return Ok(());
        };
        chain.round += 1;
        let (round, timeout) = (chain.round, chain.timeout);
        let mut spec = chain.program.clone();
        let known = [
            ("AWP_ROLE", "reauth"),
            ("AWP_USER", identity.subject.as_str()),
            ("REMOTE_USER", identity.subject.as_str()),
        ];
        spec.env
            .retain(|(key, _)| known.iter().all(|(name, _)| name != key));
        let known = known.map(|(key, value)| (key.to_owned(), value.to_owned()));
        spec.env.extend(known);
        spec.size = self.state.size();
        spec.resources.group = self.group.as_ref().map(Group::name);
        let nonce = tokens::secret().map_err(|_| "the system gives no random bytes")?;
        let slot = self.slots.make(ProcessId::LOGIN, &mut spec);
        let slot = slot.ok_or("it would have no control socket")?;
        let started = process::start(&spec, &self.settings).map_err(|error| error.to_string())?;
        let (process, ended, task) = started;
        let from = self.viewers.get(&viewer).and_then(|(one, _)| one.from);
        self.gate = Some(Box::new(Gate::again(nonce, timeout, from)));
        // Both in one view: nobody ever sees the program without the lock.
        self.login = Login::Locked {
            identity: Arc::clone(identity),
            seat: Some((viewer, round)),
        };
        let started = Started {
            process,
            ended,
            task,
            slot: Some(slot),
        };
        self.started(&spec, started, Event::Renewing, exits);
        Ok(())
    }

    /// Its time is over, or whoever sat before it has left: it ends, and lets nobody in.
    pub(super) fn stop_login(&mut self, why: &'static str) {
        if self.gate.take().is_none() {
            return;
        }
        warn!(target: AUDIT, event = "login_failed", session = %self.id, why);
        let mut running = self.processes.iter();
        if let Some(view) = running.find(|view| view.id == ProcessId::LOGIN) {
            view.process.end();
        }
    }

    /// The login program has ended, well or not.
    pub(super) fn renewal_ended(&mut self, status: &ExitStatus, exits: &mut Exits) -> Vec<Effect> {
        self.processes.retain(|view| view.id != ProcessId::LOGIN);
        let mut effects = self.state.apply(Event::Renewed);
        let Login::Locked { identity, seat } = &mut self.login else {
            return effects;
        };
        let (known, sat) = (Arc::clone(identity), seat.take());
        let well = *status == ExitStatus::Code(0);
        let granted = self.gate.take().and_then(|gate| gate.close(well));
        match granted {
            Some((identity, ttl, _)) if identity.subject == known.subject => {
                self.renewed(identity, ttl);
            }
            Some((other, ..)) => {
                let (subject, other) = (known.subject.as_str(), other.subject.as_str());
                let why = "it is somebody else";
                warn!(target: AUDIT, event = "login_failed", session = %self.id, why, subject, other);
                self.login = Login::Barred;
                effects.extend(self.state.apply(Event::End));
            }
            None => {
                if let Some((viewer, _)) = sat {
                    self.tried(viewer);
                }
                self.declined(&known);
                effects.extend(self.seat(exits));
            }
        }
        effects
    }

    fn renewed(&mut self, identity: Arc<Identity>, ttl: Option<Duration>) {
        let subject = identity.subject.as_str();
        info!(target: AUDIT, event = "login_renewed", session = %self.id, subject);
        if let Some(chain) = &mut self.chain {
            chain.granted(&identity, ttl);
            if let Some((asked, answer)) = chain.asked.take() {
                let proven = is_proven_so(&asked, &identity);
                let answered = if proven {
                    Reproved::accepted(identity.acr.clone())
                } else {
                    Reproved::declined()
                };
                let _ = answer.send(Ok(answered));
            }
        }
        self.login = Login::Granted(identity);
    }

    /// What the application asked for is not given; what it had it keeps.
    fn declined(&mut self, identity: &Arc<Identity>) {
        let Some(chain) = &mut self.chain else {
            return;
        };
        let Some((_, answer)) = chain.asked.take() else {
            return;
        };
        let _ = answer.send(Ok(Reproved::declined()));
        if !chain.over {
            self.login = Login::Granted(Arc::clone(identity));
        }
    }

    fn tried(&mut self, viewer: ViewerId) {
        if let Some(chain) = &mut self.chain
            && self.viewers.get(&viewer).is_some()
        {
            chain.tried.push(viewer);
        }
    }

    /// Forgets a viewer that has left; the one before the login program takes it along.
    pub(super) fn unseat(&mut self, viewer: ViewerId) {
        if let Some(chain) = &mut self.chain {
            chain.tried.retain(|tried| *tried != viewer);
        }
        if matches!(self.login, Login::Locked { seat: Some((seat, _)), .. } if seat == viewer) {
            self.stop_login("whoever logged in has left");
        }
    }
}
