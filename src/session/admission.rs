//! How a session comes by its login program, and how its task deals with it.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::oneshot;
use tracing::{info, warn};

use super::app::App;
use super::catalog::{Catalog, CreateError};
use super::gate::{Denial, Gate, Identity, Login};
use super::handle::Command;
use super::renewal::{self, Chain};
use super::task::{Exits, SessionTask, Started};
use super::tokens;
use crate::control::error::RpcError;
use crate::control::protocol::{Deny, Grant, Reauth};
use crate::model::access::AUDIT;
use crate::model::id::{ProcessId, SessionId};
use crate::model::process::{ExitStatus, ProcessSpec};
use crate::model::session::{Effect, Event};
use crate::process;
use crate::process::group::Group;

/// What a login program, or the application for it, asks of the session's task.
pub(super) enum Ask {
    /// What it has to show with its grant.
    Nonce(oneshot::Sender<Option<String>>),
    /// Where whoever logs in comes from; `None`: this machine.
    From(oneshot::Sender<Result<Option<IpAddr>, RpcError>>),
    /// What kind of proof the application asked for.
    Wanted(oneshot::Sender<Option<String>>),
    Grant(Box<Grant>, oneshot::Sender<Result<Arc<Identity>, RpcError>>),
    Deny(Deny, oneshot::Sender<Result<(), RpcError>>),
    Reauth(Reauth, renewal::Answer),
    /// Somebody at the login program proved to be this user of awp.
    Proves(String),
    /// The user of awp whose the session is has changed, or is gone.
    UserChanged,
}

impl Catalog {
    /// What these users proved to login programs holds no longer: whose session was let in by it has
    /// to log in again.
    pub async fn users_changed(&self, users: &[String]) {
        for session in self.list() {
            let known = session.identity();
            if known.is_some_and(|known| users.contains(&known.subject)) {
                // One that is over has nobody to ask.
                let _ = session.ask(Command::Door(Ask::UserChanged)).await;
            }
        }
    }

    /// What begins a session: its app, or the login program and then its app.
    pub(super) fn behind_login(
        &self,
        app: &App,
        spec: ProcessSpec,
        id: &SessionId,
        (mut identity, from): (Vec<(String, String)>, Option<IpAddr>),
    ) -> Result<(ProcessSpec, Option<Box<Gate>>), CreateError> {
        let Some(login) = &app.login else {
            return Ok((spec, None));
        };
        let (most, name) = (login.max_starts, app.name.as_str());
        let start = self.starts.take(name, from, most);
        let start = start.ok_or(CreateError::LoginsFull(most))?;
        let nonce = tokens::secret().map_err(|_| CreateError::Random)?;
        // Nobody is known yet, whoever opened the connection.
        identity.retain(|(key, _)| key != "AWP_USER" && key != "REMOTE_USER");
        identity.push(("AWP_ROLE".to_owned(), "login".to_owned()));
        let first = self.spec(&app.at_login(login), id, identity, spec.size);
        let gate = Gate::new(spec, nonce, login.timeout, start);
        Ok((first, Some(Box::new(gate))))
    }
}

impl App {
    /// Its login program, which begins as `program`, for the next time; `None`: it has none.
    pub(super) fn chain(&self, program: &ProcessSpec) -> Option<Box<Chain>> {
        let login = self.login.as_ref()?;
        Some(Box::new(Chain::new(program, login.timeout)))
    }
}

impl SessionTask {
    pub(super) fn asked_at_door(&mut self, ask: Ask, exits: &mut Exits) -> Vec<Effect> {
        match ask {
            Ask::Nonce(answer) => {
                let nonce = self.gate.as_ref().map(|gate| gate.nonce().to_owned());
                let _ = answer.send(nonce);
            }
            Ask::From(answer) => {
                let _ = answer.send(self.from());
            }
            Ask::Wanted(answer) => {
                let wanted = self.chain.as_ref().and_then(|chain| chain.wanted());
                let _ = answer.send(wanted.map(str::to_owned));
            }
            Ask::Grant(grant, answer) => {
                let _ = answer.send(self.grant(*grant));
            }
            Ask::Deny(deny, answer) => {
                let (denied, effects) = self.deny(&deny);
                let _ = answer.send(denied);
                return effects;
            }
            Ask::Proves(user) => {
                if let Some(chain) = &mut self.chain {
                    chain.proves(user);
                }
            }
            Ask::UserChanged => return self.user_changed(exits),
            Ask::Reauth(asked, answer) => return self.reauth(asked, answer, exits),
        }
        Vec::new()
    }

    /// Where whoever logs in comes from; `None`: this machine.
    fn from(&self) -> Result<Option<IpAddr>, RpcError> {
        let gate = self.gate.as_ref().map(|gate| gate.from());
        gate.ok_or_else(|| RpcError::not_allowed("no login is under way"))
    }

    /// Takes the grant of the login program.
    fn grant(&mut self, grant: Grant) -> Result<Arc<Identity>, RpcError> {
        let gate = self.gate.as_mut();
        let gate = gate.ok_or_else(|| RpcError::not_allowed("no login is under way"))?;
        gate.grant(grant)
    }

    /// Takes a denial of the login program, and what follows from it.
    fn deny(&mut self, deny: &Deny) -> (Result<(), RpcError>, Vec<Effect>) {
        let denied = match self.gate.as_mut() {
            Some(gate) => gate.deny(deny),
            None => Err(RpcError::not_allowed("no login is under way")),
        };
        let (session, reason) = (&self.id, deny.reason.as_deref().unwrap_or_default());
        match denied {
            Err(error) => (Err(error), Vec::new()),
            Ok(denial) => {
                let end = denial == Denial::End;
                warn!(target: AUDIT, event = "login_denied", %session, reason, end);
                let again = matches!(self.login, Login::Locked { .. });
                match (end, again) {
                    (false, _) => (Ok(()), Vec::new()),
                    // What it has goes on, for whom it is.
                    (true, true) => {
                        self.stop_login("the login program lets nobody in");
                        (Ok(()), Vec::new())
                    }
                    (true, false) => (Ok(()), self.shut()),
                }
            }
        }
    }

    /// Nobody is let in any more: the session ends.
    pub(super) fn shut(&mut self) -> Vec<Effect> {
        self.gate = None;
        self.login = Login::Denied;
        self.state.apply(Event::End)
    }

    /// The opener has left, or there is no more time.
    pub(super) fn abandon(&mut self, why: &'static str) -> Vec<Effect> {
        warn!(target: AUDIT, event = "login_failed", session = %self.id, why);
        self.shut()
    }

    /// The login program has ended: the application follows, or nothing.
    pub(super) fn login_ended(&mut self, status: ExitStatus, exits: &mut Exits) -> Vec<Effect> {
        self.slots.close(ProcessId::LOGIN);
        if matches!(self.login, Login::Locked { .. }) {
            return self.renewal_ended(&status, exits);
        }
        let well = status == ExitStatus::Code(0);
        if let Some(gate) = self.gate.take() {
            let who = if let Some((identity, ttl, Some(app))) = gate.close(well) {
                match self.admit(&identity, app, exits) {
                    Ok(()) => {
                        if let Some(chain) = &mut self.chain {
                            chain.granted(&identity, ttl);
                        }
                        return Vec::new();
                    }
                    Err(error) => error.to_string(),
                }
            } else if well {
                "the login program granted nothing".to_owned()
            } else {
                "the login program failed".to_owned()
            };
            warn!(target: AUDIT, event = "login_failed", session = %self.id, why = who.as_str());
            self.login = Login::Denied;
        }
        // Told to end before it has: then it is forgotten at once, with what was shown.
        let mut effects = self.state.apply(Event::End);
        effects.extend(self.state.apply(Event::Exited(ProcessId::LOGIN, status)));
        effects
    }

    /// Starts the application in the place of the login program.
    fn admit(
        &mut self,
        identity: &Arc<Identity>,
        mut spec: ProcessSpec,
        exits: &mut Exits,
    ) -> Result<(), process::StartError> {
        let known = identity.environment();
        spec.env
            .retain(|(key, _)| known.iter().all(|(name, _)| name != key));
        spec.env.extend(known);
        spec.size = self.state.size();
        spec.resources.group = self.group.as_ref().map(Group::name);
        let slot = self.slots.make(ProcessId::FIRST, &mut spec);
        let (process, ended, task) = process::start(&spec, &self.settings)?;
        let subject = identity.subject.as_str();
        info!(target: AUDIT, event = "login", session = %self.id, subject, app = self.slots.session.app());
        // Both in one view: nobody ever sees one without the other.
        self.login = Login::Granted(Arc::clone(identity));
        self.processes.retain(|view| view.id != ProcessId::LOGIN);
        let started = Started {
            process,
            ended,
            task,
            slot,
        };
        self.started(&spec, started, Event::Admitted, exits);
        Ok(())
    }
}
