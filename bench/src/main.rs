//! Measures awp.
//!
//! `pieces` counts the instructions of each inner piece under valgrind's callgrind and compares
//! them with a committed baseline: a count is the same on a busy machine and on a quiet one, so a
//! change that makes a piece slower is seen in the commit that makes it.
//!
//! `counts` does the same for the whole server: memory, descriptors, system calls, messages.
//!
//! `load` measures the whole server from its clients' side, in times and in ratios to others that
//! run beside it.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures of a measurement are far from where a float ends"
)]

mod corpus;
mod counts;
mod guard;
mod load;
mod pieces;

use std::net::SocketAddr;
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
    /// Count what the whole server does and holds, and compare it with the baseline
    Counts {
        /// The binary of awp
        #[arg(long, default_value = "target/measure/awp")]
        awp: PathBuf,
        /// The baseline, JSON
        #[arg(long, default_value = "bench/counts.json")]
        baseline: PathBuf,
        /// Write the counts into the baseline instead
        #[arg(long)]
        write: bool,
    },
    /// Measure the whole server, beside the floors and the peers that are installed
    Load(load::Options),
    /// What runs in the sessions of `load`
    #[command(hide = true)]
    Child,
    /// The least that a server can be, to compare with
    #[command(hide = true)]
    Minimal {
        /// Where
        #[arg(long)]
        listen: SocketAddr,
        /// What
        #[arg(required = true)]
        command: Vec<String>,
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
        Command::Counts {
            awp,
            baseline,
            write,
        } => counts::run(&awp, &baseline, write),
        Command::Load(options) => load::run(&options),
        Command::Child => load::child::run(),
        Command::Minimal { listen, command } => load::reference::serve(listen, &command),
        Command::Piece { place } => guard::piece(place),
    }
}
