//! No terminals, no descriptors, no processes: an error at once, nobody disturbed, all well after.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getuid, prlimit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::harness::http::Answer;
use super::harness::server::{TOKEN, awp};
use super::harness::{Dialect, Holdings, Server, Viewer, proc, until, within};
use super::size;

/// Sets what the server may have from now on; gives what it could before.
fn limit(server: &Server, what: Resource, current: Option<u64>) -> Rlimit {
    let pid = i32::try_from(server.pid()).ok().and_then(Pid::from_raw);
    let maximum = getrlimit_of(server, what);
    let new = Rlimit { current, maximum };
    prlimit(pid, what, new).expect("a process of ours")
}

/// The hard limit, which must stay: raising it again is not everyone's right.
fn getrlimit_of(server: &Server, what: Resource) -> Option<u64> {
    let name = match what {
        Resource::Nofile => "Max open files",
        _ => panic!("a limit that no test sets"),
    };
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).expect("it lives");
    let line = limits.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_ascii_whitespace().nth(1)?.parse().ok())
}

/// The lowest number that no descriptor of the server has: with this as its limit it gets none.
fn first_free(server: &Server) -> u64 {
    let folder = fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("it lives");
    let numbers = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let open: BTreeSet<u64> = numbers.collect();
    (0..u64::MAX)
        .find(|number| !open.contains(number))
        .expect("numbers do not end")
}

/// How many descriptors the server has open.
fn proc_open(server: &Server) -> usize {
    let folder = fs::read_dir(format!("/proc/{}/fd", server.pid()));
    folder.expect("it lives").count()
}

/// A connection of the owner that is kept open from request to request.
struct Kept(TcpStream);

impl Kept {
    async fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).await.expect("a server");
        let mut kept = Self(stream);
        assert_eq!(
            kept.ask(server, "GET /api/v1/sessions", None).await.status,
            200
        );
        kept
    }

    async fn ask(&mut self, server: &Server, line: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        );
        self.0
            .write_all(request.as_bytes())
            .await
            .expect("it is taken");
        let mut bytes = Vec::new();
        let answered = async {
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if text.contains("\r\n\r\n") {
                    let answer = Answer::parse(&text);
                    let length = answer
                        .header("content-length")
                        .map_or(0, |text| text.parse::<usize>().expect("a length"));
                    if answer.body.len() >= length {
                        return answer;
                    }
                }
                let read = self
                    .0
                    .read_buf(&mut bytes)
                    .await
                    .expect("an open connection");
                assert!(read > 0, "closed after {text:?}");
            }
        };
        within(format!("an answer to {line}"), answered).await
    }
}

/// Somebody who must not notice anything.
async fn bystander(server: &Server) -> Viewer {
    let body = json!({"mode": "pipe", "command": ["cat"]});
    let id = server.create(body).await;
    let path = format!("/ws?session={id}");
    let mut viewer = Viewer::open(server, Dialect::Json, &path).await;
    echo(&mut viewer, "first\n").await;
    viewer
}

async fn echo(viewer: &mut Viewer, line: &str) {
    let start = viewer.seen.out.bytes.len();
    viewer.type_text(line).await;
    viewer.until_text(start, line).await;
}

/// R14: every descriptor is taken; 20 clients come in the gate, 1,000 in full.
#[tokio::test]
async fn without_descriptors_everyone_is_told_and_nobody_is_disturbed() {
    /// How long the server is watched for computing, while nobody asks anything.
    const WATCHED: Duration = Duration::from_millis(500);
    let server = Server::start(&[], &["cat"]).await;
    let mut other = bystander(&server).await;
    let lost = json!({"mode": "pipe", "command": ["bash", "-c", "set -m; cat <> /dev/ptmx & tail -f /dev/null"]});
    let lost = server.create(lost).await;
    until("both its processes", || match server.descendants() {
        living if living.len() >= 4 => Ok(()),
        living => Err(format!("{living:?}")),
    })
    .await;
    let mut kept = Kept::open(&server).await;
    // The connections that made the sessions are closed by now, or count as taken.
    // What was open for a moment is closed: the same is open at so many looks in a row.
    let (mut counted, mut looks) = (0, 0);
    until("descriptors at rest", || {
        let open = proc_open(&server);
        looks = if open == counted { looks + 1 } else { 0 };
        counted = open;
        (looks >= 100).then_some(()).ok_or(open.to_string())
    })
    .await;
    let before = limit(&server, Resource::Nofile, Some(first_free(&server)));

    for (mode, turn) in [("pty", 1), ("pipe", 2)] {
        let create = Some(json!({"mode": mode}));
        let answer = kept.ask(&server, "POST /api/v1/sessions", create).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (503, "not_started"),
            "{answer:?}"
        );
        echo(&mut other, &format!("turn {turn}\n")).await;
    }
    for turn in 0..size(20, 1000) {
        let answer = server.call("GET /api/v1/sessions", None).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (503, "no_room"),
            "turn {turn}: {answer:?}"
        );
    }
    echo(&mut other, "between\n").await;
    let url = format!("http://{}", server.address);
    let home = tempfile::tempdir().expect("a folder");
    let token = server.home.path().join("token");
    let arguments = [
        "ls",
        "--server",
        &url,
        "--token-file",
        token.to_str().expect("text"),
    ];
    let mut command = awp(&home, &arguments, &[]);
    let output = command.stderr(std::process::Stdio::piped()).output();
    let output = within("a refusal", output).await.expect("awp starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("awp: ") && said.contains("no descriptors left"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");

    let computed = proc::computed(server.pid());
    other.silent(WATCHED).await;
    let computed = proc::computed(server.pid()) - computed;
    // A loop that spins takes all of it: 50 ticks of 10 ms each.
    assert!(computed < 25, "{computed} ticks of computing for nobody");

    // What holds the descriptors can be ended, down to a group of its own.
    let answer = kept
        .ask(&server, &format!("DELETE /api/v1/sessions/{lost}"), None)
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    until("the end of its processes", || match server.descendants() {
        living if living.len() == 1 => Ok(()),
        living => Err(format!("{living:?}")),
    })
    .await;
    limit(&server, Resource::Nofile, before.current);
    bystander(&server).await;
    echo(&mut other, "after\n").await;
    assert_eq!(proc::zombies(server.pid()), Vec::<u32>::new());
}

/// R14: with each number of descriptors that a start can fail at, nothing of it is left.
#[tokio::test]
async fn a_start_that_fails_half_way_leaves_nothing() {
    /// More than a start takes.
    const NEEDED: u64 = 16;
    let server = Server::start(&["--on-disconnect", "hangup"], &["cat"]).await;
    let mut kept = Kept::open(&server).await;
    let quiet = Holdings::of(&server);
    let free = first_free(&server);
    let before = limit(&server, Resource::Nofile, Some(free));
    for mode in ["pty", "pipe"] {
        let mut started = 0;
        for more in 0..NEEDED {
            limit(&server, Resource::Nofile, Some(free + more));
            let create = async {
                loop {
                    let create = Some(json!({"mode": mode}));
                    let answer = kept.ask(&server, "POST /api/v1/sessions", create).await;
                    // With more of them it starts; another file may be open for a moment.
                    if answer.status == 201 || started == 0 {
                        break answer;
                    }
                }
            };
            let answer = within("a start", create).await;
            if answer.status == 201 {
                started += 1;
                let id = answer.json()["id"].as_str().expect("an id").to_owned();
                kept.ask(&server, &format!("DELETE /api/v1/sessions/{id}"), None)
                    .await;
            } else {
                assert_eq!(
                    (answer.status, answer.error().as_str()),
                    (503, "not_started"),
                    "{answer:?}"
                );
            }
            until("nothing left", || {
                Holdings::of(&server).quiet(quiet.descriptors)
            })
            .await;
        }
        assert!(started > 0, "{mode} never starts");
    }
    limit(&server, Resource::Nofile, before.current);
}

/// R13: a machine with four terminals, in the gate as in full. It is a private one where the system
/// lets us make it; elsewhere the test above is what there is.
#[tokio::test]
async fn without_terminals_who_asks_is_told_and_pipes_go_on() {
    const TERMINALS: usize = 4;
    let script = format!(
        "mount -t devpts -o newinstance,ptmxmode=0666,max={TERMINALS} devpts /dev/pts && \
         mount --bind /dev/pts/ptmx /dev/ptmx"
    );
    let unshare = if getuid().is_root() { "-m" } else { "-rm" };
    let probe = Command::new("unshare")
        .args([unshare, "sh", "-c", &script])
        .output()
        .await;
    if !probe.as_ref().is_ok_and(|probe| probe.status.success()) {
        println!("left out: no private terminals here: {probe:?}");
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let inner = awp(&home, &["--listen", "127.0.0.1:0", "--", "cat"], &[]);
    let inner = inner.as_std();
    // The same command, by way of a shell in a namespace of its own.
    let mut command = awp(&home, &[], &[]);
    let mut outer = Command::new("unshare");
    outer.args([
        unshare,
        "sh",
        "-c",
        &format!("{script} && exec \"$@\""),
        "sh",
    ]);
    outer
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    outer.envs(
        command
            .as_std()
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    outer
        .stdout(std::process::Stdio::piped())
        .stdin(std::process::Stdio::null());
    outer.stderr(fs::File::create(home.path().join("log")).expect("a file"));
    outer.kill_on_drop(true);
    command = outer;
    let server = Server::launch(home, command).await;
    let mut other = bystander(&server).await;
    let mut taken = Vec::new();
    for _ in 0..TERMINALS {
        taken.push(server.create(json!({})).await);
    }
    for turn in 0..size(20, 1000) {
        let answer = server.call("POST /api/v1/sessions", Some(json!({}))).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (503, "not_started"),
            "turn {turn}: {answer:?}"
        );
        assert!(answer.body.contains("no terminal"), "{answer:?}");
    }
    let refused = Viewer::open(&server, Dialect::Json, "/ws")
        .await
        .rest()
        .await;
    assert_eq!(refused.errors(), ["not_started"], "{refused:#?}");
    echo(&mut other, "undisturbed\n").await;
    let first = format!("DELETE /api/v1/sessions/{}", taken[0]);
    assert_eq!(server.call(&first, None).await.status, 204);
    let again = async {
        while server
            .call("POST /api/v1/sessions", Some(json!({})))
            .await
            .status
            != 201
        {}
    };
    within("a terminal that is free again", again).await;
}

/// R14: no process may be started any more: 40 for one user, in the gate as in full. Root is bound by
/// no number of processes, so as root the server is another user's; who has more of his own already
/// is told at the first one.
#[tokio::test]
async fn without_processes_who_asks_is_told() {
    /// Nobody, who owns nothing else.
    const NOBODY: u32 = 65534;
    const PROCESSES: usize = 40;
    if !getuid().is_root() {
        println!("left out: the tests' own user has other processes");
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let command = awp(&home, &["--listen", "127.0.0.1:0", "--", "cat"], &[]);
    let copy = home.path().join("awp");
    fs::copy(env!("CARGO_BIN_EXE_awp"), &copy).expect("a copy");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("a file of ours");
    for path in [
        home.path().to_owned(),
        home.path().join("token"),
        copy.clone(),
    ] {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
    let mut own = Command::new("bash");
    own.args([
        "-c",
        &format!("ulimit -u {PROCESSES} && exec \"$@\""),
        "bash",
    ]);
    own.arg(copy).args(command.as_std().get_args()).env_clear();
    own.envs(
        command
            .as_std()
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    own.stdout(std::process::Stdio::piped())
        .stdin(std::process::Stdio::null());
    own.stderr(fs::File::create(home.path().join("log")).expect("a file"));
    own.kill_on_drop(true).uid(NOBODY).gid(NOBODY);
    let server = Server::launch(home, own).await;
    let mut other = bystander(&server).await;
    let mut started = Vec::new();
    let refused = loop {
        let answer = server.call("POST /api/v1/sessions", Some(json!({}))).await;
        if answer.status != 201 {
            break answer;
        }
        started.push(answer.json()["id"].as_str().expect("an id").to_owned());
        assert!(started.len() < PROCESSES, "the limit is not felt");
    };
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (503, "not_started"),
        "{refused:?}"
    );
    echo(&mut other, "undisturbed\n").await;
    let last = started.pop().expect("some were started");
    let end = format!("DELETE /api/v1/sessions/{last}");
    assert_eq!(server.call(&end, None).await.status, 204);
    let again = async {
        while server
            .call("POST /api/v1/sessions", Some(json!({})))
            .await
            .status
            != 201
        {}
    };
    within("a process that is free again", again).await;
    echo(&mut other, "well\n").await;
}
