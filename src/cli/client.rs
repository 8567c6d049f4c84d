//! The verbs that talk to a running server.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::mode::Mode;
use clap::{Args, Subcommand, ValueEnum, value_parser};
use clap_complete::Shell;

use crate::config::text::{Variable, parse};

/// Which server is meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub struct Target {
    /// The server: https://HOST:PORT, http://HOST:PORT or unix:PATH [default: the socket of your own server]
    #[arg(long, value_name = "URL", env = "AWP_SERVER")]
    pub server: Option<String>,
    /// File with the server's token; not needed on a socket
    #[arg(long, value_name = "FILE", requires = "server")]
    pub token_file: Option<PathBuf>,
    /// Allow plain HTTP beyond this machine
    #[arg(long)]
    pub insecure_http: bool,
}

/// What `awp doctor` takes.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The address that browsers use
    #[arg(value_name = "URL")]
    pub url: String,
    /// File with the server's token: what is typed and what is silent is tried as well
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How long a silent socket must stay open
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = parse::<Duration>)]
    pub hold: Duration,
    /// Allow the token over plain HTTP beyond this machine
    #[arg(long)]
    pub insecure_http: bool,
}

/// What `awp new` takes.
#[derive(Debug, Args)]
pub struct New {
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The app that it runs [default: the command of awp serve]
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// How it is connected: pty, pipe, lines, json or pty+err [default: as its app says]
    #[arg(long, value_name = "MODE", value_parser = parse::<Mode>)]
    pub mode: Option<Mode>,
    /// Its working directory [default: the app's; with COMMAND, where you are]
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// Set a variable in its environment; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse::<Variable>)]
    pub env: Vec<Variable>,
    /// Do not show it, print its id
    #[arg(long)]
    pub detach: bool,
    /// What leaves it without ending it, such as ~. ^] ^P^Q none
    #[arg(long, value_name = "KEYS", env = "AWP_DETACH_KEYS")]
    pub detach_keys: Option<String>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
    /// What to run
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// What `awp attach` takes.
#[derive(Debug, Args)]
pub struct Attach {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// Watch only
    #[arg(long)]
    pub read_only: bool,
    /// The number of the process [default: 1]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub process: Option<u16>,
    /// What leaves it without ending it, such as ~. ^] ^P^Q none
    #[arg(long, value_name = "KEYS", env = "AWP_DETACH_KEYS")]
    pub detach_keys: Option<String>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp run` takes.
#[derive(Debug, Args)]
pub struct Run {
    /// The app to run [default: the command of awp serve]
    #[arg(long, value_name = "APP", conflicts_with = "command")]
    pub app: Option<String>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
    /// What to run
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// What `awp ls` takes.
#[derive(Debug, Args)]
pub struct Ls {
    /// As JSON, the server's own
    #[arg(long)]
    pub json: bool,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp kill` takes.
#[derive(Debug, Args)]
pub struct Kill {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// Send this signal to a process instead, to the first unless --process names one
    #[arg(long, value_name = "NAME")]
    pub signal: Option<String>,
    /// The number of a process: end this one alone, or signal it
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub process: Option<u16>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp rename` takes.
#[derive(Debug, Args)]
pub struct Rename {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// Its new name
    pub name: String,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp send` takes.
#[derive(Debug, Args)]
pub struct Send {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// What to type; - reads it from stdin
    #[arg(allow_hyphen_values = true)]
    pub text: OsString,
    /// Press Enter after it
    #[arg(long)]
    pub enter: bool,
    /// The number of the process [default: 1]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub process: Option<u16>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp screen` takes.
#[derive(Debug, Args)]
pub struct Screen {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// As text, as text with its colours, or as JSON
    #[arg(long, value_enum, default_value_t)]
    pub format: ScreenFormat,
    /// Also up to this many of the lines above it, 200 at most
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub lines: u16,
    /// Of this process; the first that has a terminal unless one is named
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub process: Option<u16>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// How `awp screen` prints.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum ScreenFormat {
    /// The characters
    #[default]
    Text,
    /// The characters in their colours
    Ansi,
    /// Cells, cursor, modes and title
    Json,
}

/// What `awp wait` takes.
#[derive(Debug, Args)]
pub struct Wait {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// Wait for the process of this number alone
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub process: Option<u16>,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp migrate` takes.
#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// What ttyd was started with
    #[command(disable_help_flag = true)]
    Ttyd {
        /// ttyd's options, and what it runs
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGS"
        )]
        arguments: Vec<String>,
    },
    /// What websocketd was started with
    #[command(disable_help_flag = true)]
    Websocketd {
        /// websocketd's options, and what it runs
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGS"
        )]
        arguments: Vec<String>,
    },
}

/// What `awp shell-integration` takes.
#[derive(Debug, Args)]
pub struct ShellIntegration {
    /// The shell
    pub shell: MarkedShell,
}

/// A shell that can mark its commands.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MarkedShell {
    /// GNU bash, 4.4 or newer.
    Bash,
    /// The Z shell.
    Zsh,
    /// Fish, 3 or newer.
    Fish,
}

/// What `awp completions` takes.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}
