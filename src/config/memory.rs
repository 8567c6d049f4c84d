//! How much memory the output of sessions may take.

use std::fs;
use std::path::{Path, PathBuf};

use awp_server::model::memory::LEAST;

use super::bytes::Bytes;
use super::error::ConfigError;

/// The part of what there is that is taken where nobody says otherwise: the rest is for the
/// programs themselves.
const PART: u64 = 4;

/// Taken where the system does not say how much there is, in bytes.
const UNKNOWN: u64 = 256 * 1024 * 1024;

/// What may be taken.
///
/// # Errors
/// When it is too little to work with.
pub fn limit(typed: Option<Bytes>) -> Result<u64, ConfigError> {
    match typed {
        Some(Bytes(bytes)) if bytes < LEAST => {
            let why = format!("{bytes} bytes are too few; 8M is the least");
            Err(ConfigError::refused("--memory", why))
        }
        Some(Bytes(bytes)) => Ok(bytes),
        None => Ok((there_is() / PART).max(LEAST)),
    }
}

/// The memory of this machine or of the control group that awp is in, whichever is less.
fn there_is() -> u64 {
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    let machine = of_machine(&read("/proc/meminfo".into()));
    let group = of_group(&read("/proc/self/cgroup".into()), |path| read(path.into()));
    machine
        .into_iter()
        .chain(group)
        .min()
        .unwrap_or(UNKNOWN * PART)
}

fn of_machine(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// The least limit of the control group and of those around it (cgroups(7)): version 2's, whose
/// line begins with `0::`, and version 1's of the memory controller.
fn of_group(groups: &str, read: impl Fn(&Path) -> String) -> Option<u64> {
    let lines = groups.lines().filter_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let (root, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else {
            controllers.split(',').find(|name| *name == "memory")?;
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        };
        Some((root, file, Path::new(path)))
    });
    let limits = lines.flat_map(|(root, file, path)| {
        let inside = path
            .ancestors()
            .map(|path| path.strip_prefix("/").unwrap_or(path));
        let files = inside.map(|path| Path::new(root).join(path).join(file));
        let limits = files.filter_map(|file| read(&file).trim().parse().ok());
        limits.collect::<Vec<u64>>()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_is_refused_and_nothing_said_is_a_quarter() {
        assert!(limit(Some(Bytes(LEAST - 1))).is_err());
        assert_eq!(limit(Some(Bytes(LEAST))).ok(), Some(LEAST));
        assert!(limit(None).is_ok_and(|bytes| bytes >= LEAST));
        assert_eq!(
            of_machine("MemTotal:  2048 kB\nMemFree: 1 kB"),
            Some(2048 * 1024)
        );
        assert_eq!(of_machine(""), None);
    }

    #[test]
    fn the_tightest_group_counts() {
        let read = |path: &Path| match path.to_str() {
            Some("/sys/fs/cgroup/a/b/memory.max") => "max\n".to_owned(),
            Some("/sys/fs/cgroup/a/memory.max") => "4096\n".to_owned(),
            Some("/sys/fs/cgroup/memory/c/memory.limit_in_bytes") => "1024\n".to_owned(),
            _ => String::new(),
        };
        assert_eq!(of_group("0::/a/b\n", read), Some(4096));
        assert_eq!(of_group("5:cpu:/c\n3:memory:/c\n0::/a\n", read), Some(1024));
        assert_eq!(of_group("0::/\n", read), None);
    }
}
