//! One process of several, meant by its number.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use crate::screen::Screen;
use crate::server::{Home, Server, ended, eventually};

/// Starts another process in a session; the command line has no verb for it.
fn start(home: &Home, session: &str, command: &[&str]) {
    let body = serde_json::json!({"command": command}).to_string();
    let request = format!(
        "POST /api/v1/sessions/{session}/processes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = UnixStream::connect(home.socket()).expect("a server");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

#[test]
fn each_is_typed_into_shown_and_waited_for() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    home.prints(&["new", "--detach", "--name", "work"]);
    start(home, "work", &["sh", "-c", "read status; exit $status"]);
    start(home, "work", &["cat"]);
    home.prints(&["send", "work", "--enter", "to the first"]);
    home.prints(&["send", "work", "--process", "3", "--enter", "to the third"]);
    let shows = |process: &str, text: &str| {
        eventually(text, || {
            home.prints(&["screen", "work", "--process", process]) == text
        });
    };
    shows("1", "to the first\nto the first\n");
    shows("3", "to the third\nto the third\n");
    let waiting = home
        .awp(&["wait", "work", "--process", "2"])
        .spawn()
        .expect("awp starts");
    home.prints(&["send", "work", "--process", "2", "--enter", "6"]);
    assert_eq!(ended(waiting).status, 6);
    assert_eq!(home.sessions()[0]["state"], "running");
    let waiting = home
        .awp(&["wait", "work", "--process", "3"])
        .spawn()
        .expect("awp starts");
    home.prints(&["kill", "work", "--process", "3", "--signal", "USR1"]);
    assert_eq!(ended(waiting).status, 138);
    for arguments in [
        &["send", "work", "x"][..],
        &["kill", "work", "--signal", "INT"],
        &["kill", "work"],
        &["wait", "work"],
        &["screen", "work"],
        &["attach", "work"],
    ] {
        let none = home.says(&[arguments, &["--process", "9"]].concat());
        assert_eq!(none.status, 4, "{arguments:?}: {}", none.stderr);
        assert_eq!(none.stderr.lines().count(), 1, "{}", none.stderr);
        let zero = home.says(&[arguments, &["--process", "0"]].concat());
        assert_eq!(zero.status, 2, "{arguments:?}: {}", zero.stderr);
    }
    // One alone is ended; the first lives on.
    start(home, "work", &["cat"]);
    home.prints(&["kill", "work", "--process", "4"]);
    let ended = |session: &serde_json::Value| {
        let processes = session["processes"].as_array().expect("processes");
        let fourth = processes.iter().find(|process| process["process"] == 4);
        fourth.is_none_or(|process| process["state"] == "ended")
    };
    eventually("the fourth has ended", || ended(&home.sessions()[0]));
    assert_eq!(home.sessions()[0]["processes"][0]["state"], "running");
}

#[test]
fn one_is_attached_and_takes_the_size_of_the_window() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    home.prints(&["new", "--detach", "--name", "work"]);
    let size =
        |process: usize| home.sessions()[0]["processes"][process - 1]["size"]["cols"].clone();
    start(home, "work", &["sh"]);
    let mut screen = Screen::of(home, &["attach", "work", "--process", "2"]);
    screen.types("echo $((40 + 2))\r");
    screen.shows("42\r\n");
    screen.resize(100, 30);
    eventually("it has the window's size", || size(2) == 100);
    assert_ne!(size(1), 100, "nobody looks at the first");
    screen.types("exit 7\r");
    assert_eq!(screen.ends(), 7);
    assert_eq!(home.sessions()[0]["state"], "running");
}

#[test]
fn the_beginning_of_an_id_that_fits_several_names_them() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let made = [0, 1, 2].map(|_| home.prints(&["new", "--detach"]));
    let mut ids = made.each_ref().map(|id| id.trim_end());
    ids.sort_unstable();
    let named = ids.join(" or ");
    for arguments in [
        &["attach", "s-"][..],
        &["kill", "s-"],
        &["rename", "s-", "x"],
        &["screen", "s-"],
        &["send", "s-", "x"],
        &["wait", "s-"],
    ] {
        let said = home.says(arguments);
        let verb = arguments[0];
        let expected = format!("awp: {verb}: s-: may be {named}; `awp ls` shows what there is\n");
        assert_eq!((said.status, said.stderr), (4, expected));
    }
    assert_eq!(home.sessions().len(), 3, "nothing was done");
}
