//! Hundreds of sessions at work: what a quiet one feels beside them, and how they share.

use std::fs;
use std::time::Duration;

use super::bench::{Bench, alone};
use super::busy::Busy;
use super::keys::{note_as, pace, typist};
use super::sessions::wait;
use super::subject::{Kind, Subject};

/// Bytes a second of each working session: a build that talks, a monitor.
const WORK: u64 = 32 * 1024;

/// How long sessions that flood are watched.
const WATCH: Duration = Duration::from_secs(3);

/// Measures every server with terminals.
pub fn run(bench: &mut Bench) {
    let (crowd, floods, keys) = if bench.quick {
        (60, 20, 100)
    } else {
        (300, 100, 400)
    };
    let subjects = bench.terminals();
    bench.rounds(bench.rounds.min(3), |bench, round| {
        bench.each(&subjects, round, |bench, subject| {
            quiet(bench, subject, crowd, keys)?;
            fair(bench, subject, floods)
        });
    });
}

/// A quiet session beside working ones: logs, redrawn screens and, where there are, pipes.
fn quiet(bench: &mut Bench, subject: &Subject, crowd: usize, keys: usize) -> anyhow::Result<()> {
    let config = bench.texts.place().join("awp.toml");
    let [program, word] = bench.child();
    let text = format!("[app.pipe]\ncommand = [\"{program}\", \"{word}\"]\nmode = \"pipe\"\n");
    fs::write(&config, text)?;
    let config = format!("--config={}", config.display());
    let options: &[&str] = match subject.kind {
        Kind::Awp => &[&config],
        _ => &[],
    };
    let server = subject.start_with(options, &bench.child())?;
    let log = format!("pace {} {WORK}", bench.texts.mixed);
    let redraws = format!("pace {} {WORK}", bench.texts.redraws);
    let pipe = (subject.kind == Kind::Awp).then_some("/ws/pipe");
    let commands = (0..crowd)
        .map(|place| match place % 3 {
            0 => (None, log.clone()),
            1 => (None, redraws.clone()),
            _ => (pipe, log.clone()),
        })
        .collect();
    let busy = Busy::start_at(server.door(), commands)?;
    let times = alone(async { pace(&mut typist(&server).await?, keys).await })?;
    drop(busy);
    let name = format!("echo, a key each 5 ms beside {crowd} working sessions");
    note_as(bench, Bench::column(subject), &name, times);
    Ok(())
}

/// Sessions that flood, and how evenly they get on.
fn fair(bench: &mut Bench, subject: &Subject, floods: usize) -> anyhow::Result<()> {
    let server = subject.start(&bench.child())?;
    let flood = format!("flood {} 100000", bench.texts.mixed);
    let busy = Busy::start(server.door(), vec![flood; floods])?;
    let first = busy.counts();
    wait(WATCH);
    let last = busy.counts();
    drop(busy);
    let mut each: Vec<f64> = first
        .iter()
        .zip(&last)
        .map(|(from, to)| (to - from) as f64)
        .collect();
    each.sort_by(f64::total_cmp);
    let all: f64 = each.iter().sum();
    let squares: f64 = each.iter().map(|bytes| bytes * bytes).sum();
    let by = Bench::column(subject);
    let name = format!("{floods} floods at once");
    let report = &mut bench.report;
    let rate = all / f64::from(1 << 20) / WATCH.as_secs_f64();
    report.add(&format!("{name}: all"), "MiB/s", by, rate);
    let even = all * all / squares / floods as f64;
    report.add(&format!("{name}: fairness (Jain, 1 is even)"), "", by, even);
    let slowest = each[0] / each[floods / 2];
    report.add(
        &format!("{name}: the slowest of the middle one"),
        "share",
        by,
        slowest,
    );
    Ok(())
}
