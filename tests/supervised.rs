//! A server that is started by a supervisor, as systemd: sockets that are passed on, and what it is
//! told of.

mod harness;

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use harness::server::awp;
use harness::{Dialect, Server, Viewer, within};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixDatagram, UnixStream};
use tokio::process::Command;

/// Starts awp as systemd would: with the socket as descriptor 3, for this very process.
fn passing(home: &TempDir, socket: impl Into<OwnedFd>, arguments: &[&str]) -> Command {
    let own = awp(home, arguments, &[]);
    let own = own.as_std();
    let line = "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
    let log = std::fs::File::create(home.path().join("log")).expect("a file");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line, "sh"]).arg(own.get_program());
    command.args(own.get_args()).env_clear();
    let variables = own.get_envs();
    command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::from(socket.into()));
    command
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    command
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn a_socket_that_is_passed_on_is_served_and_lost_by_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    // Whoever came before the server is served by it.
    let mut early = TcpStream::connect(address).await.expect("a queue");
    let asked = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    early.write_all(asked.as_bytes()).await.expect("sent");
    let home = home();
    let kept = listener.try_clone().expect("a descriptor");
    let line = "env; ls /proc/self/fd | tr '\\n' ' '; echo; echo over; exec cat";
    let command = passing(&home, listener, &["--mode", "pipe", "--", "sh", "-c", line]);
    let mut server = Server::launch(home, command).await;
    assert_eq!(server.address, address);
    let mut text = String::new();
    let read = within("an answer", early.read_to_string(&mut text)).await;
    read.expect("text");
    assert!(text.ends_with("\r\n\r\nok"), "{text}");
    // What was passed on to the server is not passed on to programs.
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws").await;
    viewer.until_text(0, "over").await;
    let seen = viewer.seen.out.text();
    assert!(!seen.contains("LISTEN_"), "{seen}");
    // Of ls itself: its three, and the folder that it reads.
    assert!(seen.contains("\n0 1 2 3 \n"), "{seen}");
    server.signal(Signal::TERM);
    assert!(server.ended().await.success());
    // The socket outlives the server: whoever comes now waits for the next one.
    assert!(TcpStream::connect(address).await.is_ok());
    drop(kept);
}

#[tokio::test]
async fn the_file_of_a_socket_that_is_passed_on_stays() {
    let folder = home();
    let path = folder.path().join("passed.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    let home = home();
    let mut command = passing(&home, listener, &["--", "cat"]);
    let mut child = command.spawn().expect("awp starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let expected = format!("listening on unix:{}\n", path.display());
    let mut line = vec![0; expected.len()];
    let read = within("its first line", stdout.read_exact(&mut line)).await;
    read.expect("a line");
    assert_eq!(String::from_utf8_lossy(&line), expected);
    let mut stream = UnixStream::connect(&path).await.expect("a server");
    let asked = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.expect("sent");
    let mut text = String::new();
    let read = within("an answer", stream.read_to_string(&mut text)).await;
    read.expect("text");
    assert!(text.ends_with("\r\n\r\nok"), "{text}");
    let pid = child.id().and_then(|pid| pid.try_into().ok());
    let pid = pid.and_then(rustix::process::Pid::from_raw).expect("an id");
    rustix::process::kill_process(pid, Signal::TERM).expect("it lives");
    let ended = within("its end", child.wait()).await;
    assert!(ended.expect("a child of ours").success());
    assert!(path.exists());
}

#[tokio::test]
async fn a_socket_that_is_passed_on_is_checked_as_one_that_is_named() {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let home = home();
    let mut command = passing(&home, listener, &["--", "cat"]);
    let mut child = command.spawn().expect("awp starts");
    let status = within("a refusal", child.wait()).await;
    assert_eq!(status.expect("a child of ours").code(), Some(2));
    let log = std::fs::read_to_string(home.path().join("log")).expect("a file of ours");
    assert!(log.starts_with("awp: --listen: plain HTTP"), "{log}");
}

#[tokio::test]
async fn what_was_passed_on_to_another_process_is_none_of_ours() {
    let environment = [("LISTEN_PID", "1"), ("LISTEN_FDS", "1")];
    let server = Server::with_environment(&["--mode", "pipe"], &["cat"], &environment).await;
    assert_eq!(server.send("GET /healthz", "", "").await.status, 200);
}

/// The next message to a supervisor.
async fn told(supervisor: &UnixDatagram) -> String {
    let mut message = vec![0; 4096];
    let received = within("a message", supervisor.recv(&mut message)).await;
    message.truncate(received.expect("a message"));
    String::from_utf8(message).expect("text")
}

#[tokio::test]
async fn the_supervisor_is_told_of_every_step() {
    let folder = home();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).expect("a socket");
    let path = path.display().to_string();
    let environment = [("NOTIFY_SOCKET", path.as_str())];
    let mut server = Server::with_environment(&["--mode", "pipe"], &["env"], &environment).await;
    assert_eq!(told(&supervisor).await, "READY=1\n");
    assert_eq!(server.send("GET /healthz", "", "").await.status, 200);
    let viewer = Viewer::open(&server, Dialect::Json, "/ws").await;
    let seen = viewer.rest().await.out.text();
    assert!(
        seen.contains("AWP_SESSION") && !seen.contains("NOTIFY"),
        "{seen}"
    );
    server.signal(Signal::HUP);
    assert!(
        told(&supervisor)
            .await
            .starts_with("STATUS=the configuration was read")
    );
    server.signal(Signal::TERM);
    assert_eq!(told(&supervisor).await, "STOPPING=1\n");
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn a_watchdog_hears_that_the_server_lives() {
    let folder = home();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).expect("a socket");
    let path = path.display().to_string();
    let environment = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "20000")];
    let _server = Server::with_environment(&["--mode", "pipe"], &["cat"], &environment).await;
    assert_eq!(told(&supervisor).await, "READY=1\n");
    for _ in 0..3 {
        assert_eq!(told(&supervisor).await, "WATCHDOG=1\n");
    }
}
