//! A session in a terminal: `awp attach` and `awp new`.

use rustix::process::Signal;

use crate::screen::Screen;
use crate::server::{Server, eventually};

#[test]
fn what_is_typed_arrives_and_the_keys_leave_it() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    home.prints(&["new", "--detach", "--name", "work"]);
    let mut screen = Screen::of(home, &["attach", "work"]);
    screen.types("hello ~.\r");
    screen.shows("hello ~.\r\nhello ~.\r\n");
    assert!(screen.is_raw());
    assert_eq!(home.sessions()[0]["viewers"], 1);
    screen.types("~~.\r");
    screen.shows("~.\r\n~.\r\n");
    screen.types("~");
    screen.types(".");
    assert_eq!(screen.ends(), 0);
    eventually("it goes on without its viewer", || {
        let session = &home.sessions()[0];
        session["viewers"] == 0 && session["state"] == "running"
    });
    let mut again = Screen::of(home, &["attach", "work", "--detach-keys", "^]"]);
    again.shows("hello ~.");
    again.types("~.\r");
    again.shows("~.\r\n~.\r\n");
    again.types("\x1d");
    assert_eq!(again.ends(), 0);
}

#[test]
fn the_status_of_its_program_is_passed_on() {
    let server = Server::of(&["sh"]);
    let mut screen = Screen::of(&server.home, &["new", "--name", "work"]);
    screen.types("echo $((40 + 2))\r");
    screen.shows("42\r\n");
    screen.types("exit 5\r");
    assert_eq!(screen.ends(), 5);
}

#[test]
fn the_session_has_the_size_of_its_window() {
    let server = Server::of(&["sh"]);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.types("stty size\r");
    screen.shows("24 80\r\n");
    screen.resize(100, 30);
    eventually("the session takes the window's size", || {
        server.home.sessions()[0]["size"]["cols"] == 100
    });
    screen.types("stty size\r");
    screen.shows("30 100\r\n");
    screen.types("exit\r");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn who_only_watches_does_not_type() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    home.prints(&["new", "--detach", "--name", "work"]);
    let mut screen = Screen::of(home, &["attach", "work", "--read-only"]);
    eventually("it is attached", || home.sessions()[0]["viewers"] == 1);
    screen.types("typed\r");
    home.prints(&["send", "work", "--enter", "sent"]);
    screen.shows("sent\r\nsent\r\n");
    assert!(!screen.rest().contains("typed"));
    screen.types("~.");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_server_that_dies_gives_the_terminal_back() {
    let server = Server::of(&["cat"]);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.types("here\r");
    screen.shows("here\r\nhere\r\n");
    server.signal(Signal::KILL);
    assert_eq!(screen.ends(), 3);
    screen.shows("awp: new: the connection to the server was lost: ");
    assert_eq!(screen.rest().matches("awp: ").count(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut screen = Screen::of(home, &["new"]);
        screen.types("here\r");
        screen.shows("here\r\nhere\r\n");
        screen.signal(signal);
        assert_eq!(screen.ends(), status);
    }
}

#[test]
fn it_can_be_stopped_and_continued() {
    let server = Server::of(&["cat"]);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.types("here\r");
    screen.shows("here\r\nhere\r\n");
    screen.signal(Signal::TSTP);
    eventually("the terminal is given back", || !screen.is_raw());
    screen.signal(Signal::CONT);
    eventually("it is taken again", || screen.is_raw());
    screen.types("again\r");
    screen.shows("again\r\nagain\r\n");
    screen.types("~.");
    assert_eq!(screen.ends(), 0);
}
