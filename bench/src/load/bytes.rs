//! How fast bytes come out of a session, and what they cost the server.

use std::time::Instant;

use super::bench::{Bench, alone};
use super::subject::Subject;
use super::{child, floor, proc};

/// Bytes that a client reads at once.
const READ: usize = 128 * 1024;

/// A kind of text, and how much of it.
struct Text {
    name: &'static str,
    file: String,
    times: u64,
    /// Whether the program has its terminal change nothing, as editors do.
    raw: bool,
}

/// Measures all servers, in turn.
pub fn run(bench: &mut Bench) {
    let (mixed, slow) = if bench.quick { (4, 1) } else { (16, 2) };
    let texts = [
        Text {
            name: "mixed text",
            file: bench.texts.mixed.clone(),
            times: mixed,
            raw: false,
        },
        Text {
            name: "mixed text, terminal in raw mode",
            file: bench.texts.crlf.clone(),
            times: mixed,
            raw: true,
        },
        Text {
            name: "short lines",
            file: bench.texts.short.clone(),
            times: slow,
            raw: false,
        },
        Text {
            name: "`yes`",
            file: bench.texts.yes.clone(),
            times: slow,
            raw: false,
        },
    ];
    let pipe = Text {
        name: "mixed text, pipe",
        file: bench.texts.mixed.clone(),
        times: mixed * 8,
        raw: false,
    };
    let (terminals, pipes) = (bench.terminals(), bench.pipes());
    let dialects = bench.other_dialects();
    bench.rounds(bench.rounds, |bench, round| {
        for text in &texts {
            bench.floor_of(|bench| bare(bench, text, true));
            bench.each(&terminals, round, |bench, subject| {
                one(bench, subject, text, "")
            });
        }
        bench.each(&dialects, round, |bench, subject| {
            let dialect = format!(", {}", subject.name);
            one(bench, subject, &texts[0], &dialect)
        });
        bench.floor_of(|bench| bare(bench, &pipe, false));
        bench.each(&pipes, round, |bench, subject| {
            one(bench, subject, &pipe, "")
        });
    });
}

/// A reader in the place of a server.
fn bare(bench: &mut Bench, text: &Text, terminal: bool) -> anyhow::Result<()> {
    let (rate, cost) = floor::drain(terminal, text.raw, &text.file, text.times)?;
    bench.report.add(text.name, "MiB/s", "floor", rate);
    bench.report.add(text.name, "CPU s/GiB", "floor", cost);
    Ok(())
}

fn one(bench: &mut Bench, subject: &Subject, text: &Text, dialect: &str) -> anyhow::Result<()> {
    let server = subject.start(&bench.child())?;
    let (bytes, frames, took, used) = alone(async {
        let mut client = server.door().open(READ).await?;
        client.ready().await?;
        // The first bytes find nothing warm: neither buffers nor caches.
        client.flood(&bench.texts.small, 1).await?;
        if text.raw {
            client.raw().await?;
        }
        let (frames, used) = (client.frames, proc::cpu(server.pid()));
        let began = Instant::now();
        let bytes = client.flood(&text.file, text.times).await?;
        let took = began.elapsed();
        let used = proc::cpu(server.pid()) - used;
        anyhow::Ok((bytes, client.frames - frames, took, used))
    })?;
    let mib = (bytes - child::END.len() as u64) as f64 / f64::from(1 << 20);
    let name = format!("{}{dialect}", text.name);
    let by = Bench::column(subject);
    let report = &mut bench.report;
    report.add(&name, "MiB/s", by, mib / took.as_secs_f64());
    let cost = used / mib * 1024.0;
    report.add(&name, "CPU s/GiB", by, cost);
    report.add(&name, "messages/MiB", by, frames as f64 / mib);
    Ok(())
}
