//! # awp: a multiplexer for processes on the web
//!
//! This page is the map: the layers, who owns what, and what always holds. There is no logic here.
//!
//! ## Layers
//! ```text
//! main -> commands -> server -> session -> process -> model
//!                               session -> control -> model
//!                     server -> wire -> model
//!                     server -> store -> model
//!                     client -> wire -> model
//! ```
//! Imports go downward only; `tests/architecture.rs` reads every `use crate::` and holds it against
//! this picture. [`model`] and [`wire`] are pure: no runtime, no clock, no descriptor, no file.
//! `config` and `cli` are known to `main` and `commands` alone; every other layer takes a small
//! settings struct of its own.
//!
//! | layer | is | knows nothing of |
//! |---|---|---|
//! | [`model`] | nouns and rules: ids, sizes, channels, the output log, the session's state | everything else |
//! | [`wire`] | the protocols, bytes to events and back | sockets, sessions |
//! | [`process`] | descriptors and children: ptys, pipes, reaping, signals | viewers, HTTP |
//! | [`control`] | the socket of each process slot, its protocol and methods | sessions, HTTP |
//! | [`session`] | live sessions: one task each, their viewers, the catalog | the wire, HTTP |
//! | [`clock`] | what time it is, whatever becomes of the wall clock; `session`, `store` and `server` ask it | everything else |
//! | [`store`] | what outlives the server: users and links, in `SQLite`; blocking | everything but the model |
//! | [`server`] | the doors: HTTP, WebSocket, credentials, the embedded page | |
//! | [`client`] | the command line's way to a server, and its own terminal | servers, sessions |
//! | `commands` | one verb of the command line each | |
//!
//! ## Owners
//! - A **`ProcessTask`** is the only owner of a pty master or of three pipes, and of the child.
//! - An **output log** per channel is written by its `ProcessTask` and read by viewers, each with a
//!   cursor. There is no queue per viewer: a slow one costs no memory.
//! - A terminal's **screen** is one more reader of its log. It lags behind the bytes on purpose,
//!   answers what programs ask, and is what a late viewer is shown; idle, it is frozen.
//! - A **`SessionTask`** owns the session's state and carries out its effects.
//! - A **connection** owns its socket and a viewer guard; dropping the guard is leaving.
//!
//! ## What always holds
//! - Output is addressed by absolute byte offset; offsets never restart in the life of a process.
//! - A terminal is paced by its fastest attached viewer; a pipe never loses a byte that an attached
//!   viewer has not received.
//! - Everything is bounded, in bytes where it holds bytes.
//! - Authority is checked per message in one place, [`model::access`].
//! - Terminal bytes and secrets never reach a log line.
//! - No thread and no polling timer per session.

pub mod client;
pub mod clock;
pub mod control;
pub mod model;
pub mod process;
pub mod server;
pub mod session;
pub mod store;
pub mod wire;
