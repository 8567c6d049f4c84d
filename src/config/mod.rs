//! The configuration: defaults < file < environment < flags, checked, as one value.
//!
//! Two stages: [`crate::cli::Options`] is what was typed, once per source; [`Config`] is what the
//! program uses, with nothing left open. Reading the sources is in [`layer`] and [`mod@file`], what a
//! single value may look like in [`text`], what the values must be together in [`validate`].

pub mod acme;
pub mod bytes;
pub mod error;
pub mod file;
mod folder;
pub mod front;
#[cfg(test)]
mod fuzz_tests;
mod kind;
pub mod layer;
pub mod login;
pub mod memory;
pub mod oidc;
pub mod program;
mod record;
mod refine;
mod resources;
pub mod root;
#[cfg(test)]
mod tests;
pub mod text;
pub mod validate;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use awp_server::model::access::Access;
use awp_server::model::cast::Record;
use awp_server::model::process::{Account, Shims, Stdio};
use awp_server::model::resource::Resources;
use awp_server::model::{keep::OnDisconnect, mode::Mode, size::SizePolicy};

#[cfg(feature = "acme")]
use self::acme::Acme;
use self::error::ConfigError;
use self::file::{ConfigFile, Limits};
use self::front::Ways;
use self::layer::Environment;
use self::login::Login;
use self::oidc::Oidc;
use self::root::RootRule;
use self::text::{LogFormat, LogLevel};
use crate::cli::Serve;

/// The name of the app that the command line defines.
pub const DEFAULT_APP: &str = "default";

/// Everything that was configured, checked.
#[derive(Debug)]
pub struct Config {
    /// Where to listen; at least one.
    pub listen: Vec<Listener>,
    /// Where to listen without HTTP, for clients that begin with one line.
    pub plain_listen: Vec<Listener>,
    /// Where `/metrics` alone is served, to whoever asks.
    pub metrics_listen: Vec<Listener>,
    /// The owner's token; `None`: nobody is asked for credentials.
    pub token_file: Option<PathBuf>,
    /// Further names accepted in Host and Origin.
    pub allow_host: Vec<String>,
    /// Who else says whom to let in.
    pub ways: Ways,
    /// The provider of logins, if there is one.
    #[cfg_attr(not(feature = "oidc"), expect(dead_code, reason = "always none there"))]
    pub oidc: Option<Oidc>,
    /// The path that everything is served below: empty, or `/p` without a slash at its end.
    pub base_path: String,
    /// How TLS is spoken, if it is.
    pub tls: Option<Tls>,
    /// Whether plain HTTP beyond loopback was allowed.
    pub insecure_http: bool,
    /// One session, and no second.
    pub once: bool,
    /// Sessions at a time.
    pub max_sessions: u32,
    /// What the logs and screens of all sessions may hold together, in bytes.
    pub memory: u64,
    /// Viewers at a time, of all sessions together.
    pub max_viewers: u32,
    /// Whether to open the page in a browser.
    pub open: bool,
    /// The file that the audit is written to; without one it is part of the log.
    pub audit: Option<PathBuf>,
    /// The form of the log.
    pub log_format: LogFormat,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How long a launch link is good for.
    pub launch_ttl: Duration,
    /// A login that was not used for this long ends.
    pub login_idle: Duration,
    /// A login ends after this long in any case.
    pub login_max: Duration,
    /// How often a silent connection is asked for a sign of life.
    pub ping_interval: Duration,
    /// A connection that was silent for this long is given up.
    pub ping_timeout: Duration,
    /// Whether root is to be warned; a refusal is an error already.
    pub root: RootRule,
    /// The folder that the page is served from instead of the binary.
    pub ui_dir: Option<PathBuf>,
    /// The folders whose files are served, by the name of their app; that of the command line has
    /// none.
    pub static_files: BTreeMap<String, PathBuf>,
    /// What can be run, by name; [`DEFAULT_APP`] is always there.
    pub apps: BTreeMap<String, App>,
}

/// Where the certificate is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Files of the person who runs awp.
    Files {
        /// The chain.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Awp makes it.
    SelfSigned,
    /// An authority is asked for it.
    #[cfg(feature = "acme")]
    Acme(Acme),
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listener {
    /// An address and port; port 0 is any free one.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Listener {
    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The file to execute.
    pub program: PathBuf,
    /// The command as written: the program's name, then its arguments.
    pub command: Vec<OsString>,
    /// How it is connected.
    pub mode: Mode,
    /// Nobody said so.
    pub mode_is_default: bool,
    /// Its working directory; `None`: awp's own.
    pub cwd: Option<PathBuf>,
    /// Its further variables.
    pub env: BTreeMap<String, String>,
    /// What becomes of it when the last viewer leaves.
    pub on_disconnect: OnDisconnect,
    /// Which viewer decides its size.
    pub size_policy: SizePolicy,
    /// How its standard streams are treated.
    pub stdio: Stdio,
    /// The account that it runs as; `None`: awp's own.
    pub account: Option<Account>,
    /// The keys of an address that are passed on.
    pub query: Vec<String>,
    /// What its programs find awp in the place of.
    pub shims: Shims,
    /// Where a connection is a session of it, without HTTP.
    pub socket: Option<Listener>,
    /// How much of it there may be.
    pub limits: Limits,
    /// What the system lets its processes have.
    pub resources: Resources,
    /// What says who a session of it is for.
    pub login: Option<Login>,
    /// Who may open it.
    pub access: Access,
    /// Whether files may be put into its folder, and taken out of it.
    pub files: bool,
    /// How its terminals are recorded, if they are.
    pub record: Option<Record>,
}

impl App {
    /// Whether it runs as an account that is not root, whoever awp is.
    pub fn is_mapped(&self) -> bool {
        self.account
            .as_ref()
            .is_some_and(|account| account.uid != 0)
    }
}

impl Config {
    /// Puts the sources together and checks the result. `uid` is the effective user id.
    ///
    /// # Errors
    /// The first thing found wrong, with its place.
    pub fn load(typed: Serve, environment: &Environment, uid: u32) -> Result<Self, ConfigError> {
        let upper = typed.options.over(layer::from_environment(environment)?);
        let file = match &upper.config {
            Some(path) => ConfigFile::read(path)?,
            None => match default_file(environment) {
                Some(path) if path.exists() => ConfigFile::read(&path)?,
                _ => ConfigFile::default(),
            },
        };
        validate::config(upper, file, typed.command, environment, uid)
    }
}

/// The file that is read where none was named.
fn default_file(environment: &Environment) -> Option<PathBuf> {
    Some(base_folder(environment, "XDG_CONFIG_HOME", ".config")?.join("awp/awp.toml"))
}

/// The token file where none was named.
fn default_token_file(environment: &Environment) -> Option<PathBuf> {
    Some(state_folder(environment)?.join("token"))
}

/// The folder of what awp itself keeps.
pub fn state_folder(environment: &Environment) -> Option<PathBuf> {
    Some(base_folder(environment, "XDG_STATE_HOME", ".local/state")?.join("awp"))
}

/// The folder of recordings.
pub fn recordings(environment: &Environment) -> Option<PathBuf> {
    Some(state_folder(environment)?.join("recordings"))
}

/// The database of users and share links.
pub fn database(environment: &Environment) -> Option<PathBuf> {
    Some(base_folder(environment, "XDG_STATE_HOME", ".local/state")?.join("awp/awp.db"))
}

/// The owner's token: the file that was named, or the one that `awp serve` makes by itself.
pub fn token_file(named: Option<PathBuf>, environment: &Environment) -> Option<PathBuf> {
    named.or_else(|| default_token_file(environment))
}

/// A folder of the XDG base directory specification, which wants relative ones to be ignored.
fn base_folder(environment: &Environment, variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = Path::new(environment.get(name)?);
        path.is_absolute().then_some(path)
    };
    absolute(variable)
        .map(Path::to_owned)
        .or_else(|| Some(absolute("HOME")?.join(below_home)))
}
