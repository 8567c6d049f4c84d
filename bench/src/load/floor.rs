//! The floors: what the machine does without a server.

use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::child::{END, READY};
use super::{proc, reference};

/// Bytes of one read.
const READ: usize = 64 * 1024;

/// A program whose output is read in place, and the way to it.
struct Bare {
    input: std::fs::File,
    output: std::fs::File,
    child: Child,
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn own_child() -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe()?;
    Ok(vec![program.display().to_string(), "child".to_owned()])
}

impl Bare {
    fn on_terminal() -> anyhow::Result<Self> {
        let (master, child) = reference::on_terminal(&own_child()?)?;
        let input = std::fs::File::from(master.try_clone()?);
        let output = std::fs::File::from(master);
        Self {
            input,
            output,
            child,
        }
        .ready()
    }

    fn on_pipes() -> anyhow::Result<Self> {
        let command = own_child()?;
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = OwnedFd::from(child.stdin.take().context("stdin")?).into();
        let output = OwnedFd::from(child.stdout.take().context("stdout")?).into();
        Self {
            input,
            output,
            child,
        }
        .ready()
    }

    fn ready(mut self) -> anyhow::Result<Self> {
        self.until(READY)?;
        Ok(self)
    }

    fn until(&mut self, mark: &[u8]) -> anyhow::Result<u64> {
        let mut buffer = vec![0; READ];
        let (mut total, mut tail) = (0, Vec::new());
        loop {
            let count = self.output.read(&mut buffer)?;
            if count == 0 {
                bail!("ended early");
            }
            total += count as u64;
            tail.extend_from_slice(&buffer[count.saturating_sub(2 * mark.len())..count]);
            if tail.windows(mark.len()).any(|window| window == mark) {
                return Ok(total);
            }
            let old = tail.len().saturating_sub(mark.len());
            tail.drain(..old);
        }
    }

    fn tell(&mut self, command: &str) -> anyhow::Result<()> {
        writeln!(self.input, "{command}").map_err(Into::into)
    }
}

/// How fast a bare reader is, and what it costs: MiB/s, and seconds of its processor per GiB.
///
/// # Errors
/// When the program does not run.
pub fn drain(terminal: bool, raw: bool, file: &str, times: u64) -> anyhow::Result<(f64, f64)> {
    let mut bare = if terminal {
        Bare::on_terminal()?
    } else {
        Bare::on_pipes()?
    };
    if raw {
        bare.tell("raw")?;
        bare.until(READY)?;
    }
    let me = std::process::id();
    let (began, used) = (Instant::now(), proc::cpu(me));
    bare.tell(&format!("flood {file} {times}"))?;
    let bytes = bare.until(END)? as f64;
    let (took, used) = (began.elapsed(), proc::cpu(me) - used);
    let mib = bytes / f64::from(1 << 20);
    Ok((mib / took.as_secs_f64(), used / mib * 1024.0))
}

/// The echo of a bare terminal, beside so many floods: each key's time.
///
/// # Errors
/// When the program does not run.
#[expect(clippy::disallowed_methods, reason = "keys come at a pace")]
pub fn echo(keys: usize, gap: Duration, beside: &[String]) -> anyhow::Result<Vec<Duration>> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = Vec::new();
    for command in beside {
        let mut bare = Bare::on_terminal()?;
        bare.tell(command)?;
        let stop = Arc::clone(&stop);
        threads.push(std::thread::spawn(move || {
            let mut buffer = vec![0; READ];
            while !stop.load(Ordering::Relaxed) && bare.output.read(&mut buffer).is_ok() {}
        }));
    }
    let mut bare = Bare::on_terminal()?;
    bare.tell("echo")?;
    bare.until(READY)?;
    let mut times = Vec::with_capacity(keys);
    for _ in 0..keys {
        std::thread::sleep(gap);
        let began = Instant::now();
        bare.input.write_all(b"k")?;
        bare.output.read_exact(&mut [0])?;
        times.push(began.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        let _ = thread.join();
    }
    Ok(times)
}
