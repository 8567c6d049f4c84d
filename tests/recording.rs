//! Recordings against the real server: what is in them, who may read them, and what is seen of a
//! change.

mod harness;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use harness::door::{SECRET, audited, open, shown};
use harness::{Server, server, until};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::process::Command;

/// A server with one app, and what the file says of it beyond its command.
async fn recording(script: &str, more: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display();
    let config = format!(
        "[app.orders]\ncommand = ['sh', '-c', '''{script}''']\n{more}\n\
         [app.orders.env]\nFOLDER = '{path}'\nAWP = '{}'\n",
        env!("CARGO_BIN_EXE_awp")
    );
    let file = folder.path().join("awp.toml");
    std::fs::write(&file, config).expect("written");
    let file = file.to_str().expect("UTF-8");
    (Server::start(&["--config", file], &["cat"]).await, folder)
}

fn folder(server: &Server) -> PathBuf {
    server.home.path().join(".local/state/awp/recordings")
}

fn casts(server: &Server) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(server)).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "cast"))
        .collect()
}

/// The only recording, once it holds this.
async fn holding(server: &Server, part: &str) -> (PathBuf, String) {
    until(part, || {
        let paths = casts(server);
        let [path] = &paths[..] else {
            return Err(format!("{paths:?}\n{}", server.log()));
        };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.contains(part) {
            Ok((path.clone(), text))
        } else {
            Err(text)
        }
    })
    .await
}

async fn start(server: &Server) -> String {
    let made = server
        .call("POST /api/v1/sessions", Some(json!({"app": "orders"})))
        .await;
    made.json()["id"].as_str().expect("an id").to_owned()
}

async fn play(server: &Server, arguments: &[&str], file: &Path) -> Output {
    let awp = Command::new(env!("CARGO_BIN_EXE_awp"))
        .env_clear()
        .env("HOME", server.home.path())
        .arg("play")
        .args(arguments)
        .args(Some(file).filter(|file| *file != Path::new("")))
        .output();
    awp.await.expect("awp runs")
}

fn events(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().skip(1).filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let event: (f64, String, String) = serde_json::from_str(line).expect("an event");
        (event.1, event.2)
    });
    read.collect()
}

#[tokio::test]
async fn c83_output_size_and_end_are_recorded_and_every_change_is_seen() {
    let script = r#"stty -echo; printf "caf\303"; read -r typed; printf "\251 done"; exit 7"#;
    let (server, place) = recording(script, "record = true").await;
    let id = start(&server).await;
    holding(&server, "caf").await;
    let resize = json!({"cols": 91, "rows": 31});
    let path = format!("POST /api/v1/sessions/{id}/resize");
    assert_eq!(server.call(&path, Some(resize)).await.status, 204);
    holding(&server, "91x31").await;
    let mut viewer = harness::Viewer::open(
        &server,
        harness::Dialect::Json,
        &format!("/ws?session={id}"),
    )
    .await;
    viewer.type_text("typed-canary\n").await;
    let (path, text) = holding(&server, "# awp end ").await;

    let header: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&header["version"], &header["title"]),
        (&json!(3), &json!("orders"))
    );
    let events = events(&text);
    let shown: String = events
        .iter()
        .filter(|it| it.0 == "o")
        .map(|it| it.1.as_str())
        .collect();
    assert_eq!(shown, "café done");
    assert!(
        events.contains(&("r".to_owned(), "91x31".to_owned())),
        "{events:?}"
    );
    assert_eq!(events.last(), Some(&("x".to_owned(), "7".to_owned())));
    assert!(!text.contains("typed-canary") && !text.contains(&server::TOKEN[..12]));
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&folder(&server))), (0o600, 0o700));
    assert!(audited(&server, "recorded").await[0].contains("hash="));

    checks(&server, &path, &place.path().join("copy.cast")).await;
}

/// What `awp play` says of a recording, and of a changed copy.
async fn checks(server: &Server, path: &Path, copy: &Path) {
    let dumped = play(server, &["--no-wait"], path).await;
    assert_eq!(String::from_utf8_lossy(&dumped.stdout), "café done");
    let intact = play(server, &["--verify"], path).await;
    assert!(intact.status.success(), "{intact:?}");
    let listed = play(server, &["--list"], Path::new("")).await;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let name = path.file_stem().and_then(|name| name.to_str());
    assert!(listed.starts_with(name.expect("a name")), "{listed}");
    assert!(listed.ends_with("\torders\n"), "{listed}");
    let bytes = std::fs::read(path).expect("read");
    for (changed, told) in [
        (
            bytes
                .iter()
                .map(|byte| if *byte == b'7' { b'0' } else { *byte })
                .collect(),
            "changed",
        ),
        (bytes[..bytes.len() - 20].to_vec(), "not sealed"),
        (
            [bytes.as_slice(), b"[1, \"o\", \"more\"]\n"].concat(),
            "changed",
        ),
    ] {
        std::fs::write(copy, changed).expect("written");
        let checked = play(server, &["--verify"], copy).await;
        assert_eq!(checked.status.code(), Some(1), "{checked:?}");
        assert!(
            String::from_utf8_lossy(&checked.stdout).contains(told),
            "{checked:?}"
        );
    }
    std::fs::write(
        copy,
        "{\"version\":3,\"term\":{\"cols\":1,\"rows\":1}}\nbad\n",
    )
    .expect("written");
    let bad = play(server, &[], copy).await;
    let told = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(
        told.contains("line 2") && told.lines().count() == 1,
        "{told}"
    );
}

#[tokio::test]
async fn nothing_of_a_login_is_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "[app.orders]\ncommand = ['sh', '-c', 'echo app of $AWP_USER; exec cat']\nlogin = 'door'\n\
         record = true\n[login.door]\ncommand = ['sh', '-c', '''{}''']\n\
         [login.door.env]\nAWP = '{}'\nSECRET = '{SECRET}'\n",
        harness::door::ASKS,
        env!("CARGO_BIN_EXE_awp"),
    );
    let file = folder.path().join("awp.toml");
    std::fs::write(&file, config).expect("written");
    let server = Server::start(&["--config", file.to_str().expect("UTF-8")], &["cat"]).await;
    let mut opener = open(&server).await;
    opener.until_text(0, "user: ").await;
    assert_eq!(casts(&server), Vec::<PathBuf>::new());
    opener.type_text("alice\n").await;
    let (_, text) = holding(&server, "app of alice").await;
    for part in [SECRET, "user: ", "hello"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_flood_stops_at_the_limit_and_the_program_goes_on() {
    let script = "head -c 8000000 /dev/zero | tr '\\0' a; touch $FOLDER/done; exec cat";
    let (server, place) = recording(script, "record = { max = '100KiB', keep = '1d' }").await;
    start(&server).await;
    let done = place.path().join("done");
    until("the program", || {
        done.exists().then_some(()).ok_or_else(|| server.log())
    })
    .await;
    let (path, text) = holding(&server, "# awp end ").await;
    assert!(text.len() <= 100 * 1024, "{}", text.len());
    assert!(text.contains("it has reached its limit"), "{text}");
    assert!(audited(&server, "recording_stopped").await[0].contains("limit"));
    assert!(play(&server, &["--verify"], &path).await.status.success());
}

#[tokio::test]
async fn a_flood_below_the_limit_is_recorded_whole() {
    let script = "head -c 8000000 /dev/zero | tr '\\0' a; printf end";
    let (server, _place) = recording(script, "record = true").await;
    start(&server).await;
    let (path, text) = holding(&server, "# awp end ").await;
    let shown: usize = events(&text)
        .iter()
        .filter(|it| it.0 == "o")
        .map(|it| it.1.len())
        .sum();
    assert_eq!(shown, 8_000_003);
    assert!(play(&server, &["--verify"], &path).await.status.success());
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_what_plays_and_says_that_it_has_no_end() {
    let (mut server, _place) = recording("printf before; exec cat", "record = true").await;
    start(&server).await;
    let (path, _) = holding(&server, "before").await;
    server.signal(Signal::KILL);
    server.ended().await;
    let played = play(&server, &["--no-wait"], &path).await;
    assert_eq!(played.stdout, b"before");
    let checked = play(&server, &["--verify"], &path).await;
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&checked.stdout).contains("not sealed"),
        "{checked:?}"
    );
}

#[tokio::test]
async fn a_server_that_goes_away_seals_what_it_records() {
    let (mut server, _place) = recording("printf before; exec cat", "record = true").await;
    start(&server).await;
    let (path, _) = holding(&server, "before").await;
    server.signal(Signal::TERM);
    server.ended().await;
    assert!(play(&server, &["--verify"], &path).await.status.success());
}

#[tokio::test]
async fn nothing_is_recorded_unless_the_app_says_so() {
    let (server, _place) = recording("printf before; exec cat", "record = false").await;
    let id = start(&server).await;
    let path = format!("/ws?session={id}");
    let mut viewer = harness::Viewer::open(&server, harness::Dialect::Json, &path).await;
    viewer
        .until("its output", |seen| shown(seen).contains("before"))
        .await;
    assert!(!folder(&server).exists());
}
