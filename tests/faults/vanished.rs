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
    // The first ones make what is made once.
    for _ in 0..3 {
        join_all((0..TOGETHER).map(|_| vanish(&server))).await;
    }
    let before = until("a quiet server", || Holdings::of(&server).quiet(usize::MAX)).await;
    let memory = proc::proportional(server.pid());
    for _ in 0..size(200, 1000) / TOGETHER {
        join_all((0..TOGETHER).map(|_| vanish(&server))).await;
    }
    until("everything given back", || {
        Holdings::of(&server).quiet(before.descriptors)
    })
    .await;
    let after = proc::proportional(server.pid());
    println!("vanished: {memory} bytes before, {after} after");
    // Ten sessions at once cost more than this; what is kept of each would be far more.
    let grown = after.saturating_sub(memory);
    assert!(grown < 32 * MIB, "{grown} bytes more than {memory}");
}

/// 1,000 clients of one session vanish at once, in the gate as in full.
#[tokio::test]
async fn a_thousand_clients_that_vanish_at_once_are_gone() {
    const CLIENTS: usize = 1000;
    let server = Server::start(&["--max-viewers", "1100"], &["cat"]).await;
    let id = server.create(json!({})).await;
    let path = format!("/ws?session={id}");
    let mut stays = Viewer::open(&server, Dialect::V1, &path).await;
    stays
        .until("a snapshot", |seen| !seen.all("snapshot").is_empty())
        .await;
    let descriptors = proc::descriptors(server.pid()).len();
    let memory = proc::proportional(server.pid());
    let mut clients = Vec::new();
    for _ in 0..CLIENTS / TOGETHER {
        let some = (0..TOGETHER).map(|_| Viewer::open(&server, Dialect::V1, &path));
        clients.extend(join_all(some).await);
    }
    // Each has something to read that it never reads.
    let text = b"for everyone\n";
    stays.press(0, text).await;
    stays
        .until("an echo", |seen| {
            seen.out.contains("everyone\r\nfor everyone\r\n")
        })
        .await;
    let held = proc::descriptors(server.pid()).len();
    assert!(held >= descriptors + CLIENTS, "{held} descriptors");
    let with = proc::proportional(server.pid());
    drop(clients);
    until("their descriptors", || {
        match proc::descriptors(server.pid()).len() {
            count if count <= descriptors => Ok(()),
            count => Err(format!("{count}, {descriptors} before")),
        }
    })
    .await;
    assert_eq!(server.session(&id).await.json()["viewers"], 1);
    stays.press(text.len() as u64, b"still\n").await;
    stays
        .until("an echo", |seen| seen.out.contains("still\r\nstill\r\n"))
        .await;
    let after = proc::proportional(server.pid());
    println!("a thousand: {memory} bytes before, {with} with them, {after} after");
    // Freed memory may stay with the allocator; what each client held would be as much again.
    assert!(
        after - memory.min(after) < 64 * MIB,
        "{after} bytes, {memory} before"
    );
}
