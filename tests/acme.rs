//! Certificates by ACME: a real authority looks for the domains here, and signs.

#[path = "acme/authority.rs"]
mod authority;
mod harness;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use authority::{Authority, REFUSED};
use harness::server::awp;
use harness::tls::connect;
use harness::{until, within};
use rustix::process::{Pid, Signal, kill_process};
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Child;

/// Longer than a test takes, in seconds.
const LONG: u32 = 24 * 60 * 60;

struct Server {
    home: TempDir,
    at: SocketAddr,
    child: Child,
}

impl Server {
    /// Where the authority looks, with these domains.
    async fn start(home: TempDir, authority: &Authority, domains: &[&str], ca: bool) -> Self {
        let folder = home.path().join(".config/awp");
        std::fs::create_dir_all(&folder).expect("a folder");
        let trusted = format!("ca_file = '{}'", authority.ca_file().display());
        let text = format!(
            "[acme]\ndomains = {domains:?}\ncontact = [\"ann@a.example\"]\naccept_terms = true\n\
             directory = {:?}\n{}\n",
            authority.directory,
            if ca { &trusted } else { "" }
        );
        std::fs::write(folder.join("awp.toml"), text).expect("written");
        let at = authority.looks_at;
        let mut child = awp(&home, &["--listen", &at.to_string(), "--", "cat"], &[])
            .spawn()
            .expect("awp starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = within("the first line", lines.next_line())
            .await
            .expect("text");
        assert_eq!(
            line,
            Some(format!("listening on https://{at}/")),
            "{}",
            log(&home)
        );
        Self { home, at, child }
    }

    /// Waits for a line of the log.
    async fn says(&self, what: &str) -> String {
        let said = || {
            let log = log(&self.home);
            let line = log.lines().find(|line| line.contains(what));
            line.map(str::to_owned).ok_or_else(|| log.clone())
        };
        until(what, said).await
    }

    /// The status and the certificate that this name shows, to whoever trusts this root alone.
    async fn answers(&self, name: &str, root: &CertificateDer<'static>) -> (String, Vec<u8>) {
        let stream = connect(self.at, name, [root.clone()], &[b"http/1.1"]).await;
        let mut stream = stream.unwrap_or_else(|error| panic!("{name}: {error}"));
        let shown = stream.get_ref().1.peer_certificates().expect("shown")[0].to_vec();
        let host = format!("{name}:{}", self.at.port());
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let exchange = async {
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer)
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        (within("an answer", exchange).await, shown)
    }

    fn hang_up(&self) {
        let pid = Pid::from_raw(self.child.id().expect("runs").cast_signed()).expect("a process");
        kill_process(pid, Signal::HUP).expect("a child of ours");
    }

    async fn stop(mut self) -> TempDir {
        self.child.kill().await.expect("a child of ours");
        self.home
    }
}

fn log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a file of ours")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_comes_is_kept_and_is_for_exactly_these_domains() {
    let mut authority = Authority::start(LONG).await;
    let root = authority.root().await;
    let home = tempfile::tempdir().expect("a folder");
    let domains = ["Shell.example", "www.shell.example"];
    let server = Server::start(home, &authority, &domains, true).await;
    server.says("another certificate").await;
    let (status, first) = server.answers("shell.example", &root).await;
    assert_eq!(status, "HTTP/1.1 200 OK", "its domains are its names");
    assert_eq!(server.answers("www.shell.example", &root).await.1, first);
    let folder = server.home.path().join(".local/state/awp/acme");
    for name in ["account.json", "certificate.pem"] {
        let mode = std::fs::metadata(folder.join(name))
            .expect("kept")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let account = std::fs::read(folder.join("account.json")).expect("kept");
    let home = server.stop().await;
    // Another start takes it from there; other domains need another one, by the same account.
    let server = Server::start(home, &authority, &domains, true).await;
    assert_eq!(server.answers("shell.example", &root).await.1, first);
    assert!(
        !log(&server.home).contains("asking"),
        "{}",
        log(&server.home)
    );
    let home = server.stop().await;
    let server = Server::start(home, &authority, &domains[..1], true).await;
    server.says("another certificate").await;
    assert_ne!(server.answers("shell.example", &root).await.1, first);
    let again = std::fs::read(folder.join("account.json")).expect("kept");
    assert_eq!(account, again);
    let home = server.stop().await;
    // Nobody needs the authority for as long as what is kept holds.
    authority.stop().await;
    let server = Server::start(home, &authority, &domains[..1], true).await;
    server.answers("shell.example", &root).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_one_comes_before_the_old_one_ends() {
    let authority = Authority::start(6).await;
    let root = authority.root().await;
    let home = tempfile::tempdir().expect("a folder");
    let server = Server::start(home, &authority, &["shell.example"], true).await;
    server.says("another certificate").await;
    let (_, first) = server.answers("shell.example", &root).await;
    let renewed = || {
        let log = log(&server.home);
        let count = log.matches("another certificate").count();
        (count > 1).then_some(()).ok_or(log)
    };
    until("another one", renewed).await;
    let (status, second) = server.answers("shell.example", &root).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_ne!(first, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_the_server_goes_on_and_says_why() {
    let authority = Authority::start(LONG).await;
    let root = authority.root().await;
    let home = tempfile::tempdir().expect("a folder");
    let server = Server::start(home, &authority, &[REFUSED], true).await;
    let why = server.says("no certificate for").await;
    assert!(why.contains(REFUSED) && why.contains("policy"), "{why}");
    assert!(
        connect(server.at, REFUSED, [root], &[b"http/1.1"])
            .await
            .is_err()
    );
    // SIGHUP tries again at once.
    server.hang_up();
    let tried = || {
        let log = log(&server.home);
        let count = log.matches("no certificate for").count();
        (count > 1).then_some(()).ok_or(log)
    };
    until("another attempt", tried).await;
    let home = server.stop().await;
    // An authority that nobody knows is asked for nothing.
    let server = Server::start(home, &authority, &["shell.example"], false).await;
    let why = server.says("no certificate for shell.example").await;
    assert!(why.contains("UnknownIssuer"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authoritys_own_protocol_leads_nowhere() {
    let authority = Authority::start(LONG).await;
    let root = authority.root().await;
    let home = tempfile::tempdir().expect("a folder");
    let server = Server::start(home, &authority, &["shell.example"], true).await;
    server.says("another certificate").await;
    let asked = connect(server.at, "shell.example", [root.clone()], &[b"acme-tls/1"]).await;
    assert!(asked.is_err(), "there is no proof to show now");
    let both: [&[u8]; 2] = [b"acme-tls/1", b"http/1.1"];
    let stream = connect(server.at, "shell.example", [root], &both)
        .await
        .expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}
