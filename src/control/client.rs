//! The other end: how `awp` inside a session calls its server. Blocking; a command does one thing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::RpcError;
use super::{MAX_LINE, VARIABLE};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no session around us.
    #[error("no session here: {0}")]
    NoSession(String),
    /// The server says no.
    #[error(transparent)]
    Refused(#[from] RpcError),
}

#[derive(Deserialize)]
struct Reply {
    result: Option<Value>,
    error: Option<RpcError>,
}

/// Calls a method over the socket that the environment names, and waits for the answer.
///
/// # Errors
/// When there is no such socket, or the server refuses.
pub fn call(method: &str, params: &Value) -> Result<Value, CallError> {
    let path = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| CallError::NoSession(format!("{VARIABLE} is not set")))?;
    let lost = |error: std::io::Error| CallError::NoSession(error.to_string());
    let mut stream = UnixStream::connect(path).map_err(lost)?;
    let mut line =
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(lost)?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(MAX_LINE as u64 + 1))
        .read_until(b'\n', &mut answer)
        .map_err(lost)?;
    let over = |_| CallError::NoSession("the connection ended".to_owned());
    let reply: Reply = serde_json::from_slice(&answer).map_err(over)?;
    match reply.error {
        Some(error) => Err(error.into()),
        None => Ok(reply.result.unwrap_or_default()),
    }
}
