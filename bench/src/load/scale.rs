//! As many idle sessions as the machine carries, and whether the next costs what the first did.

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::client::Dialect;
use super::herd::{COMMAND, Herd};
use super::proc;
use super::subject::{Kind, Subject};

/// Sessions are counted in steps of so many.
const STEP: usize = 1000;

/// Memory of the whole machine that the sessions may take, in bytes.
const MEMORY: u64 = 6 << 30;

/// How long each of the three curves may take.
const LIMIT: Duration = Duration::from_secs(40);

const MIB: f64 = 1024.0 * 1024.0;

/// Measures awp alone.
pub fn run(bench: &mut Bench) {
    if bench.quick {
        return;
    }
    let curves = [
        ("terminals, attached", Kind::Awp, true),
        ("terminals, nobody attached", Kind::Awp, false),
        ("pipes, attached", Kind::AwpPipe, true),
    ];
    for (name, kind, stays) in curves {
        bench.rounds(1, |bench, _| {
            bench.floor_of(|bench| curve(bench, name, kind, stays));
        });
    }
}

fn curve(bench: &mut Bench, name: &str, kind: Kind, stays: bool) -> anyhow::Result<()> {
    let subject = Subject::awp(&bench.program, "awp", kind, Dialect::Raw);
    let options: &[&str] = if stays {
        &[]
    } else {
        &["--on-disconnect=keep"]
    };
    let server = subject.start_with(options, &COMMAND)?;
    let herd = Herd::new(server.door(), subject.has_terminal(), stays)?;
    let available = proc::available();
    let began = Instant::now();
    let (mut count, mut points) = (0, Vec::new());
    loop {
        let left = LIMIT.saturating_sub(began.elapsed());
        let opened = herd.grow(STEP, left);
        count += opened.count;
        let resident = proc::resident(server.pid()) as f64 / MIB;
        if opened.count == STEP {
            points.push((count as f64, resident, opened.rate()));
        }
        let taken = available.saturating_sub(proc::available());
        let why = if opened.refused > 0 {
            let descriptors = proc::descriptors(server.pid());
            format!("the server refused more, with {descriptors} descriptors open")
        } else if opened.count < STEP {
            "the time was over".to_owned()
        } else if taken > MEMORY {
            "the memory was taken".to_owned()
        } else {
            continue;
        };
        told(bench, name, &points, (count, resident, taken), &why);
        return Ok(());
    }
}

fn told(
    bench: &mut Bench,
    name: &str,
    points: &[(f64, f64, f64)],
    (count, resident, taken): (usize, f64, u64),
    why: &str,
) {
    let mut add = |what: &str, unit, value| {
        let measure = format!("most sessions held, {name}: {what}");
        bench.report.add(&measure, unit, "awp", value);
    };
    add("how many", "", count as f64);
    add("server's memory", "MiB", resident);
    let each = taken as f64 / 1024.0 / count.max(1) as f64;
    add("memory of the machine, each", "KiB", each);
    if let (Some(first), Some(last), true) = (points.first(), points.last(), points.len() > 2) {
        let slope = (last.1 - first.1) / (last.0 - first.0);
        add("server's memory, each further one", "KiB", slope * 1024.0);
        // How far a point lies off the straight line between the ends, against the whole rise.
        let off = points.iter().map(|(count, memory, _)| {
            (memory - first.1 - slope * (count - first.0)).abs() / (last.1 - first.1)
        });
        add(
            "farthest off a straight line",
            "share",
            off.fold(0.0, f64::max),
        );
        add(
            "rate of the last thousand over the first",
            "",
            last.2 / first.2,
        );
    }
    bench
        .report
        .note(format!("Most sessions, {name}: {count}, then {why}."));
}
