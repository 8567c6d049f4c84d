//! A wall clock that jumps under a server that runs.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::harness::{Dialect, Server, Viewer, until};

/// Debian's library between a program and the wall clock.
fn library() -> PathBuf {
    let name = "faketime/libfaketime.so.1";
    let mut folders = fs::read_dir("/usr/lib").expect("a folder").flatten();
    let found =
        folders.find_map(|entry| Some(entry.path().join(name)).filter(|path| path.exists()));
    found.unwrap_or_else(|| panic!("no {name}: install the package faketime"))
}

/// A server, and the way to set its wall clock.
struct Jumping {
    server: Server,
    clock: tempfile::NamedTempFile,
}

impl Jumping {
    async fn start(options: &[&str]) -> Self {
        let clock = tempfile::NamedTempFile::new().expect("a file");
        fs::write(clock.path(), "+0").expect("written");
        let library = library();
        let environment = [
            ("LD_PRELOAD", library.to_str().expect("text")),
            (
                "FAKETIME_TIMESTAMP_FILE",
                clock.path().to_str().expect("text"),
            ),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        let server = Server::with_environment(options, &["cat"], &environment).await;
        Self { server, clock }
    }

    /// The hour of the newest line of its log, which it takes from the wall clock.
    async fn hour(&self) -> String {
        let before = self.server.log().len();
        let id = self.server.create(json!({"mode": "pipe"})).await;
        let line = format!("DELETE /api/v1/sessions/{id}");
        assert_eq!(self.server.call(&line, None).await.status, 204);
        let line = until("a line of the log", || {
            let log = self.server.log();
            let line = log.get(before..).and_then(|rest| rest.lines().next());
            line.map(str::to_owned).ok_or_else(|| "none yet".to_owned())
        });
        let line = line.await;
        line.get(.."2026-11-23T06".len())
            .expect("a time")
            .to_owned()
    }

    /// Sets the clock; it is seen to have jumped.
    async fn jump(&self, to: &str) {
        let before = self.hour().await;
        fs::write(self.clock.path(), to).expect("written");
        // What was logged before may be written a moment later.
        let seen = async { while self.hour().await == before {} };
        super::harness::within(format!("a clock at {to}"), seen).await;
    }

    async fn share(&self, session: &str, expires: &str) -> String {
        let line = format!("POST /api/v1/sessions/{session}/share");
        let made = self
            .server
            .call(&line, Some(json!({"expires": expires})))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let made = made.json();
        let url = made["url"].as_str().expect("an address");
        url.split_once("#share=").expect("a secret").1.to_owned()
    }

    async fn opens(&self, secret: &str) -> bool {
        let answer = self.server.login(json!({"share": secret})).await;
        answer.status == 200
    }
}

/// R18: by an hour, a day and a year, forth and back. Connections, links and deadlines go by what
/// has really passed.
#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_jumps_disconnects_nobody_and_brings_nothing_back() {
    let options = [
        "--ping-interval",
        "200ms",
        "--ping-timeout",
        "20s",
        "--mode",
        "pipe",
    ];
    let jumping = Jumping::start(&options).await;
    let server = &jumping.server;
    let id = server.create(json!({"mode": "pipe"})).await;
    let path = format!("/ws?session={id}");
    let mut viewer = Viewer::open(server, Dialect::V1, &path).await;
    viewer.round_trip().await;
    let good = jumping.share(&id, "1h").await;
    let short = jumping.share(&id, "1s").await;
    assert!(jumping.opens(&short).await && jumping.opens(&good).await);
    let ended = async { while jumping.opens(&short).await {} };
    super::harness::within("the end of a link", ended).await;
    for to in ["+1h", "+1d", "-1h", "-1d", "+1y", "-1y", "+0"] {
        jumping.jump(to).await;
        viewer.round_trip().await;
        assert!(!jumping.opens(&short).await, "{to}: expired stays expired");
        assert!(jumping.opens(&good).await, "{to}: its hour is not over");
        // A deadline that begins now ends as soon as it says.
        let left = json!({"mode": "pipe"});
        let left = server.create(left).await;
        let mut leaving = Viewer::open(server, Dialect::Json, &format!("/ws?session={left}")).await;
        leaving.type_text("x\n").await;
        leaving.until_text(0, "x\n").await;
        drop(leaving);
        let gone = async { while server.session(&left).await.status == 200 {} };
        super::harness::within("the end of what was left", gone).await;
    }
    viewer.silent(Duration::from_secs(1)).await;
    viewer.round_trip().await;
}
