//! The command line: what can be typed, and its help texts.
//!
//! [`Options`] is at once the flags, the environment variables and the `[server]` table of the
//! configuration file, so the three cannot differ. Every value is optional here: defaults and
//! what depends on several values are the business of [`crate::config`].

mod access;
mod client;
pub mod inside;
mod play;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::{keep::OnDisconnect, mode::Mode};
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use serde::Deserialize;

use crate::config::bytes::Bytes;
use crate::config::text::{self, Listen, LogFormat, LogLevel, Trusted, Variable, parse};

pub use self::access::{Share, Token, TokenVerb, User, UserVerb};
pub use self::client::{
    Attach, Completions, Doctor, Kill, Ls, MarkedShell, Migrate, New, Rename, Run, Screen,
    ScreenFormat, Send, ShellIntegration, Target, Wait,
};
pub use self::play::Play;

const EXAMPLES: &str = "\
Every option can be set as an environment variable too (--max-sessions is AWP_MAX_SESSIONS; lists
are separated by commas) and in the configuration file (max_sessions, in the table [server]).
Flags win over the environment, which wins over the file.

Examples:
  awp -- bash -l
  awp --listen 127.0.0.1:9000 -- htop
  awp --mode pipe --listen unix:/tmp/awp.sock -- sort";

const INTEGRATION: &str = "\
At the end of ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish, in this order:
  [ -n \"$AWP_SESSION\" ] && eval \"$(awp shell-integration bash)\"
  [ -n \"$AWP_SESSION\" ] && eval \"$(awp shell-integration zsh)\"
  test -n \"$AWP_SESSION\"; and awp shell-integration fish | source";

/// Any Unix program, in the browser and on a socket.
///
/// Without a verb awp does what `awp serve` does.
#[derive(Debug, Parser)]
#[command(name = "awp", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// The verb, if one was typed.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// What was typed without a verb.
    #[command(flatten)]
    pub serve: Serve,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve a command (default: your shell) and what the configuration file defines
    #[command(after_help = EXAMPLES)]
    Serve(Serve),
    /// Start a session, and show it here
    New(New),
    /// Show a session here; its keys are yours until you type ~. at the beginning of a line
    Attach(Attach),
    /// Run a command as a filter: stdin, stdout, stderr and exit status pass through
    Run(Run),
    /// Check the configuration and the limits of the system, without serving
    Check(Serve),
    /// Find out what is wrong with the reverse proxy in front of a server
    Doctor(Doctor),
    /// List the sessions
    Ls(Ls),
    /// End a session, or send a signal to it
    Kill(Kill),
    /// Give a session another name
    Rename(Rename),
    /// Type into a session
    Send(Send),
    /// Print what is on a session's screen now
    Screen(Screen),
    /// Show a recording, list those there are, or check one
    Play(Play),
    /// Wait until a session ends, and exit with its status
    Wait(Wait),
    /// Inside a session: what it is, and whose
    #[command(subcommand)]
    Session(inside::Session),
    /// Inside a session: variables that its processes share
    #[command(subcommand)]
    Var(inside::Var),
    /// Inside a session: its processes
    #[command(subcommand)]
    Proc(inside::Proc),
    /// Inside a session: tell those who watch something
    Notify(inside::Notify),
    /// Inside a session: show how far something has come
    Progress(inside::Progress),
    /// Inside a session: write a line to the server's log
    Log(inside::Log),
    /// Inside a session: give this process another title
    Title(inside::Text),
    /// Inside a session: offer a link, to be opened in the person's own browser
    Open(inside::Text),
    /// Inside a session: offer a text for the person's clipboard
    Clip(inside::Clip),
    /// Inside a session: ask the person for a secret and print it; exit with 1 if they refuse
    Askpass(inside::Question),
    /// Inside a session: ask the person for yes or no; exit with 1 for no
    Confirm(inside::Question),
    /// Inside a session: ask the person for a file of their device, and print where it is
    Upload(inside::Upload),
    /// Inside a session: offer a file to the person
    Download(inside::Download),
    /// Print the awp command line for what another program was started with
    #[command(subcommand)]
    Migrate(Migrate),
    /// Print a link to a session, for somebody else
    Share(Share),
    /// Show the owner's token, or make another one
    Token(Token),
    /// Who may log in with a name and a password
    User(User),
    /// Print what lets a shell mark its commands on the page
    #[command(after_help = INTEGRATION)]
    ShellIntegration(ShellIntegration),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

/// What `awp serve` takes.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The options.
    #[command(flatten)]
    pub options: Options,
    /// What to run; default: $SHELL
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// The options of `awp serve`, from any one source.
#[expect(clippy::doc_markdown, reason = "help texts are shown as they are")]
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Listen here; repeatable [default: 127.0.0.1:7681; port 0: any free one]
    #[arg(long, value_name = "HOST:PORT|unix:PATH", value_parser = parse::<Listen>)]
    #[serde(deserialize_with = "text::list")]
    pub listen: Vec<Listen>,
    /// Listen here for clients without HTTP, which begin with one line; repeatable
    #[arg(long, value_name = "HOST:PORT|unix:PATH", value_parser = parse::<Listen>)]
    #[serde(deserialize_with = "text::list")]
    pub plain_listen: Vec<Listen>,
    /// Serve /metrics here as well, to whoever asks; loopback or Unix only; repeatable
    #[arg(long, value_name = "HOST:PORT|unix:PATH", value_parser = parse::<Listen>)]
    #[serde(deserialize_with = "text::list")]
    pub metrics_listen: Vec<Listen>,
    /// Configuration file, TOML [default: $XDG_CONFIG_HOME/awp/awp.toml if present]
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The owner's token, made if missing [default: $XDG_STATE_HOME/awp/token]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Ask nobody for credentials; only with loopback or Unix listeners
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub no_auth: Option<bool>,
    /// Accept this name too in Host and Origin; repeatable
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// The header in which a reverse proxy names its user; needs --trust-proxy
    #[arg(long, value_name = "NAME")]
    pub proxy_user_header: Option<String>,
    /// Believe what a reverse proxy at this address, or on a Unix listener, says; repeatable
    #[arg(long, value_name = "CIDR|unix", value_parser = parse::<Trusted>)]
    #[serde(deserialize_with = "text::list")]
    pub trust_proxy: Vec<Trusted>,
    /// Serve below this path, as behind a reverse proxy
    #[arg(long, value_name = "/PATH")]
    pub base_path: Option<String>,
    /// Speak TLS with this certificate chain, PEM; read again when it changes
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Speak TLS with a certificate of awp's own making, and print its fingerprint
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub tls_self_signed: Option<bool>,
    /// Let clients in whose certificate is signed by one of these authorities, PEM
    #[arg(long, value_name = "FILE")]
    pub tls_client_ca: Option<PathBuf>,
    /// Allow plain HTTP beyond loopback
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub insecure_http: Option<bool>,
    /// How the command is connected: pty, pipe, lines, json or pty+err [default: pty]
    #[arg(long, value_name = "MODE", value_parser = parse::<Mode>)]
    #[serde(deserialize_with = "text::value")]
    pub mode: Option<Mode>,
    /// Working directory of the command [default: where awp was started]
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// Set a variable in the command's environment; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse::<Variable>)]
    #[serde(deserialize_with = "text::variables")]
    pub env: Vec<Variable>,
    /// When the last viewer leaves: keep, hangup, or keep=TIME [default: pty keep=15m, pipe hangup]
    #[arg(long, value_name = "RULE", value_parser = parse::<OnDisconnect>)]
    #[serde(deserialize_with = "text::value")]
    pub on_disconnect: Option<OnDisconnect>,
    /// One session and no second; end when it ends
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub once: Option<bool>,
    /// Sessions at a time [default: 100]
    #[arg(long, value_name = "N")]
    pub max_sessions: Option<u32>,
    /// What the output of all sessions may take in memory, such as 512M [default: a quarter of what there is]
    #[arg(long, value_name = "SIZE", value_parser = parse::<Bytes>)]
    #[serde(deserialize_with = "text::value")]
    pub memory: Option<Bytes>,
    /// Viewers at a time, of all sessions together [default: 1000]
    #[arg(long, value_name = "N")]
    pub max_viewers: Option<u32>,
    /// Open the page in a browser
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub open: Option<bool>,
    /// Write down who did what, one JSON line each, into this file [default: into the log]
    #[arg(long, value_name = "FILE")]
    pub audit: Option<PathBuf>,
    /// Form of the log on stderr: text or json [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = parse::<LogFormat>)]
    #[serde(deserialize_with = "text::value")]
    pub log_format: Option<LogFormat>,
    /// How much is logged: off, error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL", value_parser = parse::<LogLevel>)]
    #[serde(deserialize_with = "text::value")]
    pub log_level: Option<LogLevel>,
    /// How long a launch link is good for [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub launch_ttl: Option<Duration>,
    /// End a login that was not used for this long [default: 7d]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub login_idle: Option<Duration>,
    /// End a login after this long in any case [default: 30d]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub login_max: Option<Duration>,
    /// Ask who is there again, this long after a login, before what hands over more [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub fresh_login: Option<Duration>,
    /// Ask a silent connection for a sign of life this often [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub ping_interval: Option<Duration>,
    /// Give a connection up that was silent for this long [default: 45s]
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    #[serde(deserialize_with = "text::value")]
    pub ping_timeout: Option<Duration>,
    /// Allow root to listen beyond loopback
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub allow_root: Option<bool>,
    /// Each program in this folder is an app, named as its file [mode: lines]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Serve the files in this folder below /static/, without scripts
    #[arg(long = "static", value_name = "DIR")]
    #[serde(rename = "static")]
    pub static_files: Option<PathBuf>,
    /// Serve the page from this folder instead of the binary, while working on it
    #[arg(long, value_name = "DIR")]
    pub ui_dir: Option<PathBuf>,
}
