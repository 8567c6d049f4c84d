//! Counts of the whole server, held against a baseline: what a session holds, what a key and a MiB
//! cost in system calls and messages, how often a server with nothing to do wakes up. They do not
//! depend on how fast the machine is, or hardly; each has a tolerance of its own that says how far.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use crate::load::bench::alone;
use crate::load::client::Dialect;
use crate::load::herd::{COMMAND, Herd};
use crate::load::keys::{ping_pong, typist};
use crate::load::sessions::wait;
use crate::load::subject::{Kind, Running, Subject};
use crate::load::texts::Texts;
use crate::load::{proc, raise_descriptors};

/// What is counted, and by how many percent it may be above the baseline.
///
/// Descriptors and threads are exact. Memory comes in pages and in the allocator's portions. What
/// moves a flood depends on how much of it is there when somebody looks: much on pipes, which hold
/// 64 KiB, little on terminals, where a quick reader finds a few bytes at a time. A machine that
/// others use wakes the reader of a pipe for every page of 4 KiB: that is 16 times the calls, and
/// what the guard is for, a call for every few hundred bytes, is far more still.
const MEASURES: [(&str, u64); 11] = [
    (BYTES, 15),
    (BYTES_PIPE, 15),
    (DESCRIPTORS, 0),
    (DESCRIPTORS_PIPE, 0),
    (THREADS, 0),
    (WAKES, 0),
    (CALLS_KEY, 20),
    (CALLS_MIB_PIPE, 1600),
    (CALLS_MIB, 100),
    (MESSAGES_PIPE, 50),
    (MESSAGES, 100),
];

const BYTES: &str = "bytes per idle session";
const BYTES_PIPE: &str = "bytes per idle session, pipes";
const DESCRIPTORS: &str = "descriptors per 100 idle sessions";
const DESCRIPTORS_PIPE: &str = "descriptors per 100 idle sessions, pipes";
const THREADS: &str = "threads per 1,000 idle sessions";
const WAKES: &str = "wake-ups of 1,000 idle sessions in 5 s";
const CALLS_KEY: &str = "system calls per 100 keys echoed";
const CALLS_MIB_PIPE: &str = "system calls per MiB, pipes";
const CALLS_MIB: &str = "system calls per MiB, terminal";
const MESSAGES_PIPE: &str = "messages per MiB, pipes";
const MESSAGES: &str = "messages per MiB, terminal";

/// What may wake a server now and then that has a thousand sessions or none: a thread that is given
/// back, a look at the clock.
const STRAY_WAKES: u64 = 20;

/// Sessions in all, and sessions that are there before the counting begins: the first ones fill
/// what is made once.
const SESSIONS: (usize, usize) = (1000, 300);

/// How long idle sessions are watched.
const WATCH: Duration = Duration::from_secs(5);

/// How long opening may take.
const OPENING: Duration = Duration::from_secs(60);

/// How long a server may take to come to rest.
const REST: Duration = Duration::from_secs(30);

/// How often a flood is counted.
const RUNS: usize = 3;

/// No pings: what is left is what the sessions themselves do.
const SILENT: &str = "--ping-interval=1h";

/// Bytes that the client reads at once.
const READ: usize = 128 * 1024;

type Counts = BTreeMap<String, u64>;

/// Counts everything; then writes the baseline, or compares with it.
///
/// # Errors
/// When something cannot be counted, or is more than it may be.
pub fn run(awp: &Path, baseline: &Path, write: bool) -> anyhow::Result<()> {
    let awp = fs::canonicalize(awp).with_context(|| format!("{}: build it", awp.display()))?;
    raise_descriptors();
    let texts = Texts::write()?;
    let mut counts = Counts::new();
    for terminal in [true, false] {
        idle(&awp, terminal, &mut counts)?;
        flood(&awp, terminal, &texts, &mut counts)?;
    }
    keys(&awp, &mut counts)?;
    if write {
        let json = serde_json::to_string_pretty(&counts)?;
        return fs::write(baseline, json + "\n").with_context(|| baseline.display().to_string());
    }
    let known = fs::read(baseline).with_context(|| baseline.display().to_string())?;
    compare(&counts, &serde_json::from_slice(&known)?)
}

fn subject(awp: &Path, terminal: bool) -> Subject {
    let kind = if terminal { Kind::Awp } else { Kind::AwpPipe };
    Subject::awp(awp, "awp", kind, Dialect::Raw)
}

/// What sessions hold while nothing happens.
fn idle(awp: &Path, terminal: bool, counts: &mut Counts) -> anyhow::Result<()> {
    let server = subject(awp, terminal).start_with(&[SILENT], &COMMAND)?;
    let pid = server.pid();
    let herd = Herd::new(server.door(), terminal, true)?;
    let (all, first) = SESSIONS;
    let opened = herd.grow(first, OPENING);
    ensure!(opened.count == first, "{} sessions opened", opened.count);
    at_rest(&server)?;
    let (bytes, descriptors, threads) = (
        proc::anonymous(pid),
        proc::descriptors(pid),
        proc::threads(pid),
    );
    let opened = herd.grow(all - first, OPENING);
    ensure!(
        opened.count == all - first,
        "{} sessions opened",
        opened.count
    );
    at_rest(&server)?;
    let more = (all - first) as u64;
    let kept = proc::anonymous(pid).saturating_sub(bytes) / more;
    let open = proc::descriptors(pid).saturating_sub(descriptors) as u64 * 100 / more;
    let (bytes, descriptors) = if terminal {
        (BYTES, DESCRIPTORS)
    } else {
        (BYTES_PIPE, DESCRIPTORS_PIPE)
    };
    counts.insert(bytes.to_owned(), kept);
    counts.insert(descriptors.to_owned(), open);
    if terminal {
        let threads = proc::threads(pid).saturating_sub(threads);
        counts.insert(THREADS.to_owned(), threads as u64 * 1000 / more);
        let wakes = proc::wakes(pid);
        wait(WATCH);
        let woken = proc::wakes(pid).saturating_sub(wakes);
        counts.insert(WAKES.to_owned(), woken.saturating_sub(STRAY_WAKES));
    }
    Ok(())
}

/// Waits until a server does nothing any more: it was not woken for a while.
fn at_rest(server: &Running) -> anyhow::Result<()> {
    let moment = Duration::from_millis(300);
    let began = std::time::Instant::now();
    let mut wakes = proc::wakes(server.pid());
    loop {
        wait(moment);
        let now = proc::wakes(server.pid());
        if now == wakes {
            return Ok(());
        }
        wakes = now;
        ensure!(began.elapsed() < REST, "the server does not come to rest");
    }
}

/// What a MiB costs.
fn flood(awp: &Path, terminal: bool, texts: &Texts, counts: &mut Counts) -> anyhow::Result<()> {
    // What is counted is the difference: starts and ends cost the same in both.
    let (few, many) = if terminal { (1, 3) } else { (2, 18) };
    let file = &texts.mixed;
    let mib = (many - few) * fs::metadata(file)?.len() / (1 << 20);
    let run = |around: &[&str], times: u64| {
        let server = start_under(awp, terminal, around)?;
        let frames = alone(async {
            let mut client = server.door().open(READ).await?;
            client.ready().await?;
            client.flood(file, times).await?;
            anyhow::Ok(client.frames)
        })?;
        server.end(!around.is_empty())?;
        anyhow::Ok(frames)
    };
    let calls = least(|| calls(|around| run(around, many)))?
        .saturating_sub(least(|| calls(|around| run(around, few)))?);
    let messages = least(|| run(&[], many))?.saturating_sub(least(|| run(&[], few))?);
    let (calls_are, messages_are) = if terminal {
        (CALLS_MIB, MESSAGES)
    } else {
        (CALLS_MIB_PIPE, MESSAGES_PIPE)
    };
    counts.insert(calls_are.to_owned(), calls / mib);
    counts.insert(messages_are.to_owned(), messages.div_ceil(mib));
    Ok(())
}

/// What a key costs that comes back.
fn keys(awp: &Path, counts: &mut Counts) -> anyhow::Result<()> {
    let run = |around: &[&str], keys: usize| {
        let server = start_under(awp, true, around)?;
        alone(async { ping_pong(&mut typist(&server).await?, keys).await })?;
        server.end(true)
    };
    let (few, many) = (100, 600);
    let calls = least(|| calls(|around| run(around, many)))?
        .saturating_sub(least(|| calls(|around| run(around, few)))?);
    counts.insert(CALLS_KEY.to_owned(), calls * 100 / (many - few) as u64);
    Ok(())
}

/// The least of some runs: whatever else the machine does makes a flood come in smaller pieces,
/// never in larger ones.
fn least(mut count: impl FnMut() -> anyhow::Result<u64>) -> anyhow::Result<u64> {
    let mut least = count()?;
    for _ in 1..RUNS {
        least = least.min(count()?);
    }
    Ok(least)
}

fn start_under(awp: &Path, terminal: bool, around: &[&str]) -> anyhow::Result<Running> {
    let own = std::env::current_exe()?.display().to_string();
    subject(awp, terminal).start_under(around, &[SILENT], &[&own, "child"])
}

/// The system calls of a server, all its threads together, the programs that it starts left out.
fn calls<T>(run: impl FnOnce(&[&str]) -> anyhow::Result<T>) -> anyhow::Result<u64> {
    let place = tempfile::tempdir()?;
    let summary = place.path().join("calls");
    let file = summary.display().to_string();
    run(&["strace", "-f", "-b", "execve", "-c", "-o", &file, "--"])?;
    let text = fs::read_to_string(&summary).context("strace")?;
    let total = text.lines().rev().find(|line| line.ends_with("total"));
    let calls = total.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    calls.with_context(|| format!("strace tells no count: {text}"))
}

fn compare(counts: &Counts, baseline: &Counts) -> anyhow::Result<()> {
    let mut above = Vec::new();
    let mut table =
        String::from("| count | is | baseline | may be above by |\n|---|---:|---:|---:|\n");
    for (name, tolerance) in MEASURES {
        let count = *counts.get(name).with_context(|| name.to_owned())?;
        let Some(&known) = baseline.get(name) else {
            bail!("{name}: not in the baseline; write it anew with --write");
        };
        let _ = writeln!(table, "| {name} | {count} | {known} | {tolerance} % |");
        if count * 100 > known * (100 + tolerance) {
            above.push(name);
        }
    }
    io::stdout().write_all(table.as_bytes())?;
    ensure!(
        above.is_empty(),
        "more than the baseline allows: {}. If that is meant, write it anew with --write",
        above.join(", ")
    );
    Ok(())
}
