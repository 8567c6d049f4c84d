//! What the kernel tells about processes.

use std::collections::BTreeMap;
use std::fs;

/// The processes that have this in their environment, `KEY=value`; zombies have none.
pub fn with_variable(variable: &str) -> BTreeMap<u32, String> {
    let variable = variable.as_bytes();
    all()
        .filter(|pid| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|one| one == variable)
        })
        .map(|pid| (pid, command(pid)))
        .collect()
}

/// Children of `parent` that ended and were not reaped.
pub fn zombies(parent: u32) -> Vec<u32> {
    all()
        .filter(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
            let mut fields = fields.split_ascii_whitespace();
            fields.next() == Some("Z") && fields.next() == Some(parent.to_string().as_str())
        })
        .collect()
}

/// Where each descriptor of a process leads.
pub fn descriptors(pid: u32) -> Vec<String> {
    let folder = fs::read_dir(format!("/proc/{pid}/fd")).expect("a living process");
    folder
        .flatten()
        .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.display().to_string()))
        .collect()
}

/// A field of `/proc/PID/status`, without its unit.
pub fn status(pid: u32, field: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_ascii_whitespace().next().map(str::to_owned)
}

/// The memory that a process holds, in bytes.
pub fn resident(pid: u32) -> u64 {
    let kib: u64 = status(pid, "VmRSS")
        .and_then(|size| size.parse().ok())
        .expect("a living process");
    kib * 1024
}

/// Bytes that a process has written, to whatever.
pub fn written(pid: u32) -> u64 {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).expect("a living process");
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|count| count.parse().ok()).expect("a count")
}

/// The memory that a process alone answers for, in bytes: shared pages by their share.
pub fn proportional(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a living process");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok());
    kib.map(|kib: u64| kib * 1024).expect("a size")
}

/// Clock ticks that a process has computed, itself and in the kernel.
pub fn computed(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a living process");
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    // utime and stime are the fields 14 and 15 (proc(5)); the one after the name is the third.
    let times = fields.split_ascii_whitespace().skip(11).take(2);
    times.filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Threads of a process.
pub fn threads(pid: u32) -> usize {
    status(pid, "Threads")
        .and_then(|count| count.parse().ok())
        .expect("a living process")
}

fn command(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
