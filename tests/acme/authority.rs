//! A certificate authority that speaks ACME: Pebble, with a resolver that finds every name here.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::harness::reverse::free;
use crate::harness::tls::connect;
use crate::harness::{until, within};

/// The name that Pebble refuses.
pub const REFUSED: &str = "refused.example";

/// Pebble, until it is dropped.
pub struct Authority {
    /// Its own address.
    pub directory: String,
    /// Where it looks for the domains.
    pub looks_at: SocketAddr,
    management: SocketAddr,
    folder: TempDir,
    pebble: Child,
    _names: Child,
}

impl Authority {
    /// One whose certificates hold for so many seconds.
    pub async fn start(seconds: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        std::fs::write(path("cert.pem"), own.cert.pem()).expect("written");
        std::fs::write(path("key.pem"), own.signing_key.serialize_pem()).expect("written");
        let [listens, management, looks_at, http] = [free(), free(), free(), free()];
        let config = json!({"pebble": {
            "listenAddress": listens.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": path("cert.pem"),
            "privateKey": path("key.pem"),
            "httpPort": http.port(),
            "tlsPort": looks_at.port(),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "domainBlocklist": [REFUSED],
            "certificateValidityPeriod": seconds,
        }});
        std::fs::write(path("config.json"), config.to_string()).expect("written");
        let resolver = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let resolver = resolver.expect("a port").to_string();
        let names_managed = free();
        let mut names = Command::new("pebble-challtestsrv");
        names.args([
            "-defaultIPv6",
            "",
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]);
        names.args([
            "-dns01",
            &resolver,
            "-management",
            &names_managed.to_string(),
        ]);
        let names = spawn(names, &path("names.log"));
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(path("config.json"));
        pebble
            .args(["-dnsserver", &resolver])
            .env("PEBBLE_VA_NOSLEEP", "1");
        let pebble = spawn(pebble, &path("pebble.log"));
        for address in [listens, management, names_managed] {
            until("an authority that listens", || {
                std::net::TcpStream::connect(address).map_err(|error| error.to_string())
            })
            .await;
        }
        Self {
            directory: format!("https://localhost:{}/dir", listens.port()),
            looks_at,
            management,
            folder,
            pebble,
            _names: names,
        }
    }

    /// The certificate that it shows itself.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The certificate that all of its own are signed by.
    pub async fn root(&self) -> CertificateDer<'static> {
        let own = CertificateDer::from_pem_file(self.ca_file()).expect("a certificate");
        let mut stream = connect(self.management, "localhost", [own], &[])
            .await
            .expect("TLS");
        let request = "GET /roots/0 HTTP/1.0\r\nHost: localhost\r\n\r\n";
        let asked = async {
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            answer
        };
        let answer = within("the root", asked).await;
        CertificateDer::from_pem_slice(&answer).expect("a certificate")
    }

    /// It answers nobody any more.
    pub async fn stop(&mut self) {
        self.pebble.kill().await.expect("a child of ours");
    }
}

fn spawn(mut command: Command, log: &Path) -> Child {
    let log = std::fs::File::create(log).expect("a file");
    let errors = log.try_clone().expect("a descriptor");
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    let child = command.kill_on_drop(true).spawn();
    child.expect("installed by `make packages`")
}
