//! TLS: what is shown, what is spoken over it, and that a new certificate is taken at once.

mod harness;

use std::path::Path;
use std::time::Duration;

use harness::people::verb;
use harness::server::{TOKEN, awp};
use harness::tls::connect;
use harness::{until, within};
use rustix::process::{Pid, Signal, kill_process};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio_rustls::client::TlsStream;

struct Secure {
    home: TempDir,
    port: u16,
    child: Child,
}

impl Secure {
    async fn start(home: TempDir, options: &[&str]) -> Self {
        let mut arguments = vec!["--listen", "127.0.0.1:0"];
        arguments.extend(options);
        arguments.extend(["--", "cat"]);
        let mut child = awp(&home, &arguments, &[]).spawn().expect("awp starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = within("the first line", lines.next_line())
            .await
            .expect("text");
        let line = line.unwrap_or_else(|| panic!("{:?}", log(&home)));
        let port = line
            .strip_prefix("listening on https://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix('/')?.parse().ok());
        let port = port.unwrap_or_else(|| panic!("{line}"));
        Self { home, port, child }
    }

    /// A connection that trusts this certificate alone.
    async fn connect(&self, cert: &Path, alpn: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        let roots = CertificateDer::pem_file_iter(cert).expect("a file");
        let roots = roots.map(|cert| cert.expect("a certificate"));
        let address = ([127, 0, 0, 1], self.port).into();
        connect(address, "localhost", roots, alpn).await
    }

    async fn ask(&self, cert: &Path, line: &str, headers: &str, body: &str) -> String {
        let mut stream = self
            .connect(cert, &[b"h2", b"http/1.1"])
            .await
            .expect("TLS");
        assert_eq!(
            stream.get_ref().1.alpn_protocol(),
            Some(&b"http/1.1"[..]),
            "no HTTP/2"
        );
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let exchange = async {
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        };
        within("an answer", exchange).await
    }
}

fn log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a file of ours")
}

/// A certificate and its key in this folder, under these names.
fn make(folder: &Path) -> [String; 2] {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    let paths = [folder.join("cert.pem"), folder.join("key.pem")];
    let texts = [made.cert.pem(), made.signing_key.serialize_pem()];
    for (path, text) in paths.iter().zip(texts) {
        let draft = path.with_extension("new");
        std::fs::write(&draft, text).expect("written");
        std::fs::rename(&draft, path).expect("renamed");
    }
    paths.map(|path| path.display().to_string())
}

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_self_signed_server_says_its_fingerprint_and_keeps_it() {
    let home = tempfile::tempdir().expect("a folder");
    let server = Secure::start(home, &["--tls-self-signed"]).await;
    let said = |home: &TempDir| {
        let log = log(home);
        let line = log
            .lines()
            .find(|line| line.contains("certificate SHA-256"));
        line.map_or_else(|| panic!("{log}"), str::to_owned)
    };
    let fingerprint = said(&server.home);
    let cert = server.home.path().join(".local/state/awp/tls-cert.pem");
    let body = json!({"token": TOKEN}).to_string();
    let answer = server.ask(&cert, "POST /api/v1/login", JSON, &body).await;
    let name = format!("set-cookie: __Host-awp_{}=", server.port);
    let cookie = answer.lines().find(|line| line.starts_with(&name));
    let cookie = cookie.unwrap_or_else(|| panic!("{answer}"));
    for attribute in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(
        !answer.contains("strict-transport-security"),
        "nobody signed it"
    );
    let Secure {
        home, mut child, ..
    } = server;
    child.kill().await.expect("a child of ours");
    let again = Secure::start(home, &["--tls-self-signed"]).await;
    assert_eq!(said(&again.home), fingerprint);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_at_once_and_a_wrong_one_never() {
    let home = tempfile::tempdir().expect("a folder");
    let [cert, key] = make(home.path());
    let options = ["--tls-cert", cert.as_str(), "--tls-key", key.as_str()];
    let server = Secure::start(home, &options).await;
    let old = server.home.path().join("old.pem");
    std::fs::copy(&cert, &old).expect("copied");
    let answer = server.ask(&old, "GET /healthz", "", "").await;
    assert!(
        answer.contains("strict-transport-security: max-age="),
        "{answer}"
    );
    std::fs::write(server.home.path().join("key.pem"), "garbage").expect("written");
    until("the warning", || {
        let log = log(&server.home);
        if log.contains("the certificate stays what it was") {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
    server.ask(&old, "GET /healthz", "", "").await;
    make(server.home.path());
    until("another certificate", || {
        let log = log(&server.home);
        if log.contains("another certificate") {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
    server.ask(Path::new(&cert), "GET /healthz", "", "").await;
    assert!(server.connect(&old, &[b"http/1.1"]).await.is_err());
    let pid = server
        .child
        .id()
        .and_then(|id| Pid::from_raw(id.try_into().ok()?));
    kill_process(pid.expect("it lives"), Signal::HUP).expect("sent");
    server.ask(Path::new(&cert), "GET /healthz", "", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tls_is_closed() {
    let home = tempfile::tempdir().expect("a folder");
    let server = Secure::start(home, &["--tls-self-signed"]).await;
    let mut plain = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .expect("a server");
    let request = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port);
    plain.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // A reset is a close as well.
    let _ = within("the close", plain.read_to_end(&mut answer)).await;
    assert!(
        !String::from_utf8_lossy(&answer).contains("HTTP"),
        "{answer:?}"
    );
    let cert = server.home.path().join(".local/state/awp/tls-cert.pem");
    let h2 = server.connect(&cert, &[b"h2"]).await;
    assert!(h2.is_err(), "HTTP/2 is not spoken");
    // One that says nothing is closed by the server, before the test's own deadline.
    let mut silent = TcpStream::connect(("127.0.0.1", server.port))
        .await
        .expect("a server");
    let read = within("the end of a silent one", silent.read(&mut [0; 16])).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    assert!(harness::deadline::DEADLINE > Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn c24_half_a_certificate_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let [cert, key] = make(home.path());
    let empty = home.path().join("empty").display().to_string();
    std::fs::write(&empty, "").expect("written");
    for (options, said) in [
        (&["--tls-cert", cert.as_str()][..], "--tls-key"),
        (&["--tls-key", key.as_str()], "--tls-cert"),
        (
            &["--tls-cert", &cert, "--tls-key", &key, "--tls-self-signed"],
            "--tls-self-signed",
        ),
        (&["--tls-cert", &empty, "--tls-key", &key], "empty"),
        (&["--tls-cert", &cert, "--tls-key", "/nosuch"], "/nosuch"),
    ] {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(options);
        arguments.extend(["--", "cat"]);
        let output = verb(&home, &arguments, "").await;
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{output:?}"
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
}
