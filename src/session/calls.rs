//! Carries out what a process of a session asks over its control socket.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::warn;

use super::admission::Ask;
use super::app::{self, App};
use super::asking;
use super::asks::About;
use super::catalog::Catalog;
use super::desk::Desk;
use super::handle::{Command, Gone, SessionHandle};
use super::passwords::{self, Found};
use super::said;
use super::tokens;
use crate::clock;
use crate::control::error::{Code, RpcError};
use crate::control::method::{Call, Done};
use crate::control::protocol::{
    Deny, Grant, Granted, Info, Nothing, ProcessInfo, Processes, Proved, Question, Replied, Shown,
    Signal, Spawn, Spawned, Statement, Token, Validate, Validity, Var, VarNames,
};
use crate::control::serve::{Answer, Caller, Service};
use crate::model::access::AUDIT;
use crate::model::id::ProcessId;
use crate::model::notice::Notice;
use crate::model::vars::VarError;
use crate::process::StartError;
use crate::process::sweep::session_of;

/// What variables of awp's own are called: no program sets them for another.
const RESERVED: &str = "AWP_";

/// The calls of one slot.
#[derive(Clone)]
pub(super) struct Calls {
    catalog: Arc<Catalog>,
    session: SessionHandle,
    process: ProcessId,
}

impl Service for Calls {
    fn call(&self, caller: Caller, call: Call) -> Answer {
        let calls = self.clone();
        Box::pin(async move {
            match call {
                Call::SessionInfo(_) => calls.info().await.map(Done::SessionInfo),
                Call::SessionGrant(grant) => {
                    calls.grant(caller, grant).await.map(Done::SessionGrant)
                }
                Call::SessionDeny(deny) => calls.deny(caller, deny).await.map(Done::SessionDeny),
                Call::SessionPassword(shown) => {
                    let proved = calls.password(caller, shown).await;
                    proved.map(Done::SessionPassword)
                }
                call if calls.process == ProcessId::LOGIN => Err(RpcError::not_allowed(format!(
                    "{} is not for a login program",
                    call.method()
                ))),
                Call::FileUpload(wanted) => {
                    calls.may_ask()?;
                    let given = asking::file(&calls.session, calls.process, caller, wanted).await;
                    given.map(Done::FileUpload)
                }
                Call::FileDownload(offer) => {
                    calls.may_ask()?;
                    let offered = asking::offer(&calls.session, calls.process, caller, offer).await;
                    offered.map(Done::FileDownload)
                }
                call => calls.carry_out(call).await,
            }
        })
    }
}

impl From<Gone> for RpcError {
    fn from(_: Gone) -> Self {
        Self::gone()
    }
}

impl From<VarError> for RpcError {
    fn from(error: VarError) -> Self {
        let code = match error {
            VarError::BadName => Code::Params,
            VarError::Full => Code::Quota,
        };
        Self::new(code, error.to_string())
    }
}

impl Calls {
    pub(super) fn new(catalog: Arc<Catalog>, session: SessionHandle, process: ProcessId) -> Self {
        Self {
            catalog,
            session,
            process,
        }
    }

    async fn carry_out(&self, call: Call) -> Result<Done, RpcError> {
        Ok(match call {
            Call::SessionValidate(asked) => Done::SessionValidate(self.validate(&asked)),
            Call::SessionToken(_) => Done::SessionToken(self.token()?),
            Call::SessionStatement(_) => Done::SessionStatement(self.statement()?),
            Call::SessionReauth(asked) => {
                let proven = self.door(|answer| Ask::Reauth(asked, answer)).await??;
                Done::SessionReauth(proven)
            }
            Call::SessionLogout(_) => {
                self.session.end().await?;
                Done::SessionLogout(Nothing {})
            }
            Call::VarGet(asked) => Done::VarGet(self.desk(|desk| desk.vars.get(&asked.name)).map(
                |value| Var {
                    name: asked.name,
                    value,
                },
            )?),
            Call::VarSet(var) => {
                self.desk(|desk| desk.vars.set(&var.name, var.value))?;
                Done::VarSet(Nothing {})
            }
            Call::VarList(_) => Done::VarList(VarNames {
                names: self.desk(|desk| desk.vars.names().map(str::to_owned).collect()),
            }),
            Call::SetTitle(title) => Done::SetTitle(self.post(said::title(&title)?).await?),
            Call::SendNotify(notify) => Done::SendNotify(self.post(said::notify(notify)?).await?),
            Call::SetProgress(progress) => {
                Done::SetProgress(self.post(said::progress(&progress)?).await?)
            }
            Call::WriteLog(log) => {
                let text = said::line(&log.text)?;
                if !self.desk(Desk::may_log) {
                    return Err(RpcError::new(Code::Quota, "too many lines at once"));
                }
                said::log(&self.session, self.process, log.level, &text);
                Done::WriteLog(Nothing {})
            }
            Call::OpenLink(open) => Done::OpenLink(self.offer(said::link(open)?).await?),
            Call::CopyText(copy) => Done::CopyText(self.offer(said::clip(copy)?).await?),
            Call::AskSecret(asked) => Done::AskSecret(self.question(About::Secret, asked).await?),
            Call::AskConfirm(asked) => {
                Done::AskConfirm(self.question(About::Confirm, asked).await?)
            }
            Call::ProcSpawn(spawn) => Done::ProcSpawn(self.spawn(spawn).await?),
            Call::ProcList(_) => Done::ProcList(self.list()),
            Call::ProcSignal(signal) => Done::ProcSignal(self.signal(&signal).await?),
            Call::SessionInfo(_)
            | Call::SessionGrant(_)
            | Call::SessionDeny(_)
            | Call::SessionPassword(_)
            | Call::FileUpload(_)
            | Call::FileDownload(_) => {
                return Err(RpcError::new(Code::Internal, "carried out elsewhere"));
            }
        })
    }

    async fn door<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Gone> {
        let ask = |answer| Command::Door(ask(answer));
        self.session.answered(ask).await
    }

    fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        self.session.desk(look)
    }

    async fn info(&self) -> Result<Info, RpcError> {
        let login = self.process == ProcessId::LOGIN;
        let (nonce, acr) = if login {
            let nonce = self.door(Ask::Nonce).await?;
            (nonce, self.door(Ask::Wanted).await?)
        } else {
            (None, None)
        };
        // The first login is nobody's yet.
        let again = login && self.session.identity().is_some();
        Ok(Info {
            session: self.session.id().to_string(),
            app: self.session.app().to_owned(),
            process: self.process.0,
            role: match (login, again) {
                (true, true) => "reauth",
                (true, false) => "login",
                (false, _) => "app",
            },
            user: (!login || again).then(|| self.session.subject()),
            acr,
            nonce,
        })
    }

    /// Says who the session is for, if it is the login program that says so.
    async fn grant(&self, caller: Caller, grant: Grant) -> Result<Granted, RpcError> {
        let granted = match self.is_login_program(caller) {
            Ok(()) => {
                let grant = Box::new(grant);
                self.door(|answer| Ask::Grant(grant, answer)).await?
            }
            Err(error) => Err(error),
        };
        let identity = granted.inspect_err(|error| self.refused("grant_refused", caller, error))?;
        Ok(Granted {
            session: self.session.id().to_string(),
            expires: identity.expires,
        })
    }

    async fn deny(&self, caller: Caller, deny: Deny) -> Result<Nothing, RpcError> {
        let denied = match self.is_login_program(caller) {
            Ok(()) => self.door(|answer| Ask::Deny(deny, answer)).await?,
            Err(error) => Err(error),
        };
        denied.inspect_err(|error| self.refused("deny_refused", caller, error))?;
        Ok(Nothing {})
    }

    /// Looks at a password for the login program, and for nobody else: every other process has
    /// somebody already.
    async fn password(&self, caller: Caller, shown: Shown) -> Result<Proved, RpcError> {
        let allowed = self.is_login_program(caller);
        allowed.inspect_err(|error| self.refused("password_refused", caller, error))?;
        let shown = passwords::checked(shown)?;
        let from = self.door(Ask::From).await??;
        let user = shown.user.clone();
        let found = match self.catalog.passwords() {
            Some(known) => known.prove(from, shown).await,
            None => Found::Failed,
        };
        if matches!(found, Found::User(_)) {
            self.session.ask(Command::Door(Ask::Proves(user))).await?;
        }
        passwords::told(found)
    }

    /// Whether the caller came over the login program's own socket, and is it or started by it: of
    /// the Unix session that awp made for it.
    fn is_login_program(&self, caller: Caller) -> Result<(), RpcError> {
        let refuse = |why: &str| Err(RpcError::not_allowed(why));
        if self.process != ProcessId::LOGIN {
            return refuse("this is no login program");
        }
        let Some(login) = self.session.login_process() else {
            return refuse("no login is under way");
        };
        let number = |pid: Pid| pid.as_raw_nonzero().get().unsigned_abs();
        let pid = i32::try_from(caller.pid).ok().and_then(Pid::from_raw);
        let leader = pid.and_then(|pid| session_of(pid).ok().flatten());
        if leader.map(number) == Some(login) {
            Ok(())
        } else {
            refuse("the caller is not the login program")
        }
    }

    fn refused(&self, event: &'static str, caller: Caller, error: &RpcError) {
        let (session, process, pid) = (self.session.id(), self.process.0, caller.pid);
        let why = error.message.as_str();
        warn!(target: AUDIT, event, %session, process, pid, why);
    }

    fn validate(&self, asked: &Validate) -> Validity {
        match &asked.token {
            Some(token) => self.session.validate(token),
            None => self.session.own_validity(),
        }
    }

    fn token(&self) -> Result<Token, RpcError> {
        let id = self.session.id();
        let issued = self.desk(|desk| desk.tokens.issue(id, Instant::now()));
        let token = issued
            .map_err(|_| RpcError::new(Code::Internal, "the system gives no random bytes"))?;
        Ok(Token {
            token,
            expires: seconds_from_now(tokens::TTL),
        })
    }

    fn statement(&self) -> Result<Statement, RpcError> {
        let stated = self
            .catalog
            .signer()
            .and_then(|key| self.session.state(key));
        let stated = stated
            .map_err(|_| RpcError::new(Code::Internal, "the system gives no random bytes"))?;
        let (statement, expires) = stated.ok_or_else(RpcError::gone)?;
        Ok(Statement { statement, expires })
    }

    /// Tells those who watch, whoever they are.
    async fn post(&self, notice: Notice) -> Result<Nothing, RpcError> {
        // What takes the place of the last one costs nobody more than one.
        let replaces = matches!(notice, Notice::Progress { .. });
        if !replaces && !self.desk(Desk::may_notify) {
            return Err(RpcError::new(Code::Quota, "too many notices at once"));
        }
        self.session.post(self.process, notice).await?;
        Ok(Nothing {})
    }

    /// Asks somebody to agree to something, if there is anybody to ask.
    async fn offer(&self, notice: Notice) -> Result<Nothing, RpcError> {
        self.may_ask()?;
        if self.session.post(self.process, notice).await? == 0 {
            let why = "nobody is there whose page could ask";
            return Err(RpcError::new(Code::NoClient, why));
        }
        Ok(Nothing {})
    }

    /// A question costs a person's attention, as a notice does.
    fn may_ask(&self) -> Result<(), RpcError> {
        if self.desk(Desk::may_notify) {
            Ok(())
        } else {
            Err(RpcError::new(Code::Quota, "too many notices at once"))
        }
    }

    async fn question(&self, about: About, asked: Question) -> Result<Replied, RpcError> {
        self.may_ask()?;
        asking::question(&self.session, self.process, about, asked).await
    }

    async fn spawn(&self, spawn: Spawn) -> Result<Spawned, RpcError> {
        if spawn.env.keys().any(|name| name.starts_with(RESERVED)) {
            let why = format!("variables that begin with {RESERVED} are awp's own");
            return Err(RpcError::new(Code::Params, why));
        }
        let known = self.catalog.app(self.session.app());
        let app = known
            .or_else(|| self.catalog.app(app::DEFAULT))
            .ok_or_else(RpcError::gone)?;
        let app = App {
            name: self.session.app().to_owned(),
            command: spawn.command,
            mode: spawn.mode.unwrap_or(app.mode),
            cwd: spawn.cwd.or_else(|| app.cwd.clone()),
            env: app.env.iter().cloned().chain(spawn.env).collect(),
            ..App::clone(&app)
        };
        let identity = vec![("AWP_USER".to_owned(), self.session.subject())];
        let started = self.catalog.start(&self.session, &app, identity).await?;
        let process = started.map_err(|error| {
            let code = match error {
                StartError::Full(_) => Code::Quota,
                _ => Code::Params,
            };
            RpcError::new(code, error.to_string())
        })?;
        Ok(Spawned { process: process.0 })
    }

    fn list(&self) -> Processes {
        let view = self.session.inner_view();
        let processes = view.processes.iter().map(|process| ProcessInfo {
            process: process.id.0,
            title: process.title.to_string(),
            pid: process.process.pid,
            mode: process.mode,
            exit: process.exit.clone(),
        });
        Processes {
            processes: processes.collect(),
        }
    }

    async fn signal(&self, signal: &Signal) -> Result<Nothing, RpcError> {
        let view = self.session.inner_view();
        let mut living = view.processes.iter().filter(|view| view.exit.is_none());
        if !living.any(|view| view.id.0 == signal.process) {
            let why = "the session has no such process, or it has ended";
            return Err(RpcError::new(Code::Conflict, why));
        }
        let process = ProcessId(signal.process);
        if !self.session.signal(process, &signal.signal).await? {
            return Err(RpcError::new(Code::Params, "there is no such signal"));
        }
        Ok(Nothing {})
    }
}

/// The moment that lies so far ahead, in seconds since 1970.
fn seconds_from_now(time: Duration) -> u64 {
    clock::seconds().saturating_add(time.as_secs())
}
