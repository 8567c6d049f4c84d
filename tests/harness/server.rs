//! The server under test: the built binary.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::deadline::within;
use super::proc;

/// The owner's token of every server under test.
pub const TOKEN: &str = "owner-token-of-the-tests-0123456789abcdefghi";

/// A server; it is killed when dropped, and what it has started with it.
pub struct Server {
    pub address: SocketAddr,
    pub home: TempDir,
    child: Child,
    /// Kept open: a server whose output is closed must not be what every test tests.
    _stdout: Lines<BufReader<ChildStdout>>,
}

/// Awp with a token and nothing in its environment but a `PATH`, a home and what is given.
pub fn awp(home: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let token = home.path().join("token");
    std::fs::write(&token, TOKEN).expect("written");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&token, private).expect("a file of ours");
    let log = std::fs::File::create(home.path().join("log")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("AWP_TOKEN_FILE", &token)
        .envs(environment.iter().copied())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    command
}

impl Server {
    /// Serves `command` with these options, on a free port.
    pub async fn start(options: &[&str], command: &[&str]) -> Self {
        Self::with_environment(options, command, &[]).await
    }

    /// Serves a command on pipes.
    pub async fn pipe(command: &[&str]) -> Self {
        Self::start(&["--mode", "pipe"], command).await
    }

    /// Serves a command line of the shell, on a terminal.
    pub async fn shell(line: &str) -> Self {
        Self::start(&[], &["sh", "-c", line]).await
    }

    /// As [`Server::start`], with more in the server's own environment.
    pub async fn with_environment(
        options: &[&str],
        command: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut arguments = vec!["--listen", "127.0.0.1:0"];
        arguments.extend(options);
        arguments.push("--");
        arguments.extend(command);
        let command = awp(&home, &arguments, environment);
        Self::launch(home, command).await
    }

    /// Takes what this command starts, by whatever way it gets to `awp`.
    pub async fn launch(home: TempDir, mut command: Command) -> Self {
        let mut child = command.spawn().expect("awp starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut stdout = BufReader::new(stdout).lines();
        let first = within("the first line of awp", stdout.next_line()).await;
        let log = || std::fs::read_to_string(home.path().join("log"));
        let first = first.ok().flatten();
        let first = first.unwrap_or_else(|| panic!("{command:?}: {:?}", log()));
        let address = first
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.split_once('/')?.0.parse().ok());
        Self {
            address: address.unwrap_or_else(|| panic!("{first:?}")),
            home,
            child,
            _stdout: stdout,
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("not waited for yet")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = self.pid().try_into().ok().and_then(Pid::from_raw);
        kill_process(pid.expect("an id"), signal).expect("it lives");
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let status = within("the end of awp", self.child.wait()).await;
        status.expect("a child of ours")
    }

    /// What its sessions still have: whatever lives with its home and is not the server.
    pub fn descendants(&self) -> Vec<(u32, String)> {
        let home = format!("HOME={}", self.home.path().display());
        let mut living = proc::with_variable(&home);
        if let Some(own) = self.child.id() {
            living.remove(&own);
        }
        living.into_iter().collect()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).expect("a file of ours")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        for (pid, _) in self.descendants() {
            if let Some(pid) = pid.try_into().ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}
