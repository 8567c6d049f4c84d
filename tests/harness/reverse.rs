//! Reverse proxies of other people's making, in front of the server.

use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::deadline::until;

/// An address that nothing listens at.
pub fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

/// A proxy, until it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    _child: Child,
    _folder: TempDir,
}

impl Proxy {
    /// nginx with these lines in its `http` block.
    pub async fn nginx(address: SocketAddr, lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {path}/{kind};"))
            .join(" ");
        // As root it would take another account for its workers, which may not enter the folder.
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let text = format!(
            "{user} daemon off; master_process off; worker_processes 1; pid {path}/pid; \
             error_log {path}/error; events {{ worker_connections 64; }}\n\
             http {{ access_log off; {temporary}\n{lines}\n}}"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, text).expect("written");
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).arg("-p").arg(folder.path());
        command.arg("-e").arg(folder.path().join("error"));
        Self::start(address, command, folder).await
    }

    pub async fn caddy(address: SocketAddr, text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("Caddyfile");
        std::fs::write(&file, format!("{{\nadmin off\n}}\n{text}")).expect("written");
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(&file).env("HOME", folder.path());
        Self::start(address, command, folder).await
    }

    async fn start(address: SocketAddr, mut command: Command, folder: TempDir) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::null()).kill_on_drop(true).spawn();
        let proxy = Self {
            address,
            _child: child.expect("installed by `make packages`"),
            _folder: folder,
        };
        until("a proxy that listens", || {
            std::net::TcpStream::connect(address).map_err(|error| error.to_string())
        })
        .await;
        proxy
    }
}
