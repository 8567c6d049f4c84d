//! The server as a whole: listeners, runtimes, sessions, and the order in which they end.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::heartbeat::KeepAlive;
use super::inetd::{self, PlainPlace};
use super::listener::{self, BindError, Listener};
use super::passed::Passed;
use super::passwords::Users;
use super::places::Viewers;
use super::policy::ListenAddr;
use super::policy::{ListenError, check_listeners};
use super::router::{Core, CoreSettings, router};
use super::secret::NoRandomness;
use super::shards::Shards;
use super::ui::Ui;
use super::{Door, DoorError, DoorSettings, accept, metrics, static_files};
use crate::session::app::App;
use crate::session::catalog::{self, Catalog};
use crate::session::recorder::Recorder;

/// Everything that a server is made of.
pub struct ServiceSettings {
    /// Who gets in, and where.
    pub door: DoorSettings,
    /// What can be run, by name.
    pub apps: BTreeMap<String, App>,
    /// What sessions inherit of the server's environment.
    pub inherited: Vec<(String, String)>,
    /// Sessions at once.
    pub max_sessions: usize,
    /// What the logs and screens of all sessions may hold together, in bytes.
    pub memory: u64,
    /// Viewers at once.
    pub max_viewers: usize,
    /// One session, and no second.
    pub once: bool,
    /// When silent clients are asked for.
    pub keep_alive: KeepAlive,
    /// The folder that the page is served from instead of the binary.
    pub ui_dir: Option<PathBuf>,
    /// The folders whose files are served, by the name in their address; one may have none.
    pub static_files: BTreeMap<String, PathBuf>,
    /// The socket of this machine's command line. It is listened on as well and not announced;
    /// where that cannot be, such as when another server has it, this one goes on without it.
    pub client_socket: Option<PathBuf>,
    /// Sockets that were passed on by whoever started the server, for some of the places.
    pub passed: Passed,
    /// Where `/metrics` alone is served, to whoever asks. Not announced.
    pub metrics: Vec<ListenAddr>,
    /// The folder of the control sockets of sessions; `None`: their processes have none.
    pub sockets: Option<PathBuf>,
    /// Files and folders of the server's own: no client gets at them by way of a session's files.
    pub private: Vec<PathBuf>,
    /// The folder of recordings; `None`: nothing is recorded.
    pub recordings: Option<PathBuf>,
    /// Where to listen without HTTP. Announced behind the others.
    pub plain: Vec<PlainPlace>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A place must not be listened at in this way.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A place cannot be listened at.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Its door cannot be made.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The system has no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// No thread or descriptor is to be had.
    #[error("the runtime cannot be started: {0}")]
    Runtime(#[from] io::Error),
}

/// A server that listens.
pub struct Service {
    door: Arc<Door>,
    catalog: Arc<Catalog>,
    listeners: Vec<Listener>,
    client_socket: Option<Listener>,
    metrics: Vec<Listener>,
    metrics_router: axum::Router,
    plain: Vec<(Listener, Arc<inetd::Shared>)>,
    shards: Shards,
    router: axum::Router,
    accept: accept::AcceptSettings,
    shutdown: watch::Sender<bool>,
    no_auth: bool,
    once: bool,
}

impl Service {
    /// Listens, but does not serve yet. To be called within a runtime, which does the accepting.
    ///
    /// # Errors
    /// When a place cannot be listened at; then nothing was started.
    pub fn bind(settings: ServiceSettings) -> Result<Self, StartError> {
        // Whoever starts a server, with whatever settings: it never starts open.
        check_listeners(&settings.door.listen, settings.door.exposure)?;
        let door = Door::new(&settings.door)?;
        let mut passed = settings.passed;
        let listeners: Vec<Listener> = settings
            .door
            .listen
            .iter()
            .map(|place| {
                let bound = Listener::take(place, &mut passed)?;
                let bound = bound.of_proxies(settings.door.proxies.unix);
                Ok::<_, BindError>(bound.with_tls(settings.door.tls.clone()))
            })
            .collect::<Result<_, _>>()?;
        let metrics = bind_metrics(&settings.metrics)?;
        let plain = bind_plain(settings.plain)?;
        if let Some(url) = listeners.iter().find_map(Listener::url) {
            door.is_at(url);
        }
        let taken = settings.client_socket.filter(|path| {
            let listen = ListenAddr::Unix(path.clone());
            !settings.door.listen.contains(&listen)
        });
        let client_socket = taken.and_then(client_socket);
        let catalog = Catalog::new(catalog::Settings {
            apps: settings.apps,
            inherited: settings.inherited,
            max_sessions: settings.max_sessions,
            memory: settings.memory,
            once: settings.once,
            sockets: settings.sockets,
            private: settings.private.into(),
            recorder: settings.recordings.map(Recorder::start),
        });
        catalog.ask_passwords_of(Arc::new(Users(Arc::clone(&door))));
        door.leads_to(&catalog);
        let (shutdown, stopped) = watch::channel(false);
        let core = Core {
            catalog: Arc::clone(&catalog),
            settings: CoreSettings {
                max_viewers: settings.max_viewers,
                keep_alive: settings.keep_alive,
            },
            viewers: Viewers::default(),
            shutdown: stopped,
        };
        let page = settings.ui_dir.map_or_else(Ui::embedded, Ui::from_dir);
        let core = Arc::new(core);
        let plain = plain.into_iter().map(|(listener, app)| {
            let shared = inetd::Shared {
                core: Arc::clone(&core),
                door: Arc::clone(&door),
                app,
            };
            (listener, Arc::new(shared))
        });
        let plain = plain.collect();
        let metrics_router = metrics::alone(&door, Arc::clone(&core));
        let page = at_this_door(page, &door).router();
        let page = if settings.static_files.is_empty() {
            page
        } else {
            page.merge(static_files::router(settings.static_files))
        };
        let router = router(&door, &core, page);
        Ok(Self {
            door,
            catalog,
            listeners,
            client_socket,
            metrics,
            metrics_router,
            plain,
            shards: Shards::start()?,
            router,
            accept: settings.door.accept,
            shutdown,
            no_auth: settings.door.exposure.no_auth,
            once: settings.once,
        })
    }

    /// The sessions, and the apps that they are made of.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// Who gets in.
    pub fn door(&self) -> Arc<Door> {
        Arc::clone(&self.door)
    }

    /// The lines that tell where it listens, one per listener.
    pub fn places(&self) -> Vec<String> {
        let base = self.door.base_path();
        let place = |listener: &Listener| match listener.url() {
            Some(_) => format!("{}{}", listener.describe(), below(base)),
            None => listener.describe(),
        };
        let plain = self.plain.iter().map(|(listener, _)| {
            let tcp = listener.address().map(|address| format!("tcp:{address}"));
            tcp.unwrap_or_else(|| listener.describe())
        });
        self.listeners.iter().map(place).chain(plain).collect()
    }

    /// The address that opens the page without asking for anything more, once; `None` where no
    /// browser can reach it.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn invitation(&self) -> Result<Option<String>, NoRandomness> {
        let Some(url) = self.listeners.iter().find_map(Listener::url) else {
            return Ok(None);
        };
        let page = format!("{url}{}", below(self.door.base_path()));
        if self.no_auth {
            return Ok(Some(page));
        }
        let code = self.door.issue_launch_code()?;
        Ok(Some(format!("{page}#launch={code}")))
    }

    /// Serves until `stop` completes, or until the one session of `--once` is over; then ends
    /// everything in order: no new connections, clients told, sessions ended to the last process.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let shards = Arc::new(self.shards);
        let mut accepting = JoinSet::new();
        let mut watching = JoinSet::new();
        watching.spawn(Arc::clone(&self.door).watch(Arc::clone(&self.catalog)));
        #[cfg(feature = "acme")]
        if let Some(acme) = self.door.acme() {
            watching.spawn(acme.keep());
        }
        let pages = self.listeners.into_iter().chain(self.client_socket);
        let pages = pages.map(|listener| (listener, self.router.clone()));
        let metrics = self.metrics.into_iter();
        let metrics = metrics.map(|listener| (listener, self.metrics_router.clone()));
        for (listener, router) in pages.chain(metrics) {
            let shards = Arc::clone(&shards);
            let stopped = self.shutdown.subscribe();
            accepting.spawn(accept::serve(
                listener,
                router,
                self.accept,
                move || shards.next(),
                stopped,
            ));
        }
        for (listener, shared) in self.plain {
            let shards = Arc::clone(&shards);
            let stopped = self.shutdown.subscribe();
            accepting.spawn(inetd::serve(
                listener,
                shared,
                move || shards.next(),
                stopped,
            ));
        }
        tokio::select! {
            () = stop => info!("going away"),
            () = first_over(&self.catalog), if self.once => info!("the one session is over"),
        }
        self.shutdown.send_replace(true);
        // The sessions end while their clients say goodbye.
        let connections = async { while accepting.join_next().await.is_some() {} };
        tokio::join!(connections, self.catalog.close());
        watching.abort_all();
    }
}

/// The page with what it has to know of the door.
fn at_this_door(page: Ui, door: &Door) -> Ui {
    let page = page.below(door.base_path());
    #[cfg(feature = "oidc")]
    let page = page.offering(door.provider_name());
    page
}

/// Listens for clients without HTTP, with the app that each place is for.
fn bind_plain(places: Vec<PlainPlace>) -> Result<Vec<(Listener, Option<String>)>, StartError> {
    for place in &places {
        match place.listen {
            ListenAddr::Tcp(address) if !address.ip().to_canonical().is_loopback() => {
                return Err(ListenError::Socket(address).into());
            }
            _ => {}
        }
    }
    let bound = places.into_iter().map(|place| {
        let listener = Listener::bind(&place.listen)?;
        Ok((listener, place.app))
    });
    Ok(bound.collect::<Result<_, BindError>>()?)
}

/// Listens for whoever reads the metrics, where only this machine does.
fn bind_metrics(places: &[ListenAddr]) -> Result<Vec<Listener>, StartError> {
    let bound = places.iter().map(|place| match place {
        ListenAddr::Tcp(address) if !address.ip().to_canonical().is_loopback() => {
            Err(ListenError::Metrics(*address).into())
        }
        place => {
            let listener = Listener::bind(place)?;
            let place_is = match listener.url() {
                Some(url) => format!("{url}metrics"),
                None => listener.describe(),
            };
            info!("metrics on {place_is}");
            Ok(listener)
        }
    });
    bound.collect()
}

/// Listens for this machine's command line, if that can be.
fn client_socket(path: PathBuf) -> Option<Listener> {
    let bound = match listener::check_private(&path) {
        Ok(()) => Listener::bind(&ListenAddr::Unix(path)).map_err(|error| error.to_string()),
        Err(why) => Err(format!("cannot listen on {}: {why}", path.display())),
    };
    bound
        .inspect_err(|why| warn!("{why}; the command line does not find this server by itself"))
        .ok()
}

/// The base path behind the slash that an address ends with.
fn below(base: &str) -> String {
    base.strip_prefix('/')
        .map(|base| format!("{base}/"))
        .unwrap_or_default()
}

/// Waits until there was a session and there is none.
async fn first_over(catalog: &Catalog) {
    let mut alive = catalog.alive();
    loop {
        // A session may come and go between two looks at the count, so that it is never seen to be
        // one. In this order: a session is counted before it is said to have been made.
        let made = catalog.has_made();
        if *alive.borrow_and_update() == 0 && made {
            return;
        }
        if alive.changed().await.is_err() {
            return;
        }
    }
}
