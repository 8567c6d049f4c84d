//! A command in a terminal, typed into and looked at.

use std::fs::File;
use std::io::{Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::mpsc;
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::tcgetattr;

use crate::server::{DEADLINE, Home};

/// A terminal with awp in it.
pub struct Screen {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    seen: String,
    /// Everything that was ever shown.
    all: Vec<u8>,
    child: Option<Box<dyn Child + Send + Sync>>,
    pid: Pid,
    line: File,
    before: String,
}

impl Screen {
    /// Runs awp in a terminal.
    pub fn of(home: &Home, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let path = pair.master.tty_name().expect("its path");
        // Not to become the terminal of the tests themselves.
        let flags = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag");
        let mut open = File::options();
        let line = open.read(true).write(true).custom_flags(flags).open(path);
        let line = line.expect("the other side");
        let before = attributes(&line);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_awp"));
        command.args(arguments);
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("HOME", home.path(""));
        command.env("AWP_SOCKET_PATH", home.socket());
        command.cwd(home.path(""));
        let child = pair.slave.spawn_command(command).expect("awp starts");
        let pid = child.process_id().expect("it runs");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (pieces, output) = mpsc::sync_channel(64);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if pieces.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            keyboard: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            output,
            seen: String::new(),
            all: Vec::new(),
            child: Some(child),
            pid: Pid::from_raw(i32::try_from(pid).expect("a process id")).expect("not 0"),
            line,
            before,
        }
    }

    pub fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("typed");
        self.keyboard.flush().expect("typed");
    }

    /// Waits until this is shown, and forgets what was shown up to there.
    pub fn shows(&mut self, text: &str) {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(piece) => self.took(&piece),
                Err(error) => panic!("{text:?} is not shown ({error}), but {:?}", self.seen),
            }
        }
    }

    /// What was shown and not waited for.
    pub fn rest(&mut self) -> String {
        while let Ok(piece) = self.output.try_recv() {
            self.took(&piece);
        }
        self.seen.clone()
    }

    fn took(&mut self, piece: &[u8]) {
        self.seen.push_str(&String::from_utf8_lossy(piece));
        self.all.extend_from_slice(piece);
    }

    /// What the terminal is like after everything that was shown.
    pub fn terminal(&mut self) -> awp_server::model::screen::Screen {
        self.rest();
        let size = awp_server::model::size::Size { cols: 80, rows: 24 };
        let settings = awp_server::model::screen::Settings::default();
        let mut terminal = awp_server::model::screen::Screen::new(size, settings);
        terminal.feed(&self.all);
        terminal
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        self.master.resize(size).expect("resized");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("it runs");
    }

    /// Whether keys go to the program one by one, as they are.
    pub fn is_raw(&self) -> bool {
        attributes(&self.line) != self.before
    }

    /// Waits until awp has ended; the terminal must then be as it was.
    pub fn ends(&mut self) -> u32 {
        let mut child = self.child.take().expect("it runs");
        let (done, waited) = mpsc::sync_channel(1);
        std::thread::spawn(move || done.send(child.wait().expect("it was started")));
        let status = waited.recv_timeout(DEADLINE).unwrap_or_else(|_| {
            panic!("awp did not end: {:?}", self.rest());
        });
        assert!(!self.is_raw(), "the terminal is given back as it was");
        status.exit_code()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.child.is_some() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn attributes(line: &File) -> String {
    format!("{:?}", tcgetattr(line).expect("a terminal"))
}
