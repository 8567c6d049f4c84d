//! Clients that show a certificate, made by the real `openssl`: whose counts, for whom, how long.

mod harness;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use harness::http::Answer;
use harness::people::{add_user, does, verb};
use harness::server::{TOKEN, awp};
use harness::{until, within};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const CHECK: &str = "GET /api/v1/check";

/// Runs openssl in this folder.
fn openssl(folder: &Path, line: &str) {
    let mut command = Command::new("openssl");
    command.args(line.split(' ')).current_dir(folder);
    let output = command.stdin(Stdio::null()).output();
    let output = output.expect("installed by `make packages`");
    assert!(output.status.success(), "{line}: {output:?}");
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// An authority of this name.
fn authority(folder: &Path, name: &str) {
    let line =
        format!("req -x509 {KEY} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}");
    openssl(folder, &line);
}

/// A certificate `file` for this subject, signed by an authority, for so many days.
fn sign(folder: &Path, ca: &str, file: &str, subject: &str, days: &str) {
    sign_for(folder, (ca, file, subject, days), "clientAuth");
}

/// The same, for this use.
fn sign_for(folder: &Path, (ca, file, subject, days): (&str, &str, &str, &str), usage: &str) {
    let extensions = format!("extendedKeyUsage={usage}\n");
    std::fs::write(folder.join(format!("{usage}.cnf")), extensions).expect("written");
    let line = format!("req -new {KEY} -keyout {file}.key -out {file}.csr -subj {subject}");
    openssl(folder, &line);
    let line = format!(
        "x509 -req -in {file}.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial -out {file}.pem -days {days} \
         -extfile {usage}.cnf"
    );
    openssl(folder, &line);
}

struct Server {
    home: TempDir,
    port: u16,
    _child: Child,
}

impl Server {
    /// With the users bob and ann, and certificates of an authority that is its own and of one
    /// that is not.
    async fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        for (name, role) in [("bob", "write"), ("ann", "owner")] {
            add_user(&home, name, role, "password").await;
        }
        let folder = home.path();
        authority(folder, "ours");
        authority(folder, "theirs");
        sign(folder, "ours", "bob", "/O=Example/CN=bob", "1");
        sign(folder, "ours", "old", "/CN=bob", "-1");
        sign(folder, "theirs", "other", "/CN=bob", "1");
        sign(folder, "ours", "stranger", "/CN=mallory", "1");
        sign(folder, "ours", "two", "/CN=bob/CN=ann", "1");
        sign(folder, "ours", "owner", "/CN=owner", "1");
        sign_for(folder, ("ours", "site", "/CN=bob", "1"), "serverAuth");
        let ca = folder.join("ours.pem").display().to_string();
        let socket = folder.join("awp.sock").display().to_string();
        let arguments = [
            "--listen",
            "127.0.0.1:0",
            "--tls-self-signed",
            "--tls-client-ca",
            &ca,
            "--mode",
            "pipe",
            "--",
            "cat",
        ];
        let mut command = awp(&home, &arguments, &[("AWP_SOCKET_PATH", &socket)]);
        let mut child = command.spawn().expect("awp starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = within("the first line", lines.next_line()).await;
        let line = line
            .expect("text")
            .unwrap_or_else(|| panic!("{}", log(&home)));
        let port = line
            .strip_prefix("listening on https://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix('/')?.parse().ok());
        Self {
            port: port.unwrap_or_else(|| panic!("{line}")),
            home,
            _child: child,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A connection that shows this certificate.
    async fn connect(&self, certificate: Option<&str>) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let own = self.file(".local/state/awp/tls-cert.pem");
        let own = CertificateDer::from_pem_file(own).expect("a certificate");
        roots.add(own).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let config = match certificate {
            None => config.with_no_client_auth(),
            Some(name) => {
                let cert = CertificateDer::from_pem_file(self.file(&format!("{name}.pem")));
                let key = PrivateKeyDer::from_pem_file(self.file(&format!("{name}.key")));
                let chain = vec![cert.expect("a certificate")];
                let config = config.with_client_auth_cert(chain, key.expect("a key"));
                config.expect("a pair")
            }
        };
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    /// One request; `None` where TLS itself failed.
    async fn ask(&self, certificate: Option<&str>, line: &str, more: &str) -> Option<Answer> {
        let mut stream = self.connect(certificate).await.ok()?;
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{more}\r\n",
            self.port
        );
        let exchange = async {
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut text = String::new();
            // A close without a goodbye is one.
            let _ = stream.read_to_string(&mut text).await;
            (!text.is_empty()).then_some(text)
        };
        let text = within("an answer", exchange).await?;
        Some(Answer::parse(&text))
    }

    async fn status(&self, certificate: Option<&str>, more: &str) -> Option<u16> {
        Some(self.ask(certificate, CHECK, more).await?.status)
    }

    /// A new session of ann's, on a socket that shows this certificate.
    async fn socket(
        &self,
        certificate: &str,
    ) -> tokio_tungstenite::WebSocketStream<TlsStream<TcpStream>> {
        let stream = self.connect(Some(certificate)).await.expect("TLS");
        let mut request = format!("wss://localhost:{}/ws", self.port)
            .into_client_request()
            .expect("an address");
        let origin = format!("https://localhost:{}", self.port).parse();
        request
            .headers_mut()
            .insert("origin", origin.expect("a value"));
        let opened = Box::pin(tokio_tungstenite::client_async(request, stream));
        let (socket, _) = within("a socket", opened).await.expect("ann's");
        socket
    }
}

fn log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a file of ours")
}

/// The code that it is closed with, whatever comes before.
async fn closed<S>(mut socket: tokio_tungstenite::WebSocketStream<S>) -> Option<u16>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    use futures_util::StreamExt as _;
    use tokio_tungstenite::tungstenite::Message;
    let last = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(frame)) = message {
                return Some(u16::from(frame.code));
            }
        }
        None
    };
    within("a close", last).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_common_name_of_our_authoritys_certificate_is_the_user() {
    let server = Server::start().await;
    let answer = server.ask(Some("bob"), CHECK, "").await.expect("TLS");
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(answer.header("x-awp-user"), Some("bob"));
    assert_eq!(answer.header("x-awp-role"), Some("write"), "the table's");
    // Who shows none sees the login, and no more.
    assert_eq!(server.status(None, "").await, Some(401));
    let page = server.ask(None, "GET /healthz", "").await.expect("TLS");
    assert_eq!(page.status, 200);
    for (certificate, status) in [
        ("stranger", Some(401)),
        ("two", Some(401)),
        ("owner", Some(401)),
        // TLS itself refuses these.
        ("other", None),
        ("old", None),
        ("site", None),
    ] {
        let seen = server.status(Some(certificate), "").await;
        assert_eq!(seen, status, "{certificate}");
    }
    until("the audit", || {
        let log = log(&server.home);
        let has =
            |line: &str| line.contains("how=\"certificate\"") && line.contains("user=\"bob\"");
        if log
            .lines()
            .any(|line| line.contains("event=\"login\"") && has(line))
        {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_not_lent_to_others() {
    let server = Server::start().await;
    let owner = format!("Authorization: Bearer {TOKEN}\r\n");
    let answer = server.ask(Some("bob"), CHECK, &owner).await.expect("TLS");
    assert_eq!(answer.header("x-awp-user"), Some("owner"), "what is shown");
    let wrong = "Authorization: Bearer wrong\r\n";
    assert_eq!(server.status(Some("bob"), wrong).await, Some(401));
    for proxied in [
        "X-Forwarded-For: 192.0.2.1\r\n",
        "Via: 1.1 x\r\n",
        "Forwarded: for=x\r\n",
    ] {
        assert_eq!(server.status(Some("bob"), proxied).await, Some(401));
    }
    for page in [
        "Origin: https://evil.example\r\n",
        "Origin: https://localhost:1\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        assert_eq!(server.status(Some("bob"), page).await, Some(403), "{page}");
    }
    let make = "POST /api/v1/sessions";
    let browser = "User-Agent: Mozilla/5.0\r\nContent-Type: application/json\r\n";
    let answer = server.ask(Some("bob"), make, browser).await.expect("TLS");
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_user_is_out_whatever_the_certificate_says() {
    let server = Server::start().await;
    let folder = server.home.path();
    sign(folder, "ours", "ann", "/CN=ann", "1");
    let socket = server.socket("ann").await;
    does(&server.home, &["user", "rm", "ann"], "").await;
    assert_eq!(closed(socket).await, Some(4401));
    assert_eq!(server.status(Some("ann"), "").await, Some(401));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_ends_with_its_certificate() {
    let server = Server::start().await;
    let folder = server.home.path();
    let line = format!("req -new {KEY} -keyout soon.key -out soon.csr -subj /CN=ann");
    openssl(folder, &line);
    std::fs::write(folder.join("index.txt"), "").expect("written");
    let section = "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\n\
                   default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n";
    std::fs::write(folder.join("ca.cnf"), section).expect("written");
    // It ends while the socket is open: that is what is waited for.
    let date = Command::new("date")
        .args(["-u", "-d", "+4 seconds", "+%Y%m%d%H%M%SZ"])
        .output();
    let date = String::from_utf8(date.expect("date").stdout).expect("text");
    let line = format!(
        "ca -batch -config ca.cnf -cert ours.pem -keyfile ours.key -in soon.csr -out soon.pem \
         -extfile clientAuth.cnf -enddate {}",
        date.trim()
    );
    openssl(folder, &line);
    let socket = server.socket("soon").await;
    assert_eq!(closed(socket).await, Some(4401));
    // To TLS its last second is one of its own; nobody is let in with it any more.
    let seen = server.status(Some("soon"), "").await;
    assert!(matches!(seen, None | Some(401)), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_is_taken_while_the_server_runs() {
    let server = Server::start().await;
    assert_eq!(server.status(Some("other"), "").await, None);
    let draft = server.file("draft.pem");
    std::fs::copy(server.file("theirs.pem"), &draft).expect("copied");
    std::fs::rename(&draft, server.file("ours.pem")).expect("renamed");
    let taken = async {
        while server.status(Some("other"), "").await != Some(204) {
            tokio::task::yield_now().await;
        }
    };
    within("their certificates", taken).await;
    assert_eq!(server.status(Some("bob"), "").await, None, "no longer ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn c24_an_authority_that_cannot_be_used_is_an_error_at_start() {
    let home = tempfile::tempdir().expect("a folder");
    let empty = home.path().join("empty").display().to_string();
    std::fs::write(&empty, "").expect("written");
    for (options, said) in [
        (&["--tls-client-ca", &empty][..], "--tls-self-signed"),
        (&["--tls-self-signed", "--tls-client-ca", &empty], "empty"),
        (
            &["--tls-self-signed", "--tls-client-ca", "/nosuch"],
            "/nosuch",
        ),
        (
            &["--tls-self-signed", "--no-auth", "--tls-client-ca", &empty],
            "--no-auth",
        ),
    ] {
        let start = ["serve", "--listen", "127.0.0.1:0"];
        let arguments = [&start, options, &["--", "cat"][..]].concat();
        let output = verb(&home, &arguments, "").await;
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{output:?}"
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
}
