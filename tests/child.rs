//! What a child is given: environment, descriptors, signals, terminal, directory.

mod harness;

use std::collections::BTreeMap;

use harness::server::{TOKEN, awp};
use harness::viewer::connect;
use harness::{Dialect, Server, Viewer, within};
use serde_json::json;

/// What a server may have in its own environment that is nobody else's business.
const SECRETS: &[(&str, &str)] = &[
    ("AWS_SECRET_ACCESS_KEY", "leaked"),
    ("SSH_AUTH_SOCK", "leaked"),
    ("LD_PRELOAD", ""),
    ("BASH_ENV", "leaked"),
    ("PYTHONPATH", "leaked"),
    ("NOTIFY_SOCKET", "leaked"),
    ("RUST_LOG", "leaked=info"),
    ("AWP_LOG_LEVEL", "info"),
    ("HTTP_PROXY", "leaked"),
    ("TERM", "leaked"),
    ("COLORTERM", "leaked"),
    ("PWD", "leaked"),
    ("COLUMNS", "leaked"),
];

/// What is passed on.
const PASSED: &[(&str, &str)] = &[
    ("SHELL", "/bin/sh"),
    ("USER", "somebody"),
    ("LOGNAME", "somebody"),
    ("LANG", "C.UTF-8"),
    ("LC_TIME", "C"),
    ("TZ", "UTC"),
    ("TMPDIR", "/tmp"),
    ("XDG_RUNTIME_DIR", "/tmp"),
];

async fn environment(options: &[&str], path: &str) -> (Server, BTreeMap<String, String>) {
    let dirty: Vec<_> = SECRETS.iter().chain(PASSED).copied().collect();
    // Its own environment as the kernel handed it over: a shell would add to it.
    let server = Server::with_environment(options, &["cat", "/proc/self/environ"], &dirty).await;
    let seen = Viewer::open(&server, Dialect::Json, path)
        .await
        .rest()
        .await;
    let text = seen.out.text();
    assert!(!text.contains("leaked"), "{text:?}");
    assert!(!text.contains(TOKEN), "{text:?}");
    let pairs = text.split('\0').filter(|pair| !pair.is_empty());
    let pairs: Vec<_> = pairs
        .map(|pair| {
            pair.split_once('=')
                .unwrap_or_else(|| panic!("{pair:?} in {text:?}"))
        })
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let mut variables: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(variables.len(), pairs.len(), "each name once: {pairs:?}");
    let socket = variables.remove("AWP_SOCKET");
    assert!(socket.is_some_and(|path| path.ends_with(".1")));
    assert_eq!(
        variables.get("AWP_SESSION").map(String::as_str),
        seen.said[0]["id"].as_str()
    );
    (server, variables)
}

fn common(server: &Server) -> BTreeMap<String, String> {
    let home = server.home.path().display().to_string();
    let own = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", &home),
        ("AWP_APP", "default"),
        ("AWP_USER", "owner"),
    ];
    let all = PASSED.iter().chain(&own);
    all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_terminals_environment_is_the_allowed_one_and_nothing_else() {
    let (server, mut variables) =
        environment(&["--env", "OWN=x=y", "--env", "TZ=CET"], "/ws").await;
    variables.remove("AWP_SESSION");
    let mut expected = common(&server);
    for (key, value) in [
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("OWN", "x=y"),
        ("TZ", "CET"),
    ] {
        expected.insert(key.to_owned(), value.to_owned());
    }
    assert_eq!(variables, expected);
}

#[tokio::test]
async fn a_process_on_pipes_is_told_of_the_request_and_of_no_secret() {
    let path = "/ws?lang=de&x=%2F";
    let (server, mut variables) = environment(&["--mode", "pipe"], path).await;
    for key in common(&server).keys() {
        assert!(variables.remove(key).is_some(), "{key}");
    }
    let port = server.address.port().to_string();
    for (key, value) in [
        ("REMOTE_ADDR", "127.0.0.1"),
        ("REMOTE_USER", "owner"),
        ("SERVER_NAME", "127.0.0.1"),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        (
            "SERVER_SOFTWARE",
            concat!("awp/", env!("CARGO_PKG_VERSION")),
        ),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REQUEST_METHOD", "GET"),
        ("REQUEST_URI", path),
        ("QUERY_STRING", "lang=de&x=%2F"),
        ("SCRIPT_NAME", "/ws"),
        ("PATH_INFO", ""),
        ("HTTP_SEC_WEBSOCKET_PROTOCOL", "awp.json"),
    ] {
        assert_eq!(variables.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert!(variables["REMOTE_PORT"].parse::<u16>().is_ok());
    for key in [
        "HTTP_AUTHORIZATION",
        "HTTP_COOKIE",
        "HTTP_PROXY",
        "TERM",
        "COLORTERM",
        "HTTPS",
    ] {
        assert!(!variables.contains_key(key), "{key} in {variables:?}");
    }
}

#[tokio::test]
async fn headers_become_variables_except_those_that_are_secret_or_mean_something_else() {
    let server = Server::pipe(&["cat", "/proc/self/environ"]).await;
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("sec-websocket-protocol", "awp.json"),
        ("cookie", "a=leaked"),
        ("proxy", "leaked"),
        ("proxy-authorization", "leaked"),
        ("x-awp-page-key", "leaked"),
        ("odd_name", "leaked"),
        ("odd.name", "leaked"),
        ("x-thing", "seen; rm -rf /"),
    ];
    let socket = connect(&server, "/ws", &headers).await.expect("a socket");
    let seen = Viewer::over(socket, Dialect::Json).rest().await;
    let text = seen.out.text();
    assert!(text.contains("HTTP_X_THING=seen; rm -rf /\0"), "{text:?}");
    assert!(
        !text.contains("leaked") && !text.contains(TOKEN),
        "{text:?}"
    );
}

/// What a command prints, in each mode.
async fn printed(line: &str) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for mode in ["pty", "pipe"] {
        let server = Server::start(&["--mode", mode], &["sh", "-c", line]).await;
        // Others run as well, whose descriptors must not be inherited either.
        let _other = Viewer::json(&server).await;
        let seen = Viewer::json(&server).await.rest().await;
        all.push((mode, seen.out.text().replace('\r', "")));
    }
    all
}

#[tokio::test]
async fn a_child_has_three_descriptors() {
    // `ls` opens the folder itself as the next one.
    for (mode, text) in printed("exec ls /proc/self/fd").await {
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["0", "1", "2", "3"],
            "{mode}"
        );
    }
}

#[tokio::test]
async fn no_signal_is_blocked_or_ignored_or_pending() {
    for (mode, text) in printed("exec cat /proc/self/status").await {
        let masks: Vec<_> = text
            .lines()
            .filter(|line| {
                ["SigPnd", "SigBlk", "SigIgn"]
                    .iter()
                    .any(|field| line.starts_with(field))
            })
            .filter_map(|line| line.split_once(":\t"))
            .collect();
        assert_eq!(masks.len(), 3, "{mode}: {text}");
        for (field, mask) in masks {
            // Real-time signals 32 and 33 belong to the C library.
            let mask = u64::from_str_radix(mask, 16).expect("a mask") & !0x1_8000_0000;
            assert_eq!(mask, 0, "{mode}: {field}");
        }
    }
}

#[tokio::test]
async fn a_child_leads_a_session_and_a_group_of_its_own() {
    // proc(5): after the command, state, parent, group, session, terminal, foreground group.
    for (mode, text) in printed("read line < /proc/$$/stat; echo $line").await {
        let (pid, rest) = text.split_once(' ').expect("a line");
        let fields: Vec<_> = rest
            .rsplit_once(") ")
            .expect("a command")
            .1
            .split(' ')
            .collect();
        assert_eq!((fields[2], fields[3]), (pid, pid), "{mode}: {text}");
        if mode == "pty" {
            assert_ne!(fields[4], "0", "a controlling terminal: {text}");
            assert_eq!(fields[5], pid, "in the foreground: {text}");
        } else {
            assert_eq!((fields[4], fields[5]), ("0", "-1"), "no terminal: {text}");
        }
    }
}

#[tokio::test]
async fn the_three_descriptors_of_a_terminal_process_are_its_terminal() {
    let server = Server::shell("tty; tty <&1; tty <&2; tty </dev/tty; ls -l /proc/$$/fd").await;
    let seen = Viewer::json(&server).await.rest().await;
    let text = seen.out.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("/dev/pts/"), "{text}");
    assert_eq!(&lines[..3], [lines[0]; 3], "{text}");
    assert_eq!(lines[3], "/dev/tty", "{text}");
}

#[tokio::test]
async fn umask_and_limits_are_those_that_awp_was_started_with() {
    let expected = within("a shell", async {
        let output = tokio::process::Command::new("sh")
            .args(["-c", "umask; ulimit -n; ulimit -c; ulimit -s"])
            .output()
            .await;
        String::from_utf8(output.expect("a shell").stdout).expect("text")
    })
    .await;
    for (mode, text) in printed("umask; ulimit -n; ulimit -c; ulimit -s").await {
        assert_eq!(text, expected, "{mode}");
    }
}

#[tokio::test]
async fn a_child_starts_where_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("a path");
    let name = folder.to_str().expect("text");
    for mode in ["pty", "pipe"] {
        let options = ["--mode", mode, "--cwd", name];
        let server = Server::start(&options, &["pwd"]).await;
        let seen = Viewer::json(&server).await.rest().await;
        assert_eq!(seen.out.text().trim_end(), name, "{mode}");
    }
    let server = Server::start(&["--mode", "pipe"], &["pwd"]).await;
    let seen = Viewer::json(&server).await.rest().await;
    let own = std::env::current_dir().expect("a directory");
    assert_eq!(seen.out.text().trim_end(), own.to_str().expect("text"));
}

#[tokio::test]
async fn a_program_that_is_missing_is_a_clear_refusal() {
    let home = tempfile::tempdir().expect("a folder");
    let output = awp(&home, &["--listen", "127.0.0.1:0", "--", "nosuchprog"], &[]).output();
    let output = within("a refusal", output).await.expect("awp starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said, "awp: nosuchprog: not found in PATH\n");

    let server = Server::shell("true").await;
    for (body, word) in [
        (json!({"command": ["nosuchprog"]}), "nosuchprog"),
        (json!({"command": ["/etc/passwd"]}), "/etc/passwd"),
        (json!({"command": []}), "empty"),
        (json!({"command": [""]}), ""),
        (json!({"command": ["a\u{0}b"]}), ""),
        (json!({"cwd": "/no/such/folder"}), "/no/such/folder"),
        (json!({"cwd": "/etc/passwd"}), "/etc/passwd"),
    ] {
        let answer = server
            .call("POST /api/v1/sessions", Some(body.clone()))
            .await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert!(answer.body.contains(word), "{body}: {answer:?}");
    }
    assert_eq!(
        server.call("GET /api/v1/sessions", None).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn a_program_that_vanished_is_told_to_the_viewer() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("program");
    std::fs::write(&program, "#!/bin/sh\necho hi\n").expect("written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&program, executable).expect("a file of ours");
    let server = Server::start(&[], &[program.to_str().expect("text")]).await;
    let seen = Viewer::json(&server).await.rest().await;
    assert_eq!(seen.out.text(), "hi\r\n");
    std::fs::remove_file(&program).expect("removed");
    let seen = Viewer::json(&server).await.rest().await;
    assert_eq!(seen.errors(), ["not_started"], "{seen:#?}");
    assert_eq!(seen.closed, Some(4500));
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[tokio::test]
async fn a_start_copies_a_short_table_of_descriptors_however_many_there_are() {
    let server = Server::start(&["--mode", "pipe"], &["cat"]).await;
    let mut viewers = Vec::new();
    for _ in 0..12 {
        let mut viewer = Viewer::json(&server).await;
        viewer.id().await;
        viewers.push(viewer);
    }
    let place = format!("/proc/{}", server.pid());
    let open = |place: &str| std::fs::read_dir(format!("{place}/fd")).map_or(0, Iterator::count);
    assert!(open(&place) > 60, "input, output, errors, socket, ...");
    let mut starters = 0;
    for thread in std::fs::read_dir(format!("{place}/task")).expect("a process") {
        let thread = thread.expect("a thread").path().display().to_string();
        if std::fs::read_to_string(format!("{thread}/comm")).is_ok_and(|it| it == "awp-starter\n") {
            starters += 1;
            // 0, 1, 2 and its socket, and a moment's descriptors of a child.
            assert!(open(&thread) < 10);
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(starters, cores, "one for each thread of sessions");
}
