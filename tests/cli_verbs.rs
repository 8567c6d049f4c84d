//! The verbs that talk to a running server: the built binary on both sides.

#[path = "cli_verbs/attached.rs"]
mod attached;
#[path = "cli_verbs/filter.rs"]
mod filter;
#[path = "cli_verbs/processes.rs"]
mod processes;
#[path = "cli_verbs/screen.rs"]
mod screen;
#[path = "cli_verbs/server.rs"]
mod server;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use server::{Home, Server, eventually};

#[test]
fn a_session_is_made_and_listed() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    assert_eq!(home.prints(&["ls", "--json"]), "[]\n");
    let made = home.prints(&["new", "--detach", "--name", "work"]);
    let id = made.strip_suffix('\n').expect("a line");
    assert!(id.starts_with("s-") && id.len() == 12, "{made:?}");
    let sessions = home.sessions();
    let session = &sessions[0];
    assert_eq!(sessions.len(), 1);
    assert_eq!(session["id"], id);
    assert_eq!(session["name"], "work");
    assert_eq!(session["app"], "default");
    assert_eq!(session["mode"], "pty");
    assert_eq!(session["state"], "running");
    assert_eq!(session["viewers"], 0);
    assert_eq!(session["processes"][0]["title"], "cat");
    assert!(session["created"].is_u64() && session["size"]["cols"].is_u64());
    let table = home.prints(&["ls"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(
        lines[0].starts_with("ID ") && lines[1].starts_with(id),
        "{table}"
    );
    assert_eq!(lines[0].find("NAME"), lines[1].find("work"), "aligned");
}

#[test]
fn what_is_asked_for_is_what_runs() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    std::fs::create_dir(home.path("below")).expect("a folder");
    let script = "echo $GREETING from $PWD; exec cat";
    let arguments = ["--name", "asked", "--cwd", "below", "--env", "GREETING=hi"];
    let mut new = vec!["new", "--mode", "pipe"];
    new.extend(arguments);
    new.extend(["--", "sh", "-c", script]);
    let said = home.says(&new);
    let expected = format!("hi from {}\n", home.path("below").display());
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert_eq!(said.text(), expected);
    assert_eq!(home.sessions()[0]["state"], "ended");
}

#[test]
fn a_session_is_renamed_typed_into_and_waited_for() {
    let server = Server::of(&["sh"]);
    let home = &server.home;
    let id = home.prints(&["new", "--detach"]);
    let id = id.trim_end();
    assert_eq!(home.prints(&["rename", id, "build"]), "");
    assert_eq!(home.sessions()[0]["name"], "build");
    let waiting = home.awp(&["wait", &id[..8]]).spawn().expect("awp starts");
    assert_eq!(home.prints(&["send", "build", "status=3"]), "");
    assert_eq!(home.prints(&["send", "build", "--enter", ""]), "");
    let piped = home.filters(&["send", "build", "-", "--enter"], b"exit $status");
    assert_eq!((piped.status, piped.stderr.as_str()), (0, ""));
    assert_eq!(server::ended(waiting).status, 3);
    assert_eq!(
        home.says(&["wait", "build"]).status,
        3,
        "it can still be read"
    );
    let late = home.says(&["send", "build", "x"]);
    assert_eq!(late.status, 1);
    assert_eq!(late.stderr, "awp: send: the process takes no more input\n");
}

#[test]
fn a_session_is_killed() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    home.prints(&["new", "--detach", "--name", "one"]);
    home.prints(&["new", "--detach", "--name", "two"]);
    let wait = |name| home.awp(&["wait", name]).spawn().expect("awp starts");
    let (one, two) = (wait("one"), wait("two"));
    assert_eq!(home.prints(&["kill", "one", "--signal", "KILL"]), "");
    assert_eq!(server::ended(one).status, 137);
    let said = home.says(&["kill", "two", "--signal", "NOSUCH"]);
    assert_eq!((said.status, said.stderr.lines().count()), (1, 1));
    assert_eq!(home.prints(&["kill", "two"]), "");
    assert_eq!(server::ended(two).status, 129);
    eventually("a session that was killed is gone", || {
        home.sessions()
            .iter()
            .all(|session| session["name"] != "two")
    });
}

#[test]
fn each_failure_has_its_status_and_one_line() {
    let nobody = Home::new();
    for arguments in [
        &["ls"][..],
        &["new", "--detach"],
        &["attach", "x"],
        &["run", "--", "true"],
        &["wait", "x"],
    ] {
        let said = nobody.says(arguments);
        assert_eq!(said.status, 3, "{arguments:?}");
        let start = format!("awp: {}: no server at ", arguments[0]);
        assert!(said.stderr.starts_with(&start), "{}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1);
    }
    let server = Server::of(&["cat"]);
    let home = &server.home;
    for arguments in [
        &["attach", "nosuch"][..],
        &["kill", "nosuch"],
        &["rename", "nosuch", "x"],
        &["send", "nosuch", "x"],
        &["wait", "no such\x1b[2J"],
    ] {
        let said = home.says(arguments);
        assert_eq!(said.status, 4, "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1);
        assert!(!said.stderr.contains('\x1b'), "{:?}", said.stderr);
    }
    home.prints(&["new", "--detach", "--name", "one"]);
    home.prints(&["new", "--detach"]);
    let said = home.says(&["attach", "s-"]);
    assert_eq!(said.status, 4);
    assert!(said.stderr.contains(" may be s-"), "{}", said.stderr);
    let taken = home.says(&["new", "--detach", "--name", "one"]);
    assert_eq!(taken.status, 1);
    assert_eq!(taken.stderr, "awp: new: a session named one exists\n");
    assert_eq!(home.says(&["new", "--mode", "x"]).status, 2);
    assert_eq!(home.says(&["attach", "one", "--detach-keys", ""]).status, 2);
}

#[test]
fn a_server_elsewhere_asks_for_its_token() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let url = server.url.as_str();
    let said = home.says(&["ls", "--server", url]);
    assert_eq!(said.status, 5, "{}", said.stderr);
    assert!(said.stderr.contains("--token-file"), "{}", said.stderr);
    let token = home.path(".local/state/awp/token");
    let token = token.to_str().expect("a plain path");
    let there = ["--server", url, "--token-file", token];
    let run = [&["run"][..], &there, &["--", "cat"]].concat();
    let said = home.filters(&run, b"over there");
    assert_eq!(
        (said.status, said.stdout.as_slice()),
        (0, &b"over there"[..])
    );
    let far = home.says(&["ls", "--server", "http://example.org"]);
    assert_eq!(far.status, 2, "a token does not travel in the clear");
}

#[test]
fn names_cannot_speak_to_the_terminal() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let program = home.path("evil\x1b[2Jname");
    std::fs::write(&program, "#!/bin/sh\nexec cat\n").expect("written");
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(&program, mode).expect("set");
    let program = program.to_str().expect("text");
    home.prints(&["new", "--detach", "--", program]);
    let table = home.prints(&["ls"]);
    assert!(table.contains("evil\\u{1b}[2Jname") && !table.contains('\x1b'));
}

#[test]
fn the_first_server_has_the_socket_and_a_stale_one_is_replaced() {
    let mut first = Server::of(&["cat"]);
    let socket = first.home.socket();
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").mode() & 0o777;
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().expect("a folder")), 0o700);
    let mut second = Server::in_home(Home::new(), &["cat"]);
    drop(second.stop());
    // The same home for both: the second one finds the socket taken.
    let home = std::mem::replace(&mut first.home, Home::new());
    let mut second = Server::in_home(home, &["cat"]);
    second.home.prints(&["new", "--detach"]);
    let said = second.stop().expect("it ran");
    let warned = said.stderr.lines().filter(|line| line.contains(" WARN "));
    let warned: Vec<&str> = warned.filter(|line| line.contains("awp.sock")).collect();
    assert_eq!(warned.len(), 1, "{}", said.stderr);
    assert_eq!(
        second.home.sessions().len(),
        1,
        "the first one still answers"
    );
    first.signal(rustix::process::Signal::KILL);
    assert_eq!(second.home.says(&["ls"]).status, 3);
    let home = std::mem::replace(&mut second.home, Home::new());
    let third = Server::in_home(home, &["cat"]);
    assert!(third.home.sessions().is_empty());
}

#[test]
fn packagers_get_completions_and_a_manual_page() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            home.prints(&["completions", shell]).contains("attach"),
            "{shell}"
        );
    }
    let page = home.prints(&["man"]);
    for word in [".TH awp", "attach", "\\-\\-detach\\-keys"] {
        assert!(page.contains(word), "{word}");
    }
}
