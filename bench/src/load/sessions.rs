//! What sessions cost: opening them, keeping them, ending them.

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::herd::{COMMAND, Herd};
use super::proc;
use super::subject::{Running, Subject};

/// How long the opening may take; a server that needs longer is told by what it reached.
const OPENING: Duration = Duration::from_secs(10);

/// How long idle sessions are watched.
const WATCH: Duration = Duration::from_secs(3);

/// How long the ending may take.
const ENDING: Duration = Duration::from_secs(5);

/// Programs whose memory is looked at.
const SAMPLE: usize = 50;

const KIB: f64 = 1024.0;

/// Measures all servers, in turn.
pub fn run(bench: &mut Bench) {
    let counts: &[(usize, usize)] = if bench.quick {
        &[(100, 1), (500, 1)]
    } else {
        &[(100, 3), (1000, 2), (4000, 1)]
    };
    for &(count, rounds) in counts {
        let subjects = bench.terminals();
        bench.rounds(rounds, |bench, round| {
            bench.each(&subjects, round, |bench, subject| {
                one(bench, subject, count, "")
            });
        });
        let subjects = bench.pipes();
        bench.rounds(1, |bench, round| {
            bench.each(&subjects, round, |bench, subject| {
                one(bench, subject, count, ", pipe")
            });
        });
    }
}

/// Waits for a moment, as an idle user does.
#[expect(clippy::disallowed_methods, reason = "idleness is measured over time")]
pub fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// What a server holds.
struct Holds {
    resident: u64,
    kernel: u64,
    threads: usize,
    descriptors: usize,
    cpu: f64,
}

impl Holds {
    fn now(server: &Running) -> Self {
        let pid = server.pid();
        Self {
            resident: proc::resident(pid),
            kernel: proc::kernel(),
            threads: proc::threads(pid),
            descriptors: proc::descriptors(pid),
            cpu: proc::cpu(pid),
        }
    }
}

fn one(bench: &mut Bench, subject: &Subject, count: usize, mode: &str) -> anyhow::Result<()> {
    let server = subject.start(&COMMAND)?;
    let herd = Herd::new(server.door(), subject.has_terminal(), true)?;
    // One first: what is made for the first session is not the price of the others.
    herd.grow(1, OPENING);
    let before = Holds::now(&server);
    let opened = herd.grow(count, OPENING);
    let after = Holds::now(&server);
    let by = Bench::column(subject);
    if opened.count < count {
        let (name, reached, refused) = (subject.name, opened.count, opened.refused);
        let note = format!("{name}{mode}: {reached} of {count} sessions opened, {refused} refused");
        bench.report.note(note);
    }
    if opened.count == 0 {
        return Ok(());
    }
    let each = opened.count as f64;
    let mut add = |what: &str, unit, value| {
        let measure = format!("{what}, N={count}{mode}");
        bench.report.add(&measure, unit, by, value);
    };
    add("sessions opened", "1/s", opened.rate());
    add("first answer", "ms, median", opened.answer(0.5));
    add("first answer", "ms, p99", opened.answer(0.99));
    let used = after.cpu - before.cpu;
    add("server's CPU per session opened", "ms", used * 1e3 / each);
    let resident = after.resident.saturating_sub(before.resident);
    add(
        "memory per idle session: server",
        "KiB",
        resident as f64 / KIB / each,
    );
    let kernel = after.kernel.saturating_sub(before.kernel) as f64;
    add(
        "memory per idle session: kernel",
        "KiB",
        kernel / KIB / each,
    );
    add("memory per idle session: program", "KiB", program(&server));
    add("server's memory", "MiB", after.resident as f64 / KIB / KIB);
    let threads = after.threads.saturating_sub(before.threads);
    add("threads per session", "", threads as f64 / each);
    let descriptors = after.descriptors.saturating_sub(before.descriptors);
    add("descriptors per session", "", descriptors as f64 / each);
    let (wakes, used) = (proc::wakes(server.pid()), proc::cpu(server.pid()));
    let watch = if bench.quick { WATCH / 3 } else { WATCH };
    wait(watch);
    let woken = proc::wakes(server.pid()).saturating_sub(wakes);
    let used = proc::cpu(server.pid()) - used;
    add(
        "wake-ups of idle sessions",
        "1/s",
        woken as f64 / watch.as_secs_f64(),
    );
    add(
        "CPU of idle sessions",
        "ms/s",
        used * 1e3 / watch.as_secs_f64(),
    );
    let began = Instant::now();
    drop(herd);
    while !proc::children(server.pid()).is_empty() && began.elapsed() < ENDING {
        wait(Duration::from_millis(5));
    }
    add(
        "sessions ended",
        "1/s",
        each / began.elapsed().as_secs_f64(),
    );
    wait(Duration::from_millis(500));
    let left = proc::resident(server.pid()) as f64 - before.resident as f64;
    add("memory kept after the end", "MiB", left / KIB / KIB);
    Ok(())
}

/// The memory of a program in a session, in KiB: what it shares counts in part.
fn program(server: &Running) -> f64 {
    let children = proc::children(server.pid());
    let sample = children.iter().take(SAMPLE);
    let total: u64 = sample.clone().map(|pid| proc::proportional(*pid)).sum();
    total as f64 / KIB / sample.len().max(1) as f64
}
