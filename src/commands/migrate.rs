//! `awp migrate`: the awp command line for what another program was started with.

mod arguments;
mod plan;
mod ttyd;
mod websocketd;

use self::plan::Plan;
use crate::cli::Migrate;
use crate::config::error::ConfigError;

/// Prints the command line on stdout, and on stderr what it does not do as before, a line each.
///
/// # Errors
/// When the arguments are not that program's.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer")]
pub fn run(typed: &Migrate) -> anyhow::Result<u8> {
    let plan = match typed {
        Migrate::Ttyd { arguments } => ttyd::plan(arguments),
        Migrate::Websocketd { arguments } => websocketd::plan(arguments),
    };
    let Plan { words, notes, .. } = plan.map_err(|(what, why)| ConfigError::refused(what, why))?;
    println!("{}", words.join(" "));
    for note in notes {
        eprintln!("{note}");
    }
    Ok(0)
}
