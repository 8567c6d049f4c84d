//! `awp new`: starts a session.

use awp_server::client::terminal;

use super::attach::{self, FIRST, View};
use super::sessions;
use super::start::Start;
use crate::cli::New;

/// Starts a session; shows it, or prints its id.
///
/// # Errors
/// When there is no server, it refuses, or the connection is lost.
pub fn run(typed: &New) -> anyhow::Result<u8> {
    let keys = attach::keys(typed.detach_keys.as_deref())?;
    let server = sessions::server(&typed.target)?;
    let env = typed.env.iter();
    let start = Start {
        name: typed.name.as_deref(),
        app: typed.app.as_deref(),
        command: &typed.command,
        mode: typed.mode,
        fallback_mode: None,
        cwd: typed.cwd.as_deref(),
        env: env
            .map(|variable| (variable.name.as_str(), variable.value.as_str()))
            .collect(),
        size: terminal::size(),
        hangup: false,
    };
    sessions::run(async {
        let session = start.make(&server).await?;
        if typed.detach {
            sessions::print(format!("{}\n", session.id).as_bytes())?;
            return Ok(0);
        }
        let view = View {
            session: &session.id,
            process: FIRST,
            read_only: false,
        };
        attach::show(&server, &view, keys).await
    })
}
