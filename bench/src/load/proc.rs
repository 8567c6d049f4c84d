//! What the kernel tells about a process and about the machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// The seconds of processor time that a process has used, in user and kernel mode, all its threads
/// together.
pub fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The second field is the program's name and may hold anything; what follows it may not.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// A field of a file of `Name: value kB` lines, in bytes.
fn field(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    fields(&text).get(name).copied().unwrap_or(0)
}

fn fields(text: &str) -> BTreeMap<&str, u64> {
    text.lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            let mut words = rest.split_whitespace();
            let value: u64 = words.next()?.parse().ok()?;
            let unit = if words.next() == Some("kB") { 1024 } else { 1 };
            Some((name, value * unit))
        })
        .collect()
}

/// The resident memory of a process, in bytes.
pub fn resident(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/status"), "VmRSS")
}

/// The resident memory of a process that no file backs, in bytes.
pub fn anonymous(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/status"), "RssAnon")
}

/// A process's share of the memory that it maps, in bytes.
pub fn proportional(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/smaps_rollup"), "Pss")
}

/// The memory that the kernel holds for itself and cannot give back, in bytes: slabs, virtual
/// mappings (terminals, stacks), page tables. Of the whole machine.
pub fn kernel() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let fields = fields(&text);
    ["SUnreclaim", "VmallocUsed", "PageTables"]
        .iter()
        .filter_map(|name| fields.get(name))
        .sum()
}

/// The memory that is still to be had on the machine, in bytes.
pub fn available() -> u64 {
    field("/proc/meminfo", "MemAvailable")
}

/// How many threads a process has.
pub fn threads(pid: u32) -> usize {
    entries(&format!("/proc/{pid}/task"))
}

/// How many descriptors a process has open.
pub fn descriptors(pid: u32) -> usize {
    entries(&format!("/proc/{pid}/fd"))
}

fn entries(path: &str) -> usize {
    fs::read_dir(path).map_or(0, Iterator::count)
}

fn tasks(pid: u32) -> impl Iterator<Item = std::path::PathBuf> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    tasks
        .into_iter()
        .flatten()
        .flatten()
        .map(|task| task.path())
}

/// The children of a process, zombies among them.
pub fn children(pid: u32) -> Vec<u32> {
    tasks(pid)
        .filter_map(|task| fs::read_to_string(task.join("children")).ok())
        .flat_map(|text| {
            let pids = text.split_whitespace().filter_map(|pid| pid.parse().ok());
            pids.collect::<Vec<u32>>()
        })
        .collect()
}

/// How often the threads of a process went to sleep, which is as often as they were woken.
pub fn wakes(pid: u32) -> u64 {
    tasks(pid)
        .map(|task| {
            let status = task.join("status");
            field(&status.to_string_lossy(), "voluntary_ctxt_switches")
        })
        .sum()
}

/// Processor time of the machine: what was used, and what there was, in ticks.
pub fn machine_ticks() -> (u64, u64) {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    let all: u64 = ticks.iter().take(8).sum();
    (all - idle.min(all), all)
}

/// What was measured on.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub processor: String,
    /// How many cores this process may use.
    pub cores: usize,
    /// Memory, in GiB.
    pub memory_gib: u64,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processors
            .lines()
            .find(|line| line.starts_with("model name"))
            .and_then(|line| line.split_once(": "))
            .map_or("unknown", |(_, name)| name);
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            processor: processor.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: field("/proc/meminfo", "MemTotal").div_ceil(1 << 30),
            kernel: release.trim().to_owned(),
        }
    }
}

/// Where a program is on the PATH.
pub fn on_path(program: &str) -> Option<std::path::PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The size of a file, in bytes.
///
/// # Errors
/// When there is none.
pub fn size(path: &Path) -> anyhow::Result<u64> {
    let metadata = fs::metadata(path).with_context(|| path.display().to_string())?;
    Ok(metadata.len())
}
