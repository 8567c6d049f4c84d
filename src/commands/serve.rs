//! `awp serve`: the server.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::fmt;

use crate::cli::Serve;
use crate::config::Config;
use crate::config::layer::Environment;
use crate::config::root::RootRule;
use crate::config::text::LogFormat;

/// Puts the configuration together and serves until told to stop.
///
/// # Errors
/// The configuration is refused, or the server cannot start.
pub fn run(typed: Serve) -> anyhow::Result<()> {
    let uid = rustix::process::geteuid().as_raw();
    let config = Config::load(typed, &Environment::of_this_process(), uid)?;
    start_log(&config);
    if config.root == RootRule::Warn {
        tracing::warn!("running as root: every session is root's too");
    }
    start(config)
}

/// Sends the log to stderr, as the configuration wants it.
fn start_log(config: &Config) {
    let log = fmt()
        .with_max_level(config.log_level.0)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

/// Hands over to the server.
#[expect(clippy::needless_pass_by_value, reason = "the server takes it over")]
fn start(config: Config) -> anyhow::Result<()> {
    let apps = config.apps.len();
    tracing::debug!(apps, "configured");
    anyhow::bail!("serve: this build has no server")
}
