//! The verbs that say who gets in.

use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::access::Role;
use clap::{Args, Subcommand};

use super::client::Target;
use crate::config::text::parse;

/// What `awp share` takes.
#[derive(Debug, Args)]
pub struct Share {
    /// Its id, the beginning of its id, or its name
    pub session: String,
    /// Whoever has the link may type, and so do all that this account may do
    #[arg(long)]
    pub write: bool,
    /// How long the link is good for, up to 7d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse::<Duration>)]
    pub expires: Duration,
    /// The first one who opens the link is the only one
    #[arg(long)]
    pub once: bool,
    /// The server.
    #[command(flatten)]
    pub target: Target,
}

/// What `awp token` takes.
#[expect(clippy::doc_markdown, reason = "help texts are shown as they are")]
#[derive(Debug, Args)]
pub struct Token {
    /// The token's file [default: $XDG_STATE_HOME/awp/token]
    #[arg(long, value_name = "FILE", env = "AWP_TOKEN_FILE", global = true)]
    pub token_file: Option<PathBuf>,
    /// What to do; show if nothing is said
    #[command(subcommand)]
    pub verb: Option<TokenVerb>,
}

/// What is done with the token.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum TokenVerb {
    /// Print it
    Show,
    /// Make another one: whatever the old one opened ends
    Rotate,
}

/// What `awp user` takes.
#[derive(Debug, Args)]
pub struct User {
    /// What to do.
    #[command(subcommand)]
    pub verb: UserVerb,
}

/// What is done with users.
#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// Add a user; the password is asked for
    Add {
        /// The name to log in with
        name: String,
        /// What the user may do: owner, write or watch
        #[arg(long, value_name = "ROLE", value_parser = parse::<Role>)]
        role: Role,
        /// Read the password from stdin, where it is the first line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user another password: every login of the user ends
    Passwd {
        /// The user
        name: String,
        /// Read the password from stdin, where it is the first line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user another role: every login of the user ends
    Role {
        /// The user
        name: String,
        /// What the user may do: owner, write or watch
        #[arg(value_parser = parse::<Role>)]
        role: Role,
    },
    /// Ask a user for a code of a second device too: prints, once, what the device is given
    Totp {
        /// The user
        name: String,
        /// Ask for none any more
        #[arg(long)]
        off: bool,
    },
    /// Remove a user: every login of the user ends, and every link that the user made
    Rm {
        /// The user
        name: String,
    },
    /// List the users
    Ls,
}
