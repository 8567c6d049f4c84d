//! The configuration file: reading it, and saying where it is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use awp_server::model::access::Access;
use awp_server::model::{keep::OnDisconnect, mode::Mode, size::SizePolicy};
use serde::Deserialize;
use toml::Spanned;

use super::acme::AcmeSection;
use super::bytes::Bytes;
use super::error::ConfigError;
use super::login::LoginSection;
use super::oidc::OidcSection;
use super::record::RecordSection;
use super::resources::Percent;
use super::text::{self, Variable};
use crate::cli::Options;

/// How alike an unknown key must be to a known one to be taken for it, from 0 to 1. Below this
/// (one letter of three wrong) a suggestion is more often odd than helpful.
const ALIKE: f64 = 0.7;

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sections {
    /// `[server]`
    pub server: Options,
    /// `[app.NAME]`
    pub app: BTreeMap<Spanned<String>, AppSection>,
    /// `[login.NAME]`
    pub login: BTreeMap<Spanned<String>, LoginSection>,
    /// `[acme]`
    pub acme: Option<Spanned<AcmeSection>>,
    /// `[oidc]`
    pub oidc: Option<Spanned<OidcSection>>,
}

/// One `[app.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppSection {
    /// The program and its arguments.
    pub command: Option<Spanned<Vec<String>>>,
    /// Instead: a folder of programs, each an app of its own.
    pub dir: Option<Spanned<PathBuf>>,
    /// Instead: a folder of files, that are read.
    #[serde(rename = "static")]
    pub static_files: Option<Spanned<PathBuf>>,
    /// How it is connected.
    #[serde(deserialize_with = "text::value")]
    pub mode: Option<Mode>,
    /// Its working directory.
    pub cwd: Option<Spanned<PathBuf>>,
    /// Its further variables.
    #[serde(deserialize_with = "text::variables")]
    pub env: Vec<Variable>,
    /// What becomes of it when the last viewer leaves.
    #[serde(deserialize_with = "text::value")]
    pub on_disconnect: Option<OnDisconnect>,
    /// Which viewer decides its size.
    #[serde(deserialize_with = "text::value")]
    pub size_policy: Option<SizePolicy>,
    /// `line`: a program that gathers its output is made to write it line by line.
    pub stdbuf: Option<Spanned<String>>,
    /// `pty+err` even for a shell.
    pub force_pty_err: bool,
    /// The keys of an address that are passed on.
    pub query: Vec<Spanned<String>>,
    /// The account that it runs as.
    pub user: Option<Spanned<String>>,
    /// Where a connection is a session of it, without HTTP.
    pub socket: Option<Spanned<String>>,
    /// How much of it there may be.
    pub limits: Limits,
    /// The name of the login program that is its first process.
    pub login: Option<Spanned<String>>,
    /// Who may open it.
    #[serde(deserialize_with = "text::value")]
    pub access: Option<Access>,
    /// Whether files may be put into its folder, and taken out of it; they may unless this says no.
    pub files: Option<bool>,
    /// What its programs find awp in the place of.
    pub shims: Vec<Spanned<String>>,
    /// Whether its terminals are recorded, and how.
    pub record: Option<Spanned<RecordSection>>,
}

/// How much of an app there may be; what is `None` has no limit of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Sessions at a time.
    pub sessions: Option<u32>,
    /// Sessions at a time of one user.
    pub per_user: Option<u32>,
    /// A session without input or output for this long is ended.
    #[serde(deserialize_with = "text::value")]
    pub idle: Option<Duration>,
    /// A session is ended after this long in any case.
    #[serde(deserialize_with = "text::value")]
    pub max: Option<Duration>,
    /// Bytes of one file that is uploaded.
    #[serde(deserialize_with = "text::value")]
    pub file_bytes: Option<Bytes>,
    /// Bytes that are uploaded to a session altogether.
    #[serde(deserialize_with = "text::value")]
    pub session_bytes: Option<Bytes>,
    /// Files on their way at once, in one session.
    pub transfers: Option<u32>,
    /// Descriptors that one process may have open.
    pub files: Option<Spanned<u64>>,
    /// How long one process may compute.
    #[serde(deserialize_with = "text::value")]
    pub cpu_time: Option<Duration>,
    /// Bytes that one process may leave behind when it crashes.
    #[serde(deserialize_with = "text::value")]
    pub core: Option<Bytes>,
    /// Bytes that one process may address.
    #[serde(deserialize_with = "text::value")]
    pub address_space: Option<Bytes>,
    /// Memory of a session.
    #[serde(deserialize_with = "text::value")]
    pub memory: Option<Bytes>,
    /// Processes and threads of a session at once.
    pub pids: Option<Spanned<u64>>,
    /// What a session may compute, of one processor.
    #[serde(deserialize_with = "text::value")]
    pub cpu: Option<Percent>,
}

/// A configuration file that was read.
#[derive(Debug, Default)]
pub struct ConfigFile {
    path: PathBuf,
    text: String,
    /// What it says.
    pub sections: Sections,
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// The file cannot be read, or says what it cannot mean.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::refused(path.display().to_string(), error.to_string()))?;
        Self::parse(path, text)
    }

    /// Reads `text` as the contents of the file at `path`.
    ///
    /// # Errors
    /// The text says what it cannot mean.
    pub fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        let mut file = Self {
            path: path.to_owned(),
            text,
            sections: Sections::default(),
        };
        match toml::from_str(&file.text) {
            Ok(sections) => file.sections = sections,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return Err(file.wrong(at, explain(error.message())));
            }
        }
        Ok(file)
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A refusal of what stands at byte `at` of the file.
    pub fn wrong(&self, at: usize, why: impl Into<String>) -> ConfigError {
        let before = self.text.as_bytes().iter().take(at);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::refused(format!("{}:{line}", self.path.display()), why)
    }
}

/// Puts the parser's message into one line, and the nearest valid name for an unknown key.
///
/// The parser lists the valid names in its message, between backticks, the unknown one first;
/// taking them from there keeps no second list of every table's keys.
fn explain(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match names.split_first() {
        Some((unknown, valid)) if message.starts_with("unknown field") => {
            let nearest = valid
                .iter()
                .map(|name| (strsim::jaro_winkler(unknown, name), name))
                .filter(|(alike, _)| *alike >= ALIKE)
                .max_by(|left, right| left.0.total_cmp(&right.0));
            match nearest {
                Some((_, name)) => format!("unknown key {unknown:?}; did you mean {name:?}?"),
                None => format!("unknown key {unknown:?}; there is {}", valid.join(", ")),
            }
        }
        _ => message.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
