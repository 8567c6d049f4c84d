//! One session and many viewers, one that reads and one that does not.

use std::time::{Duration, Instant};

use super::bench::{Bench, single};
use super::busy::Busy;
use super::proc;
use super::sessions::wait;
use super::subject::Subject;

/// How long a flood is watched.
const WATCH: Duration = Duration::from_secs(2);

/// Bytes that a viewer reads at once.
const READ: usize = 64 * 1024;

const MIB: f64 = 1024.0 * 1024.0;

/// Measures awp alone: none of the peers shares a session.
pub fn run(bench: &mut Bench) {
    let counts: &[usize] = if bench.quick { &[1, 10] } else { &[1, 10, 100] };
    let rounds = bench.rounds.min(3);
    bench.rounds(rounds, |bench, _| {
        for &viewers in counts {
            bench.floor_of(|bench| fan_out(bench, viewers));
        }
    });
    let terminals = bench.terminals();
    bench.rounds(1, |bench, round| bench.each(&terminals, round, stalled));
}

fn fan_out(bench: &mut Bench, viewers: usize) -> anyhow::Result<()> {
    let server = bench.awp().start(&bench.child())?;
    let before = proc::resident(server.pid());
    let flood = format!("flood {} 100000", bench.texts.mixed);
    let watching = Busy::watch(server.door(), viewers, flood)?;
    wait(Duration::from_millis(500));
    let (first, used, began) = (watching.counts(), proc::cpu(server.pid()), Instant::now());
    wait(WATCH);
    let (last, used) = (watching.counts(), proc::cpu(server.pid()) - used);
    let took = began.elapsed().as_secs_f64();
    let grown = proc::resident(server.pid()).saturating_sub(before);
    let each: Vec<f64> = first
        .iter()
        .zip(&last)
        .map(|(from, to)| (to - from) as f64 / MIB)
        .collect();
    let all: f64 = each.iter().sum();
    let slowest = each.iter().copied().fold(f64::INFINITY, f64::min);
    let mut add = |what: &str, unit, value| {
        let measure = format!("one flood to {viewers} viewers: {what}");
        bench.report.add(&measure, unit, "awp", value);
    };
    add("all of them", "MiB/s", all / took);
    add("the slowest of them", "MiB/s", slowest / took);
    add("server's CPU", "s/GiB delivered", used / all * 1024.0);
    add("server's memory grown", "MiB", grown as f64 / MIB);
    Ok(())
}

/// A client that starts a flood and does not read it.
fn stalled(bench: &mut Bench, subject: &Subject) -> anyhow::Result<()> {
    let server = subject.start(&bench.child())?;
    let runtime = single()?;
    let mut client = runtime.block_on(async {
        let mut client = server.door().open(READ).await?;
        client.ready().await?;
        anyhow::Ok(client)
    })?;
    let before = proc::resident(server.pid());
    let flood = format!("flood {} 100000\n", bench.texts.mixed);
    runtime.block_on(client.send(flood.as_bytes()))?;
    wait(WATCH);
    let program = proc::children(server.pid());
    let used = |program: &[u32]| program.iter().map(|pid| proc::cpu(*pid)).sum::<f64>();
    let worked = used(&program);
    wait(WATCH / 2);
    let worked = used(&program) - worked;
    let grown = proc::resident(server.pid()).saturating_sub(before);
    let by = Bench::column(subject);
    let report = &mut bench.report;
    let name = "a client that stops reading: ";
    let memory = format!("{name}server's memory grown");
    report.add(&memory, "MiB", by, grown as f64 / MIB);
    let share = worked / (WATCH / 2).as_secs_f64();
    let waits = format!("{name}processor used by the program, which should wait");
    report.add(&waits, "share", by, share);
    Ok(())
}
