//! What awp is to reach: ratios within one run, and counts. Neither depends on the machine much.

use std::fmt::Write as _;

use serde::Serialize;

use super::report::{Report, short};

/// A target, and what came out.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// What is meant.
    pub measure: String,
    /// What must hold.
    pub must: String,
    /// What came out; `None` where it was not measured.
    pub got: Option<f64>,
    /// Whether it holds.
    pub met: Option<bool>,
}

#[derive(Clone, Copy)]
enum Must {
    Least(f64),
    Most(f64),
}

use Must::{Least, Most};

/// awp against another column of the same row.
type Ratio = (&'static str, &'static str, &'static str, Must);

const MIXED: &str = "mixed text";
const RAW: &str = "mixed text, terminal in raw mode";
const PIPE: &str = "mixed text, pipe";
const YES: &str = "`yes`";
const IDLE: &str = "echo, a key each 5 ms";
const WORK: &str = "echo, a key each 5 ms beside 4 x 1 MiB/s";
const FLOODS: &str = "echo, a key each 5 ms beside 4 floods";
const MEDIAN: &str = "µs, median";
const P99: &str = "µs, p99";
const CPU: &str = "CPU s/GiB";

const RATIOS: [Ratio; 34] = [
    (MIXED, "MiB/s", "ttyd", Least(1.15)),
    (MIXED, "MiB/s", "floor", Least(0.85)),
    (MIXED, "MiB/s", "minimal", Least(0.9)),
    (MIXED, "MiB/s", "gotty", Least(2.5)),
    (MIXED, CPU, "ttyd", Most(0.75)),
    (MIXED, CPU, "gotty", Most(0.25)),
    (MIXED, CPU, "floor", Most(1.6)),
    (RAW, "MiB/s", "floor", Least(0.55)),
    (RAW, "MiB/s", "ttyd", Least(1.0)),
    (PIPE, "MiB/s", "websocketd", Least(1.0)),
    (PIPE, CPU, "websocketd", Most(1.0)),
    (YES, "MiB/s", "ttyd", Least(1.0)),
    (YES, CPU, "ttyd", Most(1.25)),
    (YES, "MiB/s", "floor", Least(0.85)),
    (YES, CPU, "minimal", Most(1.0)),
    (IDLE, MEDIAN, "ttyd", Most(1.15)),
    (IDLE, P99, "ttyd", Most(1.2)),
    (IDLE, MEDIAN, "minimal", Most(1.15)),
    (IDLE, P99, "minimal", Most(1.2)),
    (WORK, MEDIAN, "ttyd", Most(0.95)),
    (WORK, P99, "ttyd", Most(1.2)),
    (WORK, MEDIAN, "minimal", Most(1.0)),
    (WORK, P99, "minimal", Most(1.2)),
    (FLOODS, MEDIAN, "ttyd", Most(1.1)),
    (FLOODS, P99, "ttyd", Most(1.2)),
    (FLOODS, MEDIAN, "minimal", Most(1.1)),
    (FLOODS, P99, "minimal", Most(1.2)),
    ("sessions opened, N=100", "1/s", "ttyd", Least(1.8)),
    ("sessions opened, N=1000", "1/s", "ttyd", Least(1.8)),
    ("sessions opened, N=4000", "1/s", "ttyd", Least(20.0)),
    (
        "sessions opened, N=1000, pipe",
        "1/s",
        "websocketd",
        Least(1.1),
    ),
    ("sessions opened, N=1000", "1/s", "gotty", Least(1.1)),
    ("first answer, N=1000", "ms, p99", "ttyd", Most(1.0)),
    (
        "memory per idle session: server, N=1000, pipe",
        "KiB",
        "websocketd",
        Most(0.5),
    ),
];

/// awp by itself.
type Bound = (&'static str, &'static str, Must);

const BOUNDS: [Bound; 17] = [
    (MIXED, "messages/MiB", Most(40.0)),
    ("memory per idle session: server, N=1000", "KiB", Most(16.0)),
    ("memory per idle session: server, N=4000", "KiB", Most(16.0)),
    (
        "memory per idle session: server, N=4000, pipe",
        "KiB",
        Most(16.0),
    ),
    ("threads per session, N=1000", "", Most(0.0)),
    ("descriptors per session, N=1000", "", Most(3.0)),
    ("server's CPU per session opened, N=1000", "ms", Most(0.4)),
    ("server's memory, N=4000", "MiB", Most(96.0)),
    ("CPU of idle sessions, N=4000", "ms/s", Most(10.0)),
    ("memory kept after the end, N=4000", "MiB", Most(16.0)),
    (
        "a client that stops reading: server's memory grown",
        "MiB",
        Most(8.0),
    ),
    (
        "one flood to 10 viewers: server's CPU",
        "s/GiB delivered",
        Most(0.8),
    ),
    (
        "one flood to 100 viewers: server's CPU",
        "s/GiB delivered",
        Most(0.8),
    ),
    (
        "100 floods at once: fairness (Jain, 1 is even)",
        "",
        Least(0.95),
    ),
    (
        "most sessions held, terminals, attached: farthest off a straight line",
        "share",
        Most(0.1),
    ),
    ("start, to listening", "ms", Most(50.0)),
    ("binary", "MiB", Most(15.0)),
];

/// Holds a report against all targets.
pub fn judge(report: &Report) -> Vec<Verdict> {
    let peers = &report.subjects;
    let ratios = RATIOS
        .iter()
        .filter(|(_, _, other, _)| peers.contains(other))
        .map(|(measure, unit, other, must)| {
            let awp = report.median(measure, unit, "awp");
            let other_is = report.median(measure, unit, other);
            let got = awp.zip(other_is).map(|(awp, other)| awp / other);
            verdict(&format!("{measure}, {unit}: awp / {other}"), *must, got)
        });
    let bounds = BOUNDS.iter().map(|(measure, unit, must)| {
        let name = format!("{measure} {unit}");
        verdict(&name, *must, report.median(measure, unit, "awp"))
    });
    let rate = |count: usize| report.median(&format!("sessions opened, N={count}"), "1/s", "awp");
    let steady = rate(4000).zip(rate(100)).map(|(many, few)| many / few);
    let steady = verdict("sessions opened: N=4000 / N=100", Least(0.8), steady);
    ratios.chain(bounds).chain([steady]).collect()
}

fn verdict(measure: &str, must: Must, got: Option<f64>) -> Verdict {
    let got = got.filter(|got| got.is_finite());
    let (must, met) = match must {
        Least(bound) => (format!("≥ {bound}"), got.map(|got| got >= bound)),
        // A sum of ticks is a hair above what it says.
        Most(bound) => (format!("≤ {bound}"), got.map(|got| got <= bound + 1e-6)),
    };
    Verdict {
        measure: measure.trim().to_owned(),
        must,
        got,
        met,
    }
}

/// The targets as a table; what was not measured is left out.
pub fn table(verdicts: &[Verdict], out: &mut String) {
    let _ = writeln!(out, "| target | must | is | |\n|---|---:|---:|---|");
    for verdict in verdicts {
        let Verdict {
            measure, must, got, ..
        } = verdict;
        let Some((got, met)) = got.zip(verdict.met) else {
            continue;
        };
        let word = if met { "met" } else { "**missed**" };
        let _ = writeln!(out, "| {measure} | {must} | {} | {word} |", short(got));
    }
}
