//! `awp run`: a command on the server as a filter here.

use awp_server::client::connect::{Body, Server};
use awp_server::client::conversation::{self, Conversation};
use awp_server::client::relay::{OnSignal, Outcome, Relay, Settings};
use awp_server::client::status;
use awp_server::model::id::ProcessId;
use awp_server::model::mode::Mode;
use http::Method;
use rustix::process::Signal;

use super::start::Start;
use super::{attach, sessions};
use crate::cli::Run;

/// The process of such a session.
const ONLY: ProcessId = ProcessId(1);

/// Runs it and gives its exit status.
///
/// # Errors
/// When there is no server, it refuses, or the connection is lost.
pub fn run(typed: &Run) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let start = Start {
        app: typed.app.as_deref(),
        command: &typed.command,
        // An app knows best how it wants to be connected.
        mode: (!typed.command.is_empty()).then_some(Mode::Pipe),
        fallback_mode: Some(Mode::Pipe),
        hangup: true,
        ..Start::default()
    };
    sessions::run(filter(&server, &start))
}

async fn filter(server: &Server, start: &Start<'_>) -> anyhow::Result<u8> {
    // Before there is anything that a signal could leave behind.
    let signals = Relay::signals(OnSignal::Forward)?;
    let session = start.make(server).await?;
    let attach = conversation::Attach {
        session: &session.id,
        process: ONLY,
        watch: false,
        size: None,
    };
    let opened = Conversation::open(server, &attach).await;
    let (conversation, _, process) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let _ = end(server, &session.id).await;
            return Err(error.into());
        }
    };
    let settings = Settings {
        process: ONLY,
        mode: process.mode,
        size: process.size,
        read_only: false,
        keys: attach::keys(Some("none"))?,
        on_signal: OnSignal::Forward,
        whole: !process.mode.has_terminal(),
    };
    let outcome = Relay::new(conversation, signals, settings)?.run().await;
    // It has ended, or nobody is left whom it could serve.
    let _ = end(server, &session.id).await;
    Ok(match outcome? {
        Outcome::Ended(exit) => exit.as_ref().map_or(0, status::of),
        Outcome::OutputClosed => status::of_signal(Signal::PIPE.as_raw()),
        Outcome::Signalled(number) => status::of_signal(number),
        Outcome::Detached => 0,
    })
}

async fn end(server: &Server, id: &str) -> anyhow::Result<()> {
    sessions::ask(server, Method::DELETE, id, "", Body::None).await?;
    Ok(())
}
