//! The binary: parse, run, exit.

mod cli;
mod commands;

mod config;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(failed) = awp_server::process::launcher::launched() {
        return failed;
    }
    match cli::Cli::try_parse_from(commands::shim::meant(std::env::args_os())) {
        Ok(cli) => commands::run(cli),
        Err(refusal) => commands::usage(&refusal),
    }
}
