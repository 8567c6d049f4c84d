//! The sources of options, and which of them wins.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};

use clap::{ArgAction, CommandFactory, Parser};

use super::error::ConfigError;
use super::text::Variable;
use crate::cli::{Cli, Options};

/// What the environment of awp itself says. Passed in, so that tests have one each.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment that this process was started with.
    pub fn of_this_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// A variable's value; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value)
    }
}

impl<'text> FromIterator<(&'text str, &'text str)> for Environment {
    fn from_iter<T: IntoIterator<Item = (&'text str, &'text str)>>(variables: T) -> Self {
        let variables = variables.into_iter();
        Self(variables.map(|(n, v)| (n.into(), v.into())).collect())
    }
}

/// The options that the environment sets: `AWP_<NAME>` is read as the flag `--<name>` would be.
///
/// # Errors
/// Names the variable whose value cannot be read.
pub fn from_environment(environment: &Environment) -> Result<Options, ConfigError> {
    let mut options = Options::default();
    for argument in Cli::command().get_arguments() {
        let Some(long) = argument.get_long() else {
            continue;
        };
        let variable = format!("AWP_{}", long.to_uppercase().replace('-', "_"));
        let Some(value) = environment.get(&variable) else {
            continue;
        };
        let text = value
            .to_str()
            .ok_or_else(|| ConfigError::refused(&variable, "its value is not UTF-8"))?;
        let parts: Vec<&str> = match argument.get_action() {
            ArgAction::Append => text.split(',').map(str::trim).collect(),
            _ => vec![text],
        };
        let flags = parts.iter().map(|part| format!("--{long}={part}"));
        let typed = Cli::try_parse_from(std::iter::once("awp".to_owned()).chain(flags))
            .map_err(|error| ConfigError::refused(&variable, reason(&error)))?;
        options = typed.serve.options.over(options);
    }
    Ok(options)
}

/// The reason alone out of clap's message, which speaks of flags.
fn reason(error: &clap::Error) -> String {
    if let Some(source) = error.source() {
        return source.to_string();
    }
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl Options {
    /// These options, with what they leave open taken from `lower`. Lists replace each other;
    /// the command's environment is merged by name.
    pub fn over(self, lower: Self) -> Self {
        Self {
            listen: first(self.listen, lower.listen),
            plain_listen: first(self.plain_listen, lower.plain_listen),
            metrics_listen: first(self.metrics_listen, lower.metrics_listen),
            config: self.config.or(lower.config),
            token_file: self.token_file.or(lower.token_file),
            no_auth: self.no_auth.or(lower.no_auth),
            allow_host: first(self.allow_host, lower.allow_host),
            proxy_user_header: self.proxy_user_header.or(lower.proxy_user_header),
            trust_proxy: first(self.trust_proxy, lower.trust_proxy),
            base_path: self.base_path.or(lower.base_path),
            tls_cert: self.tls_cert.or(lower.tls_cert),
            tls_key: self.tls_key.or(lower.tls_key),
            tls_self_signed: self.tls_self_signed.or(lower.tls_self_signed),
            tls_client_ca: self.tls_client_ca.or(lower.tls_client_ca),
            insecure_http: self.insecure_http.or(lower.insecure_http),
            mode: self.mode.or(lower.mode),
            cwd: self.cwd.or(lower.cwd),
            env: merged(self.env, lower.env),
            on_disconnect: self.on_disconnect.or(lower.on_disconnect),
            once: self.once.or(lower.once),
            max_sessions: self.max_sessions.or(lower.max_sessions),
            memory: self.memory.or(lower.memory),
            max_viewers: self.max_viewers.or(lower.max_viewers),
            open: self.open.or(lower.open),
            audit: self.audit.or(lower.audit),
            log_format: self.log_format.or(lower.log_format),
            log_level: self.log_level.or(lower.log_level),
            launch_ttl: self.launch_ttl.or(lower.launch_ttl),
            login_idle: self.login_idle.or(lower.login_idle),
            fresh_login: self.fresh_login.or(lower.fresh_login),
            login_max: self.login_max.or(lower.login_max),
            ping_interval: self.ping_interval.or(lower.ping_interval),
            ping_timeout: self.ping_timeout.or(lower.ping_timeout),
            allow_root: self.allow_root.or(lower.allow_root),
            dir: self.dir.or(lower.dir),
            static_files: self.static_files.or(lower.static_files),
            ui_dir: self.ui_dir.or(lower.ui_dir),
        }
    }
}

fn first<T>(upper: Vec<T>, lower: Vec<T>) -> Vec<T> {
    if upper.is_empty() { lower } else { upper }
}

/// Both lists, the upper one last: of two variables with one name the later one holds.
fn merged(upper: Vec<Variable>, mut lower: Vec<Variable>) -> Vec<Variable> {
    lower.extend(upper);
    lower
}
