//! The binary: parse, run, exit.

mod cli;
mod commands;
#[expect(dead_code, reason = "most of it is for the server, which comes next")]
mod config;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::try_parse() {
        Ok(cli) => commands::run(cli),
        Err(refusal) => commands::usage(&refusal),
    }
}
