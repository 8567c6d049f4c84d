//! The way into a session: what everybody but its own task holds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::admission::Ask;
use super::clients::Clients;
use super::desk::Desk;
use super::files::{Files, Root};
use super::gate::{Identity, Login};
use super::view::{SessionView, ViewerView};
use super::viewer::Resume;
use crate::model::channel::Lane;
use crate::model::colors::Colors;
use crate::model::id::{ProcessId, SessionId, ViewerId};
use crate::model::layout::Layout;
use crate::model::line::LineError;
use crate::model::notice::Notice;
use crate::model::process::ProcessSpec;
use crate::model::session::Phase;
use crate::model::size::Size;
use crate::process::StartError;
use crate::process::input::Pushed;
use crate::process::output::Output;
use crate::process::signal::{self, Signal};

/// Something asked of a session.
pub(super) enum Command {
    Join {
        viewer: ViewerView,
        size: Option<Size>,
        signal: Arc<Notify>,
    },
    Left(ViewerId),
    Resize(ViewerId, Option<ProcessId>, Size),
    Colors(ViewerId, Colors),
    Typed(ViewerId),
    Size(Option<ProcessId>, Size),
    Arrange(u32, Layout),
    EndProcess(ProcessId),
    Signal(ProcessId, Signal),
    Rename(Option<Arc<str>>),
    /// What a login program or the application asks of the session's door.
    Door(Ask),
    Post(ProcessId, Notice, oneshot::Sender<usize>),
    /// The same, for one who does not ask how many are told.
    Told(ProcessId, Notice),
    Start(
        Box<ProcessSpec>,
        oneshot::Sender<Result<ProcessId, StartError>>,
    ),
    End,
}

/// The way to its mailbox, which holds room for as many as it takes from the beginning: a pointer
/// for each.
pub(super) type Commands = mpsc::Sender<Box<Command>>;

/// A session that lives, or has ended and can still be read.
#[derive(Clone)]
pub struct SessionHandle(Arc<Shared>);

struct Shared {
    id: SessionId,
    app: Arc<str>,
    maker: Option<Arc<str>>,
    created: SystemTime,
    commands: Commands,
    view: watch::Receiver<SessionView>,
    clients: Mutex<Clients>,
    user: Arc<str>,
    /// Somebody sits before its login program.
    claimed: AtomicBool,
    desk: Mutex<Option<Box<Desk>>>,
    viewers: AtomicU64,
    files: Arc<Files>,
}

/// The session does not take the request: it is ending, or has more to do than it is asked for.
#[derive(Debug, thiserror::Error)]
#[error("the session takes no more requests")]
pub struct Gone;

/// Why a process does not get input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInput {
    /// There is no such process.
    #[error("the session has no such process")]
    NoProcess,
    /// It has ended, or closed its input.
    #[error("the process takes no more input")]
    Closed,
    /// A line of it must not pass; those before it did.
    #[error(transparent)]
    Refused(LineError),
}

impl SessionHandle {
    pub(super) fn new(
        (id, created): (SessionId, SystemTime),
        (app, maker): (Arc<str>, Option<Arc<str>>),
        commands: Commands,
        view: watch::Receiver<SessionView>,
        (user, files): (Arc<str>, Arc<Files>),
    ) -> Self {
        let (clients, viewers) = (Mutex::default(), AtomicU64::new(1));
        Self(Arc::new(Shared {
            id,
            app,
            maker,
            created,
            commands,
            view,
            clients,
            user,
            claimed: AtomicBool::new(false),
            desk: Mutex::default(),
            viewers,
            files,
        }))
    }

    /// Its id.
    pub fn id(&self) -> &SessionId {
        &self.0.id
    }

    /// The name of its app.
    pub fn app(&self) -> &str {
        &self.0.app
    }

    /// Who asked for it, whoever its login program says it is for.
    pub fn user(&self) -> &str {
        &self.0.user
    }

    /// The user who made it and whose it is; `None`: the owners'.
    pub fn maker(&self) -> Option<&str> {
        self.0.maker.as_deref()
    }

    /// When it was made.
    pub fn created(&self) -> SystemTime {
        self.0.created
    }

    /// The files that go to and from it.
    pub fn files(&self) -> &Arc<Files> {
        &self.0.files
    }

    /// Holds the folder that a process of it is in. `None` where there is no such process, it has
    /// ended, or the system does not tell.
    pub async fn root(&self, process: ProcessId) -> Option<Root> {
        let view = self.view();
        let mut living = view.processes.iter().filter(|view| view.exit.is_none());
        let target = living.find(|view| view.id == process)?;
        target.process.root(self.0.files.private()).await
    }

    /// What it is at this moment, for everybody outside: while whom it is for has to log in again,
    /// nobody sees its processes.
    pub fn view(&self) -> SessionView {
        let mut view = self.inner_view();
        if view.is_locked() {
            view.processes = Arc::default();
        }
        view
    }

    /// Whether whom it is for has to log in again.
    pub fn is_locked(&self) -> bool {
        self.0.view.borrow().is_locked()
    }

    /// What it is at this moment, for its own programs. Its login program is nobody's to see but
    /// that of whoever sits before it.
    pub(super) fn inner_view(&self) -> SessionView {
        let mut view = self.0.view.borrow().clone();
        if view
            .processes
            .iter()
            .any(|view| view.id == ProcessId::LOGIN)
        {
            let others = view.processes.iter();
            let others = others.filter(|view| view.id != ProcessId::LOGIN);
            view.processes = others.cloned().collect();
            if matches!(view.login, Login::Running) {
                view.layout = Arc::default();
            }
        }
        view
    }

    /// Who it is for, once its login program has said so.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        match &self.0.view.borrow().login {
            Login::Granted(identity) | Login::Locked { identity, .. } => Some(Arc::clone(identity)),
            _ => None,
        }
    }

    /// Whether somebody logs in to it right now, so that nobody else may attach.
    pub fn is_in_login(&self) -> bool {
        self.login_runs() && self.0.claimed.load(Ordering::Acquire)
    }

    pub(super) fn login_runs(&self) -> bool {
        matches!(self.0.view.borrow().login, Login::Running)
    }

    /// The process id of its login program, while that runs.
    pub(super) fn login_process(&self) -> Option<u32> {
        let view = self.0.view.borrow();
        let mut living = view.processes.iter().filter(|view| view.exit.is_none());
        living
            .find(|view| view.id == ProcessId::LOGIN)
            .map(|view| view.process.pid)
    }

    /// Takes the one place before its login program.
    pub(super) fn claim(&self) -> bool {
        !self.0.claimed.swap(true, Ordering::AcqRel)
    }

    /// The offset after the newest byte of a channel; `None` if it has no such channel.
    pub fn head(&self, lane: Lane) -> Option<u64> {
        if lane.process == ProcessId::LOGIN {
            return None;
        }
        let view = self.0.view.borrow();
        let process = view.processes.iter().find(|view| view.id == lane.process)?;
        process.process.output(lane.channel).map(Output::head)
    }

    /// Whether it has this process.
    pub fn has(&self, process: ProcessId) -> bool {
        let view = self.0.view.borrow();
        let mut others = view.processes.iter().map(|view| view.id);
        process != ProcessId::LOGIN && others.any(|id| id == process)
    }

    /// Whether these positions were written, as far as it has such channels.
    pub fn holds(&self, positions: &[Resume]) -> bool {
        positions
            .iter()
            .all(|at| self.head(at.lane).is_none_or(|head| at.offset <= head))
    }

    /// Ends it, and everything in it.
    ///
    /// # Errors
    /// When it has ended already.
    pub async fn end(&self) -> Result<(), Gone> {
        self.ask(Command::End).await
    }

    /// Sends a signal to a process of it, by the signal's name. False if there is no such signal.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn signal(&self, process: ProcessId, name: &str) -> Result<bool, Gone> {
        let Some(signal) = signal::by_name(name) else {
            return Ok(false);
        };
        self.ask(Command::Signal(process, signal)).await?;
        Ok(true)
    }

    /// Hands a process all of this input, and waits for room where there is none.
    ///
    /// # Errors
    /// When there is no such process or it takes no more; part of the input may have reached it.
    pub async fn input(&self, process: ProcessId, mut bytes: Bytes) -> Result<(), NoInput> {
        let queue = {
            let view = self.0.view.borrow();
            if view.is_locked() {
                return Err(NoInput::NoProcess);
            }
            let mut others = view
                .processes
                .iter()
                .filter(|view| view.id != ProcessId::LOGIN);
            let target = others.find(|view| view.id == process);
            Arc::clone(&target.ok_or(NoInput::NoProcess)?.process.input)
        };
        let room = Arc::new(Notify::new());
        loop {
            match queue.push(&mut bytes, &room) {
                Pushed::All => return Ok(()),
                Pushed::Full => room.notified().await,
                Pushed::Closed => return Err(NoInput::Closed),
                Pushed::Refused(error) => return Err(NoInput::Refused(error)),
            }
        }
    }

    /// Makes one of its terminals, or all, this large, until a viewer's window decides otherwise.
    ///
    /// # Errors
    /// When it has ended.
    pub async fn resize(&self, process: Option<ProcessId>, size: Size) -> Result<(), Gone> {
        self.ask(Command::Size(process, size)).await
    }

    /// Ends one process of it, or forgets it if it has ended and is not the only one.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn end_process(&self, process: ProcessId) -> Result<(), Gone> {
        self.ask(Command::EndProcess(process)).await
    }

    /// Waits until it has ended and gives what it was at last.
    pub async fn ended(&self) -> SessionView {
        let mut view = self.watch();
        // A session that is forgotten no longer publishes: then the last word stands.
        let _ = view.wait_for(|view| view.phase == Phase::Ended).await;
        view.borrow_and_update().clone()
    }

    /// Waits until a process of it has ended, or is forgotten, and gives what the session was then.
    pub async fn exited(&self, process: ProcessId) -> SessionView {
        let mut view = self.watch();
        let over = |view: &SessionView| {
            let found = view.processes.iter().find(|view| view.id == process);
            found.is_none_or(|found| found.exit.is_some())
        };
        let _ = view.wait_for(over).await;
        view.borrow_and_update().clone()
    }

    /// Starts another process in it, at the size of its newest terminal.
    pub(super) async fn start(
        &self,
        spec: ProcessSpec,
    ) -> Result<Result<ProcessId, StartError>, Gone> {
        self.answered(|answer| Command::Start(Box::new(spec), answer))
            .await
    }

    pub(super) async fn rename(&self, name: Option<Arc<str>>) -> Result<(), Gone> {
        self.ask(Command::Rename(name)).await
    }

    /// Asks its task for something, and waits for the answer.
    pub(super) async fn answered<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, Gone> {
        let (answer, answered) = oneshot::channel();
        self.ask(command(answer)).await?;
        answered.await.map_err(|_| Gone)
    }

    /// Tells those who watch; gives how many are told.
    pub(super) async fn post(&self, process: ProcessId, notice: Notice) -> Result<usize, Gone> {
        self.answered(|answer| Command::Post(process, notice, answer))
            .await
    }

    /// Looks at what the session's programs have left with it.
    pub(super) fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        let mut desk = self.0.desk.lock().unwrap_or_else(PoisonError::into_inner);
        look(desk.get_or_insert_default())
    }

    pub(super) async fn ask(&self, command: Command) -> Result<(), Gone> {
        self.0
            .commands
            .send(Box::new(command))
            .await
            .map_err(|_| Gone)
    }

    /// Says something that must not wait, such as from a `drop`. A full mailbox is waited for
    /// elsewhere.
    pub(super) fn tell(&self, command: Command) {
        let sent = self.0.commands.try_send(Box::new(command));
        if let Err(mpsc::error::TrySendError::Full(command)) = sent {
            let commands = self.0.commands.clone();
            tokio::spawn(async move { commands.send(command).await });
        }
    }

    pub(super) fn watch(&self) -> watch::Receiver<SessionView> {
        self.0.view.clone()
    }

    pub(super) fn next_viewer(&self) -> ViewerId {
        ViewerId(self.0.viewers.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn clients<T>(&self, look: impl FnOnce(&mut Clients) -> T) -> T {
        look(
            &mut self
                .0
                .clients
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
