//! Counts instructions and holds them against the baseline.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::pieces::PIECES;

/// Percent by which a count may be above the baseline. The standard library's and the system's own
/// code differ a little between machines; a change that matters is larger.
const TOLERANCE: u64 = 10;

/// The counts of all pieces, in thousands of instructions.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Counts(BTreeMap<String, u64>);

/// Counts every piece; then writes the baseline, or compares with it.
///
/// # Errors
/// When valgrind cannot be run, or a piece takes more instructions than it may.
pub fn run(baseline: &Path, write: bool) -> anyhow::Result<()> {
    let mut counts = Counts::default();
    for (place, piece) in PIECES.iter().enumerate() {
        let count = count(place).with_context(|| piece.name)?;
        counts.0.insert(piece.name.to_owned(), count.div_ceil(1000));
    }
    if write {
        let json = serde_json::to_string_pretty(&counts)?;
        return fs::write(baseline, json + "\n").with_context(|| baseline.display().to_string());
    }
    let known = fs::read(baseline).with_context(|| baseline.display().to_string())?;
    compare(&counts, &serde_json::from_slice(&known)?)
}

/// Runs a piece once.
///
/// # Errors
/// When there is no such piece.
pub fn piece(place: usize) -> anyhow::Result<()> {
    let piece = PIECES.get(place).context("no such piece")?;
    let run = (piece.prepare)();
    measured(run);
    Ok(())
}

/// What valgrind counts, by this name: nothing before it, nothing after.
#[inline(never)]
fn measured(run: Box<dyn FnOnce()>) {
    run();
}

const MEASURED: &str = "awp_bench::guard::measured*";

fn count(place: usize) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--collect-atstart=no")
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(std::env::current_exe()?)
        .args(["piece", &place.to_string()])
        .output()
        .context("valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, count)| count.trim().parse().ok());
    let count = collected.with_context(|| format!("valgrind tells no count: {said}"))?;
    ensure!(
        count > 0,
        "nothing was counted: is the program stripped of its names?"
    );
    Ok(count)
}

fn compare(counts: &Counts, baseline: &Counts) -> anyhow::Result<()> {
    let mut slower = Vec::new();
    let mut table =
        String::from("| piece | thousand instructions | of the baseline |\n|---|---:|---:|\n");
    for (name, count) in &counts.0 {
        let Some(known) = baseline.0.get(name) else {
            bail!("{name}: not in the baseline; write it anew with --write");
        };
        let percent = count * 100 / known.max(&1);
        let _ = writeln!(table, "| {name} | {count} | {percent} % |");
        if percent > 100 + TOLERANCE {
            slower.push(name.as_str());
        }
    }
    io::stdout().write_all(table.as_bytes())?;
    ensure!(
        slower.is_empty(),
        "more instructions than the baseline allows: {}. If that is meant, write it anew with --write",
        slower.join(", ")
    );
    Ok(())
}
