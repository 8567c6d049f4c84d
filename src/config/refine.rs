//! The finer points of an app: what concerns its streams, its address and its own socket.

use std::ffi::OsStr;
use std::path::Path;

use awp_server::model::mode::Mode;
use awp_server::model::process::{self, Account, Shims, Stdio};
use toml::Spanned;
use uzers::os::unix::UserExt as _;

use super::error::ConfigError;
use super::file::ConfigFile;
use super::text::{Listen, Text as _};
use super::{Listener, program, validate};

/// How an app's standard streams are treated; `at` is where its command stands.
pub fn stdio(
    file: &ConfigFile,
    mode: Mode,
    stdbuf: Option<&Spanned<String>>,
    force_pty_err: bool,
    (path, program): (Option<&OsStr>, &Path),
    at: usize,
) -> Result<Stdio, ConfigError> {
    if mode == Mode::PtyErr && !force_pty_err && is_shell(program) {
        let why = format!(
            "{} is a shell: it writes its prompt and what is typed to stderr, which pty+err takes \
             off the terminal; use mode = \"pty\", or add force_pty_err = true",
            program.display()
        );
        return Err(if file.is_empty() {
            ConfigError::refused("--mode", why)
        } else {
            file.wrong(at, why)
        });
    }
    if let Some(stdbuf) = stdbuf {
        let wrong = |why: String| Err(file.wrong(stdbuf.span().start, why));
        let value = stdbuf.get_ref();
        if value != "line" {
            return wrong(format!(
                "stdbuf: {value:?} is not known; write stdbuf = \"line\""
            ));
        }
        if mode.has_terminal() {
            return wrong(format!(
                "stdbuf is for pipes; in mode {mode} a program writes line by line already"
            ));
        }
        if let Err(why) = program::find(OsStr::new("stdbuf"), path, None) {
            return wrong(format!(
                "stdbuf needs the program stdbuf: {why}; it is part of GNU coreutils"
            ));
        }
    }
    Ok(Stdio {
        line_buffered: stdbuf.is_some(),
        force_pty_err,
    })
}

/// By its own name or that of what it is a link to.
fn is_shell(program: &Path) -> bool {
    let known = |file: &Path| file.file_name().is_some_and(process::is_shell);
    known(program) || program.canonicalize().is_ok_and(|real| known(&real))
}

/// What an app's programs find awp in the place of.
pub fn shims(file: &ConfigFile, names: &[Spanned<String>]) -> Result<Shims, ConfigError> {
    let mut shims = Shims::default();
    for name in names {
        match name.get_ref().as_str() {
            "askpass" => shims.askpass = true,
            "browser" => shims.browser = true,
            other => {
                let why = format!("shims: {other:?} is not known; there are askpass and browser");
                return Err(file.wrong(name.span().start, why));
            }
        }
    }
    Ok(shims)
}

/// The keys of an address that are passed on.
pub fn query(file: &ConfigFile, keys: Vec<Spanned<String>>) -> Result<Vec<String>, ConfigError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let read = |key: Spanned<String>| {
        let name = key.get_ref();
        if name.is_empty() || !name.chars().all(plain) {
            let why = format!("query: {name:?} is no key; use letters, digits and - _");
            return Err(file.wrong(key.span().start, why));
        }
        Ok(key.into_inner())
    };
    keys.into_iter().map(read).collect()
}

/// The account that an app runs as; none where it is awp's own. `own` is the effective user id.
pub fn account(
    file: &ConfigFile,
    user: Option<&Spanned<String>>,
    own: u32,
) -> Result<Option<Account>, ConfigError> {
    let Some(user) = user else {
        return Ok(None);
    };
    let wrong = |why: String| file.wrong(user.span().start, format!("user: {why}"));
    let name = user.get_ref();
    let found = uzers::get_user_by_name(name);
    let found = found.ok_or_else(|| wrong(format!("there is no account {name:?}")))?;
    if found.uid() == own && own != 0 {
        return Ok(None);
    }
    if own != 0 {
        let why =
            format!("only root can start programs as {name:?}; leave it out, or start as root");
        return Err(wrong(why));
    }
    let gid = found.primary_group_id();
    let groups = uzers::get_user_groups(name, gid).unwrap_or_default();
    let text = |path: &Path| path.to_str().map(str::to_owned);
    // As login has it: an account without a home starts at the root.
    let home = text(found.home_dir()).filter(|home| Path::new(home).is_dir());
    Ok(Some(Account {
        name: name.clone(),
        uid: found.uid(),
        gid,
        groups: groups.iter().map(uzers::Group::gid).collect(),
        home: home.unwrap_or_else(|| "/".to_owned()),
        shell: text(found.shell()).unwrap_or_else(|| "/bin/sh".to_owned()),
    }))
}

/// Where a connection is a session, without HTTP. Nobody is asked for credentials there, so it
/// must not be reached from elsewhere.
pub fn socket(
    file: &ConfigFile,
    socket: Option<&Spanned<String>>,
) -> Result<Option<Listener>, ConfigError> {
    let Some(socket) = socket else {
        return Ok(None);
    };
    let wrong = |why: String| file.wrong(socket.span().start, format!("socket: {why}"));
    let text = socket.get_ref();
    let place = match text.strip_prefix("tcp:") {
        Some(place) => Listen::read(place),
        None if text.starts_with("unix:") => Listen::read(text),
        None => Err(format!(
            "{text:?} is neither tcp:HOST:PORT (tcp:127.0.0.1:7690) nor unix:PATH"
        )),
    };
    let place =
        validate::listener(&place.map_err(wrong)?).map_err(|error| wrong(error.to_string()))?;
    if !place.is_local() {
        return Err(wrong(format!(
            "{text} is reached from other machines, and such a socket has neither TLS nor a token; \
             listen on 127.0.0.1 or unix:PATH"
        )));
    }
    Ok(Some(place))
}

/// Where to listen without HTTP: tokens would travel in the clear.
pub fn plain(listen: &[Listen]) -> Result<Vec<Listener>, ConfigError> {
    let why = "it is reached from other machines, and has no TLS; listen on 127.0.0.1 or unix:PATH";
    local("--plain-listen", listen, why)
}

/// Where metrics are served to whoever asks.
pub fn metrics(listen: &[Listen]) -> Result<Vec<Listener>, ConfigError> {
    let why = "it is reached from other machines, and nobody is asked for credentials; listen on \
               127.0.0.1 or unix:PATH, or read /metrics of the server itself with its token";
    local("--metrics-listen", listen, why)
}

fn local(what: &str, listen: &[Listen], why: &str) -> Result<Vec<Listener>, ConfigError> {
    let places = listen.iter().map(|listen| {
        let place = validate::listener(listen)?;
        if place.is_local() {
            Ok(place)
        } else {
            Err(ConfigError::refused(what, why))
        }
    });
    places.collect()
}
