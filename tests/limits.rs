//! What the system lets a session's processes have: limits of each process, and control groups.
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

mod harness;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use harness::people::verb;
use harness::{Dialect, Server, Viewer};
use tempfile::TempDir;

/// Says what it may have, as the shell tells it: descriptors, core, processor time, address space.
const ASKS: &str = r#"echo '"'$(ulimit -n) $(ulimit -c) $(ulimit -t) $(ulimit -v) hard $(ulimit -Hn) over'"'; read a"#;

/// All limits of a process, and what the shell says of them.
const ALL: &str = r#"limits = { files = 64, core = "0", cpu_time = "1h", address_space = "4GiB" }"#;
const SAID: &str = "64 0 3600 4194304 hard 64 over";

/// A server with one app, whose table ends with these lines.
async fn server(command: &str, lines: &str) -> (TempDir, Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    let text = format!("[app.a]\ncommand = [\"sh\", \"-c\", {command:?}]\n{lines}\n");
    fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let server = Server::start(&["--config", &file], &["cat"]).await;
    (folder, server)
}

async fn said(server: &Server) -> String {
    let mut viewer = Viewer::open(server, Dialect::Json, "/ws/a").await;
    viewer.until_text(0, "over").await;
    let text = viewer.seen.out.text();
    text.split('"').nth(1).expect("a word").to_owned()
}

#[tokio::test]
async fn every_process_has_its_limits_in_every_mode() {
    for mode in ["pty", "pipe", "lines", "json", "pty+err"] {
        let lines = format!("mode = \"{mode}\"\nforce_pty_err = true\n{ALL}");
        let (_folder, server) = server(ASKS, &lines).await;
        assert_eq!(said(&server).await, SAID, "{mode}");
        assert!(!server.log().contains("do not apply"), "{}", server.log());
    }
}

#[tokio::test]
async fn another_account_has_them_too() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start programs as another account");
        return;
    }
    let lines = format!("user = \"games\"\nmode = \"pipe\"\n{ALL}");
    let (_folder, server) = server(ASKS, &lines).await;
    assert_eq!(said(&server).await, SAID);
}

#[tokio::test]
async fn who_computes_too_long_is_ended() {
    let lines = "mode = \"pipe\"\nlimits = { cpu_time = \"1s\" }";
    let (_folder, server) = server("while :; do :; done", lines).await;
    let viewer = Viewer::open(&server, Dialect::Json, "/ws/a").await;
    let seen = viewer.rest().await;
    // The soft and the hard limit are one: either may come first.
    let exit = seen.all("exit")[0];
    let signal = exit["signal"].as_str();
    assert!(matches!(signal, Some("XCPU" | "KILL")), "{exit:?}");
}

#[tokio::test]
async fn what_cannot_apply_is_said_at_the_start_and_by_the_check() {
    let lines = "mode = \"pipe\"\n\
                 limits = { files = 64, memory = \"512MiB\", pids = 64, cpu = \"50%\" }";
    let (folder, server) = server(ASKS, lines).await;
    let log = server.log();
    let file = folder.path().join("awp.toml").display().to_string();
    let checked = verb(&server.home, &["check", "--config", &file], "").await;
    let checked = String::from_utf8(checked.stdout).expect("text");
    let each = "limits of each process that apply: files\n";
    assert!(checked.contains(each), "{checked}");
    for name in ["memory", "pids", "cpu"] {
        let applies = checked.contains(&format!("limits.{name} applies to each session"));
        let not = checked.contains(&format!("limits.{name} does not apply here: "));
        assert!(applies != not, "{name}: {checked}");
    }
    // The log says which apply, or why none does.
    let told = log.contains("limits of a session that apply: ")
        || log.contains("limits.memory, limits.pids and limits.cpu do not apply: ");
    assert!(told, "{log}");
    // What can apply does, and the session runs in any case.
    assert!(said(&server).await.starts_with("64 "));
}

#[tokio::test]
async fn without_such_limits_nothing_is_said() {
    let (_folder, server) = server(ASKS, "mode = \"pipe\"").await;
    said(&server).await;
    let log = server.log();
    assert!(
        !log.contains("control group") && !log.contains("limits"),
        "{log}"
    );
}

/// A folder where this machine lets control groups be made; `None` where it does not.
fn group() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let root = mounts.lines().find_map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        (words.get(2) == Some(&"cgroup2")).then(|| words[1].to_owned())
    })?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let name = format!("test-of-awp-launcher-{}", std::process::id());
    let folder = PathBuf::from(root).join(own).join(name);
    fs::create_dir(&folder).ok().map(|()| folder)
}

/// The launcher alone, as the server starts it: it is in the group before the program begins.
#[test]
fn the_launcher_joins_the_group_of_the_session() {
    use std::os::unix::process::CommandExt as _;

    let launch = |group: &str| {
        let told = ["-", "files=50", group, "/", "/bin/sh", "sh", "-c"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
        let command = command.arg0("awp-launch").args(told);
        let command = command.arg("cat /proc/self/cgroup; ulimit -n");
        command.output().expect("awp starts")
    };
    let missing = launch("/nowhere/at/all");
    assert_eq!(missing.status.code(), Some(127));
    let why = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(why.contains("its control group cannot be joined"), "{why}");
    let Some(folder) = group() else {
        eprintln!("skipped: no control groups can be made here");
        return;
    };
    let inside = launch(folder.to_str().expect("text"));
    fs::remove_dir(&folder).expect("nothing is left in it");
    let said = String::from_utf8_lossy(&inside.stdout).into_owned();
    let name = folder.file_name().and_then(|name| name.to_str());
    let line = format!("/{}\n", name.expect("a name"));
    assert!(said.contains(&line) && said.ends_with("50\n"), "{said}");
}
