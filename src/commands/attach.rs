//! `awp attach`: a session in this terminal.

use std::io::{Write as _, stderr};

use awp_server::client::connect::Server;
use awp_server::client::conversation::{self, Conversation};
use awp_server::client::detach::{self, DetachKeys};
use awp_server::client::error::ClientError;
use awp_server::client::relay::{OnSignal, Outcome, Relay, Settings};
use awp_server::client::{status, terminal};
use awp_server::model::id::ProcessId;
use rustix::process::Signal;

use super::sessions;
use crate::cli::Attach;

/// The process that is shown where none is named.
pub const FIRST: ProcessId = ProcessId(1);

/// What is shown.
pub struct View<'a> {
    /// The session, as it was named.
    pub session: &'a str,
    /// The process of it.
    pub process: ProcessId,
    /// Only to watch.
    pub read_only: bool,
}

/// Shows a session and gives its exit status.
///
/// # Errors
/// When there is no server, no such session, or the connection is lost.
pub fn run(typed: &Attach) -> anyhow::Result<u8> {
    let keys = keys(typed.detach_keys.as_deref())?;
    let server = sessions::server(&typed.target)?;
    let view = View {
        session: &typed.session,
        process: typed.process.map_or(FIRST, ProcessId),
        read_only: typed.read_only,
    };
    sessions::run(show(&server, &view, keys))
}

/// The keys that were asked for, or the usual ones.
///
/// # Errors
/// When they cannot be typed.
pub fn keys(text: Option<&str>) -> Result<DetachKeys, ClientError> {
    let text = text.unwrap_or(detach::DEFAULT);
    DetachKeys::parse(text).map_err(|why| ClientError::usage("--detach-keys", why))
}

/// Shows a session in this terminal, until it ends or is left.
///
/// # Errors
/// As [`run`].
pub async fn show(server: &Server, view: &View<'_>, keys: DetachKeys) -> anyhow::Result<u8> {
    let View {
        session,
        process: shown,
        read_only,
    } = *view;
    let attach = conversation::Attach {
        session,
        process: shown,
        watch: read_only,
        size: terminal::size().filter(|_| !read_only),
    };
    let opened = Conversation::open(server, &attach).await;
    let (conversation, id, process) = opened.map_err(|error| sessions::named(session, error))?;
    let settings = Settings {
        process: shown,
        mode: process.mode,
        size: process.size,
        read_only,
        keys,
        on_signal: OnSignal::Leave,
        whole: false,
    };
    let signals = Relay::signals(settings.on_signal)?;
    // The relay is gone, and the terminal as it was, before anything is said.
    let outcome = Relay::new(conversation, signals, settings)?.run().await?;
    Ok(match outcome {
        Outcome::Ended(exit) => exit.as_ref().map_or(0, status::of),
        Outcome::OutputClosed => status::of_signal(Signal::PIPE.as_raw()),
        Outcome::Signalled(number) => status::of_signal(number),
        Outcome::Detached => {
            if process.mode.has_terminal() {
                // Below whatever the program had drawn. Nobody reading it is no failure.
                let _ = writeln!(stderr(), "\n[left {id}; it goes on]");
            }
            0
        }
    })
}
