//! Login programs: what says who a session is for.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::access::Access;
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::file::ConfigFile;
use super::program;
use super::text::{self, Variable};

/// How long a login takes at most where nothing is said: a person who looks a second factor up.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The login program over the users of awp.
const PASSWD: &str = "passwd";

/// Logins under way at once from one address, where nothing is said.
const MAX_STARTS: u32 = 10;

/// One `[login.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginSection {
    /// The program and its arguments.
    pub command: Option<Spanned<Vec<String>>>,
    /// The name of one that awp brings, in place of a program.
    pub builtin: Option<Spanned<String>>,
    /// Its working directory.
    pub cwd: Option<Spanned<PathBuf>>,
    /// Its further variables.
    #[serde(deserialize_with = "text::variables")]
    pub env: Vec<Variable>,
    /// How long it has.
    #[serde(deserialize_with = "text::value")]
    pub timeout: Option<Duration>,
    /// How many may be under way at once from one address.
    pub max_starts: Option<u32>,
}

/// A login program, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The command as written: the program's name, then its arguments.
    pub command: Vec<OsString>,
    /// Its working directory; `None`: awp's own.
    pub cwd: Option<PathBuf>,
    /// Its further variables.
    pub env: BTreeMap<String, String>,
    /// How long it has.
    pub timeout: Duration,
    /// How many may be under way at once from one address.
    pub max_starts: u32,
}

/// All of them, by name.
pub type Logins = BTreeMap<String, Login>;

/// The login programs of the file.
///
/// # Errors
/// The first thing found wrong, with its place.
pub fn all(
    file: &ConfigFile,
    sections: BTreeMap<Spanned<String>, LoginSection>,
    path: Option<&OsStr>,
) -> Result<Logins, ConfigError> {
    let read = sections.into_iter().map(|(name, section)| {
        let at = name.span().start;
        let name = name.into_inner();
        Ok((name.clone(), one(file, at, &name, section, path)?))
    });
    read.collect()
}

fn one(
    file: &ConfigFile,
    at: usize,
    name: &str,
    section: LoginSection,
    path: Option<&OsStr>,
) -> Result<Login, ConfigError> {
    let missing = || {
        let why =
            format!("login {name:?} has no command; add command = [...] or builtin = \"{PASSWD}\"");
        file.wrong(at, why)
    };
    let command = match (section.command, section.builtin) {
        (Some(_), Some(builtin)) => {
            let why = format!("login {name:?} has a command as well; leave one of them out");
            return Err(file.wrong(builtin.span().start, why));
        }
        (Some(command), None) => command,
        (None, Some(builtin)) => brought(file, &builtin)?,
        (None, None) => return Err(missing()),
    };
    if let Some(cwd) = section.cwd.as_ref().filter(|cwd| !cwd.get_ref().is_dir()) {
        let why = format!("there is no folder {}", cwd.get_ref().display());
        return Err(file.wrong(cwd.span().start, why));
    }
    let cwd = section.cwd.map(Spanned::into_inner);
    let at = command.span().start;
    let command: Vec<OsString> = command.into_inner().into_iter().map(Into::into).collect();
    let empty = || file.wrong(at, "the command is empty; name a program");
    let first = command.first().ok_or_else(empty)?;
    program::find(first, path, cwd.as_deref())
        .map_err(|why| file.wrong(at, format!("{}: {why}", first.display())))?;
    if section.timeout.is_some_and(|time| time.is_zero()) || section.max_starts == Some(0) {
        let why = format!(
            "login {name:?} would let nobody in; write timeout = \"1s\" or more, and max_starts = 1 or more"
        );
        return Err(file.wrong(at, why));
    }
    let env = section.env.into_iter();
    Ok(Login {
        env: env
            .map(|variable| (variable.name, variable.value))
            .collect(),
        timeout: section.timeout.unwrap_or(TIMEOUT),
        max_starts: section.max_starts.unwrap_or(MAX_STARTS),
        command,
        cwd,
    })
}

/// Who may open an app.
///
/// # Errors
/// When its login program is to decide, and it has none.
pub fn access(
    file: &ConfigFile,
    at: usize,
    said: Option<Access>,
    login: Option<&Spanned<String>>,
) -> Result<Access, ConfigError> {
    let access = said.unwrap_or_default();
    if access == Access::Login && login.is_none() {
        let why = "access = \"login\" is for an app with a login program; add login = \"NAME\"";
        return Err(file.wrong(at, why));
    }
    Ok(access)
}

/// The command of a login program that awp brings: awp itself.
fn brought(file: &ConfigFile, name: &Spanned<String>) -> Result<Spanned<Vec<String>>, ConfigError> {
    let wrong = |why: String| file.wrong(name.span().start, why);
    match name.get_ref().as_str() {
        PASSWD => {}
        "pam" => {
            let why = "awp brings no pam, which needs root; name a program of yours as command";
            return Err(wrong(why.to_owned()));
        }
        other => {
            let why = format!("there is no {other:?}; write builtin = \"{PASSWD}\"");
            return Err(wrong(why));
        }
    }
    let own = std::env::current_exe().ok();
    let own = own.and_then(|path| path.into_os_string().into_string().ok());
    let own = own.ok_or_else(|| wrong("awp does not know its own file".to_owned()))?;
    let command = [own.as_str(), "session", PASSWD].map(str::to_owned);
    Ok(Spanned::new(name.span(), command.into()))
}

/// The login program that an app names.
///
/// # Errors
/// When there is none of this name.
pub fn named(
    file: &ConfigFile,
    logins: &Logins,
    name: Option<&Spanned<String>>,
) -> Result<Option<Login>, ConfigError> {
    let Some(name) = name else {
        return Ok(None);
    };
    let found = logins.get(name.get_ref()).cloned();
    found.map(Some).ok_or_else(|| {
        let name_is = name.get_ref();
        let why = format!("there is no login {name_is:?}; add [login.{name_is}]");
        file.wrong(name.span().start, why)
    })
}
