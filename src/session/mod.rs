//! Live sessions: what they run, who watches, when they end. Knows no wire and no HTTP.
//!
//! A [`Catalog`](catalog::Catalog) makes sessions and finds them. Each has a `SessionTask` that
//! owns its state; everybody else holds a [`SessionHandle`](handle::SessionHandle). A
//! [`Viewer`](viewer::Viewer) is one attached connection: it reads the logs by cursor and the
//! session's newest view, so that a slow one costs no memory.

mod admission;
pub mod app;
mod asking;
pub mod asks;
mod calls;
pub mod catalog;
mod clients;
mod desk;
pub mod event;
pub mod files;
pub mod gate;
pub mod handle;
mod lane;
mod lifetime;
pub mod name;
mod news;
pub mod passwords;
mod place;
mod quota;
pub mod readings;
pub mod recorder;
mod recording;
pub mod recordings;
mod renewal;
mod said;
mod slots;
mod starts;
pub mod statement;
pub mod target;
mod task;
mod tokens;
pub mod validity;
pub mod view;
pub mod viewer;

pub use crate::process::prepare;
