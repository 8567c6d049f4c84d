//! What an operator's Prometheus reads.

#![allow(
    clippy::float_cmp,
    reason = "counts are whole numbers, which are held exactly"
)]

mod harness;

use std::collections::BTreeMap;

use harness::child::blocked;
use harness::http::Answer;
use harness::{Dialect, Server, Viewer, within};
use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// What a pipe's log holds, in bytes.
const PIPE_LOG: f64 = 1024.0 * 1024.0;

/// The text, held against its format: every line is one of a metric that was introduced.
struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    fn read(text: &str) -> Self {
        let mut kinds = BTreeMap::new();
        let mut values = BTreeMap::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a kind");
                assert!(kinds.insert(name, kind).is_none(), "{name} comes twice");
                continue;
            }
            if line.starts_with("# HELP ") {
                continue;
            }
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let name = series.split('{').next().expect("a name");
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .filter(|base| kinds.get(base) == Some(&"histogram"));
            let kind = kinds.get(base.unwrap_or(name));
            let kind = kind.unwrap_or_else(|| panic!("{line}: not introduced"));
            assert_eq!(*kind == "counter", name.ends_with("_total"), "{line}");
            let value: f64 = value.parse().expect("a number");
            let twice = values.insert(series.to_owned(), value);
            assert!(twice.is_none(), "{series} comes twice");
        }
        assert!(text.ends_with('\n'));
        Self(values)
    }

    fn of(&self, series: &str) -> f64 {
        let value = self.0.get(series);
        *value.unwrap_or_else(|| panic!("no {series} in {:#?}", self.0))
    }
}

async fn scrape(server: &Server) -> Metrics {
    let answer = server.call("GET /metrics", None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    Metrics::read(&answer.body)
}

/// Reads until it is so.
async fn once(server: &Server, what: &str, so: impl Fn(&Metrics) -> bool) -> Metrics {
    let look = async {
        loop {
            let metrics = scrape(server).await;
            if so(&metrics) {
                return metrics;
            }
        }
    };
    within(what, look).await
}

#[tokio::test]
async fn bytes_viewers_and_starts_are_counted() {
    let server = Server::pipe(&["cat"]).await;
    let before = scrape(&server).await;
    assert_eq!(before.of("awp_output_bytes_total"), 0.0);
    assert_eq!(before.of("awp_process_spawn_duration_seconds_count"), 0.0);
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws").await;
    viewer.type_text("eleven byte").await;
    viewer.until_text(0, "eleven byte").await;
    let after = scrape(&server).await;
    for (series, value) in [
        ("awp_input_bytes_total", 11.0),
        ("awp_output_bytes_total", 11.0),
        ("awp_sessions_started_total", 1.0),
        ("awp_sessions{app=\"default\",state=\"running\"}", 1.0),
        ("awp_processes{app=\"default\"}", 1.0),
        ("awp_viewers{app=\"default\",role=\"owner\"}", 1.0),
        ("awp_viewers{app=\"default\",role=\"watch\"}", 0.0),
        ("awp_process_spawn_duration_seconds_count", 1.0),
        (
            "awp_process_spawn_duration_seconds_bucket{le=\"+Inf\"}",
            1.0,
        ),
        ("awp_output_pauses_total", 0.0),
    ] {
        assert_eq!(after.of(series), value, "{series}");
    }
    assert!(after.of("awp_process_spawn_duration_seconds_sum") > 0.0);
    assert!(after.of("process_resident_memory_bytes") > PIPE_LOG);
    assert!(after.of("process_open_fds") > 3.0);
    drop(viewer);
    once(&server, "the session to be over", |now| {
        !now.0.contains_key("awp_processes{app=\"default\"}")
    })
    .await;
}

#[tokio::test]
async fn a_program_that_waits_and_one_that_cannot_start_are_seen() {
    let server = Server::pipe(&["cat"]).await;
    let flood = json!({"command": ["sh", "-c", "exec yes"], "on_disconnect": "keep"});
    let id = server.create(flood).await;
    let session = server.session(&id).await.json();
    let pid = session["processes"][0]["pid"].as_u64().expect("a number");
    blocked(u32::try_from(pid).expect("a process id")).await;
    let now = scrape(&server).await;
    assert_eq!(now.of("awp_output_bytes_total"), PIPE_LOG);
    assert_eq!(now.of("awp_output_pauses_total"), 1.0);
    assert!(now.of("awp_output_log_bytes{app=\"default\"}") >= PIPE_LOG);
    // A viewer that acknowledges nothing is behind by all that there is.
    let path = format!("/ws?session={id}&from=0");
    let viewer = Viewer::open(&server, Dialect::V1, &path).await;
    let behind = "awp_viewer_lag_max_bytes{app=\"default\"}";
    once(&server, "a viewer that is behind", |now| {
        now.of(behind) > 0.0
    })
    .await;
    drop(viewer);
    let none = json!({"command": ["/no/such/program"]});
    let answer = server.call("POST /api/v1/sessions", Some(none)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let now = scrape(&server).await;
    assert_eq!(now.of("awp_process_spawn_failures_total"), 1.0);
}

#[tokio::test]
async fn a_late_viewer_of_a_terminal_costs_a_snapshot() {
    let server = Server::shell("echo ready; exec cat").await;
    let mut first = Viewer::open(&server, Dialect::Json, "/ws").await;
    first.until_text(0, "ready").await;
    let before = scrape(&server).await.of("awp_screen_snapshots_total");
    let path = format!("/ws?session={}", first.id().await);
    let mut late = Viewer::open(&server, Dialect::Json, &path).await;
    late.until("a snapshot", |seen| !seen.all("snapshot").is_empty())
        .await;
    let after = scrape(&server).await;
    assert_eq!(after.of("awp_screen_snapshots_total"), before + 1.0);
    assert!(after.of("awp_screen_folds_total") >= before + 1.0);
    assert_eq!(after.of("awp_viewers{app=\"default\",role=\"owner\"}"), 2.0);
}

#[tokio::test]
async fn what_outlives_its_process_is_counted() {
    let server = Server::pipe(&["cat"]).await;
    // A job of its own group, which holds the output open and does not mind a hang-up.
    let line = "set -m; sh -c 'trap \"\" HUP; echo up; exec sleep 1000' & wait -n; read -r _";
    let body = json!({"command": ["bash", "-c", line], "on_disconnect": "keep"});
    let id = server.create(body).await;
    let path = format!("/ws?session={id}&from=0");
    let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
    viewer.until_text(0, "up").await;
    let signal = format!("POST /api/v1/sessions/{id}/signal");
    let killed = server.call(&signal, Some(json!({"signal": "KILL"}))).await;
    assert_eq!(killed.status, 204, "{killed:?}");
    let end = format!("DELETE /api/v1/sessions/{id}");
    assert_eq!(server.call(&end, None).await.status, 204);
    let name = "awp_orphaned_process_groups_total";
    let now = once(&server, "an orphan", |now| now.of(name) > 0.0).await;
    assert_eq!(now.of(name), 1.0);
}

#[tokio::test]
async fn strangers_learn_nothing_and_are_counted() {
    let server = Server::pipe(&["cat"]).await;
    let stranger = server.send("GET /metrics", "", "").await;
    assert_eq!(stranger.status, 401);
    assert!(!stranger.body.contains("awp_"), "{stranger:?}");
    let json = "Content-Type: application/json\r\n";
    let body = json!({"token": "wrong"}).to_string();
    let refused = server.send("POST /api/v1/login", json, &body).await;
    assert_eq!(refused.status, 401);
    let foreign = "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(server.raw(foreign).await.status, 421);
    let now = scrape(&server).await;
    for (series, value) in [
        ("awp_logins_refused_total", 1.0),
        ("awp_requests_refused_total{reason=\"unauthorized\"}", 2.0),
        ("awp_requests_refused_total{reason=\"wrong_host\"}", 1.0),
        ("awp_requests_refused_total{reason=\"forbidden\"}", 0.0),
    ] {
        assert_eq!(now.of(series), value, "{series}");
    }
}

#[tokio::test]
async fn a_listener_of_its_own_serves_metrics_alone_and_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.sock");
    let place = format!("unix:{}", path.display());
    let mut server = Server::start(&["--mode", "pipe", "--metrics-listen", &place], &["cat"]).await;
    let ask = async |target: &str, headers: &str| {
        let mut stream = UnixStream::connect(&path).await.expect("a listener");
        let text = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(text.as_bytes()).await.expect("sent");
        let mut bytes = String::new();
        let read = within("an answer", stream.read_to_string(&mut bytes)).await;
        read.expect("text");
        Answer::parse(&bytes)
    };
    let answer = ask("/metrics", "Host: localhost\r\n").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(Metrics::read(&answer.body).of("awp_input_bytes_total"), 0.0);
    for (target, headers, status) in [
        ("/", "Host: localhost\r\n", 404),
        ("/api/v1/sessions", "Host: localhost\r\n", 404),
        ("/metrics", "Host: evil.example\r\n", 421),
        (
            "/metrics",
            "Host: localhost\r\nOrigin: http://localhost:1\r\n",
            403,
        ),
        (
            "/metrics",
            "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n",
            403,
        ),
    ] {
        let answer = ask(target, headers).await;
        assert_eq!(answer.status, status, "{target} {headers} {answer:?}");
    }
    server.signal(Signal::TERM);
    assert!(server.ended().await.success());
    assert!(!path.exists());
}

#[tokio::test]
async fn metrics_without_credentials_stay_on_this_machine() {
    let home = tempfile::tempdir().expect("a folder");
    let options = ["--metrics-listen", "0.0.0.0:0", "--", "cat"];
    let mut command = harness::server::awp(&home, &options, &[]);
    let mut child = command.spawn().expect("awp starts");
    let status = within("a refusal", child.wait())
        .await
        .expect("a child of ours");
    assert_eq!(status.code(), Some(2));
    let log = std::fs::read_to_string(home.path().join("log")).expect("a file of ours");
    assert!(log.starts_with("awp: --metrics-listen: "), "{log}");
}
