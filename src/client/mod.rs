//! The command line's side of a conversation: the way to a server, `awp.v1` as a client speaks it,
//! and the own terminal while a session is shown in it.
//!
//! Knows the wire and the model, nothing of servers. [`place`] says where the server is, [`connect`]
//! gets there, [`conversation`] is one attached connection, and [`relay`] moves the bytes between
//! that and this process's own stdin, stdout and stderr.

pub mod connect;
pub mod conversation;
pub mod detach;
pub mod doctor;
pub mod error;
pub mod outcome;
mod outlet;
pub mod place;
pub mod player;
mod probe;
pub mod relay;
pub mod shown;
pub mod signals;
pub mod source;
pub mod status;
pub mod terminal;
pub mod text;
mod tls;
