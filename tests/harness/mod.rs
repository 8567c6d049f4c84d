//! The server under test and its clients, for every test that looks at awp from outside.
//!
//! The server is the built binary, started on a free port with a home of its own. Every wait has
//! a deadline and says on failure what was seen until then.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test is a crate of its own and uses a part of this"
)]

pub mod child;
pub mod deadline;
pub mod door;
pub mod holdings;
pub mod http;
pub mod people;
pub mod proc;
pub mod proxy;
pub mod random;
pub mod resuming;
pub mod reverse;
pub mod seen;
pub mod server;
pub mod slot;
pub mod tls;
pub mod viewer;

pub use deadline::{until, within};
pub use holdings::Holdings;
pub use server::Server;
pub use viewer::{Dialect, Viewer};
