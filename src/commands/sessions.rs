//! What the client verbs have in common: the server they mean, its sessions, and their output.

use std::io::{self, Write as _};
use std::path::Path;

use awp_server::client::connect::{Body, Server};
use awp_server::client::error::ClientError;
use awp_server::client::place::{Place, own_socket_path};
use awp_server::client::text::percent;
use awp_server::model::process::ExitStatus;
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cli::Target;

/// A session, as far as the command line looks at it.
#[derive(Debug, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its app.
    pub app: String,
    /// `running`, `ending` or `ended`.
    pub state: String,
    /// Seconds since 1970.
    pub created: u64,
    /// Its terminals' size.
    pub size: Size,
    /// How many are attached.
    pub viewers: usize,
    /// Its processes.
    pub processes: Vec<Process>,
}

/// A size, of any server.
#[derive(Debug, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u32,
    /// Rows.
    pub rows: u32,
}

/// A process, as far as the command line looks at it.
#[derive(Debug, Deserialize)]
pub struct Process {
    /// Its number.
    #[serde(rename = "process")]
    pub number: u16,
    /// What it is called.
    pub title: String,
    /// How it is connected.
    pub mode: String,
    /// How it ended, once it has.
    pub exit: Option<ExitStatus>,
}

/// The server that is meant.
///
/// # Errors
/// When it cannot be meant so.
pub fn server(target: &Target) -> Result<Server, ClientError> {
    let place = match &target.server {
        None => Place::Unix(own_socket_path()),
        Some(server) => Place::named(server, target.token_file.as_deref(), target.insecure_http)?,
    };
    Ok(Server::new(place))
}

/// Runs a verb.
///
/// # Errors
/// When it fails, or there is nothing to run it on.
pub fn run<T>(verb: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(verb)
}

/// Asks something of a session, by the name that was typed; `rest` is the path behind it.
///
/// # Errors
/// When there is no server, no such session, or it refuses.
pub async fn ask(
    server: &Server,
    method: Method,
    session: &str,
    rest: &str,
    body: Body,
) -> Result<Bytes, ClientError> {
    let path = format!("/sessions/{}{rest}", percent(session));
    let answer = server.request(method, &path, body).await;
    answer.map_err(|error| named(session, error))
}

/// Names the session that was not found, as it was typed.
pub fn named(session: &str, error: ClientError) -> ClientError {
    match error {
        ClientError::NoSession { why, .. } => ClientError::NoSession {
            name: session.to_owned(),
            why,
        },
        other => other,
    }
}

/// Reads an answer.
///
/// # Errors
/// When it is not what this version expects.
pub fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, ClientError> {
    let wrong =
        |error| ClientError::Failed(format!("the server's answer is not understood: {error}"));
    serde_json::from_slice(answer).map_err(wrong)
}

/// Prints. Who no longer reads it does not want it.
///
/// # Errors
/// What the system said.
pub fn print(text: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Something typed that is to travel as text.
///
/// # Errors
/// When it is not UTF-8.
pub fn text(typed: impl AsRef<Path>) -> Result<String, ClientError> {
    let typed = typed.as_ref();
    typed
        .to_str()
        .map(str::to_owned)
        .ok_or_else(|| ClientError::usage(typed.display().to_string(), "is not UTF-8"))
}
