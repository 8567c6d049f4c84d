//! From what was typed to what is used: defaults, and the rules that concern several values.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use awp_server::model::keep::OnDisconnect;
use awp_server::model::mode::Mode;

use super::acme::{self, Acme};
use super::error::ConfigError;
use super::file::{AppSection, ConfigFile};
use super::kind::{self, Kinds};
use super::layer::Environment;
use super::login::{self, Logins};
use super::root::{RootRule, root_rule};
use super::text::{Listen, Variable};
use super::{App, Config, DEFAULT_APP, Listener, Tls, default_token_file};
use super::{folder, front, memory, oidc, program, record, refine, resources};
use crate::cli::Options;

/// The port of awp where none is named; other terminals on the web have used it for years.
const DEFAULT_PORT: u16 = 7681;
/// Sessions at a time: far above what a person opens, far below what a machine cannot hold.
const MAX_SESSIONS: u32 = 100;
/// Viewers at a time: each costs a socket, and 1024 open files is the usual soft limit.
const MAX_VIEWERS: u32 = 1000;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A launch link is opened by the person who started awp, at once.
const LAUNCH_TTL: Duration = Duration::from_secs(5 * MINUTE.as_secs());
/// A login unused over a holiday is asked for again; one in daily use is not.
const LOGIN_IDLE: Duration = Duration::from_secs(7 * DAY.as_secs());
/// A stolen cookie is worth nothing after a month.
const LOGIN_MAX: Duration = Duration::from_secs(30 * DAY.as_secs());
/// Below the 30 s after which the strictest of common proxies cuts a silent connection.
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// Three pings without an answer.
const PING_TIMEOUT: Duration = Duration::from_secs(45);
/// The shell of last resort; POSIX has it everywhere.
const FALLBACK_SHELL: &str = "/bin/sh";

/// Checks everything and fills in what was left open. `upper` is flags over environment.
///
/// # Errors
/// The first thing found wrong, with its place.
pub fn config(
    upper: Options,
    mut file: ConfigFile,
    command: Vec<OsString>,
    environment: &Environment,
    uid: u32,
) -> Result<Config, ConfigError> {
    let server = std::mem::take(&mut file.sections.server);
    let path = environment.get("PATH");
    let sections = std::mem::take(&mut file.sections.login);
    let logins = login::all(&file, sections, path)?;
    let sections = std::mem::take(&mut file.sections.app);
    let Kinds {
        mut apps,
        mut static_files,
        own,
    } = kind::all(&file, sections, (path, uid, &logins))?;
    let files = (&file, &logins);
    let app = default_app(&upper, &server, files, own, command, (environment, uid))?;
    apps.insert(DEFAULT_APP.to_owned(), app);

    let options = upper.over(server);
    add_programs(&mut apps, &options)?;
    if let Some(folder) = &options.static_files {
        let folder = existing("--static", folder)?.to_owned();
        static_files.insert(String::new(), folder);
    }
    let listen = listeners(&options)?;
    let plain_listen = refine::plain(&options.plain_listen)?;
    let metrics_listen = refine::metrics(&options.metrics_listen)?;
    let local = listen.iter().all(Listener::is_local);
    let insecure_http = options.insecure_http.unwrap_or(false);
    let acme = acme::acme(&file, file.sections.acme.clone(), &options)?;
    let mut allow_host = options.allow_host.clone();
    allow_host.extend(acme.iter().flat_map(|acme| acme.domains.iter().cloned()));
    let tls = tls(&options, acme)?;
    let ways = front::ways(&options, &listen, tls.is_some())?;
    let mapped = apps.values().all(App::is_mapped);
    let root = root_rule(uid, local, options.allow_root.unwrap_or(false), mapped);
    let no_auth = options.no_auth.unwrap_or(false);
    let oidc = oidc::oidc(&file, file.sections.oidc.clone(), no_auth)?;
    check_exposure(local, no_auth, insecure_http || tls.is_some(), root)?;
    Ok(Config {
        listen,
        plain_listen,
        metrics_listen,
        token_file: if no_auth {
            None
        } else {
            let named = options
                .token_file
                .or_else(|| default_token_file(environment));
            Some(named.ok_or_else(|| {
                ConfigError::refused("--token-file", "HOME is not set; name a file")
            })?)
        },
        ways,
        oidc,
        allow_host,
        base_path: base_path(options.base_path.as_deref().unwrap_or_default())?,
        tls,
        insecure_http,
        once: options.once.unwrap_or(false),
        max_sessions: at_least_one("--max-sessions", options.max_sessions, MAX_SESSIONS)?,
        memory: memory::limit(options.memory)?,
        max_viewers: at_least_one("--max-viewers", options.max_viewers, MAX_VIEWERS)?,
        open: options.open.unwrap_or(false),
        audit: options.audit,
        log_format: options.log_format.unwrap_or_default(),
        log_level: options.log_level.unwrap_or_default(),
        launch_ttl: some_time("--launch-ttl", options.launch_ttl, LAUNCH_TTL)?,
        login_idle: some_time("--login-idle", options.login_idle, LOGIN_IDLE)?,
        login_max: some_time("--login-max", options.login_max, LOGIN_MAX)?,
        ping_interval: some_time("--ping-interval", options.ping_interval, PING_INTERVAL)?,
        ping_timeout: some_time("--ping-timeout", options.ping_timeout, PING_TIMEOUT)?,
        root,
        static_files,
        ui_dir: match options.ui_dir {
            Some(folder) => Some(existing("--ui-dir", &folder)?.to_owned()),
            None => None,
        },
        apps,
    })
}

/// What an app is read beside: the `PATH`, the effective user id, the login programs.
pub type Around<'a> = (Option<&'a OsStr>, u32, &'a Logins);

/// An app of the file's own.
pub fn configured_app(
    file: &ConfigFile,
    at: usize,
    name: &str,
    section: AppSection,
    (path, uid, logins): Around<'_>,
) -> Result<App, ConfigError> {
    let missing = || {
        let why = format!("app {name:?} has no command; add command = [...], dir or static");
        file.wrong(at, why)
    };
    let command = section.command.ok_or_else(missing)?;
    let cwd = match section.cwd {
        Some(cwd) if !cwd.get_ref().is_dir() => {
            return Err(file.wrong(cwd.span().start, no_folder(cwd.get_ref())));
        }
        cwd => cwd.map(toml::Spanned::into_inner),
    };
    let at = command.span().start;
    let command: Vec<OsString> = command.into_inner().into_iter().map(Into::into).collect();
    let empty = || file.wrong(at, "the command is empty; name a program");
    let first = command.first().ok_or_else(empty)?;
    let program = program::find(first, path, cwd.as_deref())
        .map_err(|why| file.wrong(at, format!("{}: {why}", first.display())))?;
    let mode_is_default = section.mode.is_none();
    let mode = section.mode.unwrap_or_default();
    Ok(App {
        command,
        mode,
        mode_is_default,
        cwd,
        env: variables(section.env),
        on_disconnect: section
            .on_disconnect
            .unwrap_or_else(|| OnDisconnect::default_of(mode)),
        size_policy: section.size_policy.unwrap_or_default(),
        stdio: refine::stdio(
            file,
            mode,
            section.stdbuf.as_ref(),
            section.force_pty_err,
            (path, &program),
            at,
        )?,
        account: refine::account(file, section.user.as_ref(), uid)?,
        query: refine::query(file, section.query)?,
        shims: refine::shims(file, &section.shims)?,
        socket: refine::socket(file, section.socket.as_ref())?,
        resources: resources::resources(file, &section.limits, uid)?,
        limits: section.limits,
        access: login::access(file, at, section.access, section.login.as_ref())?,
        login: login::named(file, logins, section.login.as_ref())?,
        record: record::record(file, section.record)?,
        files: section.files.unwrap_or(true),
        program,
    })
}

/// The command line's own app: flags and environment, over the file's `[app.default]`, over the
/// file's `[server]`.
fn default_app(
    upper: &Options,
    server: &Options,
    (file, logins): (&ConfigFile, &Logins),
    own: AppSection,
    typed: Vec<OsString>,
    (environment, uid): (&Environment, u32),
) -> Result<App, ConfigError> {
    let cwd = match (&upper.cwd, own.cwd, &server.cwd) {
        (Some(cwd), _, _) | (None, None, Some(cwd)) => Some(existing("--cwd", cwd)?.to_owned()),
        (None, Some(cwd), _) if !cwd.get_ref().is_dir() => {
            return Err(file.wrong(cwd.span().start, no_folder(cwd.get_ref())));
        }
        (None, Some(cwd), _) => Some(cwd.into_inner()),
        (None, None, None) => None,
    };
    if let Some(place) = own.dir.as_ref().or(own.static_files.as_ref()) {
        let why = "the default app is a program; give the folder an app of another name";
        return Err(file.wrong(place.span().start, why));
    }
    let configured = own.command.filter(|_| typed.is_empty());
    let at = configured.as_ref().map(|command| command.span().start);
    let command: Vec<OsString> = match configured {
        Some(command) => command.into_inner().into_iter().map(Into::into).collect(),
        None if typed.is_empty() => {
            vec![
                environment
                    .get("SHELL")
                    .unwrap_or(OsStr::new(FALLBACK_SHELL))
                    .to_owned(),
            ]
        }
        None => typed,
    };
    let name = command.first().cloned().unwrap_or_default();
    let program = program::find(&name, environment.get("PATH"), cwd.as_deref()).map_err(|why| {
        let program = name.display().to_string();
        match at {
            Some(at) => file.wrong(at, format!("{program}: {why}")),
            None => ConfigError::Program { program, why },
        }
    })?;
    let said = upper.mode.or(own.mode).or(server.mode);
    let (mode, mode_is_default) = (said.unwrap_or_default(), said.is_none());
    let layers = [server.env.clone(), own.env, upper.env.clone()];
    let rule = upper
        .on_disconnect
        .or(own.on_disconnect)
        .or(server.on_disconnect);
    Ok(App {
        command,
        mode,
        mode_is_default,
        cwd,
        env: variables(layers.concat()),
        on_disconnect: rule.unwrap_or_else(|| OnDisconnect::default_of(mode)),
        size_policy: own.size_policy.unwrap_or_default(),
        stdio: refine::stdio(
            file,
            mode,
            own.stdbuf.as_ref(),
            own.force_pty_err,
            (environment.get("PATH"), &program),
            at.unwrap_or_default(),
        )?,
        account: refine::account(file, own.user.as_ref(), uid)?,
        query: refine::query(file, own.query)?,
        shims: refine::shims(file, &own.shims)?,
        socket: refine::socket(file, own.socket.as_ref())?,
        resources: resources::resources(file, &own.limits, uid)?,
        limits: own.limits,
        access: login::access(file, at.unwrap_or_default(), own.access, own.login.as_ref())?,
        login: login::named(file, logins, own.login.as_ref())?,
        record: record::record(file, own.record)?,
        files: own.files.unwrap_or(true),
        program,
    })
}

/// The programs of a folder beside the apps of the file.
fn add_programs(apps: &mut BTreeMap<String, App>, options: &Options) -> Result<(), ConfigError> {
    let Some(folder) = &options.dir else {
        return Ok(());
    };
    let found = folder::programs(folder, |why| ConfigError::refused("--dir", why))?;
    let mode = options.mode.unwrap_or(Mode::Lines);
    for (name, program) in found {
        if apps.contains_key(&name) {
            let why = format!("there is an app {name:?} already; name the program otherwise");
            return Err(ConfigError::refused("--dir", why));
        }
        apps.insert(name, App::of_program(program, mode));
    }
    Ok(())
}

/// A certificate that an authority is asked for.
#[cfg(feature = "acme")]
fn asked_for(acme: Option<Acme>) -> Option<Tls> {
    acme.map(Tls::Acme)
}

/// A build without it has refused the section.
#[cfg(not(feature = "acme"))]
fn asked_for(_: Option<Acme>) -> Option<Tls> {
    None
}

/// How TLS is spoken, if it is.
fn tls(options: &Options, acme: Option<Acme>) -> Result<Option<Tls>, ConfigError> {
    let own = options.tls_self_signed.unwrap_or(false);
    match (&options.tls_cert, &options.tls_key, own) {
        (None, None, false) => Ok(asked_for(acme)),
        (None, None, true) => Ok(Some(Tls::SelfSigned)),
        (Some(cert), Some(key), false) => Ok(Some(Tls::Files {
            cert: cert.clone(),
            key: key.clone(),
        })),
        (_, _, true) => {
            let why = "there is a certificate already; leave one of the two out";
            Err(ConfigError::refused("--tls-self-signed", why))
        }
        (Some(_), None, false) => {
            let why = "the certificate needs its key; add --tls-key FILE";
            Err(ConfigError::refused("--tls-cert", why))
        }
        (None, Some(_), false) => {
            let why = "the key needs its certificate; add --tls-cert FILE";
            Err(ConfigError::refused("--tls-key", why))
        }
    }
}

/// Refuses what would leave the door open to the network.
fn check_exposure(
    local: bool,
    no_auth: bool,
    allowed: bool,
    root: RootRule,
) -> Result<(), ConfigError> {
    if no_auth && !local {
        let why = "whoever reaches the port would run commands here; \
                   listen on 127.0.0.1 or a Unix socket, or leave it out";
        return Err(ConfigError::refused("--no-auth", why));
    }
    if !local && !allowed {
        let why = "plain HTTP beyond loopback can be read and changed on its way; listen on \
                   127.0.0.1 behind a proxy that does TLS, add --tls-cert and --tls-key, or add \
                   --insecure-http";
        return Err(ConfigError::refused("--listen", why));
    }
    if root == RootRule::Refuse {
        let why = "awp would hand out root to the network; start it as another user, give every app \
                   a `user`, [app.default] too, listen on 127.0.0.1, or add --allow-root";
        return Err(ConfigError::refused("running as root", why));
    }
    Ok(())
}

/// The addresses to listen on.
fn listeners(options: &Options) -> Result<Vec<Listener>, ConfigError> {
    if options.listen.is_empty() {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT));
        return Ok(vec![Listener::Tcp(address)]);
    }
    options.listen.iter().map(listener).collect()
}

pub(super) fn listener(listen: &Listen) -> Result<Listener, ConfigError> {
    let (host, port) = match listen {
        Listen::Unix(path) => return Ok(Listener::Unix(path.clone())),
        Listen::Tcp(host, port) => (host.as_str(), *port),
    };
    // Never asked of the resolver: this name must mean loopback whatever a hosts file says.
    if host.eq_ignore_ascii_case("localhost") {
        return Ok(Listener::Tcp((Ipv4Addr::LOCALHOST, port).into()));
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(Listener::Tcp((address, port).into()));
    }
    let found = (host, port).to_socket_addrs().ok();
    found
        .and_then(|mut addresses| addresses.next())
        .map(Listener::Tcp)
        .ok_or_else(|| {
            let why = format!("there is no host {host:?}; write an address, as 127.0.0.1:{port}");
            ConfigError::refused("--listen", why)
        })
}

/// The base path without the slash at its end.
fn base_path(text: &str) -> Result<String, ConfigError> {
    let path = text.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let parts = || path.split('/').skip(1);
    let valid = path.is_empty()
        || (path.starts_with('/')
            && path.chars().all(plain)
            && parts().all(|part| !matches!(part, "" | "." | "..")));
    if valid && (text.is_empty() || text.starts_with('/')) {
        return Ok(path.to_owned());
    }
    let why = format!("{text:?} is no path; write it as /awp, of letters, digits and - _ . ~");
    Err(ConfigError::refused("--base-path", why))
}

/// App names are part of URLs.
pub(super) fn check_app_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no name for an app; use letters, digits and - _ ."
    ))
}

fn existing<'path>(what: &str, folder: &'path Path) -> Result<&'path Path, ConfigError> {
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(ConfigError::refused(what, no_folder(folder)))
}

pub fn no_folder(folder: &Path) -> String {
    format!("there is no folder {}", folder.display())
}

fn variables(list: Vec<Variable>) -> BTreeMap<String, String> {
    list.into_iter()
        .map(|variable| (variable.name, variable.value))
        .collect()
}

fn at_least_one(what: &str, typed: Option<u32>, default: u32) -> Result<u32, ConfigError> {
    match typed {
        Some(0) => Err(ConfigError::refused(
            what,
            "0 would let nobody in; write 1 or more",
        )),
        typed => Ok(typed.unwrap_or(default)),
    }
}

pub(super) fn some_time(
    what: &str,
    typed: Option<Duration>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    match typed {
        Some(Duration::ZERO) => Err(ConfigError::refused(
            what,
            "no time at all; write 1s or more",
        )),
        typed => Ok(typed.unwrap_or(default)),
    }
}
