//! Nouns and rules. Pure: no runtime, no clock, no descriptor; time enters as an argument.

pub mod access;
pub mod allowance;
pub mod cast;
pub mod channel;
pub mod duration;
pub mod file_path;
pub mod id;
pub mod keep;
pub mod lane;
pub mod layout;
pub mod ledger;
pub mod line;
pub mod memory;
pub mod meter;
pub mod mode;
pub mod notice;
pub mod output_log;
pub mod pace;
pub mod process;
pub mod resource;
pub mod screen;
pub mod session;
pub mod signal;
pub mod size;
pub mod user_header;
pub mod vars;
