//! `awp check`: whether `awp serve` would start with this, and whether the system lets it grow as
//! large as it is told to.

use std::collections::BTreeSet;
use std::fs;

use awp_server::model::resource::PerProcess;
use awp_server::process::group;
use rustix::process::{Resource, getrlimit};

use crate::cli::Serve;
use crate::config::layer::Environment;
use crate::config::{App, Config};

/// Descriptors of one session: three pipes or a terminal and a pipe, the child's own, its control
/// socket, a viewer's socket.
const DESCRIPTORS: u64 = 6;

/// Descriptors that the server needs besides: listeners, runtimes, the log.
const OWN_DESCRIPTORS: u64 = 64;

/// Processes of one session: a program and one that it starts.
const PROCESSES: u64 = 2;

/// Processes and terminals that others on the machine are left.
const OTHERS: u64 = 512;

/// Says what is wrong; the status is 1 if anything is.
///
/// # Errors
/// The first thing wrong with the configuration, with its place.
#[expect(clippy::print_stdout, reason = "the answer")]
pub fn run(typed: Serve) -> anyhow::Result<u8> {
    let uid = rustix::process::geteuid().as_raw();
    let config = Config::load(typed, &Environment::of_this_process(), uid)
        // The question was answered; it was not asked wrongly.
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let apps: Vec<&str> = config.apps.keys().map(String::as_str).collect();
    println!("configuration: good; apps: {}", apps.join(", "));
    for line in of_apps(&config) {
        println!("{line}");
    }
    let sessions = u64::from(config.max_sessions);
    let terminals = config.apps.values().any(has_terminal);
    let low: Vec<String> = limits(sessions, terminals)
        .iter()
        .filter_map(Limit::complaint)
        .collect();
    if low.is_empty() {
        println!("limits of the system: enough for {sessions} sessions");
        return Ok(0);
    }
    for complaint in &low {
        println!("{complaint}");
    }
    Ok(1)
}

/// Which limits of the apps would apply if awp were started here, and which not, and why.
fn of_apps(config: &Config) -> Vec<String> {
    let resources = || config.apps.values().map(|app| &app.resources);
    let each = PerProcess::ALL.into_iter().filter(|which| {
        let used = |(known, _): (PerProcess, u64)| known == *which;
        resources().any(|limits| limits.per_process().any(used))
    });
    let each: Vec<_> = each.map(PerProcess::name).collect();
    let mut lines = Vec::new();
    if !each.is_empty() {
        let names = each.join(", ");
        lines.push(format!("limits of each process that apply: {names}"));
    }
    let together: BTreeSet<&str> = resources()
        .flat_map(|limits| limits.together().map(|(name, _)| name))
        .collect();
    let outlook = group::outlook();
    for name in together {
        lines.push(match &outlook {
            Ok(offered) if offered.contains(&name) => {
                format!("limits.{name} applies to each session, by a control group")
            }
            Ok(_) => format!("limits.{name} does not apply here: there is no such controller"),
            Err(why) => format!("limits.{name} does not apply here: {why}"),
        });
    }
    lines
}

fn has_terminal(app: &App) -> bool {
    app.mode.has_terminal()
}

/// A limit of the system.
struct Limit {
    name: &'static str,
    /// What it is now; `None` where there is none.
    is: Option<u64>,
    needed: u64,
    /// What raises it, up to the number.
    command: String,
}

impl Limit {
    fn complaint(&self) -> Option<String> {
        let Self {
            name,
            is,
            needed,
            command,
        } = self;
        let is = is.filter(|is| is < needed)?;
        Some(format!(
            "too low: {name} is {is}, needed are {needed}; raise it: {command}"
        ))
    }
}

fn limits(sessions: u64, terminals: bool) -> Vec<Limit> {
    let files = sessions * DESCRIPTORS + OWN_DESCRIPTORS;
    let open = getrlimit(Resource::Nofile);
    // The hard limit is not raised by a shell, but by whoever starts one.
    let raise = |flag: &str, unit: &str, hard: Option<u64>, needed: u64| {
        if hard.is_none_or(|hard| hard >= needed) {
            format!("ulimit -S{flag} {needed}")
        } else {
            format!("sudo prlimit --pid $$ --{unit}={needed}:{needed}")
        }
    };
    let tasks = getrlimit(Resource::Nproc);
    let processes = sessions * PROCESSES;
    let mut limits = vec![
        Limit {
            name: "open files (RLIMIT_NOFILE)",
            is: open.current,
            needed: files,
            command: raise("n", "nofile", open.maximum, files),
        },
        Limit {
            name: "processes (RLIMIT_NPROC)",
            is: tasks.current,
            needed: processes,
            command: raise("u", "nproc", tasks.maximum, processes),
        },
    ];
    let total = processes + OTHERS;
    for (name, key) in [
        ("kernel.pid_max", "kernel/pid_max"),
        ("kernel.threads-max", "kernel/threads-max"),
        ("fs.file-max", "fs/file-max"),
    ] {
        let needed = if key == "fs/file-max" { files } else { total };
        limits.push(kernel(name, key, needed));
    }
    if terminals {
        // Part of them is kept for the first mount of devpts.
        let kept = read("kernel/pty/reserve").unwrap_or_default();
        limits.push(kernel("kernel.pty.max", "kernel/pty/max", sessions + kept));
    }
    limits
}

fn kernel(name: &'static str, key: &str, needed: u64) -> Limit {
    Limit {
        name,
        is: read(key),
        needed,
        command: format!("sudo sysctl -w {name}={needed}"),
    }
}

/// A number of `/proc/sys`; `None` where the system has no such thing.
fn read(key: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/sys/{key}")).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_what_is_needed_is_told_with_what_raises_it() {
        let limit = |is| Limit {
            name: "kernel.pty.max",
            is,
            needed: 10,
            command: "sudo sysctl -w kernel.pty.max=10".to_owned(),
        };
        assert_eq!(limit(None).complaint(), None);
        assert_eq!(limit(Some(10)).complaint(), None);
        assert_eq!(
            limit(Some(9)).complaint().as_deref(),
            Some(
                "too low: kernel.pty.max is 9, needed are 10; \
                 raise it: sudo sysctl -w kernel.pty.max=10"
            )
        );
    }

    #[test]
    fn more_sessions_need_more_of_everything() {
        let (few, many) = (limits(1, true), limits(1_000_000, true));
        for (few, many) in few.iter().zip(&many) {
            assert!(few.needed < many.needed, "{}", few.name);
        }
    }
}
