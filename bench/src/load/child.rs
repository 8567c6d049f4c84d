//! The program that runs in the sessions of a measurement. It says `ready` and then does what it
//! is told, line by line, so that one command serves every measurement on every server.
//!
//! - `echo`: gives back what comes, byte by byte, until its input ends;
//! - `raw`: its terminal changes nothing any more, and it says `ready` again;
//! - `flood FILE TIMES`: writes the file as fast as it is taken, then [`END`];
//! - `pace FILE RATE`: writes the file over and over at so many bytes a second.

use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// What is said first.
pub const READY: &[u8] = b"ready";

/// What ends a flood.
pub const END: &[u8] = b"end-of-the-flood";

/// Bytes of one write.
const WRITE: usize = 64 * 1024;

/// How often a paced program writes.
const PACE: Duration = Duration::from_millis(20);

/// A child ends by itself after this long, whatever became of its server.
const LIFE: Duration = Duration::from_secs(600);

/// Obeys until the input ends.
///
/// # Errors
/// When a command is not understood, or nobody reads any more.
pub fn run() -> anyhow::Result<()> {
    quiet(false);
    let mut input = io::stdin().lock();
    say(READY)?;
    let mut line = String::new();
    while {
        line.clear();
        input.read_line(&mut line)? > 0
    } {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["echo"] => {
                quiet(true);
                say(READY)?;
                return echo(input);
            }
            ["raw"] => {
                quiet(true);
                say(READY)?;
            }
            ["flood", file, times] => flood(file, times.parse()?)?,
            ["pace", file, rate] => pace(file, rate.parse()?)?,
            [] => {}
            _ => anyhow::bail!("not understood: {line}"),
        }
    }
    Ok(())
}

/// The terminal, if there is one, no longer echoes; `raw`: nor does it change anything.
fn quiet(raw: bool) {
    let Ok(mut modes) = tcgetattr(io::stdin()) else {
        return;
    };
    modes.local_modes.remove(LocalModes::ECHO);
    if raw {
        modes.make_raw();
    }
    // A terminal that is gone is found out by reading it.
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
}

fn say(word: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(word)?;
    out.flush()
}

fn echo(mut input: impl io::Read) -> anyhow::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(()),
            count => give(&buffer[..count])?,
        }
    }
}

/// Writes past the standard library's own buffer, which would cut the writes at line ends.
fn give(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = rustix::io::write(rustix::stdio::stdout(), bytes)?;
        bytes = &bytes[count..];
    }
    Ok(())
}

fn flood(file: &str, times: u64) -> anyhow::Result<()> {
    let bytes = fs::read(file).context("the file")?;
    let began = Instant::now();
    for _ in 0..times {
        for piece in bytes.chunks(WRITE) {
            give(piece)?;
        }
        if began.elapsed() > LIFE {
            break;
        }
    }
    say(END).map_err(Into::into)
}

#[expect(clippy::disallowed_methods, reason = "a pace is made of pauses")]
fn pace(file: &str, rate: usize) -> anyhow::Result<()> {
    let bytes = fs::read(file).context("the file")?;
    let began = Instant::now();
    let (mut at, mut written) = (0, 0_usize);
    while began.elapsed() < LIFE {
        let due = began.elapsed().as_secs_f64() * rate as f64;
        while (written as f64) < due {
            let piece = (rate / 50).clamp(1, bytes.len() - at);
            give(&bytes[at..at + piece])?;
            written += piece;
            at = (at + piece) % bytes.len();
        }
        std::thread::sleep(PACE);
    }
    Ok(())
}
