//! `awp serve`: the server.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use awp_server::client::place::{own_folder, own_socket_path};
use awp_server::server::heartbeat::KeepAlive;
use awp_server::server::inetd::PlainPlace;
use awp_server::server::login::LoginLimits;
use awp_server::server::passed::Passed;
use awp_server::server::policy::{Exposure, ListenAddr};
use awp_server::server::proxy::Proxies;
use awp_server::server::service::{Service, ServiceSettings};
use awp_server::server::token::Token;
use awp_server::server::{Door, DoorSettings};
use awp_server::session::app;
use awp_server::session::catalog::Catalog;
use awp_server::session::files;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{certificate, invitation, log, supervisor};
use crate::cli::Serve;
use crate::config::front::Ways;
use crate::config::layer::Environment;
use crate::config::login::Login;
use crate::config::root::RootRule;
use crate::config::text::{Listen, Trusted};
use crate::config::{self, App, Config, Listener, Tls, database};

/// What a session inherits of the server's own environment, besides `LC_*`. Everything else stays
/// here: it may hold secrets of whoever started the server.
const INHERITED: [&str; 9] = [
    "HOME",
    "PATH",
    "SHELL",
    "USER",
    "LOGNAME",
    "LANG",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
];

/// Puts the configuration together and serves until told to stop.
///
/// # Errors
/// The configuration is refused, or the server cannot start.
pub fn run(mut typed: Serve) -> anyhow::Result<()> {
    let passed = Passed::take()?;
    // They are checked as what was typed is, and stand in the place of what the file says.
    typed
        .options
        .listen
        .extend(passed.places().map(typed_place));
    let uid = rustix::process::geteuid().as_raw();
    let again = typed.clone();
    let environment = Environment::of_this_process();
    let config = Config::load(typed, &environment, uid)?;
    log::start(&config)?;
    if config.root == RootRule::Warn {
        tracing::warn!("running as root: every session is root's too");
    }
    if config.apps.values().any(App::is_mapped) && types_into_terminals() {
        tracing::warn!(
            "programs can type into their terminals here; forbid it: sysctl dev.tty.legacy_tiocsti=0"
        );
    }
    let open = config.open;
    let reload = Reload {
        typed: again,
        uid,
        places: places(&config),
    };
    let settings = ServiceSettings {
        passed,
        ..settings(config, &environment)?
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(settings, open, reload))
}

/// Whether the kernel lets a program put bytes into the input of its terminal, as if they had been
/// typed there.
fn types_into_terminals() -> bool {
    let told = std::fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti");
    told.is_ok_and(|told| told.trim() == "1")
}

async fn serve(settings: ServiceSettings, open: bool, reload: Reload) -> anyhow::Result<()> {
    let term = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    let service = Service::bind(settings)?;
    let reloading = reload.whenever(hangup, service.catalog(), service.door());
    let invitation = service.invitation()?;
    announce(&service.places(), invitation.as_deref())?;
    let _shown = match invitation.filter(|_| open) {
        Some(url) => Some(invitation::show(&url).context("--open")?),
        None => None,
    };
    supervisor::ready();
    let mut stop = Stop { term, interrupt };
    let (first, asked) = tokio::sync::oneshot::channel();
    let served = service.run(async {
        let _ = asked.await;
    });
    let again = async {
        stop.asked().await;
        supervisor::stopping();
        let _ = first.send(());
        stop.asked().await;
    };
    tokio::select! {
        () = served => Ok(()),
        () = supervisor::watchdog() => Ok(()),
        () = reloading => Ok(()),
        () = again => anyhow::bail!("serve: ended at once, by a second signal"),
    }
}

/// SIGTERM or SIGINT.
struct Stop {
    term: Signal,
    interrupt: Signal,
}

impl Stop {
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Prints the lines that scripts wait for. A stdout that nobody reads is no reason not to serve.
fn announce(places: &[String], invitation: Option<&str>) -> std::io::Result<()> {
    let listening = places.iter().map(|place| format!("listening on {place}\n"));
    let open = invitation.map(|url| format!("open {url}\n"));
    let lines: String = listening.chain(open).collect();
    let mut stdout = std::io::stdout();
    match stdout
        .write_all(lines.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

fn settings(config: Config, environment: &Environment) -> anyhow::Result<ServiceSettings> {
    let database = database(environment);
    let certificate = certificate::open(&config, database.as_deref().and_then(Path::parent))?;
    let token = config.token_file.as_deref().map(Token::open).transpose()?;
    let private = private(&config, environment);
    let proxies = proxies(&config.ways)?;
    let listen = config.listen.into_iter().map(place);
    let of_apps = config.apps.iter().filter_map(|(name, app)| {
        let listen = place(app.socket.clone()?);
        let app = Some(name.clone());
        Some(PlainPlace { listen, app })
    });
    let shared = config.plain_listen.into_iter().map(|listener| PlainPlace {
        listen: place(listener),
        app: None,
    });
    let plain = of_apps.chain(shared).collect();
    let metrics = config.metrics_listen.into_iter().map(place).collect();
    let apps = config
        .apps
        .into_iter()
        .map(|(name, app)| Ok((name.clone(), self::app(name, app)?)));
    let (plain, apps) = (plain, apps.collect::<anyhow::Result<_>>()?);
    #[cfg(feature = "oidc")]
    let oidc = config.oidc.clone();
    #[cfg(feature = "oidc")]
    let oidc = oidc.map(|oidc| super::provider::settings(oidc, config.ways.fresh_login));
    Ok(ServiceSettings {
        passed: Passed::default(),
        private,
        plain,
        metrics,
        door: DoorSettings {
            listen: listen.collect(),
            exposure: Exposure {
                no_auth: token.is_none(),
                insecure_http: config.insecure_http,
                tls: certificate.tls.is_some(),
            },
            allow_hosts: config.allow_host,
            proxies,
            token,
            token_file: config.token_file,
            tls: certificate.tls,
            #[cfg(feature = "acme")]
            acme: certificate.acme,
            database,
            launch_ttl: config.launch_ttl,
            login: LoginLimits {
                idle: config.login_idle,
                max: config.login_max,
                fresh: config.ways.fresh_login,
            },
            base_path: config.base_path,
            #[cfg(feature = "oidc")]
            oidc: oidc.transpose()?,
            ..DoorSettings::default()
        },
        apps,
        static_files: config.static_files,
        inherited: inherited(),
        max_sessions: config.max_sessions as usize,
        memory: config.memory,
        max_viewers: config.max_viewers as usize,
        once: config.once,
        keep_alive: KeepAlive {
            interval: config.ping_interval,
            timeout: config.ping_timeout,
        },
        ui_dir: config.ui_dir,
        client_socket: Some(own_socket_path()),
        sockets: Some(own_folder()),
        recordings: config::recordings(environment),
    })
}

/// The reverse proxies that are believed.
fn proxies(ways: &Ways) -> anyhow::Result<Proxies> {
    let network = |trusted: &Trusted| match trusted {
        Trusted::Network(network) => Some(*network),
        Trusted::Unix => None,
    };
    Ok(Proxies {
        user_header: ways
            .proxy_user_header
            .as_deref()
            .map(str::parse)
            .transpose()?,
        networks: ways.trust_proxy.iter().filter_map(network).collect(),
        unix: ways.trust_proxy.contains(&Trusted::Unix),
    })
}

/// A place as somebody would type it.
fn typed_place(place: &ListenAddr) -> Listen {
    match place {
        ListenAddr::Tcp(address) => Listen::Tcp(address.ip().to_string(), address.port()),
        ListenAddr::Unix(path) => Listen::Unix(path.clone()),
    }
}

/// What of this machine's files is the server's own, called as it is without links: that is how a
/// path that leads there ends.
fn private(config: &Config, environment: &Environment) -> Vec<PathBuf> {
    let mut own: Vec<PathBuf> = config::state_folder(environment).into_iter().collect();
    own.extend(config.token_file.clone());
    own.extend(config.audit.clone());
    #[cfg(feature = "oidc")]
    own.extend(
        config
            .oidc
            .iter()
            .filter_map(|oidc| oidc.client_secret_file.clone()),
    );
    if let Some(Tls::Files { key, .. }) = &config.tls {
        own.push(key.clone());
    }
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    own.into_iter().map(real).collect()
}

fn place(listener: Listener) -> ListenAddr {
    match listener {
        Listener::Tcp(address) => ListenAddr::Tcp(address),
        Listener::Unix(path) => ListenAddr::Unix(path),
    }
}

/// Takes changes of the configuration file while the server runs.
struct Reload {
    typed: Serve,
    uid: u32,
    places: Places,
}

/// Where is listened, by the key that says so.
type Places = BTreeMap<String, Vec<Listener>>;

/// Where a configuration wants to be listened.
fn places(config: &Config) -> Places {
    let own = [
        ("listen".to_owned(), config.listen.clone()),
        ("plain_listen".to_owned(), config.plain_listen.clone()),
    ];
    let of_apps = config.apps.iter().map(|(name, app)| {
        let places = app.socket.iter().cloned().collect();
        (format!("socket of app {name:?}"), places)
    });
    own.into_iter().chain(of_apps).collect()
}

impl Reload {
    /// At every SIGHUP the apps are those of the file; a file that is wrong changes nothing.
    async fn whenever(self, mut hangup: Signal, catalog: Arc<Catalog>, door: Arc<Door>) {
        while hangup.recv().await.is_some() {
            door.look_again();
            match self.read() {
                Ok((wanted, apps)) => {
                    let count = apps.len();
                    supervisor::status("the configuration was read again");
                    catalog.replace_apps(apps);
                    tracing::info!(apps = count, "configuration read again");
                    for key in self.moved(&wanted) {
                        tracing::warn!("{key} has changed, which needs a restart");
                    }
                }
                Err(error) => {
                    tracing::error!("the configuration stays as it was: {error:#}");
                    supervisor::status("the configuration is wrong and stays as it was");
                }
            }
        }
    }

    /// The keys that want to be listened elsewhere than now.
    fn moved(&self, wanted: &Places) -> Vec<String> {
        let all: BTreeSet<&String> = self.places.keys().chain(wanted.keys()).collect();
        let differs = |key: &&String| {
            let at = |places: &Places| places.get(*key).cloned().unwrap_or_default();
            at(&self.places) != at(wanted)
        };
        all.into_iter().filter(differs).cloned().collect()
    }

    fn read(&self) -> anyhow::Result<(Places, BTreeMap<String, app::App>)> {
        let environment = Environment::of_this_process();
        let config = Config::load(self.typed.clone(), &environment, self.uid)?;
        let wanted = places(&config);
        let apps = config.apps.into_iter();
        let apps = apps.map(|(name, app)| Ok((name.clone(), self::app(name, app)?)));
        let apps = apps.collect::<anyhow::Result<_>>()?;
        Ok((wanted, apps))
    }
}

fn app(name: String, app: App) -> anyhow::Result<app::App> {
    let command = app.command.iter().map(|argument| text(argument));
    Ok(app::App {
        name,
        command: command.collect::<anyhow::Result<_>>()?,
        mode: app.mode,
        mode_is_default: app.mode_is_default,
        cwd: app
            .cwd
            .as_deref()
            .map(Path::as_os_str)
            .map(text)
            .transpose()?,
        env: app.env.into_iter().collect(),
        on_disconnect: app.on_disconnect,
        size_policy: app.size_policy,
        stdio: app.stdio,
        account: app.account.clone(),
        query: app.query,
        shims: app.shims,
        access: app.access,
        login: app.login.as_ref().map(login).transpose()?.map(Arc::new),
        limits: app::Limits {
            sessions: app.limits.sessions,
            per_user: app.limits.per_user,
            idle: app.limits.idle,
            max: app.limits.max,
        },
        resources: app.resources,
        record: app.record,
        files: files::Rules {
            // The server would read and write them with its own rights, not the account's.
            enabled: app.files && app.account.is_none(),
            file_bytes: app.limits.file_bytes.map_or(files::FILE_BYTES, |it| it.0),
            session_bytes: app
                .limits
                .session_bytes
                .map_or(files::SESSION_BYTES, |it| it.0),
            transfers: app.limits.transfers.unwrap_or(files::TRANSFERS),
        },
    })
}

fn login(login: &Login) -> anyhow::Result<app::LoginProgram> {
    let command = login.command.iter().map(|argument| text(argument));
    let cwd = login.cwd.as_deref().map(Path::as_os_str);
    Ok(app::LoginProgram {
        command: command.collect::<anyhow::Result<_>>()?,
        cwd: cwd.map(text).transpose()?,
        env: login.env.clone().into_iter().collect(),
        timeout: login.timeout,
        max_starts: login.max_starts,
    })
}

fn text(value: &OsStr) -> anyhow::Result<String> {
    let text = value.to_str().map(str::to_owned);
    text.with_context(|| format!("{}: is not UTF-8", PathBuf::from(value).display()))
}

fn inherited() -> Vec<(String, String)> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let passed = |name: &str| INHERITED.contains(&name) || name.starts_with("LC_");
    variables.filter(|(name, _)| passed(name)).collect()
}
