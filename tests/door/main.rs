//! The door, from the outside: a real listener, raw bytes, a tiny router behind it.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed and says where"
)]

mod connections;
mod credentials;
mod server;
