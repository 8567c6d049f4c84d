//! Any program, connected in any way: the modes, the apps' own rules, and sockets without HTTP.

#[path = "cli_verbs/server.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod server;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::Command;

use rustix::process::Signal;
use server::{DEADLINE, Home, Said, Server, ended, eventually};

/// A server of `cat` whose configuration file says this; `HOME` stands for its home.
fn configured(text: &str) -> Server {
    let home = Home::new();
    configure(&home, text);
    Server::in_home(home, &["cat"])
}

fn configure(home: &Home, text: &str) {
    let folder = home.path(".config/awp");
    fs::create_dir_all(&folder).expect("a folder");
    let root = home.path("");
    let root = root.to_str().expect("text").trim_end_matches('/');
    fs::write(folder.join("awp.toml"), text.replace("HOME", root)).expect("written");
}

/// What a client of another project makes of this input.
fn client(program: &str, arguments: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("make packages installs it");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    std::thread::spawn(move || stdin.write_all(&input));
    ended(child)
}

fn connect(server: &Server, name: &str) -> UnixStream {
    let stream = UnixStream::connect(server.home.path(name)).expect("it listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("set");
    stream
}

fn read_line(stream: &mut UnixStream) -> String {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a line");
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("text")
}

/// Bytes without a period.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).expect("random bytes");
    bytes
}

#[test]
fn a_connection_to_an_apps_socket_is_its_program() {
    let server = configured(
        "[app.echo]\ncommand = [\"cat\"]\nmode = \"pipe\"\nsocket = \"unix:HOME/echo.sock\"\n",
    );
    let path = server.home.path("echo.sock");
    let path = path.to_str().expect("text");
    let bytes = noise(3_000_001);
    let unix = format!("UNIX-CONNECT:{path}");
    for (program, arguments) in [
        ("socat", vec!["-t30", "-", unix.as_str()]),
        ("nc", vec!["-N", "-U", path]),
    ] {
        let said = client(program, &arguments, &bytes);
        assert!(said.stdout == bytes, "{program}: {}", said.stderr);
    }
    // Who leaves takes the session along.
    let mut stream = connect(&server, "echo.sock");
    stream.write_all(b"x\n").expect("written");
    assert_eq!(read_line(&mut stream), "x\n");
    assert_eq!(server.home.sessions().len(), 1);
    drop(stream);
    eventually("nothing is left", || server.home.sessions().is_empty());
}

#[test]
fn the_input_may_end_before_the_output() {
    let script = "cat >/dev/null; echo one; echo two >&2; echo three";
    let server = configured(&format!(
        "[app.late]\ncommand = [\"sh\", \"-c\", \"{script}\"]\nmode = \"pipe\"\n\
         socket = \"unix:HOME/late.sock\"\n"
    ));
    let mut stream = connect(&server, "late.sock");
    stream.write_all(b"something").expect("written");
    stream.shutdown(Shutdown::Write).expect("half closed");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("text, then an end");
    assert_eq!(said, "one\nthree\n");
}

#[test]
fn a_shared_place_asks_for_one_line() {
    let home = Home::new();
    configure(
        &home,
        "[server]\nplain_listen = [\"unix:HOME/plain.sock\"]\n\
         [app.up]\ncommand = [\"tr\", \"a-z\", \"A-Z\"]\nmode = \"pipe\"\n",
    );
    let server = Server::in_home(home, &["cat"]);
    let talk = |said: &str| {
        let mut stream = connect(&server, "plain.sock");
        stream.write_all(said.as_bytes()).expect("written");
        stream.shutdown(Shutdown::Write).expect("half closed");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        answer
    };
    let answer = talk("AWP/1 open app=up\nabc\n");
    assert!(answer.starts_with("AWP/1 ok session=s-"), "{answer}");
    assert!(answer.ends_with("\nABC\n"), "{answer}");
    let answer = talk("AWP/1 open app=up mode=json\n{\"type\":\"stdin\",\"text\":\"d\"}\n");
    let lines: Vec<&str> = answer.lines().collect();
    assert!(lines[1].contains("\"mode\":\"pipe\""), "{answer}");
    assert!(lines[2].contains("\"payload\":\"RA==\""), "{answer}");
    assert!(lines[3].contains("\"type\":\"exit\""), "{answer}");
    assert!(talk("AWP/1 open app=nosuch\n").starts_with("AWP/1 err 404 "));
    assert!(talk("AWP/1 open command=sh\n").starts_with("AWP/1 err 400 "));
    assert!(talk("GET / HTTP/1.1\n").starts_with("AWP/1 err 400 "));
}

#[test]
fn a_browsers_request_is_typed_into_nothing() {
    let server = configured(
        "[app.sh]\ncommand = [\"sh\"]\nmode = \"pipe\"\nsocket = \"unix:HOME/sh.sock\"\n",
    );
    let mut stream = connect(&server, "sh.sock");
    let request = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\ntouch was-here\n";
    stream.write_all(request).expect("written");
    let mut said = Vec::new();
    // An end or a reset, but never a word.
    let _ = stream.read_to_end(&mut said);
    assert_eq!(said, b"");
    assert!(server.home.sessions().is_empty());
    assert!(!server.home.path("was-here").exists());
}

#[test]
fn a_socket_beyond_this_machine_is_refused() {
    let home = Home::new();
    configure(
        &home,
        "[app.x]\ncommand = [\"cat\"]\nsocket = \"tcp:0.0.0.0:0\"\n",
    );
    let said = home.says(&["--listen", "127.0.0.1:0"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(
        said.stderr.contains("awp.toml:3: socket:"),
        "{}",
        said.stderr
    );
}

#[test]
fn stderr_is_split_off_a_terminal_but_not_off_a_shells() {
    let script = "print -t STDIN ? 1 : 0, -t STDOUT ? 1 : 0, -t STDERR ? 1 : 0; print STDERR q(e)";
    let server = configured(&format!(
        "[app.split]\ncommand = [\"perl\", \"-e\", \"{script}\"]\nmode = \"pty+err\"\n"
    ));
    let said = server.home.says(&["run", "--app", "split"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, "e"));
    // A terminal begins with what it shows, and its program was told what is one.
    let shown = said.text();
    assert!(shown.contains("110"), "{shown}");
    let refused = server
        .home
        .says(&["new", "--mode", "pty+err", "--", "bash"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("is a shell"), "{}", refused.stderr);
    let home = Home::new();
    let shell = "[app.sh]\ncommand = [\"sh\"]\nmode = \"pty+err\"\n";
    configure(&home, shell);
    let said = home.says(&["check"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("awp.toml:2:"), "{}", said.stderr);
    configure(&home, &format!("{shell}force_pty_err = true\n"));
    let said = home.says(&["check", "--max-sessions", "1"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}

#[test]
fn a_program_that_gathers_its_output_is_made_to_write_lines() {
    let server = configured(
        "[app.up]\ncommand = [\"tr\", \"a-z\", \"A-Z\"]\nmode = \"pipe\"\nstdbuf = \"line\"\n\
         socket = \"unix:HOME/up.sock\"\n",
    );
    let mut stream = connect(&server, "up.sock");
    for line in ["one\n", "two\n"] {
        stream.write_all(line.as_bytes()).expect("written");
        assert_eq!(read_line(&mut stream), line.to_uppercase());
    }
}

#[test]
fn what_is_not_json_does_not_reach_the_process() {
    let server = configured("[app.j]\ncommand = [\"cat\"]\nmode = \"json\"\n");
    let input = b"{\"a\": 1}\nrm -rf\n\n[2]\r\n{\n\"last\"";
    let said = server.home.filters(&["run", "--app", "j"], input);
    assert_eq!(said.stdout, b"{\"a\": 1}\n[2]\r\n\"last\"");
    assert_eq!(said.status, 1, "{}", said.stderr);
    let told: Vec<&str> = said.stderr.lines().collect();
    let first = "awp: not_json: a line is not JSON, and was not passed on";
    let count = "awp: run: not_json: lines of the input that were not passed on: 3";
    assert_eq!(told, [first, count]);
    let said = server.home.filters(&["run", "--app", "j"], b"1\n2\n");
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
}

#[test]
fn a_line_that_is_too_long_does_not_reach_the_process_and_its_status_is_its_own() {
    let server = configured(
        "[app.l]\ncommand = [\"cat\"]\nmode = \"lines\"\n\
         [app.seven]\ncommand = [\"sh\", \"-c\", \"cat; exit 7\"]\nmode = \"lines\"\n",
    );
    let most = vec![b'x'; 1024 * 1024];
    let input = [&b"one\n"[..], &most, b"\n", &most, b"x\ntwo\nlast"].concat();
    let passed = [&b"one\n"[..], &most, b"\ntwo\nlast"].concat();
    for (app, status, lines) in [("l", 1, 2), ("seven", 7, 1)] {
        let said = server.home.filters(&["run", "--app", app], &input);
        assert!(said.stdout == passed, "{app}: {}", said.stdout.len());
        assert_eq!(said.status, status, "{app}: {}", said.stderr);
        assert_eq!(said.stderr.lines().count(), lines, "{app}: {}", said.stderr);
        assert!(
            said.stderr.contains("line_too_long"),
            "{app}: {}",
            said.stderr
        );
    }
}

#[test]
fn an_app_is_limited_as_it_says() {
    let server = configured(
        "[app.one]\ncommand = [\"cat\"]\nlimits = { sessions = 1 }\n\
         [app.mine]\ncommand = [\"cat\"]\nlimits = { per_user = 1 }\n\
         [app.brief]\ncommand = [\"sleep\", \"1000\"]\nlimits = { max = \"100ms\" }\n\
         [app.still]\ncommand = [\"sleep\", \"1000\"]\nlimits = { idle = \"100ms\" }\n",
    );
    let home = &server.home;
    for app in ["one", "mine"] {
        let id = home.prints(&["new", "--detach", "--app", app]);
        let refused = home.says(&["new", "--detach", "--app", app]);
        assert_eq!(refused.status, 1);
        assert!(
            refused.stderr.contains("the limit of 1 sessions"),
            "{}",
            refused.stderr
        );
        home.prints(&["kill", id.trim_end()]);
        // It counts until nothing is left of its processes.
        eventually("there is room again", || {
            home.says(&["new", "--detach", "--app", app]).status == 0
        });
        assert_eq!(home.says(&["new", "--detach", "--app", app]).status, 1);
    }
    for app in ["brief", "still"] {
        assert_eq!(home.says(&["run", "--app", app]).status, 129, "{app}");
    }
}

#[test]
fn the_file_is_read_again_and_a_bad_one_changes_nothing() {
    let server = configured("[app.a]\ncommand = [\"echo\", \"one\"]\n");
    let home = &server.home;
    assert_eq!(home.prints(&["run", "--app", "a"]), "one\n");
    configure(home, "[app.a]\ncommand = [\"echo\", \"two\"]\n");
    server.signal(Signal::HUP);
    eventually("the new file counts", || {
        home.prints(&["run", "--app", "a"]) == "two\n"
    });
    configure(
        home,
        "[app.a]\ncomand = [\"echo\", \"three\"]\n[app.b]\ncommand = [\"true\"]\n",
    );
    server.signal(Signal::HUP);
    configure(
        home,
        "[app.a]\ncommand = [\"echo\", \"two\"]\n[app.c]\ncommand = [\"true\"]\n",
    );
    server.signal(Signal::HUP);
    eventually("the next good one counts", || {
        home.says(&["run", "--app", "c"]).status == 0
    });
    assert_eq!(home.prints(&["run", "--app", "a"]), "two\n");
    assert_eq!(home.says(&["run", "--app", "b"]).status, 1);
}

#[test]
fn a_configuration_is_checked_without_a_server() {
    let home = Home::new();
    let check = |text: &str| {
        configure(&home, text);
        home.says(&["check", "--max-sessions", "1"])
    };
    assert_eq!(check("[app.a]\ncommand = [\"true\"]\n").status, 0);
    for (text, line, what) in [
        ("[app.a]\ncomand = []\n", 2, "did you mean \"command\"?"),
        ("\n[app.a]\n", 2, "has no command"),
        ("[app.a]\ncommand = [\"nosuch\"]\n", 2, "not found in PATH"),
        (
            "[app.a]\ncommand = [\"true\"]\nquery = [\"a=b\"]\n",
            3,
            "is no key",
        ),
        (
            "[app.a]\ncommand = [\"true\"]\nstdbuf = \"full\"\n",
            3,
            "stdbuf",
        ),
        (
            "[app.a]\ncommand = [\"true\"]\nmode = \"ptty\"\n",
            3,
            "the modes are",
        ),
    ] {
        let said = check(text);
        assert_eq!(said.status, 1, "{text}");
        let place = format!("awp.toml:{line}: ");
        assert!(
            said.stderr.contains(&place) && said.stderr.contains(what),
            "{}",
            said.stderr
        );
        assert_eq!(said.stderr.lines().count(), 1);
    }
    let said = home.says(&[
        "check",
        "--config",
        "/dev/null",
        "--max-sessions",
        "4000000000",
    ]);
    assert_eq!(said.status, 1);
    let text = said.text();
    assert!(
        text.contains("ulimit") || text.contains("prlimit"),
        "{text}"
    );
    assert!(text.contains("sudo sysctl -w kernel.pty.max="), "{text}");
}

#[test]
fn a_filter_carries_64_mib_and_a_remote_one_as_well() {
    let server = Server::of(&["cat"]);
    let home = &server.home;
    let bytes = noise(64 * 1024 * 1024);
    let said = home.filters(&["run", "--", "cat"], &bytes);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stdout == bytes, "over the Unix socket");
    let token = home.path(".local/state/awp/token");
    let token = token.to_str().expect("text");
    let remote = [
        "run",
        "--server",
        &server.url,
        "--token-file",
        token,
        "--",
        "cat",
    ];
    let said = home.filters(&remote, &bytes[..8 * 1024 * 1024]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stdout == bytes[..8 * 1024 * 1024], "over TCP");
}

#[test]
fn an_app_that_does_not_say_how_runs_on_pipes() {
    let server = configured(
        "[app.a]\ncommand = [\"echo\", \"x\"]\n[app.t]\ncommand = [\"echo\", \"x\"]\nmode = \"pty\"\n",
    );
    assert_eq!(server.home.prints(&["run", "--app", "a"]), "x\n");
    let shown = server.home.prints(&["run", "--app", "t"]);
    assert!(shown.contains('x') && shown != "x\n", "{shown}");
}
