//! How much memory the output of sessions may take.

use std::fs;
use std::path::{Path, PathBuf};

use awp_server::model::memory::LEAST;

use super::error::ConfigError;
use super::text::Text;

/// The part of what there is that is taken where nobody says otherwise: the rest is for the
/// programs themselves.
const PART: u64 = 4;

/// Taken where the system does not say how much there is, in bytes.
const UNKNOWN: u64 = 256 * 1024 * 1024;

/// Units of a size: powers of 1024, as memory is counted.
const UNITS: [(char, u64); 4] = [
    ('K', 1 << 10),
    ('M', 1 << 20),
    ('G', 1 << 30),
    ('T', 1 << 40),
];

/// A number of bytes, as typed: `512M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl Text for Size {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a size; write for example 64M or 2G");
        let plain = text.strip_suffix("iB").unwrap_or(text);
        let unit = UNITS.iter().find(|(unit, _)| plain.ends_with(*unit));
        let (digits, unit) = match unit {
            Some((letter, unit)) => (plain.strip_suffix(*letter).unwrap_or(plain), *unit),
            None => (text, 1),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        let bytes = number.checked_mul(unit).map(Self);
        bytes.ok_or_else(|| format!("{text:?} is too large a size"))
    }
}

/// What may be taken.
///
/// # Errors
/// When it is too little to work with.
pub fn limit(typed: Option<Size>) -> Result<u64, ConfigError> {
    match typed {
        Some(Size(bytes)) if bytes < LEAST => {
            let why = format!("{bytes} bytes are too few; 8M is the least");
            Err(ConfigError::refused("--memory", why))
        }
        Some(Size(bytes)) => Ok(bytes),
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
    fn a_size_is_a_number_and_a_unit() {
        let good = [
            ("0", 0),
            ("8388608", 8 << 20),
            ("24M", 24 << 20),
            ("2G", 2 << 30),
            ("1KiB", 1024),
        ];
        for (text, bytes) in good {
            assert_eq!(Size::read(text), Ok(Size(bytes)), "{text}");
        }
        for bad in [
            "",
            "M",
            "-1M",
            "+1M",
            "1.5G",
            "24 M",
            "24MM",
            "24m",
            "iB",
            "99999999T",
        ] {
            assert!(Size::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn too_little_is_refused_and_nothing_said_is_a_quarter() {
        assert!(limit(Some(Size(LEAST - 1))).is_err());
        assert_eq!(limit(Some(Size(LEAST))).ok(), Some(LEAST));
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
