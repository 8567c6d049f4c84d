//! Sessions that start and end without end.

use futures_util::future::join_all;
use serde_json::json;

use super::harness::{Holdings, Server, Viewer, proc, until};
use super::{KIB, MIB, size};

/// Sessions that start at the same time.
const TOGETHER: usize = 8;

async fn cycles(server: &Server, count: usize) {
    for _ in 0..count / TOGETHER {
        let ends = (0..TOGETHER).map(|_| async { Viewer::json(server).await.rest().await });
        for seen in join_all(ends).await {
            assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 0})]);
        }
    }
}

/// R11: 2,000 starts and ends in the gate, 100,000 in full.
#[tokio::test]
async fn starting_and_ending_leaves_nothing() {
    let count = size(2000, 100_000);
    let server = Server::start(&["--on-disconnect", "hangup"], &["true"]).await;
    cycles(&server, 600).await;
    let quiet = until("a quiet server", || Holdings::of(&server).quiet(usize::MAX)).await;
    let (memory, threads) = (
        proc::proportional(server.pid()),
        proc::threads(server.pid()),
    );
    cycles(&server, count).await;
    until("everything given back", || {
        Holdings::of(&server).quiet(quiet.descriptors)
    })
    .await;
    let grown = proc::proportional(server.pid()).saturating_sub(memory);
    let now = proc::threads(server.pid());
    println!("cycles: {grown} bytes in {count}, {now} threads, {threads} before");
    // Threads that looked something up stay for some seconds; one per core at most.
    assert!(now <= threads + 8, "{now} threads, {threads} before");
    let allowed = size(2 * MIB, 4 * MIB + 16 * KIB * (count as u64 / 1000));
    assert!(grown < allowed, "{grown} bytes in {count} sessions");
}
