//! The control socket: how a process of a session speaks with its server, in any language.
//!
//! Each process that may speak has a Unix socket of its own, named in its environment as
//! [`VARIABLE`]: JSON-RPC 2.0, one message per line. What a caller may do follows from the socket
//! that it came over and from what the kernel says of it, never from anything in its environment.
//!
//! This layer knows the protocol and the sockets. What the methods do is somebody else's: a
//! [`Service`](serve::Service) is handed each call.

pub mod client;
pub mod error;
#[cfg(test)]
mod fuzz_tests;
mod generated;
pub mod line;
pub mod method;
pub mod protocol;
pub mod serve;
pub mod shims;
pub mod slot;

/// The variable that names the socket of a process's slot.
pub const VARIABLE: &str = "AWP_SOCKET";

/// The longest line of either side, in bytes: what a socket of the page takes as well.
pub const MAX_LINE: usize = 1024 * 1024;

/// Calls of one connection that are carried out at once; the next ones wait in the socket.
pub const MAX_CALLS: usize = 64;

/// Connections of one slot at once: a program needs one, a script one per command of a pipeline.
pub const MAX_CONNECTIONS: usize = 16;
