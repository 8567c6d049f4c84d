//! `awp run`: what comes out is what went in, as if the command ran here.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use rustix::process::{Signal, kill_process};

use crate::server::{Server, ended, eventually, pid};

/// Lines that are in no order, some of them long: a megabyte in all.
fn lines() -> Vec<u8> {
    let mut out = Vec::new();
    let mut number = 1_u64;
    while out.len() < 1024 * 1024 {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        writeln!(out, "{:x}", number >> 20).expect("written");
    }
    out
}

#[test]
fn bytes_pass_through_as_they_are() {
    let server = Server::of(&["sort"]);
    let home = &server.home;
    let input = lines();
    let text = String::from_utf8(input.clone()).expect("text");
    let mut expected: Vec<&str> = text.lines().collect();
    expected.sort_unstable();
    let sorted = home.filters(&["run"], &input);
    assert_eq!(sorted.status, 0, "{}", sorted.stderr);
    assert!(sorted.text().lines().eq(expected), "sorted is sorted");
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3_000_001).collect();
    let said = home.filters(&["run", "--", "cat"], &bytes);
    assert!(said.stdout == bytes, "cat is cat, {}", said.stderr);
    assert_eq!(home.filters(&["run", "--", "cat"], b"").stdout, b"");
    eventually("nothing is left", || home.sessions().is_empty());
}

#[test]
fn a_program_that_writes_more_than_it_reads_does_not_stand_still() {
    let server = Server::of(&["cat"]);
    let more = ["run", "--", "sed", "s/.*/&&&&&&&&&&&&&&&&/"];
    let input = lines();
    let said = server.home.filters(&more, &input);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let ends = input.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(said.stdout.len(), (input.len() - ends) * 16 + ends);
}

#[test]
fn the_ways_out_are_kept_apart_and_the_status_is_passed_on() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let script = "echo out; echo err >&2; exit 7";
    let said = home.says(&["run", "--", "sh", "-c", script]);
    assert_eq!((said.status, said.stderr.as_str()), (7, "err\n"));
    assert_eq!(said.stdout, b"out\n");
    let killed = home.says(&["run", "--", "sh", "-c", "kill -KILL $$"]);
    assert_eq!(killed.status, 137);
    let missing = home.says(&["run", "--", "nosuchprogram"]);
    assert_eq!((missing.status, missing.stderr.lines().count()), (1, 1));
    let here = home.says(&["run", "--", "pwd"]).text();
    assert_eq!(
        here.trim_end(),
        home.path("").to_str().expect("text").trim_end_matches('/')
    );
    for _ in 0..5 {
        // Over before anybody could look.
        assert_eq!(home.says(&["run", "--", "sh", "-c", "exit 4"]).status, 4);
    }
    eventually("nothing is left", || home.sessions().is_empty());
}

#[test]
fn signals_are_passed_on() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let trap = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    for (script, signal, status) in [
        ("echo ready; exec sleep 100", Signal::INT, 130),
        ("echo ready; exec sleep 100", Signal::HUP, 129),
        (trap, Signal::TERM, 9),
    ] {
        let mut command = home.awp(&["run", "--", "sh", "-c", script]);
        let mut child = command.spawn().expect("awp starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        kill_process(pid(&child), signal).expect("it runs");
        assert_eq!(ended(child).status, status);
    }
}

#[test]
fn who_stops_reading_ends_it() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let mut child = home.awp(&["run", "--", "yes"]).spawn().expect("awp starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a line");
    assert_eq!(line, "y\n");
    drop(stdout);
    let said = ended(child);
    assert_eq!((said.status, said.stderr.as_str()), (141, ""));
    eventually("nothing is left", || home.sessions().is_empty());
}

#[test]
fn whatever_becomes_of_it_nothing_is_left() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let mut command = home.awp(&["run", "--", "cat"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("awp starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"x\n").expect("written");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut line).expect("a line");
    assert_eq!(home.sessions().len(), 1);
    kill_process(pid(&child), Signal::KILL).expect("it runs");
    ended(child);
    eventually("nothing is left", || home.sessions().is_empty());
}
