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
    // It stops a moment after it gave the terminal back: what comes in between continues nothing.
    eventually("it is taken again", || {
        screen.signal(Signal::CONT);
        screen.is_raw()
    });
    screen.types("again\r");
    screen.shows("again\r\nagain\r\n");
    screen.types("~.");
    assert_eq!(screen.ends(), 0);
}

/// Sets all that full-screen programs set, says so, and does what is typed.
const FULL_SCREEN: &str = r"printf '\033[?1049h\033[?1002h\033[?1006h\033[?1004h\033[?2004h\033[?25l\033[>1u\033[?1h\033=\033[5 q\033[2;9r\033[41m\033]2;title\007drawn\n'; ";

/// Waits until nothing is left of what a program had set.
fn is_left_plain(screen: &mut Screen) {
    eventually("the terminal is plain", || {
        let terminal = screen.terminal();
        !terminal.is_alternate()
            && terminal.modes().mouse == 0
            && terminal.cursor().visible
            && terminal.farewell().is_empty()
    });
}

#[test]
fn what_a_program_had_set_is_taken_back_when_it_is_left() {
    let server = Server::of(&["sh", "-c", &format!("{FULL_SCREEN} exec cat")]);
    let home = &server.home;
    // The bytes themselves, then a snapshot.
    for arguments in [&["new", "--name", "work"][..], &["attach", "work"]] {
        let mut screen = Screen::of(home, arguments);
        screen.shows("drawn");
        eventually("it is set on the own terminal as well", || {
            let terminal = screen.terminal();
            terminal.is_alternate() && terminal.modes().bracketed_paste
        });
        screen.types("\r~.");
        assert_eq!(screen.ends(), 0);
        screen.shows("[left ");
        is_left_plain(&mut screen);
    }
}

#[test]
fn what_a_program_had_set_is_taken_back_when_it_ends_or_is_lost() {
    let server = Server::of(&["sh", "-c", &format!("{FULL_SCREEN} read line; exit 3")]);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.shows("drawn");
    screen.types("\r");
    assert_eq!(screen.ends(), 3);
    is_left_plain(&mut screen);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.shows("drawn");
    screen.signal(Signal::TERM);
    assert_eq!(screen.ends(), 143);
    is_left_plain(&mut screen);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.shows("drawn");
    server.signal(Signal::KILL);
    assert_eq!(screen.ends(), 3);
    screen.shows("was lost");
    is_left_plain(&mut screen);
}

#[test]
fn who_stops_it_has_a_plain_terminal_and_everything_back_afterwards() {
    let server = Server::of(&["sh", "-c", &format!("{FULL_SCREEN} exec cat")]);
    let mut screen = Screen::of(&server.home, &["new"]);
    screen.shows("drawn");
    screen.signal(Signal::TSTP);
    eventually("the terminal is given back", || !screen.is_raw());
    is_left_plain(&mut screen);
    eventually("it is taken again", || {
        screen.signal(Signal::CONT);
        screen.is_raw()
    });
    screen.shows("drawn");
    eventually("everything is set again", || {
        let terminal = screen.terminal();
        terminal.is_alternate() && terminal.modes().mouse == 1002 && !terminal.cursor().visible
    });
    screen.types("\r~.");
    assert_eq!(screen.ends(), 0);
    is_left_plain(&mut screen);
}

#[test]
fn an_editor_is_left_and_found_again() {
    let server = Server::of(&["sh"]);
    let home = &server.home;
    let vim = "vim -u NONE -i NONE -n '+set nocp mouse=a ls=2 stl=status'";
    let mut screen = Screen::of(home, &["new", "--name", "work", "--", "sh", "-c", vim]);
    screen.shows("status");
    screen.types("ihello\x1b");
    screen.shows("hello");
    // Keys that leave it count at the beginning of a line.
    screen.types("\r~.");
    assert_eq!(screen.ends(), 0);
    is_left_plain(&mut screen);
    let mut screen = Screen::of(home, &["attach", "work"]);
    screen.shows("hello");
    screen.shows("status");
    screen.types("\x1b:q!\r");
    assert_eq!(screen.ends(), 0);
    is_left_plain(&mut screen);
}
