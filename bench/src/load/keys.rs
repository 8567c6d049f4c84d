//! How long a keystroke takes to come back, on a quiet server and beside busy sessions.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::bench::{Bench, alone};
use super::busy::Busy;
use super::client::{Client, PATIENCE};
use super::subject::{Running, Subject};
use super::{floor, proc};

/// The pace of a fast typist's bursts, and of a program that types.
pub const GAP: Duration = Duration::from_millis(5);

/// Bytes that the client reads at once.
const READ: usize = 8 * 1024;

/// Bytes a second of a session that works without flooding.
const WORK: u64 = 1 << 20;

/// Measures all servers, in turn.
pub fn run(bench: &mut Bench) {
    let keys = if bench.quick { 200 } else { 1000 };
    let paced = if bench.quick { 100 } else { 400 };
    let terminals = bench.terminals();
    let mixed = bench.texts.mixed.clone();
    let work = [
        ("4 x 1 MiB/s", format!("pace {mixed} {WORK}")),
        ("4 floods", format!("flood {mixed} 100000")),
    ];
    bench.rounds(bench.rounds, |bench, round| {
        bench.each(&terminals, round, |bench, subject| {
            quiet(bench, subject, keys, paced)
        });
        bench.floor_of(|bench| {
            let times = floor::echo(keys, Duration::ZERO, &[])?;
            note_as(bench, "floor", "echo, one key after the other", times);
            let times = floor::echo(paced, GAP, &[])?;
            note_as(bench, "floor", "echo, a key each 5 ms", times);
            Ok(())
        });
        for (name, command) in &work {
            let name = format!("echo, a key each 5 ms beside {name}");
            let beside = vec![command.clone(); 4];
            bench.each(&terminals, round, |bench, subject| {
                let server = subject.start(&bench.child())?;
                let busy = Busy::start(server.door(), beside.clone())?;
                let times = alone(async { pace(&mut typist(&server).await?, paced).await })?;
                drop(busy);
                note_as(bench, Bench::column(subject), &name, times);
                Ok(())
            });
            bench.floor_of(|bench| {
                let times = floor::echo(paced, GAP, &beside)?;
                note_as(bench, "floor", &name, times);
                Ok(())
            });
        }
    });
}

/// A server with nothing else to do.
fn quiet(bench: &mut Bench, subject: &Subject, keys: usize, paced: usize) -> anyhow::Result<()> {
    let server = subject.start(&bench.child())?;
    let by = Bench::column(subject);
    let times = alone(async { ping_pong(&mut typist(&server).await?, keys).await })?;
    note_as(bench, by, "echo, one key after the other", times);
    let used = proc::cpu(server.pid());
    let times = alone(async { pace(&mut typist(&server).await?, paced).await })?;
    let used = proc::cpu(server.pid()) - used;
    note_as(bench, by, "echo, a key each 5 ms", times);
    let cost = used * 1e6 / paced as f64;
    bench
        .report
        .add("server's CPU for a key each 5 ms", "µs", by, cost);
    Ok(())
}

/// A session whose program gives back what is typed.
///
/// # Errors
/// When there is none.
pub async fn typist(server: &Running) -> anyhow::Result<Client> {
    let mut client = server.door().open(READ).await?;
    client.ready().await?;
    client.echoing().await?;
    Ok(client)
}

/// Types a key when the one before has come back.
///
/// # Errors
/// When one does not.
pub async fn ping_pong(client: &mut Client, keys: usize) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(keys);
    for _ in 0..keys {
        let began = Instant::now();
        client.send(b"k").await?;
        tokio::time::timeout(PATIENCE, client.next()).await??;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// Types a key each [`GAP`], whether or not the one before has come back.
///
/// # Errors
/// When a key does not come back.
pub async fn pace(client: &mut Client, keys: usize) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(keys);
    let mut typed: VecDeque<Instant> = VecDeque::new();
    let mut clock = tokio::time::interval(GAP);
    let mut sent = 0;
    let typing = async {
        while times.len() < keys {
            tokio::select! {
                biased;
                bytes = client.next() => {
                    let now = Instant::now();
                    for _ in 0..bytes?.len() {
                        times.extend(typed.pop_front().map(|at| now - at));
                    }
                }
                _ = clock.tick(), if sent < keys => {
                    typed.push_back(Instant::now());
                    client.send(b"k").await?;
                    sent += 1;
                }
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, typing).await??;
    Ok(times)
}

/// Notes the middle and the slow end of what was measured.
pub fn note_as(bench: &mut Bench, by: &str, name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else {
        return;
    };
    let micros = |place: usize| times[place].as_secs_f64() * 1e6;
    bench.report.add(name, "µs, median", by, micros(last / 2));
    bench
        .report
        .add(name, "µs, p99", by, micros(last * 99 / 100));
}
