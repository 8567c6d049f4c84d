//! The whole server under load, beside the floors of the machine and beside its peers, in turn.

pub mod bench;
mod busy;
mod bytes;
pub mod child;
pub mod client;
mod crowd;
mod floor;
pub mod herd;
pub mod keys;
mod picture;
pub mod proc;
pub mod reference;
mod report;
mod scale;
pub mod sessions;
mod start;
pub mod subject;
mod targets;
pub mod texts;
mod viewers;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use bench::Bench;
use report::Report;
use subject::Subject;

/// Peers, by the names of their programs.
const PEERS: [&str; 3] = ["ttyd", "gotty", "websocketd"];

/// How long all of it may take; each part has its share of this.
const LIMIT: Duration = Duration::from_secs(9 * 60);

/// Where the table stands in a page.
const BEGIN: &str = "<!-- measured: begin -->";
const FINISH: &str = "<!-- measured: end -->";

/// What to measure, and where to put it.
#[derive(clap::Args)]
pub struct Options {
    /// The binary of awp
    #[arg(long, default_value = "target/release/awp")]
    awp: PathBuf,
    /// A rough look that takes a minute
    #[arg(long)]
    quick: bool,
    /// Only these, separated by commas: bytes, keys, crowd, sessions, viewers, start, scale
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the table and the figures go
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Put table and picture into this folder too: performance.md and performance.svg
    #[arg(long)]
    docs: Option<PathBuf>,
}

/// Measures, tells and writes.
///
/// # Errors
/// When there is no binary, or nowhere to write.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let program = fs::canonicalize(&options.awp)
        .with_context(|| format!("{}: build it first", options.awp.display()))?;
    raise_descriptors();
    let (mut peers, mut absent) = (Vec::new(), Vec::new());
    for name in PEERS {
        match Subject::peer(name) {
            Some(peer) => peers.push(peer),
            None => absent.push(name),
        }
    }
    let mut subjects = vec!["awp", "minimal", "floor"];
    subjects.extend(peers.iter().map(|peer| peer.name));
    let command = if options.quick {
        "make bench QUICK=1"
    } else {
        "make bench"
    };
    let mut bench = Bench {
        quick: options.quick,
        rounds: if options.quick { 1 } else { options.rounds },
        until: Instant::now(),
        cut: false,
        report: Report::new(command.to_owned(), subjects, absent),
        texts: texts::Texts::write()?,
        program,
        own: std::env::current_exe()?.display().to_string(),
        peers,
    };
    measure(&mut bench, &options.only)?;
    bench.report.judge();
    write(&bench.report, options)
}

/// A part of the measurements.
type Part = fn(&mut Bench);

fn measure(bench: &mut Bench, only: &[String]) -> anyhow::Result<()> {
    // Each with its share of the time, in percent.
    let parts: [(&str, u32, Part); 7] = [
        ("start", 2, start::run),
        ("bytes", 34, bytes::run),
        ("keys", 20, keys::run),
        ("crowd", 12, crowd::run),
        ("sessions", 16, sessions::run),
        ("viewers", 8, viewers::run),
        ("scale", 8, scale::run),
    ];
    for name in only {
        let known = parts.iter().any(|(part, ..)| part == name);
        ensure!(known, "there is nothing called {name} to measure");
    }
    for (name, percent, part) in parts {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            let began = Instant::now();
            bench.until = began + LIMIT * percent / 100;
            part(bench);
            let took = began.elapsed().as_secs();
            writeln!(io::stderr(), "{name}: {took} s")?;
        }
    }
    if bench.cut {
        let note = "The time was over before all rounds were.";
        bench.report.note(note.to_owned());
    }
    Ok(())
}

/// As many descriptors as the system lets this process have; the servers inherit it.
pub fn raise_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    // Fewer mean fewer sessions, which is told.
    let _ = setrlimit(Resource::Nofile, all);
}

fn write(report: &Report, options: &Options) -> anyhow::Result<()> {
    fs::create_dir_all(&options.out)?;
    let table = report.markdown();
    let picture = picture::draw(report);
    fs::write(options.out.join("performance.md"), &table)?;
    fs::write(options.out.join("performance.svg"), &picture)?;
    let json = serde_json::to_string_pretty(report)?;
    fs::write(options.out.join("performance.json"), json + "\n")?;
    if let Some(docs) = &options.docs {
        into_page(&docs.join("performance.md"), &table)?;
        fs::write(docs.join("performance.svg"), &picture)?;
    }
    io::stdout().write_all(table.as_bytes())?;
    Ok(())
}

/// Replaces the table of a page.
fn into_page(page: &Path, table: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let (before, rest) = text
        .split_once(BEGIN)
        .context("the page has no place for it")?;
    let (_, after) = rest
        .split_once(FINISH)
        .context("the page's place has no end")?;
    fs::write(page, format!("{before}{BEGIN}\n\n{table}\n{FINISH}{after}"))?;
    Ok(())
}
