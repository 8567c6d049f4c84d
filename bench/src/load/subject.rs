//! What is measured: awp, its peers, and the least that a server can be. Each is started for a
//! measurement and ended after it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::client::{Client, Dialect};
use super::proc;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(20);

/// Sessions and viewers that awp is told to allow: more than a machine carries.
const MANY: &str = "100000";

/// Which server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// awp with a terminal.
    Awp,
    /// awp with pipes.
    AwpPipe,
    /// The least that a server with a terminal can be, see [`super::reference`].
    Reference,
    /// <https://github.com/tsl0922/ttyd>
    Ttyd,
    /// <https://github.com/sorenisanerd/gotty>
    Gotty,
    /// <https://github.com/joewalnes/websocketd>, on pipes
    Websocketd,
}

/// A server and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is called in the tables.
    pub name: &'static str,
    /// Which it is.
    pub kind: Kind,
    /// What is spoken.
    pub dialect: Dialect,
    program: PathBuf,
}

impl Subject {
    /// awp itself.
    pub fn awp(program: &Path, name: &'static str, kind: Kind, dialect: Dialect) -> Self {
        let program = program.to_owned();
        Self {
            name,
            kind,
            dialect,
            program,
        }
    }

    /// The least that a server can be.
    ///
    /// # Errors
    /// When this program does not know where it is.
    pub fn reference() -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        Ok(Self::awp(
            &program,
            "minimal",
            Kind::Reference,
            Dialect::Raw,
        ))
    }

    /// A server of others, where it is installed.
    pub fn peer(name: &'static str) -> Option<Self> {
        let (kind, dialect) = match name {
            "ttyd" => (Kind::Ttyd, Dialect::Tty),
            "gotty" => (Kind::Gotty, Dialect::Gotty),
            _ => (Kind::Websocketd, Dialect::Raw),
        };
        let program = proc::on_path(name)?;
        Some(Self::awp(&program, name, kind, dialect))
    }

    /// Whether its sessions have terminals.
    pub fn has_terminal(&self) -> bool {
        !matches!(self.kind, Kind::AwpPipe | Kind::Websocketd)
    }

    /// Starts it with this command in its sessions.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub fn start(&self, command: &[&str]) -> anyhow::Result<Running> {
        self.start_with(&[], command)
    }

    /// Starts it with further options of its own.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub fn start_with(&self, options: &[&str], command: &[&str]) -> anyhow::Result<Running> {
        self.start_under(&[], options, command)
    }

    /// Starts it with a program around it, such as one that counts what it does.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub fn start_under(
        &self,
        around: &[&str],
        options: &[&str],
        command: &[&str],
    ) -> anyhow::Result<Running> {
        let address = free_address()?;
        let listen = address.to_string();
        let port = address.port().to_string();
        let place = tempfile::tempdir()?;
        let mut server = match around {
            [] => Command::new(&self.program),
            [outer, arguments @ ..] => {
                let mut outer = Command::new(outer);
                outer.args(arguments).arg(&self.program);
                outer
            }
        };
        match self.kind {
            Kind::Awp => server.args(awp(&listen)),
            Kind::AwpPipe => server.args(awp(&listen)).args(["--mode", "pipe"]),
            Kind::Reference => server.args(["minimal", "--listen", &listen]),
            Kind::Ttyd => server.args(["-p", &port, "-i", "lo", "-W", "-d", "0"]),
            Kind::Gotty => server.args(["-a", "127.0.0.1", "-p", &port, "-w"]),
            Kind::Websocketd => {
                let port = format!("--port={port}");
                let quiet = "--loglevel=fatal";
                server.args(["--address=127.0.0.1", &port, quiet, "--binary"])
            }
        };
        server.args(options);
        if matches!(self.kind, Kind::Awp | Kind::AwpPipe) {
            server.env("AWP_ON_DISCONNECT", "hangup");
            server.env("XDG_STATE_HOME", place.path());
            server.env("XDG_RUNTIME_DIR", place.path());
            server.env("XDG_CONFIG_HOME", place.path());
            if !command.is_empty() {
                server.arg("--");
            }
        }
        server.args(command).stdin(Stdio::null());
        server.stdout(Stdio::null()).stderr(Stdio::null());
        let child = server.spawn().with_context(|| self.name)?;
        let mut running = Running {
            child,
            address,
            path: match self.kind {
                Kind::Websocketd => "/",
                _ => "/ws",
            },
            dialect: self.dialect,
            _place: place,
        };
        running.listens().with_context(|| self.name)?;
        Ok(running)
    }
}

fn awp(listen: &str) -> [&str; 9] {
    [
        "serve",
        "--no-auth",
        "--log-level=error",
        "--max-sessions",
        MANY,
        "--max-viewers",
        MANY,
        "--listen",
        listen,
    ]
}

/// An address that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// A server that runs; it is ended when this is dropped.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    path: &'static str,
    dialect: Dialect,
    /// Where it keeps its state.
    _place: tempfile::TempDir,
}

impl Running {
    fn listens(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            ensure!(self.child.try_wait()?.is_none(), "it has ended");
            ensure!(began.elapsed() < START, "it does not listen");
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has. With a program around it, this is asked of the
    /// server, and waited for is the program around it.
    ///
    /// # Errors
    /// When it does not end.
    pub fn end(mut self, around: bool) -> anyhow::Result<()> {
        let pid = if around {
            *proc::children(self.pid()).first().context("no server")?
        } else {
            self.pid()
        };
        let pid = Pid::from_raw(pid.cast_signed()).context("no server")?;
        kill_process(pid, Signal::TERM)?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(began.elapsed() < START, "it does not end");
            super::sessions::wait(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Where sessions are opened.
    pub fn door(&self) -> Door {
        Door {
            address: self.address,
            path: self.path,
            dialect: self.dialect,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let children = proc::children(self.pid());
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // What ignores its terminal's hang-up must not run beside the next measurement.
        for child in children {
            if let Some(pid) = Pid::from_raw(child.cast_signed()) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// Where sessions are opened.
#[derive(Clone, Copy)]
pub struct Door {
    address: SocketAddr,
    path: &'static str,
    dialect: Dialect,
}

impl Door {
    /// Opens a session, with reads of up to `buffer` bytes.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open(&self, buffer: usize) -> anyhow::Result<Client> {
        Client::open(self.address, self.path, self.dialect, buffer).await
    }

    /// Opens a socket at another path, in another dialect.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open_at(
        &self,
        path: &str,
        dialect: Dialect,
        buffer: usize,
    ) -> anyhow::Result<Client> {
        Client::open(self.address, path, dialect, buffer).await
    }
}
