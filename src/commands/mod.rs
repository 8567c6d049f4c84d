//! The verbs of the command line, one file each.

pub mod invitation;
pub mod serve;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{Cli, Verb};
use crate::config::error::ConfigError;

/// The exit status of an operation that failed.
const FAILED: u8 = 1;

/// Runs what was typed and gives the exit status.
pub fn run(cli: Cli) -> ExitCode {
    let serve = match cli.verb {
        Some(Verb::Serve(serve)) => serve,
        None => cli.serve,
    };
    match serve::run(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

/// Says why the arguments were not understood, or prints the help that was asked for.
#[expect(clippy::print_stderr, reason = "one more line of clap's refusal")]
pub fn usage(refusal: &clap::Error) -> ExitCode {
    // Nothing is left to do about a closed stdout; the status still tells.
    let _ = refusal.print();
    // The likeliest mistake of all, `awp bash`, is one that clap has no tip for.
    match refusal.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) if !word.starts_with('-') && is_unknown(refusal) => {
            eprintln!("To run it: awp -- {word}");
        }
        _ => {}
    }
    ExitCode::from(u8::try_from(refusal.exit_code()).unwrap_or(FAILED))
}

fn is_unknown(refusal: &clap::Error) -> bool {
    refusal.kind() == ErrorKind::UnknownArgument
}

#[expect(clippy::print_stderr, reason = "the one line a failure ends with")]
fn failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("awp: {error:#}");
    let refusal = error.downcast_ref::<ConfigError>();
    ExitCode::from(refusal.map_or(FAILED, ConfigError::exit_status))
}
