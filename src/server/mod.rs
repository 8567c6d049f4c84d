//! The doors: HTTP, WebSocket, credentials, the embedded page.

pub mod connection;
pub mod ui;
