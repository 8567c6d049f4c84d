//! Files that programs ask for by name, against the real server: where they go, what they replace, how
//! a program's paths are read; and what of files is another program's.

mod harness;
#[path = "files/place.rs"]
mod place;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

use harness::http::Answer;
use harness::seen::Seen;
use harness::server::TOKEN;
use harness::slot::{Slot, socket_of};
use harness::{Viewer, until, within};
use place::Place;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// Small limits.
const LIMITED: &str = "[app.default]\nlimits = { file_bytes = \"1000\" }\n";

fn notices(seen: &Seen, kind: &str) -> Vec<Value> {
    let told = seen.all("notice").into_iter();
    let told = told.map(|told| told["notice"].clone());
    told.filter(|notice| notice["kind"] == kind).collect()
}

/// Waits for so many notices of a kind, and gives the last one.
async fn noticed(viewer: &mut Viewer, kind: &str, count: usize) -> Value {
    let there = |seen: &Seen| notices(seen, kind).len() == count;
    viewer.until(kind, there).await;
    notices(&viewer.seen, kind).pop().expect("one")
}

async fn looks(place: &Place) -> Viewer {
    let path = format!("/ws?session={}", place.session);
    let mut viewer = Viewer::noticing(&place.server, &path).await;
    let told = |seen: &Seen| !seen.all("session").is_empty();
    viewer.until("the session", told).await;
    viewer
}

/// Brings a file, or a part of it, as the page does.
async fn brings(place: &Place, asked: &Value, query: &str, headers: &str, body: &str) -> Answer {
    let ask = &asked["ask"];
    let line = format!(
        "PUT /api/v1/sessions/{}/files?ask={ask}&{query}",
        place.session
    );
    let headers = format!("Authorization: Bearer {TOKEN}\r\n{headers}");
    place.server.send(&line, &headers, body).await
}

/// The command line in the folder, as a program of the session.
fn awp(place: &Place, socket: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
    command.env_clear().env("AWP_SOCKET", socket);
    command.args(arguments).current_dir(place.folder());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true).spawn().expect("awp runs")
}

/// The exit status, and what was printed on both streams.
async fn output(child: Child) -> (Option<i32>, String) {
    let output = within("its end", child.wait_with_output()).await;
    let output = output.expect("it ran");
    let text = String::from_utf8([output.stdout, output.stderr].concat());
    let text = text.expect("text").trim_end().to_owned();
    (output.status.code(), text)
}

#[tokio::test]
async fn a_file_is_put_where_the_program_says_and_replaces_what_it_says() {
    let place = Place::with_config(LIMITED, &[]).await;
    let socket = socket_of(&place.server, &place.session, 1).await;
    let mut viewer = looks(&place).await;
    let child = awp(&place, &socket, &["upload", "a letter", "--to", "."]);
    let asked = noticed(&mut viewer, "upload", 1).await;
    assert_eq!(asked["path"], json!(place.folder()));
    let name = "path=letter.txt&upload=w";
    let long = brings(&place, &asked, name, "", &"x".repeat(1001)).await;
    assert_eq!(long.status, 413, "{long:?}");
    // In two parts, as the page sends what is large; nothing of that name is there before the last.
    let part = |range: &str| format!("Content-Range: bytes {range}\r\n");
    let first = brings(&place, &asked, name, &part("0-3/9"), "dear").await;
    assert_eq!(first.status, 202, "{first:?}");
    let path = place.at("letter.txt");
    assert!(!path.exists());
    let last = brings(&place, &asked, name, &part("4-8/9"), " awp,").await;
    assert_eq!(last.status, 201, "{last:?}");
    assert_eq!(output(child).await, (Some(0), path.display().to_string()));
    assert_eq!(fs::read_to_string(&path).expect("there"), "dear awp,");

    let refused = output(awp(&place, &socket, &["upload", "--to", "letter.txt"])).await;
    assert_eq!(refused.0, Some(1), "{refused:?}");
    assert!(refused.1.contains("there is a file of this name"));
    let line = ["upload", "--to", "letter.txt", "--overwrite"];
    let child = awp(&place, &socket, &line);
    let asked = noticed(&mut viewer, "upload", 2).await;
    assert_eq!(asked["path"], json!(path));
    // The name is the program's, whatever the person's file is called.
    let replaced = brings(&place, &asked, "path=other.txt", "", "dear you,").await;
    assert_eq!(replaced.status, 200, "{replaced:?}");
    assert_eq!(output(child).await.0, Some(0));
    assert_eq!(fs::read_to_string(&path).expect("there"), "dear you,");

    // Where the program replaces nothing, the person does not either.
    let child = awp(&place, &socket, &["upload", "--to", "."]);
    let asked = noticed(&mut viewer, "upload", 3).await;
    for (query, code) in [
        ("path=letter.txt", "exists"),
        ("path=letter.txt&overwrite=true", "conflict"),
    ] {
        let kept = brings(&place, &asked, query, "", "x").await;
        assert_eq!(
            (kept.status, kept.error().as_str()),
            (409, code),
            "{kept:?}"
        );
    }
    // A name leads nowhere.
    let named = brings(&place, &asked, "path=../../up.txt", "", "x").await;
    assert_eq!(named.status, 201, "{named:?}");
    assert_eq!(output(child).await.0, Some(0));
    assert_eq!(fs::read_to_string(&path).expect("there"), "dear you,");
    assert_eq!(place.names(), ["letter.txt", "up.txt"]);
}

#[tokio::test]
async fn what_is_not_whole_goes_with_the_question() {
    let place = Place::new(&[]).await;
    let socket = socket_of(&place.server, &place.session, 1).await;
    let mut viewer = looks(&place).await;
    let part = "Content-Range: bytes 0-3/9\r\n";
    let late = awp(&place, &socket, &["upload", "--to", "in", "--wait", "1s"]);
    let asked = noticed(&mut viewer, "upload", 1).await;
    let brought = brings(&place, &asked, "path=a&upload=w", part, "part").await;
    assert_eq!(brought.status, 202, "{brought:?}");
    let ended = output(late).await;
    assert!(ended.1.contains("nobody answered in time"), "{ended:?}");
    place.until_empty().await;
    let after = brings(&place, &asked, "path=a&upload=w", part, "part").await;
    assert_eq!(after.status, 404, "{after:?}");

    let mut child = awp(&place, &socket, &["upload", "--to", "in"]);
    let asked = noticed(&mut viewer, "upload", 2).await;
    let brought = brings(&place, &asked, "path=a&upload=w", part, "part").await;
    assert_eq!(brought.status, 202, "{brought:?}");
    child.kill().await.expect("it ran");
    noticed(&mut viewer, "answered", 2).await;
    place.until_empty().await;
}

#[tokio::test]
async fn paths_are_what_the_program_may_use_and_nothing_of_the_servers_own() {
    let place = Place::with_config(LIMITED, &[]).await;
    let mut slot = Slot::of(&place.server, &place.session, 1).await;
    let _viewer = looks(&place).await;
    fs::write(place.at("large"), "x".repeat(1001)).expect("written");
    fs::write(place.at("a"), "a").expect("written");
    symlink(place.folder(), place.at("here")).expect("made");
    let token = place.server.home.path().join("token");
    for (method, path, code) in [
        ("file.download", json!(place.at("large")), -32003),
        ("file.download", json!(token), -32000),
        ("file.download", json!("/proc/self/environ"), -32602),
        ("file.upload", json!(token), -32000),
        ("file.upload", json!(place.at("a")), -32004),
        ("file.upload", json!(place.at("none/")), -32602),
        ("file.upload", json!(place.at("..")), -32602),
        ("file.upload", json!("a"), -32602),
        ("file.upload", json!("/proc/self/comm"), -32602),
    ] {
        let answer = slot.ask(method, json!({"path": path})).await;
        assert_eq!(answer["error"]["code"], code, "{method} {path}: {answer}");
    }
    // A folder may be called by a link, as the program calls it.
    let path = place.at("here").join("a");
    let offered = slot.call("file.download", json!({"path": path})).await;
    assert_eq!(offered, json!({"name": "a", "size": 1}));
    until("no trace", || match place.names() {
        names if names == ["a", "here", "large"] => Ok(()),
        names => Err(format!("{names:?}")),
    })
    .await;
}

#[tokio::test]
async fn what_is_no_link_is_left_to_the_program_whose_name_it_is() {
    let config = "[app.default]\nshims = [\"browser\"]\n";
    let place = Place::with_config(config, &["sh"]).await;
    let mut viewer = looks(&place).await;
    let other = place.at("bin/xdg-open");
    fs::create_dir(place.at("bin")).expect("made");
    fs::write(&other, "#!/bin/sh\necho \"other $*\" >told\n").expect("written");
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).expect("set");
    let line = "S=$(command -v xdg-open); PATH=${S%/*}:$PWD/bin:$PATH; xdg-open a.pdf; \
                xdg-open https://example.org/a; \
                python3 -c 'import webbrowser; webbrowser.open(\"https://example.org/b\")'\n";
    let to = format!("POST /api/v1/sessions/{}/input", place.session);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let typed = place.server.send(&to, &bearer, line).await;
    assert!(typed.status < 300, "{typed:?}");
    let opened = noticed(&mut viewer, "open", 2).await;
    assert_eq!(opened["url"], "https://example.org/b");
    assert_eq!(
        notices(&viewer.seen, "open")[0]["url"],
        "https://example.org/a"
    );
    assert_eq!(
        fs::read_to_string(place.at("told")).expect("told"),
        "other a.pdf\n"
    );
}

#[tokio::test]
async fn a_program_with_a_root_of_its_own_names_files_there() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = Place::new(&[]).await;
    let socket = socket_of(&place.server, &place.session, 1).await;
    let mut viewer = looks(&place).await;
    fs::create_dir(place.at("cell")).expect("made");
    fs::write(place.at("cell/inside"), "inside").expect("written");
    let cell = place.at("cell");
    // It connects before it goes in: no socket is to be found there.
    let line = "import os, socket, sys\n\
                s = socket.socket(socket.AF_UNIX)\n\
                s.connect(sys.argv[1])\n\
                os.chroot(sys.argv[2])\n\
                os.chdir('/')\n\
                call = '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"file.download\",\"params\":{\"path\":\"%s\"}}\\n'\n\
                for path in ('/inside', '/../inside', '/etc/passwd'):\n\
                \x20   s.sendall((call % path).encode())\n\
                \x20   print(s.recv(4096).decode().strip())\n";
    let mut python = Command::new("python3");
    python.args(["-c", line]).arg(&socket).arg(&cell);
    let output = within("python", python.output()).await.expect("it ran");
    let told = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        answers.len(),
        3,
        "{told} {:?}",
        String::from_utf8(output.stderr)
    );
    for answer in &answers[..2] {
        assert_eq!(answer["result"], json!({"name": "inside", "size": 6}));
    }
    assert_eq!(answers[2]["error"]["code"], -32602);
    noticed(&mut viewer, "offer", 2).await;
}
