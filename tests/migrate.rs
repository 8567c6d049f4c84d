//! `awp migrate`: other programs' command lines become lines that awp takes.

use std::process::{Command, Output};

fn run(program: &mut Command) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    program
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("AWP_ALLOW_ROOT", "true")
        .env("DB", "a b")
        .output()
        .expect("it starts")
}

/// What awp says of this command line: its own, and the notes.
fn migrated(line: &[&str]) -> (String, String) {
    let said = run(Command::new(env!("CARGO_BIN_EXE_awp"))
        .arg("migrate")
        .args(line));
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let notes = text(said.stderr);
    assert_eq!(said.status.code(), Some(0), "{line:?}: {notes}");
    (text(said.stdout), notes)
}

/// Has a shell read the line, and awp look at it.
fn is_taken(line: &str) {
    let options = line.strip_prefix("awp ").expect("a line of awp");
    let script = format!("{} check {options}", env!("CARGO_BIN_EXE_awp"));
    let said = run(Command::new("sh").arg("-c").arg(script));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let why = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(text.starts_with("configuration: good"), "{line}: {why}");
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn a_line_does_the_same_as_before() {
    for (before, after) in [
        (
            "ttyd -i lo -W bash -l",
            "awp --listen 127.0.0.1:7681 --on-disconnect hangup --no-auth -- bash -l",
        ),
        (
            "ttyd -Wp8080 -m 3 -b /term -T vt100 sh",
            "awp --listen 0.0.0.0:8080 --insecure-http --max-viewers 3 --base-path /term \
             --env TERM=vt100 --on-disconnect hangup -- sh",
        ),
        (
            "ttyd --interface=/tmp/t.sock --ping-interval 60 -oB -w /tmp -d 15 cat",
            "awp --listen unix:/tmp/t.sock --ping-interval 60s --ping-timeout 180s --once --open \
             --cwd /tmp --log-level info --on-disconnect hangup --no-auth -- cat",
        ),
        (
            "ttyd -6 -c me:secret sh -p 1",
            "awp --listen '[::]:7681' --insecure-http --on-disconnect hangup -- sh -p 1",
        ),
        (
            "websocketd --address=localhost --port=8080 --passenv PATH,DB cat",
            "awp --mode lines --listen localhost:8080 --env DB=\"$DB\" --no-auth -- cat",
        ),
        (
            "websocketd -port 8080 -binary -maxforks 9 -origin https://a.example,b.example:1 cat",
            "awp --mode pipe --listen 0.0.0.0:8080 --insecure-http --max-sessions 9 \
             --allow-host a.example --allow-host b.example:1 -- cat",
        ),
        (
            "websocketd --unixsocket=/tmp/w.sock --pingms=1500 --loglevel=access cat",
            "awp --mode lines --listen unix:/tmp/w.sock --ping-interval 2s --log-level info \
             --no-auth -- cat",
        ),
        (
            "ttyd -S -C c.pem -K k.pem sh",
            "awp --tls-cert c.pem --tls-key k.pem --listen 0.0.0.0:7681 --on-disconnect hangup -- sh",
        ),
        (
            "websocketd --ssl --sslcert=c.pem --sslkey k.pem cat",
            "awp --mode lines --tls-cert c.pem --tls-key k.pem --listen 0.0.0.0:443 -- cat",
        ),
        (
            "websocketd --address=127.0.0.1 --dir=/etc --staticdir=/etc",
            "awp --mode lines --listen 127.0.0.1:80 --dir /etc --static /etc --no-auth",
        ),
    ] {
        let (line, _) = migrated(&words(before));
        assert_eq!(line.trim_end(), after, "{before}");
        is_taken(&line);
    }
    let (line, _) = migrated(&["ttyd", "-i", "lo", "sh", "-c", "echo it's $HOME"]);
    assert!(line.ends_with("-- sh -c 'echo it'\\''s $HOME'\n"), "{line}");
    is_taken(&line);
}

/// What the two programs take, each as it may be given, alone.
const TTYD: [&str; 31] = [
    "-p 8080",
    "-i lo",
    "-U root",
    "-c me:secret",
    "-H X-User",
    "-u 1000",
    "-g 1000",
    "-s 15",
    "-w /tmp",
    "-a",
    "-R",
    "-W",
    "-t fontSize=20",
    "-T vt100",
    "-O",
    "-m 5",
    "-o",
    "-q",
    "-B",
    "-I /tmp/index.html",
    "-b /term",
    "-P 30",
    "-f 4096",
    "-6",
    "-S",
    "-C c.pem",
    "-K k.pem",
    "-A ca.pem",
    "-d 7",
    "-r 10",
    "--max-clients 0",
];

const WEBSOCKETD: [&str; 26] = [
    "--port=8080",
    "--address=127.0.0.1",
    "--unixsocket=/tmp/w.sock",
    "--sameorigin",
    "--origin=https://a.example",
    "--ssl",
    "--sslcert=c.pem",
    "--sslkey=k.pem",
    "--sslca=ca.pem",
    "--redirport=80",
    "--passenv=DB",
    "--binary",
    "--passstderr",
    "--reverselookup",
    "--dir=/etc",
    "--staticdir=/etc",
    "--cgidir=cgi",
    "--maxforks=5",
    "--maxframesize=9999999",
    "--closems=100",
    "--pingms=1000",
    "--header=A: b",
    "--header-ws=A: b",
    "--header-http=A: b",
    "--devconsole",
    "--loglevel=debug",
];

#[test]
fn every_option_is_taken_over_or_its_absence_is_explained() {
    let ttyd = TTYD.map(|option| ("ttyd", option));
    let websocketd = WEBSOCKETD.map(|option| ("websocketd", option));
    for (program, option) in ttyd.into_iter().chain(websocketd) {
        let bare = migrated(&[program, "cat"]);
        let mut line = vec![program];
        if program == "ttyd" {
            line.extend(option.split(' '));
        } else {
            line.push(option);
        }
        line.push("cat");
        let (after, notes) = migrated(&line);
        // --writable alone needs neither: what is lost without it is a note.
        assert!((after.clone(), notes.clone()) != bare, "{program} {option}");
        assert!(!after.contains("secret") && !notes.contains("secret"));
        is_taken(&after);
        for note in notes.lines() {
            let (_, why) = note.split_once(": ").expect("what, and why");
            assert!(why.len() > 10, "{note}");
        }
    }
}

#[test]
fn what_is_not_theirs_is_a_usage_error() {
    for (line, named) in [
        ("ttyd", "missing"),
        ("ttyd -x sh", "-x"),
        ("ttyd --no-such sh", "--no-such"),
        ("ttyd -p many sh", "--port"),
        ("ttyd -i eth0 sh", "--interface"),
        ("ttyd -h", "nothing to serve"),
        ("websocketd", "missing"),
        ("websocketd --porto=80 cat", "--porto"),
        ("websocketd --passenv=A;rm cat", "--passenv"),
        ("websocketd --loglevel=loud cat", "--loglevel"),
        ("gotty sh", "gotty"),
    ] {
        let said = run(Command::new(env!("CARGO_BIN_EXE_awp"))
            .arg("migrate")
            .args(words(line)));
        let why = String::from_utf8(said.stderr).expect("text");
        assert_eq!(said.status.code(), Some(2), "{line}: {why}");
        assert!(said.stdout.is_empty(), "{line}");
        assert!(why.contains(named), "{line}: {why}");
    }
}
