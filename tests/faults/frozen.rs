//! Viewers that stop reading, and many viewers, on programs that write without end.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;

use super::harness::child::{blocked, first_process};
use super::harness::{Dialect, Server, Viewer, proc};
use super::{KIB, MIB, PATIENT, size};

/// What a terminal's log holds, in bytes, and the screen with its history beside it.
const RING: u64 = 4 * MIB;
const SCREEN: u64 = 32 * MIB;

/// What a viewer may have been sent without acknowledging it, in bytes.
const WINDOW: u64 = 256 * KIB;

/// What may be on its way besides: one drain, and what the kernel's terminal and a write in
/// progress hold.
const ON_THE_WAY: u64 = (64 + 128) * KIB;

/// Bytes a second over the next `bytes`.
async fn rate(viewer: &mut Viewer, bytes: u64) -> f64 {
    let (start, from) = (Instant::now(), viewer.seen.out.end());
    viewer.drain(from + bytes).await;
    let came = u32::try_from(viewer.seen.out.end() - from).expect("less than 4 GiB");
    f64::from(came) / start.elapsed().as_secs_f64()
}

/// R07: 32 MiB in the gate, 1 GiB in full, beside a frozen viewer.
#[tokio::test]
async fn a_frozen_viewer_costs_nobody_anything_and_is_told_what_it_missed() {
    let bytes = size(32 * MIB, 1024 * MIB);
    let server = Server::start(&PATIENT, &["yes", "a line of a flood"]).await;
    let mut live = Viewer::open(&server, Dialect::V1, "/ws").await;
    let id = live.id().await;
    rate(&mut live, 8 * MIB).await;
    let memory = proc::proportional(server.pid());
    let alone = rate(&mut live, bytes).await;
    let path = format!("/ws?session={id}");
    let mut frozen = Viewer::open(&server, Dialect::V1, &path).await;
    frozen
        .until("a snapshot", |seen| !seen.all("snapshot").is_empty())
        .await;
    let since = frozen.seen.out.end();
    // From here on it reads nothing.
    let beside = rate(&mut live, bytes).await;
    let grown = proc::proportional(server.pid()).saturating_sub(memory);
    println!("frozen: {alone:.0} bytes/s alone, {beside:.0} beside it; {grown} bytes grown");
    assert!(grown < RING + SCREEN + 2 * MIB, "{grown} bytes");
    assert!(
        beside > alone / 3.0,
        "{beside:.0} bytes/s, {alone:.0} alone"
    );
    let now = live.seen.out.end();
    let snapshots = |viewer: &Viewer| viewer.seen.all("snapshot").len();
    let one = snapshots(&frozen);
    // It thaws; the live one leaves, so that the flood is the thawed one's alone.
    drop(live);
    frozen
        .until("live again", |seen| seen.out.end() >= now)
        .await;
    assert!(snapshots(&frozen) > one, "brought to live by a snapshot");
    let told = frozen.seen.all("snapshot");
    let skipped: u64 = told[one..]
        .iter()
        .filter_map(|said| said["skipped"].as_u64())
        .sum();
    let behind = now - since;
    assert!(
        skipped > 0 && skipped + 2 * RING >= behind,
        "{skipped} of {behind} bytes"
    );
}

/// R08: two frozen viewers, in the gate as in full. In bytes: the program is ahead by the window and
/// what is on its way; after the interrupt key was accepted, no more than that still comes.
#[tokio::test]
async fn with_everyone_frozen_the_program_waits_and_the_key_still_works() {
    let shell = ["bash", "--norc", "--noprofile"];
    let server = Server::start(&["--env", "PS1=prompt>"], &shell).await;
    let mut viewers = Vec::new();
    let mut first = Viewer::open(&server, Dialect::V1, "/ws").await;
    let id = first.id().await;
    first
        .until("a prompt", |seen| seen.out.contains("prompt>"))
        .await;
    let path = format!("/ws?session={id}");
    let mut second = Viewer::open(&server, Dialect::V1, &path).await;
    second
        .until("a snapshot", |seen| !seen.all("snapshot").is_empty())
        .await;
    viewers.extend([first, second]);
    let before = viewers[0].seen.out.end();
    // It writes its process id into its own output, then becomes the flood.
    let next = viewers[0]
        .press(0, b"sh -c 'echo pid=$$; exec yes'\n")
        .await;
    viewers[0]
        .until("its number", |seen| seen.out.contains("y\r\ny\r\n"))
        .await;
    let text = viewers[0].seen.out.text();
    let pid = text
        .rsplit("pid=")
        .next()
        .and_then(|rest| rest.split('\r').next()?.parse().ok());
    let read = viewers[0].seen.out.end() - before;
    let written = blocked(pid.expect("a process id")).await;
    // A terminal turns each line's end into two bytes.
    assert!(
        written <= read + WINDOW + ON_THE_WAY,
        "{written} bytes, {read} read"
    );

    // The thaw, and the key.
    let pressed = Instant::now();
    let next = viewers[0].press(next, b"\x03").await;
    viewers[0]
        .until("the key was taken", |seen| seen.input >= next)
        .await;
    let taken = viewers[0].seen.out.end();
    viewers[0]
        .until("quiet", |seen| seen.out.bytes.ends_with(b"prompt>"))
        .await;
    let tail = viewers[0].seen.out.end() - taken;
    println!(
        "thaw: {tail} bytes after the key was taken, {:?}",
        pressed.elapsed()
    );
    assert!(tail <= WINDOW + ON_THE_WAY, "{tail} bytes after the key");
}

/// Five rounds in the gate, 200 in full.
#[tokio::test]
async fn the_interrupt_key_is_followed_by_no_more_than_a_window() {
    let shell = ["bash", "--norc", "--noprofile"];
    let server = Server::start(&["--env", "PS1=prompt>"], &shell).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    viewer
        .until("a prompt", |seen| seen.out.contains("prompt>"))
        .await;
    let mut next = 0;
    for round in 0..size(5, 200) {
        next = viewer.press(next, b"yes\n").await;
        let flood = viewer.seen.out.end() + MIB;
        viewer.drain(flood).await;
        let pressed = Instant::now();
        next = viewer.press(next, b"\x03").await;
        viewer
            .until("the key was taken", |seen| seen.input >= next)
            .await;
        let taken = viewer.seen.out.end();
        viewer
            .until("quiet", |seen| seen.out.bytes.ends_with(b"prompt>"))
            .await;
        let tail = viewer.seen.out.end() - taken;
        println!(
            "round {round}: {tail} bytes after the key was taken, {:?}",
            pressed.elapsed()
        );
        assert!(
            tail <= WINDOW + ON_THE_WAY,
            "round {round}: {tail} bytes after the key"
        );
        viewer.seen.out.forget();
    }
}

/// R09: 100 viewers; 1 MiB in the gate, 64 MiB in full.
#[tokio::test]
async fn a_hundred_viewers_share_one_log() {
    const VIEWERS: u64 = 100;
    let bytes = size(MIB, 64 * MIB);
    let server = Server::start(&[], &["yes", "a line of a flood"]).await;
    let mut first = Viewer::open(&server, Dialect::V1, "/ws").await;
    let id = first.id().await;
    let from = first.seen.out.end();
    first.drain(from + 2 * RING).await;
    let memory = proc::proportional(server.pid());
    let path = format!("/ws?session={id}");
    let mut viewers = vec![first];
    for _ in 1..VIEWERS {
        viewers.push(Viewer::open(&server, Dialect::V1, &path).await);
    }
    let all = viewers.iter_mut().map(|viewer| async {
        viewer.until("output", |seen| seen.out.end() > 0).await;
        let from = viewer.seen.out.end();
        viewer.drain(from + bytes).await;
    });
    join_all(all).await;
    let grown = proc::proportional(server.pid()).saturating_sub(memory);
    println!("a hundred: {grown} bytes, {} each", grown / VIEWERS);
    // A copy of the log for each would be 400 MiB.
    assert!(grown < SCREEN + VIEWERS * 640 * KIB, "{grown} bytes");
}

/// 64 busy sessions beside a wedged one, in the gate; 100 in full.
#[tokio::test]
async fn a_wedged_session_disturbs_no_other() {
    const TYPED: usize = 200 * 1024;
    let options = ["--max-sessions", "120", "--mode", "pipe"];
    let server = Server::start(&options, &["cat"]).await;
    let mut wedged = Viewer::json(&server).await;
    let id = wedged.id().await;
    let pid = first_process(&server, &id).await;
    let stopped = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    let stopped = stopped.expect("a process id");
    rustix::process::kill_process(stopped, rustix::process::Signal::STOP).expect("it lives");
    // More than its queue and its pipe take.
    for _ in 0..4 {
        wedged.type_bytes(&vec![b'x'; TYPED / 4]).await;
    }
    // One after the other: no more than 64 at once may be there without having said who they are.
    let mut viewers = Vec::new();
    for _ in 0..size(64, 100) {
        viewers.push(Viewer::json(&server).await);
    }
    let busy = viewers
        .into_iter()
        .enumerate()
        .map(|(number, viewer)| async move {
            let mut viewer: Viewer = viewer;
            for turn in 0..20 {
                let start = viewer.seen.out.bytes.len();
                let line = format!("{number} turn {turn}\n");
                viewer.type_text(&line).await;
                viewer.until_text(start, &line).await;
            }
        });
    join_all(busy).await;
    assert_eq!(wedged.seen.out.end(), 0, "it is still wedged");
    assert_eq!(server.session(&id).await.json()["state"], json!("running"));
    rustix::process::kill_process(stopped, rustix::process::Signal::CONT).expect("it lives");
    wedged
        .until("all that was typed", |seen| seen.out.bytes.len() == TYPED)
        .await;
}
