//! Clients that are gone from one moment to the next.

use futures_util::future::join_all;
use serde_json::json;

use super::harness::{Dialect, Holdings, Server, Viewer, proc, until};
use super::{KIB, MIB, size};

/// Clients that vanish at the same time.
const TOGETHER: usize = 10;

/// One more session with a flood, whose client vanishes in the middle of it.
async fn vanish(server: &Server) {
    let mut viewer = Viewer::json(server).await;
    viewer
        .until("a flood", |seen| seen.out.end() >= 64 * KIB)
        .await;
}

/// R01: 200 clients in the gate, 1,000 in full.
#[tokio::test]
async fn clients_that_vanish_in_a_flood_leave_nothing() {
    let options = ["--on-disconnect", "hangup"];
    let server = Server::start(&options, &["yes", "a line of a flood"]).await;
    let rounds = size(200, 1000) / TOGETHER;
    // As many before, for how far the allocator's arenas grow with ten floods at once.
    for _ in 0..rounds {
        join_all((0..TOGETHER).map(|_| vanish(&server))).await;
    }
    let before = until("a quiet server", || Holdings::of(&server).quiet(usize::MAX)).await;
    let memory = proc::proportional(server.pid());
    for _ in 0..rounds {
        join_all((0..TOGETHER).map(|_| vanish(&server))).await;
    }
    until("everything given back", || {
        Holdings::of(&server).quiet(before.descriptors)
    })
    .await;
    let left = server.call("GET /api/v1/sessions", None).await;
    assert_eq!(left.json(), json!([]));
    let after = proc::proportional(server.pid());
    println!("vanished: {memory} bytes before, {after} after");
    // Ten sessions at once cost more than this; what is kept of each would be far more.
    let grown = after.saturating_sub(memory);
    assert!(grown < 32 * MIB, "{grown} bytes more than {memory}");
}

/// 1,000 clients of 50 sessions vanish at once, twice, in the gate as in full: what the second
/// thousand needs was left by the first.
#[tokio::test]
async fn a_thousand_clients_that_vanish_at_once_are_gone() {
    const SESSIONS: usize = 50;
    const CLIENTS: usize = 20;
    let server = Server::start(&["--max-viewers", "1100"], &["cat"]).await;
    let sockets = || {
        let all = proc::descriptors(server.pid());
        all.iter()
            .filter(|path| path.starts_with("socket:"))
            .count()
    };
    let before = sockets();
    let ids = join_all((0..SESSIONS).map(|_| server.create(json!({})))).await;
    // Each session listens for its own process.
    let listening = before + SESSIONS;
    let mut left = Vec::new();
    for wave in 0..2 {
        let line = format!("for everyone {wave}\n");
        let mut clients = Vec::new();
        for id in &ids {
            let path = format!("/ws?session={id}&from=0");
            let some = (0..CLIENTS).map(|_| Viewer::open(&server, Dialect::Json, &path));
            clients.extend(join_all(some).await);
            // All of them have something to read, and all but one never read it.
            let last = clients.last_mut().expect("just opened");
            last.type_text(&line).await;
            last.until_text(0, line.trim_end()).await;
        }
        let held = sockets();
        assert!(held >= listening + SESSIONS * CLIENTS, "{held} sockets");
        drop(clients);
        until("their sockets", || match sockets() {
            count if count <= listening => Ok(()),
            count => Err(format!("{count}, {listening} before")),
        })
        .await;
        assert_eq!(server.session(&ids[0]).await.json()["viewers"], 0);
        left.push(proc::proportional(server.pid()));
    }
    println!("a thousand, twice: {left:?} bytes left");
    assert!(left[1] < left[0] + 24 * MIB, "{left:?}");
}
