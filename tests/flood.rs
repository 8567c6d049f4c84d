//! A program that writes without end: it costs no memory, disturbs nobody and can be stopped.

mod harness;

use harness::child::{blocked, first_process};
use harness::{Dialect, Server, Viewer, proc};
use serde_json::json;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// What the server may grow by for a flood that nobody reads, in bytes: a terminal's log (2 MiB),
/// its screen with the history, and what is on its way to the socket.
const GROWTH: u64 = 48 * MIB;

/// What a program may be ahead of one who stopped reading, in bytes, and so what a key may still be
/// followed by: the log's lead over its viewer, and what is on its way in the sockets of both
/// sides, which the kernel sizes as it likes. Let loose, `yes` writes this in an instant.
const TAIL: u64 = 16 * MIB;

#[tokio::test]
async fn a_flood_that_nobody_reads_is_held_back_and_disturbs_nobody() {
    let server = Server::start(&[], &["yes", "a line of a flood"]).await;
    let quiet =
        json!({"command": ["sh", "-c", "stty -echo; while read line; do echo got $line; done"]});
    let quiet = server.create(quiet).await;
    let mut other = Viewer::open(
        &server,
        Dialect::Json,
        &format!("/ws?session={quiet}&from=0"),
    )
    .await;
    other.type_text("before\n").await;
    other.until_text(0, "got before").await;
    let before = proc::resident(server.pid());

    let mut viewer = Viewer::json(&server).await;
    let id = viewer.id().await;
    // From here on it reads nothing.
    let flood = first_process(&server, &id).await;
    blocked(flood).await;
    for turn in 0..50 {
        let start = other.seen.out.bytes.len();
        other.type_text(&format!("turn {turn}\n")).await;
        other
            .until_text(start, &format!("got turn {turn}\r\n"))
            .await;
    }
    let grown = proc::resident(server.pid()).saturating_sub(before);
    let written = proc::written(flood);
    assert!(
        grown < GROWTH,
        "{grown} bytes for {written} that nobody reads"
    );
    assert!(written < TAIL, "{written} bytes that nobody reads");
    // And goes on as soon as it is read.
    viewer
        .until("what it wrote", |seen| seen.out.end() > written)
        .await;
}

#[tokio::test]
async fn in_the_pages_own_protocol_a_flood_waits_for_acknowledgements() {
    let server = Server::start(&[], &["yes"]).await;
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer.acks = false;
    viewer
        .say(json!({"type": "hello", "version": 1, "client": "a"}))
        .await;
    let id = viewer.id().await;
    viewer
        .until("a window", |seen| seen.out.end() >= 256 * KIB)
        .await;
    let flood = first_process(&server, &id).await;
    let written = blocked(flood).await;
    viewer.round_trip().await;
    assert_eq!(viewer.seen.out.end(), 256 * KIB);
    // The window, one drain, and what the kernel's terminal and a write in progress hold.
    assert!(
        written <= (256 + 64 + 128) * KIB,
        "{written} bytes for nobody"
    );
}

#[tokio::test]
async fn the_interrupt_key_stops_a_flood() {
    for (dialect, path) in [(Dialect::Json, "/ws"), (Dialect::Raw, "/ws")] {
        let shell = "echo up; exec bash --norc --noprofile";
        let server = Server::start(&["--env", "PS1=prompt>"], &["sh", "-c", shell]).await;
        let mut viewer = Viewer::open(&server, dialect, path).await;
        viewer.until_text(0, "up").await;
        viewer.type_text("yes; echo st''opped\n").await;
        viewer.until("a flood", |seen| seen.out.end() > MIB).await;
        let pressed = viewer.seen.out.end();
        viewer.type_bytes(b"\x03").await;
        viewer
            .until("quiet", |seen| seen.out.bytes.ends_with(b"prompt>"))
            .await;
        let tail = viewer.seen.out.end() - pressed;
        assert!(tail < TAIL, "{dialect:?}: {tail} bytes after the key");
        let start = viewer.seen.out.bytes.len();
        viewer.type_text("echo al''ive\n").await;
        viewer.until_text(start, "alive").await;
    }
}

#[tokio::test]
async fn a_flood_from_pipes_waits_for_its_slowest_viewer() {
    let server = Server::pipe(&["yes"]).await;
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer.acks = false;
    viewer
        .say(json!({"type": "hello", "version": 1, "client": "a"}))
        .await;
    let id = viewer.id().await;
    let mut fast = Viewer::open(&server, Dialect::V1, &format!("/ws?session={id}")).await;
    fast.until("all that is held", |seen| seen.out.end() >= MIB)
        .await;
    let flood = first_process(&server, &id).await;
    let written = blocked(flood).await;
    assert!(
        written <= MIB + 320 * KIB,
        "{written} bytes for the slowest"
    );
    fast.round_trip().await;
    assert_eq!(
        fast.seen.out.end(),
        MIB,
        "nobody is given what another cannot have"
    );
    // The slow one leaves; the fast one goes on.
    drop(viewer);
    fast.until("more", |seen| seen.out.end() > 4 * MIB).await;
}
