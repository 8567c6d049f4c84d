//! A program inside a session, as its control socket sees it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::{Server, until, within};

/// A connection to the control socket of a process.
pub struct Slot {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
}

/// A variable in the environment of a process. One that was started just now has none for a moment.
pub async fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = until(&format!("the environment of {pid}"), || {
        let environment = std::fs::read(format!("/proc/{pid}/environ"));
        let environment = environment.map_err(|error| error.to_string())?;
        if environment.is_empty() {
            Err("it is empty".to_owned())
        } else {
            Ok(environment)
        }
    })
    .await;
    let entries = environment.split(|byte| *byte == 0);
    let mut entries = entries.filter_map(|entry| std::str::from_utf8(entry).ok());
    entries.find_map(|entry| Some(entry.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

/// The control socket of a process of a session.
pub async fn socket_of(server: &Server, session: &str, process: u16) -> PathBuf {
    let path = format!("GET /api/v1/sessions/{session}/processes/{process}");
    let told = server.call(&path, None).await.json();
    let pid = told["pid"].as_u64().and_then(|pid| pid.try_into().ok());
    let path = variable(pid.unwrap_or_else(|| panic!("{told}")), "AWP_SOCKET");
    path.await.expect("a control socket").into()
}

impl Slot {
    /// Connects as any program of ours.
    pub async fn open(path: &Path) -> Self {
        let stream = UnixStream::connect(path).await.expect("a control socket");
        let (reader, writer) = stream.into_split();
        let lines = BufReader::new(reader).lines();
        Self { lines, writer }
    }

    /// Connects to the socket of a process.
    pub async fn of(server: &Server, session: &str, process: u16) -> Self {
        Self::open(&socket_of(server, session, process).await).await
    }

    /// Sends bytes as they are. Whoever was cut off finds out by reading.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.writer.write_all(bytes).await;
    }

    /// The next line; `None` at the end of the connection.
    pub async fn line(&mut self) -> Option<Value> {
        let line = within("a line of the control socket", self.lines.next_line()).await;
        let line = line.ok().flatten()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}")))
    }

    /// Calls a method and gives the whole answer.
    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let call = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        self.send(format!("{call}\n").as_bytes()).await;
        self.line().await.expect("an answer")
    }

    /// Calls a method that must be carried out.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a method that must be refused, and gives the code.
    pub async fn refused(&mut self, method: &str, params: Value) -> i64 {
        let answer = self.ask(method, params).await;
        let code = answer["error"]["code"].as_i64();
        code.unwrap_or_else(|| panic!("{method}: {answer}"))
    }
}
