//! The provider, and a browser that goes there and back.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::harness::http::Answer;
use crate::harness::{Server, within};

/// Whom the provider knows awp as, and what proves it.
const CLIENT: &str = "awp";
const SECRET: &str = "a-secret-of-the-client-5b1e";

/// A provider, until it is dropped.
pub struct Provider {
    pub address: SocketAddr,
    _child: Child,
}

/// One request to this address.
async fn ask(address: SocketAddr, line: &str, kind: &str, body: &str) -> Answer {
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.expect("a provider");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("text");
        answer
    };
    Answer::parse(&within(format!("an answer to {line}"), exchange).await)
}

impl Provider {
    pub async fn start() -> Self {
        let python = std::env::var("OIDC_PYTHON");
        let python =
            python.expect("OIDC_PYTHON: make oidc-test says which Python has the provider");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/provider.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(CLIENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let secret = format!("{SECRET}\n");
        stdin.write_all(secret.as_bytes()).await.expect("sent");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = within("the provider's port", lines.next_line()).await;
        let port = port.expect("text").expect("a line");
        Self {
            address: format!("127.0.0.1:{port}").parse().expect("an address"),
            _child: child,
        }
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what it tells of a user.
    pub async fn user(&self, name: &str, claims: Value) {
        let line = format!("PUT /users/{name}");
        let answer = ask(self.address, &line, "application/json", &claims.to_string()).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    /// Says what is wrong with it from now on.
    pub async fn fault(&self, name: &str) {
        let answer = ask(self.address, "PUT /fault", "text/plain", name).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    /// How often a code was brought to it.
    pub async fn asked(&self) -> u32 {
        let answer = ask(self.address, "GET /asked", "text/plain", "").await;
        answer.body.trim().parse().expect("a number")
    }

    /// A home with this provider in its configuration, and these further lines of that.
    pub fn home(&self, more: &str) -> TempDir {
        let home = tempfile::tempdir().expect("a folder");
        let secret = home.path().join("secret");
        std::fs::write(&secret, SECRET).expect("written");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&secret, private).expect("a file of ours");
        let folder = home.path().join(".config/awp");
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = format!(
            "[oidc]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret_file = {:?}\n\
             name = \"Example <ID>\"\nuser_claim = \"preferred_username\"\n{more}\n",
            self.issuer(),
            secret.display().to_string()
        );
        std::fs::write(folder.join("awp.toml"), text).expect("written");
        home
    }

    /// Where a person who says to be this user at the provider is sent back to; `None`: who says no.
    pub async fn approves(&self, user: Option<&str>, at: &str) -> String {
        let path = at.strip_prefix(&self.issuer()).expect("the provider's");
        let form = user.map_or("action=deny".to_owned(), |user| format!("sub={user}"));
        let kind = "application/x-www-form-urlencoded";
        let answer = ask(self.address, &format!("POST {path}"), kind, &form).await;
        assert_eq!(answer.status, 302, "{answer:?}");
        answer.header("location").expect("a place").to_owned()
    }
}

/// A browser on its way to the provider.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where it is sent.
    pub to: String,
    /// What it keeps meanwhile.
    pub cookie: String,
}

/// The value of a key in the query of an address.
pub fn query(url: &str, key: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or("");
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(name, _)| name == key);
    found.map(|(_, value)| value.into_owned())
}

impl Server {
    /// Follows the link of the page.
    pub async fn sets_out(&self) -> Way {
        let answer = self.send("GET /api/v1/oidc/start", "", "").await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie");
        assert!(
            cookie.contains("; HttpOnly; SameSite=Lax; Path=/; Max-Age="),
            "{cookie}"
        );
        Way {
            to: answer.header("location").expect("a place").to_owned(),
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
        }
    }

    /// Comes back to this address, from a page of the provider's.
    pub async fn comes_back(&self, cookie: &str, url: &str) -> Answer {
        let own = format!("http://{}", self.address);
        let path = url.strip_prefix(&own).expect("an address of awp");
        let headers = format!(
            "Cookie: {cookie}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
        );
        self.send(&format!("GET {path}"), &headers, "").await
    }

    /// Takes the login, as the page does.
    pub async fn takes(&self, cookie: &str) -> Answer {
        let headers = format!(
            "Cookie: {cookie}\r\nOrigin: http://{}\r\nContent-Type: application/json\r\n",
            self.address
        );
        self.send("POST /api/v1/oidc/login", &headers, "{}").await
    }

    /// All of the way there and back, as this user.
    pub async fn logs_in(&self, provider: &Provider, user: &str) -> (Way, Answer) {
        let way = self.sets_out().await;
        let back = provider.approves(Some(user), &way.to).await;
        let answer = self.comes_back(&way.cookie, &back).await;
        (way, answer)
    }
}

/// What a provider says of somebody by default.
pub fn person(name: &str, groups: &[&str]) -> Value {
    json!({"preferred_username": name, "groups": groups})
}
