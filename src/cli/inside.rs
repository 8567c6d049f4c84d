//! The verbs for programs inside a session: each is one method of the control socket.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::mode::Mode;
use clap::{Args, Subcommand, ValueEnum, value_parser};

use crate::config::text::{Variable, parse};

/// What `awp session` does.
#[derive(Debug, Subcommand)]
pub enum Session {
    /// Print what this process is part of, as JSON, or one field of it
    Info {
        /// The field, such as session, app, process, role or user
        field: Option<String>,
    },
    /// Print whose the session is, as JSON; exit with 1 if it is nobody's
    Validate {
        /// Look at the token on stdin instead of the session itself
        #[arg(long)]
        token_stdin: bool,
    },
    /// Print a secret that stands for the session for five minutes
    Token,
    /// Print a signed statement (JWT) of whose the session is, good for five minutes
    Statement,
    /// Have whoever is there log in again; exit with 1 if they did not
    Reauth {
        /// The kind of proof, as the login program names it
        #[arg(long, value_name = "TEXT")]
        acr: Option<String>,
        /// A login that is younger than this, and of this kind, will do
        #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
        max_age: Option<Duration>,
    },
    /// End the session
    Logout,
    /// Say who the session is for; its login program alone may, once, and must then exit with 0
    Grant {
        /// Who
        #[arg(long, value_name = "NAME")]
        subject: String,
        /// What people call them
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What else is known of them, a JSON object
        #[arg(long, value_name = "JSON")]
        claims: Option<String>,
        /// How they proved it
        #[arg(long, value_name = "TEXT")]
        acr: Option<String>,
        /// How long it holds
        #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
        ttl: Option<Duration>,
    },
    /// Ask for a user of awp and the password on the terminal, and grant; for a login program alone
    Passwd,
    /// Let nobody in; its login program alone may
    Deny {
        /// Why, for programs
        #[arg(long, value_name = "WORD")]
        reason: Option<String>,
        /// Why, for people
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
        /// Another try is asked for
        #[arg(long)]
        retry: bool,
    },
}

/// What `awp var` does.
#[derive(Debug, Subcommand)]
pub enum Var {
    /// Print a variable; exit with 1 if it is not set
    Get {
        /// Its name
        name: String,
    },
    /// Set a variable for all processes of the session
    Set {
        /// Its name
        name: String,
        /// Its value; - reads it from stdin
        value: String,
        /// The value is JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a variable away
    Unset {
        /// Its name
        name: String,
    },
    /// Print the names of those that are set
    List,
}

/// What `awp proc` does.
#[derive(Debug, Subcommand)]
pub enum Proc {
    /// Start another process in the session, beside this one, and print its number
    Spawn {
        /// How it is connected: pty, pipe, lines, json or pty+err [default: as the app is]
        #[arg(long, value_name = "MODE", value_parser = parse::<Mode>)]
        mode: Option<Mode>,
        /// Its working directory [default: where you are]
        #[arg(long, value_name = "DIR")]
        cwd: Option<PathBuf>,
        /// Set a variable in its environment; repeatable
        #[arg(long, value_name = "NAME=VALUE", value_parser = parse::<Variable>)]
        env: Vec<Variable>,
        /// What to run
        #[arg(last = true, value_name = "COMMAND", required = true)]
        command: Vec<OsString>,
    },
    /// List the processes of the session
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Send a signal to a process of the session
    Signal {
        /// Its number
        #[arg(value_parser = value_parser!(u16).range(1..))]
        process: u16,
        /// The signal's name, such as INT
        #[arg(default_value = "TERM")]
        signal: String,
    },
}

/// What `awp notify` takes.
#[derive(Debug, Args)]
pub struct Notify {
    /// What has happened
    pub text: String,
    /// A heading
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
}

/// What `awp progress` takes.
#[derive(Debug, Args)]
pub struct Progress {
    /// Per cent; leave it out where nothing is known of the end
    #[arg(value_parser = value_parser!(u8).range(0..=100))]
    pub value: Option<u8>,
    /// What it is about
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub text: String,
}

/// What `awp log` takes.
#[derive(Debug, Args)]
pub struct Log {
    /// What it says
    pub text: String,
    /// How much it matters
    #[arg(long, value_enum, default_value_t = Level::Info)]
    pub level: Level,
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// For whoever looks for a fault
    Debug,
    /// As usual
    Info,
    /// Somebody should look
    Warn,
    /// Something failed
    Error,
}

impl Level {
    /// Its name in the protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What the verbs take that take one text.
#[derive(Debug, Args)]
pub struct Text {
    /// What
    pub text: String,
}

/// What `awp askpass` and `awp confirm` take.
#[derive(Debug, Args)]
pub struct Question {
    /// What is asked
    #[arg(required = true)]
    pub text: Vec<String>,
    /// How long to wait for an answer
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    pub wait: Option<Duration>,
}

/// What `awp upload` takes.
#[derive(Debug, Args)]
pub struct Upload {
    /// What for
    #[arg(default_value = "")]
    pub text: String,
    /// Which kinds, such as .csv or image/*
    #[arg(long, value_name = "KINDS")]
    pub accept: Option<String>,
    /// Where it goes: a file, or a folder where it keeps its name [default: a folder of its own]
    #[arg(long, value_name = "PATH")]
    pub to: Option<PathBuf>,
    /// Replace a file of this name there
    #[arg(long, requires = "to")]
    pub overwrite: bool,
    /// How long to wait for it
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    pub wait: Option<Duration>,
}

/// What `awp download` takes.
#[derive(Debug, Args)]
pub struct Download {
    /// The file
    pub file: PathBuf,
}

/// What `awp clip` takes.
#[derive(Debug, Args)]
pub struct Clip {
    /// The text [default: what comes on stdin]
    pub text: Option<String>,
}
