//! A server of one test's own, and the command line that talks to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// After this a test has failed; nothing is expected to take anywhere near as long.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A folder that stands for a home, and whatever servers were started in it.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// The socket that the command line finds its server at.
    pub fn socket(&self) -> PathBuf {
        self.0.path().join("run/awp.sock")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The binary, in an environment of its own.
    pub fn awp(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.0.path())
            .env("AWP_SOCKET_PATH", self.socket())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What the binary says to this.
    pub fn says(&self, arguments: &[&str]) -> Said {
        self.filters(arguments, b"")
    }

    /// What the binary makes of this input.
    pub fn filters(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.awp(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("awp starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // It may end before it has read everything.
        std::thread::spawn(move || stdin.write_all(&input));
        ended(child)
    }

    /// What it prints when all is well.
    pub fn prints(&self, arguments: &[&str]) -> String {
        let said = self.says(arguments);
        assert_eq!(said.status, 0, "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stderr, "", "{arguments:?}");
        said.text()
    }

    /// The sessions, as `ls --json` tells them.
    pub fn sessions(&self) -> Vec<serde_json::Value> {
        serde_json::from_str(&self.prints(&["ls", "--json"])).expect("a list")
    }
}

/// What a command said.
pub struct Said {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Said {
    pub fn text(self) -> String {
        String::from_utf8(self.stdout).expect("text")
    }
}

/// Waits for a child, with a deadline.
pub fn ended(child: Child) -> Said {
    let (done, waited) = mpsc::sync_channel::<Output>(1);
    let pid = pid(&child);
    std::thread::spawn(move || done.send(child.wait_with_output().expect("it was started")));
    let output = waited.recv_timeout(DEADLINE).unwrap_or_else(|_| {
        let _ = kill_process(pid, Signal::KILL);
        panic!("a command did not end in time");
    });
    Said {
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

pub fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process id")).expect("not 0")
}

/// Asks until it is so.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
    }
}

/// A running server.
pub struct Server {
    pub home: Home,
    child: Option<Child>,
    /// Its address.
    pub url: String,
}

impl Server {
    /// A server in a home of its own that runs this.
    pub fn of(command: &[&str]) -> Self {
        Self::in_home(Home::new(), command)
    }

    pub fn in_home(home: Home, command: &[&str]) -> Self {
        let (child, url) = start(&home, command);
        Self {
            home,
            child: Some(child),
            url,
        }
    }

    /// Signals it.
    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        kill_process(pid(child), signal).expect("it is there");
    }

    /// Ends it and gives what it said.
    pub fn stop(&mut self) -> Option<Said> {
        let child = self.child.take()?;
        let _ = kill_process(pid(&child), Signal::TERM);
        Some(ended(child))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts a server and waits until it listens.
fn start(home: &Home, command: &[&str]) -> (Child, String) {
    let mut arguments = vec!["--listen", "127.0.0.1:0", "--"];
    arguments.extend(command);
    let mut child = home.awp(&arguments).spawn().expect("awp starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    let Some(url) = line.trim_end().strip_prefix("listening on ") else {
        let mut why = String::new();
        let mut stderr = child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut why).expect("text");
        panic!("the server did not start: {line}{why}");
    };
    let url = url.to_owned();
    // Both lines are there before it serves; the rest of its output is of no interest.
    lines.read_line(&mut line).expect("a line");
    (child, url)
}
