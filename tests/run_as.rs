//! Apps that run as another account. As root the accounts that every system has are taken; as
//! anybody else it is the refusal that is seen.

mod harness;

use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use harness::server::awp;
use harness::{Dialect, Server, Viewer, proc, until, within};
use serde_json::json;
use tempfile::TempDir;

/// An account of every system, without rights or a shell.
const USER: &str = "games";

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// What a program says, started by us.
async fn output(program: &str, arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(program);
    let output = within(program, command.args(arguments).output()).await;
    let text = String::from_utf8(output.expect("it runs").stdout).expect("text");
    text.trim().to_owned()
}

/// A server whose app `as` runs this line as [`USER`].
async fn server(mode: &str, line: &str) -> (TempDir, Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    let text = format!(
        "[app.as]\ncommand = [\"sh\", \"-c\", {line:?}]\nmode = \"{mode}\"\nuser = \"{USER}\"\n"
    );
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let server = Server::start(&["--config", &file], &["cat"]).await;
    (folder, server)
}

/// Everything about the account is the other one's, and nothing of the server's is left.
#[tokio::test]
async fn an_app_runs_as_its_account_and_nothing_else() {
    if !is_root() {
        return refused_to_others().await;
    }
    let line = "id -u; id -ru; id -g; id -G; echo $HOME $USER $LOGNAME; pwd; \
                grep -E '^(Uid|Gid|Cap(Inh|Prm|Eff|Amb)|Sig(Blk|Ign)):' /proc/self/status; \
                ls /proc/self/fd | tr '\\n' ' '; echo; env; \
                cat /proc/1/environ >/dev/null 2>&1 || echo denied; echo over";
    let (_folder, server) = server("pipe", line).await;
    let viewer = Viewer::open(&server, Dialect::Json, "/ws/as").await;
    let text = viewer.rest().await.out.text();
    let uid = output("id", &["-u", USER]).await;
    let gid = output("id", &["-g", USER]).await;
    let groups = output("id", &["-G", USER]).await;
    let begin = format!("{uid}\n{uid}\n{gid}\n{groups}\n");
    assert!(text.starts_with(&begin), "{text}");
    let home = "/usr/games";
    assert!(
        text.contains(&format!("\n{home} {USER} {USER}\n{home}\n")),
        "{text}"
    );
    for field in [
        format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}"),
        format!("Gid:\t{gid}\t{gid}\t{gid}\t{gid}"),
        "CapInh:\t0000000000000000".to_owned(),
        "CapPrm:\t0000000000000000".to_owned(),
        "CapEff:\t0000000000000000".to_owned(),
        "CapAmb:\t0000000000000000".to_owned(),
        "SigBlk:\t0000000000000000".to_owned(),
        "0 1 2 3 ".to_owned(),
        "denied".to_owned(),
    ] {
        assert!(text.lines().any(|line| line == field), "{field}: {text}");
    }
    let ignored = text.lines().find_map(|line| line.strip_prefix("SigIgn:\t"));
    let ignored = u64::from_str_radix(ignored.expect("a mask"), 16).expect("a number");
    // The C library keeps the first two of the real-time signals to itself.
    assert_eq!(ignored & !(0b11 << 31), 0, "{text}");
    assert!(
        !text.contains("awp-launch") && !text.contains("XDG_RUNTIME_DIR"),
        "{text}"
    );
}

async fn refused_to_others() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("awp.toml");
    let text = format!("[app.as]\ncommand = [\"cat\"]\nuser = \"{USER}\"\n");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let log = refusal(&home, &["--config", &file]).await;
    assert!(
        log.contains(":3: user: only root can start programs as"),
        "{log}"
    );
}

/// The one line of a server that does not start with these options.
async fn refusal(home: &TempDir, options: &[&str]) -> String {
    let arguments = [options, &["--", "cat"]].concat();
    let mut command = awp(home, &arguments, &[]);
    let mut child = command.stdout(Stdio::null()).spawn().expect("awp starts");
    let status = within("a refusal", child.wait()).await;
    assert_eq!(status.expect("a child of ours").code(), Some(2));
    std::fs::read_to_string(home.path().join("log")).expect("a file of ours")
}

/// C74: the terminal is its user's and nobody else's, and can be opened by its name.
#[tokio::test]
async fn the_terminal_is_the_accounts_own() {
    if !is_root() {
        return;
    }
    let line = "tty; echo again > $(tty); echo also > /dev/tty; stty size; ps -o tpgid= -p $$; \
                echo $$; exec cat";
    let (_folder, server) = server("pty", line).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws/as?cols=90&rows=30").await;
    viewer.until_text(0, "30 90").await;
    let text = viewer.seen.out.text();
    assert!(text.contains("again\r\nalso\r\n"), "{text}");
    let tty = text.lines().next().expect("a line").trim().to_owned();
    let node = std::fs::metadata(&tty).expect("a terminal");
    let uid: u32 = output("id", &["-u", USER]).await.parse().expect("a number");
    assert_eq!(node.uid(), uid);
    assert_eq!(node.mode() & 0o777 & !0o620, 0, "{:o}", node.mode());
    // The server would read files as root.
    let files = format!("GET /api/v1/sessions/{}/files?path=x", viewer.id().await);
    assert_eq!(server.call(&files, None).await.status, 403);
    // Keys and signals reach it, and its end is told.
    viewer.type_text("typed\n").await;
    let twice = |seen: &harness::seen::Seen| seen.out.text().matches("typed\r\n").count() == 2;
    viewer.until("its echo, and its answer", twice).await;
    viewer.type_bytes(b"\x03").await;
    let seen = viewer.rest().await;
    assert_eq!(
        seen.all("exit")[0]["signal"],
        json!("INT"),
        "{:?}",
        seen.said
    );
}

/// Pipes can be opened by their names as well, and a deleted session takes everything along.
#[tokio::test]
async fn a_session_of_another_account_is_ended_to_the_last_process() {
    if !is_root() {
        return;
    }
    let line =
        "echo named > /dev/stdout; set -m; sleep 1000 & trap '' HUP TERM; echo up; cat; sleep 1000";
    let (_folder, server) = server("pipe", line).await;
    let mut viewer = Viewer::open(&server, Dialect::Json, "/ws/as").await;
    viewer.until_text(0, "named\nup").await;
    let own = format!("AWP_SESSION={}", viewer.id().await);
    assert!(!proc::with_variable(&own).is_empty());
    let id = viewer.id().await;
    let ended = server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    assert_eq!(ended.status, 204);
    until("nothing that is left of it", || {
        let left = proc::with_variable(&own);
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_account_may_not_run_says_so() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "#!/bin/sh\necho never\n").expect("written");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&secret, private).expect("ours");
    let file = folder.path().join("awp.toml");
    let text = format!(
        "[app.as]\ncommand = [{:?}]\nmode = \"pipe\"\nuser = \"{USER}\"\n",
        secret.display().to_string()
    );
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let server = Server::start(&["--config", &file], &["cat"]).await;
    let viewer = Viewer::open(&server, Dialect::Json, "/ws/as").await;
    let seen = viewer.rest().await;
    assert_eq!(seen.all("exit")[0]["code"], json!(127), "{:?}", seen.said);
    assert!(
        seen.err
            .text()
            .contains("awp: the program cannot be started: ")
    );
    assert!(!seen.out.text().contains("never"));
}

/// C77.
#[tokio::test]
async fn root_beyond_loopback_needs_an_account_for_every_app() {
    if !is_root() {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let beyond = ["--listen", "0.0.0.0:0", "--insecure-http"];
    let log = refusal(&home, &beyond).await;
    assert!(log.starts_with("awp: running as root: "), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    let file = home.path().join("awp.toml");
    let named = file.display().to_string();
    let one = format!("[app.as]\ncommand = [\"cat\"]\nuser = \"{USER}\"\n");
    std::fs::write(&file, &one).expect("written");
    let log = refusal(&home, &[&beyond[..], &["--config", &named]].concat()).await;
    assert!(log.starts_with("awp: running as root: "), "{log}");
    std::fs::write(&file, one + "[app.default]\nuser = \"nobody\"\n").expect("written");
    // On loopback, where the harness looks; what decides is the other address.
    let options = [
        "--config",
        &named,
        "--listen",
        "0.0.0.0:0",
        "--insecure-http",
    ];
    let server = Server::start(&options, &["id", "-un"]).await;
    assert!(
        !server.log().contains("running as root"),
        "{}",
        server.log()
    );
    let viewer = Viewer::open(&server, Dialect::Json, "/ws").await;
    assert_eq!(viewer.rest().await.out.text(), "nobody\r\n");
}

#[tokio::test]
async fn an_account_that_there_is_not_is_refused_with_its_line() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("awp.toml");
    std::fs::write(
        &file,
        "[app.x]\ncommand = [\"cat\"]\nuser = \"no-such-account\"\n",
    )
    .expect("written");
    let file = file.display().to_string();
    let log = refusal(&home, &["--config", &file]).await;
    let expected = ":3: user: there is no account \"no-such-account\"";
    assert!(log.contains(expected), "{log}");
}

/// The name of the launcher gives nobody anything.
#[tokio::test]
async fn the_launcher_has_no_rights_of_its_own() {
    let line = "exec -a awp-launch \"$0\" 0:0: '' - / /bin/true true";
    let mut command = tokio::process::Command::new("bash");
    command.args(["-c", line, env!("CARGO_BIN_EXE_awp")]);
    let status = within("its end", command.stderr(Stdio::null()).status()).await;
    let expected = if is_root() { 0 } else { 127 };
    assert_eq!(status.expect("it runs").code(), Some(expected));
}
