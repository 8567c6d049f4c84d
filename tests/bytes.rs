//! Bytes are carried as they are, all of them, in both directions.

mod harness;

use awp_server::wire::frame::Frame;
use bytes::Bytes;
use harness::viewer::{CLIENT, STDIN, STDOUT};
use harness::{Dialect, Server, Viewer, proc, until};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio_tungstenite::tungstenite::Message;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What the server may send beyond the last acknowledgement, in bytes: the protocol's window.
const WINDOW: usize = 512 * KIB;

/// What a pipe holds in the server and in the kernel, and what is being read, in bytes.
const PIPE: u64 = 1024 * 1024 + 256 * 1024 + 64 * 1024;

fn every_byte() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

/// Bytes without a period that a lost or repeated piece could hide in.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        // Numerical Recipes' generator; its upper bits are good.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string grows");
            text
        })
}

fn raw_messages(bytes: &[u8]) -> Vec<Message> {
    // No divisor of any buffer on the way.
    const PIECE: usize = 50_021;
    let pieces = bytes.chunks(PIECE).map(Bytes::copy_from_slice);
    pieces.map(Message::Binary).collect()
}

#[tokio::test]
async fn every_byte_passes_through_pipes() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.type_bytes(&every_byte()).await;
    viewer
        .until("all of them", |seen| seen.out.bytes.len() >= 256)
        .await;
    viewer.say(json!({"type": "eof"})).await;
    let seen = viewer.rest().await;
    assert_eq!(seen.out.bytes, every_byte());
    assert_eq!(seen.said[0]["mode"], "pipe");
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 0})]);
}

#[tokio::test]
async fn every_byte_passes_through_a_terminal_in_raw_mode() {
    for dialect in [Dialect::Json, Dialect::Raw] {
        let server = Server::shell("stty raw -echo; echo ready; exec head -c 256").await;
        let mut viewer = Viewer::open(&server, dialect, "/ws").await;
        let start = viewer.until_text(0, "ready\n").await;
        viewer.type_bytes(&every_byte()).await;
        let seen = viewer.rest().await;
        let mut expected = every_byte();
        if dialect == Dialect::Raw {
            // ENQ is a question that the server answers itself.
            expected.retain(|byte| *byte != 0x05);
        }
        let mut came = seen.out.bytes[start..].to_vec();
        came.retain(|byte| expected.contains(byte));
        assert_eq!(came, expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn eight_mebibytes_pass_through_pipes_both_ways() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::open(&server, Dialect::Raw, "/ws").await;
    let sent = noise(8 * MIB);
    let all = |seen: &harness::seen::Seen| seen.out.bytes.len() >= sent.len();
    viewer.pour(raw_messages(&sent), "all of it", all).await;
    assert_eq!(hash(&viewer.seen.out.bytes), hash(&sent));
}

#[tokio::test]
async fn a_paste_of_a_mebibyte_reaches_a_slow_reader_whole() {
    let reader = format!(
        "stty raw -echo; echo ready; \
         dd ibs=61 iflag=fullblock,count_bytes count={MIB} status=none | sha256sum"
    );
    let server = Server::shell(&reader).await;
    let mut viewer = Viewer::open(&server, Dialect::Raw, "/ws").await;
    let start = viewer.until_text(0, "ready").await;
    let sent = noise(MIB);
    let expected = hash(&sent);
    let whole = |seen: &harness::seen::Seen| seen.out.after(start, " ").is_some();
    viewer.pour(raw_messages(&sent), "the hash", whole).await;
    assert!(viewer.seen.out.contains(&expected), "{:#?}", viewer.seen);
}

#[tokio::test]
async fn output_goes_on_when_the_input_has_ended() {
    let line = "echo first; cat; echo closed; head -c 300000 /dev/zero | tr '\\0' x; exit 3";
    let server = Server::pipe(&["sh", "-c", line]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.type_text("typed\n").await;
    viewer.until_text(0, "typed").await;
    viewer.say(json!({"type": "eof"})).await;
    viewer.until_text(0, "closed").await;
    let seen = viewer.rest().await;
    let text = seen.out.text();
    let head = "first\ntyped\nclosed\n";
    assert!(text.starts_with(head), "{seen:#?}");
    assert_eq!(text.len(), head.len() + 300_000);
    assert_eq!(seen.all("exit"), [&json!({"type": "exit", "code": 3})]);
}

#[tokio::test]
async fn input_behind_its_end_is_refused_and_nothing_else_happens() {
    let server = Server::pipe(&["sh", "-c", "cat; echo closed; exec sleep 1000"]).await;
    let mut viewer = Viewer::json(&server).await;
    viewer.say(json!({"type": "eof"})).await;
    viewer.type_text("late").await;
    viewer
        .until("a refusal", |seen| seen.errors() == ["input_closed"])
        .await;
    viewer.until_text(0, "closed").await;
    assert_eq!(viewer.seen.out.text(), "closed\n");
}

#[tokio::test]
async fn errors_are_told_from_output() {
    let command = ["sh", "-c", "echo out; echo err >&2; echo more"];
    let server = Server::pipe(&command).await;
    let seen = Viewer::json(&server).await.rest().await;
    assert_eq!(
        (seen.out.text(), seen.err.text()),
        ("out\nmore\n".into(), "err\n".into())
    );
    let seen = Viewer::open(&server, Dialect::V1, "/ws").await.rest().await;
    assert_eq!(
        (seen.out.text(), seen.err.text()),
        ("out\nmore\n".into(), "err\n".into())
    );
    let seen = Viewer::open(&server, Dialect::Raw, "/ws")
        .await
        .rest()
        .await;
    assert_eq!(seen.out.text(), "out\nmore\n");
}

/// The first process of a session, as the server tells it.
async fn first_process(server: &Server, viewer: &mut Viewer) -> u32 {
    let id = viewer.id().await;
    let session = server.session(&id).await.json();
    let pid = session["processes"][0]["pid"].as_u64();
    u32::try_from(pid.unwrap_or_else(|| panic!("{session}"))).expect("a process id")
}

#[tokio::test]
async fn no_more_is_sent_than_the_window_and_acknowledgements_release_it() {
    let length = 4 * MIB;
    let command = ["head", "-c", &length.to_string(), "/dev/zero"];
    let server = Server::pipe(&command).await;
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer.acks = false;
    viewer
        .say(json!({"type": "hello", "version": 1, "client": CLIENT}))
        .await;
    viewer
        .until("a window", |seen| seen.out.bytes.len() >= WINDOW)
        .await;
    let child = first_process(&server, &mut viewer).await;
    // It has filled everything there is between it and its viewer.
    until("a writer that waits", || match proc::written(child) {
        written if written > 1024 * 1024 => Ok(()),
        written => Err(format!("{written} bytes written")),
    })
    .await;
    for _ in 0..20 {
        viewer.round_trip().await;
    }
    assert_eq!(viewer.seen.out.bytes.len(), WINDOW);
    let written = proc::written(child);
    assert!(written <= PIPE, "{written} bytes for nobody");
    // Half a window releases half a window.
    let half = (WINDOW / 2) as u64;
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset: half,
        })
        .await;
    let further = WINDOW + WINDOW / 2;
    viewer
        .until("half a window", |seen| seen.out.bytes.len() >= further)
        .await;
    viewer.round_trip().await;
    assert_eq!(viewer.seen.out.bytes.len(), further);
    viewer.acks = true;
    let offset = viewer.seen.out.end();
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset,
        })
        .await;
    let seen = viewer.rest().await;
    assert_eq!(seen.out.bytes.len(), length);
    assert_eq!(seen.closed, Some(1000));
}

fn numbered(bytes: &[u8], piece: usize) -> Vec<Message> {
    let mut seq = 0;
    let frame = |part: &[u8]| {
        let bytes = Bytes::copy_from_slice(part);
        let frame = Frame::Input {
            lane: STDIN,
            seq,
            bytes,
        };
        seq += part.len() as u64;
        Message::Binary(frame.encode())
    };
    bytes.chunks(piece).map(frame).collect()
}

#[tokio::test]
async fn input_goes_on_while_the_output_waits() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::unopened(&server, Dialect::V1, "/ws").await;
    viewer.acks = false;
    viewer
        .say(json!({"type": "hello", "version": 1, "client": CLIENT}))
        .await;
    // More than a window, less than a pipe holds.
    let sent = noise(600 * KIB);
    let length = sent.len() as u64;
    viewer
        .pour(numbered(&sent, 8 * KIB), "all accepted", |seen| {
            seen.input == length
        })
        .await;
    viewer
        .until("a window", |seen| seen.out.bytes.len() >= WINDOW)
        .await;
    viewer.round_trip().await;
    assert_eq!(viewer.seen.out.bytes.len(), WINDOW);
    viewer.acks = true;
    let offset = viewer.seen.out.end();
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset,
        })
        .await;
    viewer
        .until("all of it", |seen| seen.out.end() >= length)
        .await;
    assert_eq!(hash(&viewer.seen.out.bytes), hash(&sent));
}

#[tokio::test]
async fn an_acknowledgement_of_what_was_never_sent_ends_the_connection() {
    let server = Server::pipe(&["sh", "-c", "echo hi; exec sleep 1000"]).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    viewer.until_text(0, "hi\n").await;
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset: 3,
        })
        .await;
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset: 1,
        })
        .await;
    viewer.round_trip().await;
    viewer
        .frame(&Frame::Ack {
            lane: STDOUT,
            offset: 4,
        })
        .await;
    let seen = viewer.rest().await;
    assert_eq!(seen.closed, Some(1008), "{seen:#?}");
    assert_eq!(seen.errors(), ["protocol"]);
}

fn input(seq: u64, text: &str) -> Frame {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    Frame::Input {
        lane: STDIN,
        seq,
        bytes,
    }
}

fn accepted(seen: &[Value]) -> &Value {
    &seen[0]["processes"][0]["input"]
}

#[tokio::test]
async fn numbered_input_is_taken_once_and_in_order() {
    let options = ["--mode", "pipe", "--on-disconnect", "keep"];
    let server = Server::start(&options, &["cat"]).await;
    let mut viewer = Viewer::open_named(&server, "/ws").await;
    viewer.frame(&input(0, "abc")).await;
    viewer.frame(&input(0, "abc")).await;
    viewer.frame(&input(1, "bcde")).await;
    viewer.frame(&input(5, "f\n")).await;
    viewer.until("all accepted", |seen| seen.input == 7).await;
    viewer.until_text(0, "\n").await;
    assert_eq!(viewer.seen.out.text(), "abcdef\n");
    assert_eq!(accepted(&viewer.seen.said), &json!(0));

    // The same client over another connection goes on where it was.
    let id = viewer.id().await;
    let path = format!("/ws?session={id}");
    let mut again = Viewer::open_named(&server, &path).await;
    again.until_text(0, "\n").await;
    assert_eq!(accepted(&again.seen.said), &json!(7));
    again.frame(&input(5, "f\ng\n")).await;
    again.until_text(0, "g\n").await;
    assert_eq!(again.seen.out.text(), "abcdef\ng\n");

    again.frame(&input(10, "ahead")).await;
    let seen = again.rest().await;
    assert_eq!(seen.closed, Some(1008), "{seen:#?}");
    assert_eq!(seen.errors(), ["protocol"]);
    let mut last = Viewer::open_named(&server, &path).await;
    last.frame(&Frame::InputEnd {
        lane: STDIN,
        seq: 9,
    })
    .await;
    let seen = last.rest().await;
    assert_eq!(seen.out.text(), "abcdef\ng\n");
    assert_eq!(seen.closed, Some(1000));
}

#[tokio::test]
async fn another_client_has_a_stream_of_its_own() {
    let server = Server::pipe(&["cat"]).await;
    let mut viewer = Viewer::open(&server, Dialect::V1, "/ws").await;
    viewer.frame(&input(0, "one\n")).await;
    viewer.until_text(0, "one\n").await;
    let path = format!("/ws?session={}", viewer.id().await);
    let mut other = Viewer::unopened(&server, Dialect::V1, &path).await;
    other
        .say(json!({"type": "hello", "version": 1, "client": "another"}))
        .await;
    other.frame(&input(0, "two\n")).await;
    viewer.until_text(0, "one\ntwo\n").await;
    other.until_text(0, "one\ntwo\n").await;
}

#[tokio::test]
async fn an_end_before_all_of_the_input_is_refused() {
    let options = ["--mode", "pipe", "--on-disconnect", "keep"];
    let server = Server::start(&options, &["cat"]).await;
    let mut viewer = Viewer::open_named(&server, "/ws").await;
    let path = format!("/ws?session={}", viewer.id().await);
    viewer.frame(&input(0, "abc\n")).await;
    let end = |seq| Frame::InputEnd { lane: STDIN, seq };
    viewer.frame(&end(5)).await;
    let seen = viewer.rest().await;
    assert_eq!(seen.closed, Some(1008), "{seen:#?}");
    let mut again = Viewer::open_named(&server, &path).await;
    again.frame(&input(4, "d")).await;
    again.frame(&end(5)).await;
    assert_eq!(again.rest().await.out.text(), "abc\nd");
}
