//! `awp send`: types into a session.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;

use awp_server::client::connect::{Body, Server};
use bytes::Bytes;
use http::Method;

use super::attach::FIRST;
use super::sessions;
use crate::cli::Send;

/// What Enter sends.
const ENTER: &[u8] = b"\r";

/// What stands for stdin.
const STDIN: &str = "-";

/// Bytes that one request carries: far below what the server takes at once.
const PIECE: usize = 64 * 1024;

/// Sends what was typed, or stdin to its end.
///
/// # Errors
/// When there is no server, no such session, it takes no input, or stdin fails.
pub fn run(typed: &Send) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    sessions::run(async {
        if typed.text == STDIN {
            let mut stdin = std::io::stdin().lock();
            let mut piece = Vec::new();
            loop {
                piece.clear();
                (&mut stdin).take(PIECE as u64).read_to_end(&mut piece)?;
                if piece.is_empty() {
                    break;
                }
                send(&server, typed, &piece).await?;
            }
        } else {
            for piece in typed.text.as_bytes().chunks(PIECE) {
                send(&server, typed, piece).await?;
            }
        }
        if typed.enter {
            send(&server, typed, ENTER).await?;
        }
        Ok(0)
    })
}

async fn send(server: &Server, typed: &Send, bytes: &[u8]) -> anyhow::Result<()> {
    let body = Body::Raw(Bytes::copy_from_slice(bytes));
    let rest = format!("/input?process={}", typed.process.unwrap_or(FIRST.0));
    sessions::ask(server, Method::POST, &typed.session, &rest, body).await?;
    Ok(())
}
