//! What a start costs, and how large the program is.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::bench::Bench;
use super::proc;

/// Measures awp alone.
pub fn run(bench: &mut Bench) {
    bench.floor_of(|bench| {
        let size = proc::size(&bench.program)? as f64 / f64::from(1 << 20);
        bench.report.add("binary", "MiB", "awp", size);
        Ok(())
    });
    bench.rounds(9, |bench, _| bench.floor_of(cold));
}

/// From the start of the program to its word that it listens.
fn cold(bench: &mut Bench) -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let began = Instant::now();
    let mut server = Command::new(&bench.program)
        .args(["serve", "--no-auth", "--listen", "127.0.0.1:0", "--", "cat"])
        .env("XDG_STATE_HOME", place.path())
        .env("XDG_RUNTIME_DIR", place.path())
        .env("XDG_CONFIG_HOME", place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    let read = server.stdout.take().context("stdout");
    let read = read.and_then(|out| Ok(BufReader::new(out).read_line(&mut line)?));
    let took = began.elapsed();
    let resident = proc::resident(server.id()) as f64 / f64::from(1 << 20);
    server.kill()?;
    server.wait()?;
    read?;
    ensure!(line.starts_with("listening on "), "it says {line}");
    let report = &mut bench.report;
    report.add("start, to listening", "ms", "awp", took.as_secs_f64() * 1e3);
    report.add("memory after the start", "MiB", "awp", resident);
    Ok(())
}
