//! A server whose program is in a folder of its own, and requests for the files there.

#![allow(
    dead_code,
    reason = "each test is a crate of its own and uses a part of this"
)]

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::harness::http::Answer;
use super::harness::server::TOKEN;
use super::harness::{Server, until};

/// The server, the folder, and a session in it.
pub struct Place {
    pub server: Server,
    folder: PathBuf,
    pub session: String,
}

/// A session of the server, by its id.
pub struct Session<'a> {
    server: &'a Server,
    id: &'a str,
}

impl Place {
    /// Runs this program in the folder, or one that only waits.
    pub async fn new(command: &[&str]) -> Self {
        Self::with_config("", command).await
    }

    /// With this configuration file.
    pub async fn with_config(config: &str, command: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(home.path().join("work")).expect("made");
        // As the kernel will name it.
        let folder = home.path().join("work").canonicalize().expect("there");
        let file = home.path().join("awp.toml");
        fs::write(&file, config).expect("written");
        let options = ["--listen", "127.0.0.1:0", "--config"];
        let file = file.display().to_string();
        let arguments: Vec<&str> = options.into_iter().chain([file.as_str()]).collect();
        let command_line = super::harness::server::awp(&home, &arguments, &[]);
        let server = Server::launch(home, command_line).await;
        let command = match command {
            [] => &["sleep", "1000"],
            command => command,
        };
        let body = json!({"command": command, "cwd": folder});
        let session = server.create(body).await;
        Self {
            server,
            folder,
            session,
        }
    }

    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// A file in the folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Waits until there is such a file in the folder.
    pub async fn until(&self, name: &str) {
        until(name, || match self.names() {
            _ if self.at(name).exists() => Ok(()),
            names => Err(format!("{names:?}")),
        })
        .await;
    }

    /// Waits until an upload has begun.
    pub async fn until_upload(&self) {
        until("an upload", || match self.names() {
            names if names.iter().any(|name| name.starts_with(".awp-upload-")) => Ok(()),
            names => Err(format!("{names:?}")),
        })
        .await;
    }

    /// Waits until the folder is empty.
    pub async fn until_empty(&self) {
        until("an empty folder", || match self.names() {
            names if names.is_empty() => Ok(()),
            names => Err(format!("{names:?}")),
        })
        .await;
    }

    /// Everything in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).expect("a folder").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// Another session of the same server.
    pub fn of<'a>(&'a self, id: &'a str) -> Session<'a> {
        let server = &self.server;
        Session { server, id }
    }

    pub fn line(&self, method: &str, query: &str) -> String {
        self.of(&self.session).line(method, query)
    }

    pub async fn get(&self, query: &str, headers: &str) -> Answer {
        self.of(&self.session).get(query, headers).await
    }

    pub async fn put(&self, query: &str, headers: &str, body: &str) -> Answer {
        self.of(&self.session).put(query, headers, body).await
    }
}

impl Session<'_> {
    pub fn line(&self, method: &str, query: &str) -> String {
        format!("{method} /api/v1/sessions/{}/files?{query}", self.id)
    }

    pub async fn get(&self, query: &str, headers: &str) -> Answer {
        let headers = format!("Authorization: Bearer {TOKEN}\r\n{headers}");
        self.server
            .send(&self.line("GET", query), &headers, "")
            .await
    }

    pub async fn put(&self, query: &str, headers: &str, body: &str) -> Answer {
        let headers = format!("Authorization: Bearer {TOKEN}\r\n{headers}");
        self.server
            .send(&self.line("PUT", query), &headers, body)
            .await
    }
}
