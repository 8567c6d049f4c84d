//! What the server itself takes of the machine, as the system tells.

use std::fs;

/// The server's own process.
pub(super) struct Own {
    /// Resident memory, in bytes.
    pub(super) memory: u64,
    /// Open descriptors.
    pub(super) descriptors: usize,
    /// Threads.
    pub(super) threads: u64,
    /// Processor time, in seconds.
    pub(super) cpu_seconds: f64,
}

/// Looks once; `None` where the system has no `/proc` as Linux does.
pub(super) fn look() -> Option<Own> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold anything; the fields are those of proc(5), behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: f64 = fields.nth(11)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    let threads = fields.nth(4)?.parse().ok()?;
    let pages: u64 = fields.nth(3)?.parse().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "some hundred ticks a second")]
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    Some(Own {
        memory: pages * rustix::param::page_size() as u64,
        descriptors: fs::read_dir("/proc/self/fd").ok()?.count(),
        threads,
        cpu_seconds: (user + system) / ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_something() {
        let own = look().unwrap();
        let mib = own.memory / (1024 * 1024);
        assert!((1..64 * 1024).contains(&mib), "{mib} MiB");
        assert!(own.descriptors >= 3 && (1..10_000).contains(&own.threads));
        assert!(own.cpu_seconds >= 0.0);
    }
}
