//! Measures awp.
//!
//! `pieces` counts the instructions of each inner piece under valgrind's callgrind and compares
//! them with a committed baseline: a count is the same on a busy machine and on a quiet one, so a
//! change that makes a piece slower is seen in the commit that makes it.

mod corpus;
mod guard;
mod pieces;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures awp", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Count the instructions of each piece and compare them with the baseline
    Pieces {
        /// The baseline, JSON
        #[arg(long, default_value = "bench/baseline.json")]
        baseline: PathBuf,
        /// Write the counts into the baseline instead
        #[arg(long)]
        write: bool,
    },
    /// Run one piece, by its place in the list: what `pieces` starts under valgrind
    #[command(hide = true)]
    Piece {
        /// Its place
        place: usize,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Pieces { baseline, write } => guard::run(&baseline, write),
        Command::Piece { place } => guard::piece(place),
    }
}
