//! Why awp does not start.

/// Why a configuration was refused, as one line: what, why, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A flag, a variable, the file, or several of them together cannot be meant so.
    #[error("{what}: {why}")]
    Refused {
        /// The flag, the variable, or the file and line.
        what: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The command line's own command is not there.
    #[error("{program}: {why}")]
    Program {
        /// The program as it was typed.
        program: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ConfigError {
    /// A refusal in two parts.
    pub fn refused(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Refused {
            what: what.into(),
            why: why.into(),
        }
    }

    /// The exit status: 2 for usage, 1 for an operation that failed.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Refused { .. } => 2,
            Self::Program { .. } => 1,
        }
    }
}
