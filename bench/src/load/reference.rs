//! The least that a server with a terminal can be: one thread, one task per session, no login, no
//! history, no screen, one viewer. What awp costs more than this is what its features cost.
//!
//! Output is sent at once after a silence and then gathered, up to [`BATCH`] bytes or one
//! millisecond; within [`ECHO`] of a keystroke nothing is held back.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use awp_server::process::spawn::watch;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Bytes of one message at most.
const BATCH: usize = 64 * 1024;

/// How long a flood is gathered.
const GATHER: Duration = Duration::from_millis(1);

/// For so long after a keystroke, its echo may come.
const ECHO: Duration = Duration::from_millis(5);

/// Serves `command` until it is killed.
///
/// # Errors
/// When the address is not to be had.
pub fn serve(listen: SocketAddr, command: &[String]) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let command = command.to_owned();
            tokio::spawn(async move {
                // A client that leaves is the usual end.
                let _ = session(stream, &command).await;
            });
        }
    })
}

/// Starts a program on a terminal of its own; the terminal's other side and the program.
///
/// # Errors
/// When there is no terminal, or no such program.
pub fn on_terminal(command: &[String]) -> anyhow::Result<(OwnedFd, Child)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&master, size)?;
    let path = ptsname(&master, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = File::from(rustix::fs::open(path, flags, rustix::fs::Mode::empty())?);
    // `setsid` gives it the terminal: between fork and exec, safe code cannot.
    let child = Command::new("setsid")
        .arg("--ctty")
        .args(command)
        .stdin(slave.try_clone()?)
        .stdout(slave.try_clone()?)
        .stderr(slave)
        .spawn()
        .context("setsid")?;
    Ok((master, child))
}

/// The end of a session: its program is told by the terminal, and waited for.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn session(stream: TcpStream, command: &[String]) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = 1024;
    let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    let (master, child) = on_terminal(command)?;
    let _program = Program(child);
    fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;
    let master = watch(master, Interest::READABLE | Interest::WRITABLE)?;
    let mut typed: Option<Instant> = None;
    let mut flooding = false;
    loop {
        tokio::select! {
            biased;
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    typed = Some(Instant::now());
                    write(&master, &bytes).await?;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            ready = master.readable() => {
                drop(ready?);
                let waits = typed.is_some_and(|typed| typed.elapsed() < ECHO);
                flooding = forward(&master, &mut socket, flooding && !waits).await?;
                if flooding {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

async fn write(master: &AsyncFd<OwnedFd>, mut bytes: &[u8]) -> anyhow::Result<()> {
    while !bytes.is_empty() {
        let mut ready = master.writable().await?;
        let done = ready.try_io(|fd| rustix::io::write(fd.as_fd(), bytes).map_err(io::Error::from));
        if let Ok(count) = done {
            bytes = &bytes[count?..];
        }
    }
    Ok(())
}

/// Sends what there is to read; whether there was much of it.
async fn forward(
    master: &AsyncFd<OwnedFd>,
    socket: &mut WebSocketStream<TcpStream>,
    gather: bool,
) -> anyhow::Result<bool> {
    let mut batch = vec![0; BATCH];
    let mut filled = 0;
    let until = Instant::now() + GATHER;
    while filled < BATCH {
        let reading = async {
            let mut ready = master.readable().await?;
            let rest = &mut batch[filled..];
            let read =
                ready.try_io(|fd| rustix::io::read(fd.as_fd(), rest).map_err(io::Error::from));
            anyhow::Ok(read)
        };
        let read = if filled == 0 {
            reading.await?
        } else if gather {
            match tokio::time::timeout_at(until, reading).await {
                Ok(read) => read?,
                Err(_) => break,
            }
        } else {
            reading.await?
        };
        match read {
            Ok(Ok(0)) => anyhow::bail!("the program has ended"),
            Ok(count) => filled += count?,
            Err(_) if filled == 0 => return Ok(false),
            Err(_) if !gather => break,
            Err(_) => {}
        }
    }
    batch.truncate(filled);
    let much = filled > 1024;
    socket.send(Message::Binary(Bytes::from(batch))).await?;
    Ok(much)
}
