//! All sessions of this server: made here, found here.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use litemap::LiteMap;
use tokio::sync::{mpsc, watch};

use super::app::App;
use super::files::Files;
use super::gate::Login;
use super::handle::{Gone, SessionHandle};
use super::lifetime::Lifetime;
use super::name::{MAX_NAME, check_name};
use super::passwords::Passwords;
use super::place::Place;
use super::quota::Quota;
use super::recorder::Recorder;
use super::slots::{Slots, Sockets};
use super::starts::Starts;
use super::statement::Signer;
use super::task::{SessionTask, Started};
use super::view::SessionView;
use crate::clock;
use crate::model::id::{ProcessId, SESSION_ID_ENTROPY, SessionId};
use crate::model::notice::Notices;
use crate::model::process::ProcessSpec;
use crate::model::session::{Event, SessionState};
use crate::model::size::Size;
use crate::process;
use crate::process::group::Groups;
use crate::process::memory::Memory;

pub use crate::process::StartError;

/// Commands that wait for a session's task at most; who finds the mailbox full waits.
const MAILBOX: usize = 256;

/// Sessions that are named where a beginning of an id fits several: what a person reads.
pub const MAX_CANDIDATES: usize = 8;

/// What all ids begin with: less than more of one names nothing.
const ID_PREFIX: &str = "s-";

/// What the catalog needs to know.
pub struct Settings {
    /// The apps, by name; `default` is the command line's.
    pub apps: BTreeMap<String, App>,
    /// What is passed on of the server's own environment.
    pub inherited: Vec<(String, String)>,
    /// Sessions at once, at most.
    pub max_sessions: usize,
    /// What the logs and screens of all sessions may hold together, in bytes.
    pub memory: u64,
    /// One session, and no second.
    pub once: bool,
    /// The folder of the control sockets; `None`: processes have none.
    pub sockets: Option<PathBuf>,
    /// Files and folders of the server's own, which no session's files are.
    pub private: Arc<[PathBuf]>,
    /// What records terminals; `None`: nothing is recorded.
    pub recorder: Option<Arc<Recorder>>,
}

/// A session to make.
pub struct NewSession<'a> {
    /// What it runs.
    pub app: &'a App,
    /// Its name, if it is to have one.
    pub name: Option<&'a str>,
    /// The user whose it is to be; `None`: the owners'.
    pub maker: Option<&'a str>,
    /// Where it is asked for from; `None`: this machine.
    pub from: Option<IpAddr>,
    /// The first size of its terminals.
    pub size: Size,
    /// Who asked for it, and how: goes into the environment of its processes.
    pub identity: Vec<(String, String)>,
}

/// Why a session was not made. Nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There are as many as there may be.
    #[error("the limit of {0} sessions is reached")]
    Full(usize),
    /// There are as many of this app as there may be.
    #[error("the limit of {max} sessions{whose} of the app {app} is reached")]
    AppFull {
        /// The app.
        app: String,
        /// How many.
        max: u32,
        /// Whose they are counted as.
        whose: &'static str,
    },
    /// The server is going away.
    #[error("the server is going away")]
    Closed,
    /// The name is in use.
    #[error("a session named {0} exists")]
    NameTaken(String),
    /// The name cannot be one.
    #[error(
        "a name has 1 to {MAX_NAME} letters, digits, '-', '_' or '.', and does not look like an id"
    )]
    BadName,
    /// The system has no randomness to give.
    #[error("no random number is to be had")]
    Random,
    /// As many logins are under way from there as may be.
    #[error("the limit of {0} logins at once from one address is reached")]
    LoginsFull(u32),
    /// Its login program would have nowhere to say who is there.
    #[error("there is no control socket for its login program")]
    NoSocket,
    /// Its process cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Where a session is. One day another host may have it.
pub enum Lookup {
    /// On this host.
    Local(SessionHandle),
    /// Nowhere.
    Unknown,
    /// More than one has an id that begins like this: at most [`MAX_CANDIDATES`] of them, by id,
    /// and how many there are in all.
    Ambiguous(Vec<SessionId>, usize),
}

/// All sessions.
pub struct Catalog {
    pub(super) settings: Settings,
    /// The apps as they are now.
    apps: RwLock<Apps>,
    pub(super) process: process::Settings,
    sockets: Sockets,
    groups: Groups,
    pub(super) starts: Starts,
    passwords: OnceLock<Arc<dyn Passwords>>,
    pub(super) signer: OnceLock<Signer>,
    state: Mutex<State>,
    /// How many sessions are not over yet, those being ended included.
    pub(super) alive: watch::Sender<usize>,
}

/// The apps, by name.
type Apps = BTreeMap<String, Arc<App>>;

fn shared(apps: BTreeMap<String, App>) -> Apps {
    let shared = apps.into_iter().map(|(name, app)| (name, Arc::new(app)));
    shared.collect()
}

#[derive(Default)]
pub(super) struct State {
    pub(super) quota: Quota,
    pub(super) sessions: HashMap<SessionId, SessionHandle>,
    names: HashMap<Arc<str>, SessionId>,
    /// The other way round, so that a session is forgotten without a search.
    named: HashMap<SessionId, Arc<str>>,
    pub(super) closed: bool,
    /// A session was made already.
    pub(super) made: bool,
}

impl State {
    /// Gives a session this name and takes its old one away.
    ///
    /// # Errors
    /// When another session has it.
    pub(super) fn name(
        &mut self,
        id: &SessionId,
        name: Option<Arc<str>>,
    ) -> Result<(), CreateError> {
        if let Some(name) = &name
            && self.names.get(name).is_some_and(|other| other != id)
        {
            return Err(CreateError::NameTaken(name.to_string()));
        }
        if let Some(old) = self.named.remove(id) {
            self.names.remove(&old);
        }
        if let Some(name) = name {
            self.names.insert(Arc::clone(&name), id.clone());
            self.named.insert(id.clone(), name);
        }
        Ok(())
    }

    pub(super) fn forget(&mut self, id: &SessionId) {
        self.sessions.remove(id);
        if let Some(name) = self.named.remove(id) {
            self.names.remove(&name);
        }
    }
}

impl Catalog {
    /// No session yet.
    pub fn new(mut settings: Settings) -> Arc<Self> {
        let apps = shared(std::mem::take(&mut settings.apps));
        let (alive, _) = watch::channel(0);
        let process = process::Settings {
            memory: Arc::new(Memory::new(settings.memory)),
            ..process::Settings::default()
        };
        let sockets = Sockets::open(settings.sockets.as_deref());
        let groups = Groups::default();
        groups.open(apps.values().map(|app| &app.resources));
        Arc::new(Self {
            settings,
            apps: RwLock::new(apps),
            process,
            sockets,
            groups,
            starts: Starts::default(),
            passwords: OnceLock::new(),
            signer: OnceLock::new(),
            state: Mutex::default(),
            alive,
        })
    }

    /// The app of this name.
    pub fn app(&self, name: &str) -> Option<Arc<App>> {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        apps.get(name).cloned()
    }

    /// All apps, by name.
    pub fn apps(&self) -> Vec<Arc<App>> {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        apps.values().cloned().collect()
    }

    /// Whether any app takes visitors.
    pub fn takes_visitors(&self) -> bool {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        apps.values().any(|app| app.takes_visitors())
    }

    /// Takes other apps in place of those there are. Sessions go on as they were made.
    pub fn replace_apps(&self, apps: BTreeMap<String, App>) {
        let mut known = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        *known = shared(apps);
    }

    /// Whether this user may make another session of this app now.
    ///
    /// # Errors
    /// Why not.
    pub fn room(&self, app: &App, user: &str) -> Result<(), CreateError> {
        let max = self.settings.max_sessions;
        match self.lock() {
            state if state.closed => Err(CreateError::Closed),
            state if self.settings.once && state.made => Err(CreateError::Full(1)),
            _ if *self.alive.borrow() >= max => Err(CreateError::Full(max)),
            state => {
                state.quota.check(app, user)?;
                Ok(self.process.memory.check()?)
            }
        }
    }

    /// Makes a session, on the current runtime.
    ///
    /// # Errors
    /// When there may be no more of them, or it cannot be started.
    pub fn create(self: &Arc<Self>, new: NewSession<'_>) -> Result<SessionHandle, CreateError> {
        let id = self.fresh_id()?;
        let place = Place::take(self, id.clone(), &new)?;
        if let Some(name) = new.name {
            place.name(name)?;
        }
        let mut state = SessionState::new(new.app.on_disconnect, new.app.size_policy, new.size);
        if self.settings.once {
            state = state.without_linger();
        }
        // Until its first viewer comes; the one that a session is made for does so at once.
        let at_first = state.apply(Event::Unattended);
        let app = self.spec(new.app, &id, new.identity.clone(), state.size());
        let (mut spec, gate) = self.behind_login(new.app, app, &id, (new.identity, new.from))?;
        let number = gate.as_ref().map_or(ProcessId::FIRST, |_| ProcessId::LOGIN);
        let socket = self.sockets.make(&id, number, &mut spec);
        let group = self.groups.of(&id, &mut spec)?;
        if gate.is_some() && socket.is_none() {
            return Err(CreateError::NoSocket);
        }
        let (process, ended, task) = process::start(&spec, &self.process)?;
        let (commands, mailbox) = mpsc::channel(MAILBOX);
        let name: Option<Arc<str>> = new.name.map(Arc::from);
        let login = gate.as_ref().map_or(Login::None, |_| Login::Running);
        let view = SessionView::at_first(&state, name.clone(), login.clone());
        let (view, watched) = watch::channel(view);
        let app = (Arc::from(new.app.name.as_str()), new.maker.map(Arc::from));
        let files = Files::new(new.app.files, Arc::clone(&self.settings.private));
        let handle = SessionHandle::new(
            (id.clone(), clock::now()),
            app,
            commands,
            watched,
            (Arc::from(place.user.as_str()), Arc::clone(&files)),
        );
        let mut session = Box::new(SessionTask {
            id,
            state,
            settings: self.process.clone(),
            commands: mailbox,
            view,
            name,
            viewers: LiteMap::with_capacity(1),
            processes: Vec::new(),
            slots: Slots::new(Arc::clone(self), handle.clone()),
            notices: Notices::default(),
            login,
            chain: new.app.chain(&spec),
            gate,
            tasks: Vec::new(),
            deadline: None,
            lifetime: Lifetime::of(new.app.limits),
            group,
            files,
            recording: new.app.record.map(|rules| (rules, Vec::new())),
        });
        let exits = session.begin(
            &spec,
            Started {
                process,
                ended,
                task,
                slot: socket,
            },
            at_first,
        );
        let alive = place.keep(handle.clone());
        tokio::spawn(async move {
            session.run(exits, || alive.forget()).await;
            drop(alive);
        });
        Ok(handle)
    }

    /// Starts another process in a session, with what `app` says of it.
    ///
    /// # Errors
    /// When the session has ended or may have no more, or the process cannot be started.
    pub async fn start(
        &self,
        session: &SessionHandle,
        app: &App,
        mut identity: Vec<(String, String)>,
    ) -> Result<Result<ProcessId, StartError>, Gone> {
        // Whoever starts it: it is a process of whom the session is for.
        if let Some(known) = session.identity() {
            let known = known.environment();
            identity.retain(|(key, _)| known.iter().all(|(name, _)| name != key));
            identity.extend(known);
        }
        let spec = self.spec(app, session.id(), identity, Size::DEFAULT);
        session.start(spec).await
    }

    /// What to start: the environment names the session.
    pub(super) fn spec(
        &self,
        app: &App,
        id: &SessionId,
        mut identity: Vec<(String, String)>,
        size: Size,
    ) -> ProcessSpec {
        let own = [("AWP_SESSION", id.as_str()), ("AWP_APP", app.name.as_str())];
        identity.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        app.spec(&self.settings.inherited, identity, size)
    }

    /// Says who knows the passwords of users. The first one counts.
    pub fn ask_passwords_of(&self, passwords: Arc<dyn Passwords>) {
        let _ = self.passwords.set(passwords);
    }

    /// Who knows the passwords of users, if anybody does.
    pub(super) fn passwords(&self) -> Option<&Arc<dyn Passwords>> {
        self.passwords.get()
    }

    /// Where the control sockets are.
    pub(super) const fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    /// Finds a session by its id, its name, or the beginning of its id if that is unique, among
    /// those that the one who asks may know of.
    pub fn find(&self, text: &str, sees: impl Fn(&SessionHandle) -> bool) -> Lookup {
        let state = self.lock();
        let named = state.names.get(text);
        let exact = SessionId::parse(text);
        if let Some(id) = named.or(exact.as_ref()) {
            let session = state.sessions.get(id).filter(|session| sees(session));
            return session.map_or(Lookup::Unknown, |session| Lookup::Local(session.clone()));
        }
        if !text.starts_with(ID_PREFIX) {
            return Lookup::Unknown;
        }
        let fits = |(id, session): &(&SessionId, &SessionHandle)| {
            id.as_str().starts_with(text) && sees(session)
        };
        let mut fitting = state.sessions.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (None, _) => Lookup::Unknown,
            (Some((_, session)), None) => Lookup::Local(session.clone()),
            (Some((first, _)), Some((second, _))) => {
                let rest = fitting.map(|(id, _)| id);
                let mut all: Vec<&SessionId> = [first, second].into_iter().chain(rest).collect();
                all.sort_unstable();
                let named = all.iter().take(MAX_CANDIDATES);
                Lookup::Ambiguous(named.copied().cloned().collect(), all.len())
            }
        }
    }

    /// All sessions, the oldest first.
    pub fn list(&self) -> Vec<SessionHandle> {
        let mut sessions: Vec<_> = self.lock().sessions.values().cloned().collect();
        sessions
            .sort_by(|one, other| (one.created(), one.id()).cmp(&(other.created(), other.id())));
        sessions
    }

    /// Gives a session another name, or none.
    ///
    /// # Errors
    /// When the name is taken or cannot be one.
    pub async fn rename(
        &self,
        session: &SessionHandle,
        name: Option<&str>,
    ) -> Result<(), CreateError> {
        let name: Option<Arc<str>> = name.map(check_name).transpose()?.map(Arc::from);
        self.lock().name(session.id(), name.clone())?;
        session.rename(name).await.map_err(|_| CreateError::Closed)
    }

    /// Takes no more sessions, ends those there are and waits until nothing is left of them.
    pub async fn close(&self) {
        self.lock().closed = true;
        for session in self.list() {
            let _ = session.end().await;
        }
        let _ = self.alive.subscribe().wait_for(|alive| *alive == 0).await;
        if let Some(recorder) = &self.settings.recorder {
            recorder.close().await;
        }
    }

    /// How many sessions are not over, and a change of it.
    pub fn alive(&self) -> watch::Receiver<usize> {
        self.alive.subscribe()
    }

    /// Whether there ever was a session.
    pub fn has_made(&self) -> bool {
        self.lock().made
    }

    fn fresh_id(&self) -> Result<SessionId, CreateError> {
        loop {
            let mut random = [0; SESSION_ID_ENTROPY];
            getrandom::fill(&mut random).map_err(|_| CreateError::Random)?;
            let id = SessionId::from_entropy(random);
            if !self.lock().sessions.contains_key(&id) {
                return Ok(id);
            }
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
