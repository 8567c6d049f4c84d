//! Why a client's request was not carried out.

use super::text::escaped;

/// Why it was not, as one line: what happened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("no server at {place}: {why}; start one with `awp serve`, or name one with --server")]
    NoServer {
        /// Where it was looked for.
        place: String,
        /// What the system said.
        why: String,
    },
    /// The connection broke off.
    #[error("the connection to the server was lost: {0}")]
    Lost(String),
    /// The server goes away, on purpose.
    #[error("the server is going away")]
    GoingAway,
    /// There is no such session, or more than one.
    #[error("{}: {why}; `awp ls` shows what there is", escaped(.name))]
    NoSession {
        /// As it was named.
        name: String,
        /// None, or which ones.
        why: String,
    },
    /// The server knows us and refuses, or does not know us.
    #[error("not allowed: {}", escaped(.0))]
    NotAllowed(String),
    /// What was typed cannot be meant so.
    #[error("{what}: {why}")]
    Usage {
        /// The argument.
        what: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The server could not do it.
    #[error("{}", escaped(.0))]
    Failed(String),
}

impl ClientError {
    /// Something that was typed is wrong.
    pub fn usage(what: impl Into<String>, why: impl Into<String>) -> Self {
        let (what, why) = (what.into(), why.into());
        Self::Usage { what, why }
    }

    /// The exit status that says so.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage { .. } => 2,
            Self::NoServer { .. } | Self::Lost(_) | Self::GoingAway => 3,
            Self::NoSession { .. } => 4,
            Self::NotAllowed(_) => 5,
        }
    }
}
