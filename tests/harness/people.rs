//! People who are not the owner: users with passwords, guests with links, each in a browser.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::deadline::within;
use super::http::Answer;
use super::server::{Server, awp};
use super::viewer::{Dialect, Viewer, connect};

/// A login as a browser's tab holds it.
#[derive(Clone, Debug)]
pub struct Browser {
    pub cookie: String,
    pub page_key: String,
}

impl Browser {
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie");
        let page_key = answer.json()["page_key"].as_str().map(str::to_owned);
        Self {
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            page_key: page_key.expect("a page key"),
        }
    }
}

/// Runs a verb of the command line in this home, with this on stdin.
pub async fn verb(home: &TempDir, arguments: &[&str], stdin: &str) -> Output {
    // The log of a server that runs in the same home stays what it is.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut command = awp(&elsewhere, arguments, &[]);
    command
        .env("HOME", home.path())
        .env("AWP_TOKEN_FILE", home.path().join("token"))
        .env("AWP_SOCKET_PATH", home.path().join("awp.sock"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("awp starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    // A verb that reads no stdin has closed it.
    let _ = pipe.write_all(stdin.as_bytes()).await;
    drop(pipe);
    let ended = within(format!("{arguments:?}"), child.wait_with_output()).await;
    ended.expect("a child of ours")
}

/// As [`verb`], which must succeed; what it prints.
pub async fn does(home: &TempDir, arguments: &[&str], stdin: &str) -> String {
    let output = verb(home, arguments, stdin).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Adds a user.
pub async fn add_user(home: &TempDir, name: &str, role: &str, password: &str) {
    let arguments = ["user", "add", name, "--role", role, "--password-stdin"];
    does(home, &arguments, &format!("{password}\n")).await;
}

impl Server {
    /// Serves a command in this home, at a socket for the command line in it.
    pub async fn at_home(home: TempDir, options: &[&str], command: &[&str]) -> Self {
        let mut arguments = vec!["--listen", "127.0.0.1:0"];
        arguments.extend(options);
        arguments.push("--");
        arguments.extend(command);
        let socket = home.path().join("awp.sock").display().to_string();
        let command = awp(&home, &arguments, &[("AWP_SOCKET_PATH", &socket)]);
        Self::launch(home, command).await
    }

    /// Ends it and serves the same home again.
    pub async fn again(mut self, options: &[&str], command: &[&str]) -> Self {
        self.signal(rustix::process::Signal::TERM);
        self.ended().await;
        let elsewhere = tempfile::tempdir().expect("a folder");
        let home = std::mem::replace(&mut self.home, elsewhere);
        Self::at_home(home, options, command).await
    }

    /// Shows this at the door.
    pub async fn login(&self, shown: Value) -> Answer {
        let json = "Content-Type: application/json\r\n";
        self.send("POST /api/v1/login", json, &shown.to_string())
            .await
    }

    /// Shows this at the door, over a socket that is bound somewhere else.
    pub async fn login_from(&self, socket: TcpSocket, shown: &Value) -> Answer {
        let body = shown.to_string();
        let request = format!(
            "POST /api/v1/login HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let exchange = async {
            let mut stream = socket.connect(self.address).await.expect("a server");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("text");
            answer
        };
        Answer::parse(&within("an answer", exchange).await)
    }

    /// Logs a user in.
    pub async fn browser(&self, user: &str, password: &str) -> Browser {
        let answer = self.login(json!({"user": user, "password": password}));
        Browser::of(&answer.await)
    }

    /// A request of that tab.
    pub async fn call_as(&self, browser: &Browser, line: &str, body: Option<Value>) -> Answer {
        let Browser { cookie, page_key } = browser;
        let headers = format!(
            "Cookie: {cookie}\r\nX-Awp-Page-Key: {page_key}\r\nOrigin: http://{}\r\n\
             Content-Type: application/json\r\n",
            self.address
        );
        let body = body.map_or_else(String::new, |body| body.to_string());
        self.send(line, &headers, &body).await
    }

    /// Opens a socket as that tab, in `awp.json`; what is refused is the status.
    pub async fn attach_as(&self, browser: &Browser, path: &str) -> Result<Viewer, u16> {
        let origin = format!("http://{}", self.address);
        let headers = [
            ("cookie", browser.cookie.as_str()),
            ("origin", &origin),
            ("sec-websocket-protocol", "awp.json"),
        ];
        let socket: Result<WebSocketStream<TcpStream>, _> = connect(self, path, &headers).await;
        let socket = socket.map_err(|answer| answer.status().as_u16())?;
        let mut viewer = Viewer::over(socket, Dialect::Json);
        let auth = json!({"type": "auth", "page_key": browser.page_key});
        viewer.send(Message::text(auth.to_string())).await;
        Ok(viewer)
    }
}
