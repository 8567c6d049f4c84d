//! `awp screen`: what is on a session's screen now.

use awp_server::client::connect::Body;
use http::Method;

use super::sessions;
use crate::cli::{Screen, ScreenFormat};

/// Prints the screen.
///
/// # Errors
/// When there is no server, no such session, or no terminal in it.
pub fn run(typed: &Screen) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let format = match typed.format {
        ScreenFormat::Text => "text",
        ScreenFormat::Ansi => "ansi",
        ScreenFormat::Json => "json",
    };
    let process = typed.process.map(|process| format!("&process={process}"));
    let process = process.unwrap_or_default();
    let path = format!("/screen?format={format}&lines={}{process}", typed.lines);
    let shown = sessions::run(async {
        let screen = sessions::ask(&server, Method::GET, &typed.session, &path, Body::None);
        Ok(screen.await?)
    })?;
    sessions::print(&shown)?;
    if matches!(typed.format, ScreenFormat::Json) {
        sessions::print(b"\n")?;
    }
    Ok(0)
}
