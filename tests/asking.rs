//! What programs ask of the person who looks at their session, against the real server: secrets, yes
//! or no, files, and awp in the place of the programs that ask for such things.

mod harness;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use harness::http::Answer;
use harness::server::TOKEN;
use harness::slot::{Slot, socket_of};
use harness::{Server, Viewer, until, within};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

const SECRET: &str = "correct horse";

/// A session whose process waits, somebody who looks at it, and its control socket.
async fn session(config: Option<&str>) -> (Server, String, Viewer) {
    let server = match config {
        Some(config) => Server::start(&["--config", config], &["cat"]).await,
        None => Server::start(&[], &["cat"]).await,
    };
    let id = server.create(json!({})).await;
    let viewer = looks(&server, &id, "").await;
    (server, id, viewer)
}

async fn looks(server: &Server, id: &str, more: &str) -> Viewer {
    let mut viewer = Viewer::noticing(server, &format!("/ws?session={id}{more}")).await;
    viewer
        .until("the session", |seen| !seen.all("session").is_empty())
        .await;
    viewer
}

/// Runs `awp` as a program of the session would.
fn awp(socket: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
    command.env_clear().env("AWP_SOCKET", socket);
    command.args(arguments).kill_on_drop(true);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    command.spawn().expect("awp runs")
}

async fn output(child: Child) -> (Option<i32>, String, String) {
    let output = within("the end of awp", child.wait_with_output()).await;
    let output = output.expect("awp ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The newest notice of this kind, once it is there.
async fn noticed(viewer: &mut Viewer, kind: &str) -> Value {
    let of_kind = |seen: &harness::seen::Seen| {
        let mut told = seen.all("notice").into_iter().map(|told| &told["notice"]);
        told.rfind(|notice| notice["kind"] == kind).cloned()
    };
    viewer.until(kind, |seen| of_kind(seen).is_some()).await;
    of_kind(&viewer.seen).expect("just seen")
}

async fn answers(server: &Server, id: &str, ask: &Value, body: Value) -> Answer {
    let line = format!("POST /api/v1/sessions/{id}/asks/{ask}");
    server.call(&line, Some(body)).await
}

#[tokio::test]
async fn a_secret_goes_to_the_program_that_asked_and_nowhere_else() {
    let (server, id, mut viewer) = session(None).await;
    let mut watcher = looks(&server, &id, "&role=watch").await;
    let socket = socket_of(&server, &id, 1).await;
    let asks = awp(&socket, &["askpass", "Password for ada:"]);
    let asked = noticed(&mut viewer, "secret").await;
    assert_eq!(asked["text"], "Password for ada:");
    // Whoever comes meanwhile is asked as well; who only watches is not.
    let mut late = looks(&server, &id, "").await;
    assert_eq!(noticed(&mut late, "secret").await, asked);
    let ask = &asked["ask"];
    let wrong = [
        (json!({"action": "accept"}), 409),
        (json!({"action": "maybe"}), 400),
        (json!({"action": "accept", "text": "x".repeat(20_000)}), 400),
        (json!({"action": "accept", "text": "x", "more": 1}), 400),
    ];
    for (body, status) in wrong {
        let answer = answers(&server, &id, ask, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let none = answers(&server, &id, &json!(99), json!({"action": "decline"})).await;
    assert_eq!(none.status, 409);
    let right = json!({"action": "accept", "text": SECRET});
    assert_eq!(answers(&server, &id, ask, right.clone()).await.status, 204);
    assert_eq!(
        output(asks).await,
        (Some(0), format!("{SECRET}\n"), String::new())
    );
    assert_eq!(answers(&server, &id, ask, right).await.status, 409);
    for viewer in [&mut viewer, &mut late, &mut watcher] {
        assert_eq!(noticed(viewer, "answered").await["ask"], *ask);
    }
    assert_eq!(watcher.seen.all("notice").len(), 1, "{:?}", watcher.seen);
    // It is over for whoever comes now, and the log knows only that it was answered.
    let mut after = looks(&server, &id, "").await;
    after.round_trip().await;
    assert!(after.seen.all("notice").is_empty(), "{:?}", after.seen);
    let log = server.log();
    assert!(log.contains("event=\"answered\"") && !log.contains(SECRET));
}

#[tokio::test]
async fn who_refuses_or_is_not_there_gives_no_answer() {
    let (server, id, mut viewer) = session(None).await;
    let socket = socket_of(&server, &id, 1).await;
    for (verb, kind) in [
        ("askpass", "secret"),
        ("confirm", "confirm"),
        ("upload", "upload"),
    ] {
        let asks = awp(&socket, &[verb, "really?"]);
        let asked = noticed(&mut viewer, kind).await;
        let no = json!({"action": "decline"});
        assert_eq!(answers(&server, &id, &asked["ask"], no).await.status, 204);
        assert_eq!(
            output(asks).await,
            (Some(1), String::new(), String::new()),
            "{verb}"
        );
        noticed(&mut viewer, "answered").await;
        viewer.seen.said.retain(|said| said["type"] != "notice");
    }
    let asks = awp(&socket, &["confirm", "really?"]);
    let asked = noticed(&mut viewer, "confirm").await;
    let yes = json!({"action": "accept"});
    assert_eq!(answers(&server, &id, &asked["ask"], yes).await.status, 204);
    assert_eq!(output(asks).await.0, Some(0));
    noticed(&mut viewer, "answered").await;
    // A program that ends, or waits long enough, takes its question back.
    viewer.seen.said.retain(|said| said["type"] != "notice");
    let mut dies = awp(&socket, &["askpass", "still there?"]);
    let asked = noticed(&mut viewer, "secret").await;
    dies.kill().await.expect("it ran");
    assert_eq!(noticed(&mut viewer, "answered").await["ask"], asked["ask"]);
    let (status, _, told) = output(awp(&socket, &["askpass", "--wait", "1s", "quick"])).await;
    assert_eq!(
        (status, told.contains("nobody answered in time")),
        (Some(1), true)
    );
}

#[tokio::test]
async fn questions_have_bounds_and_nobody_to_ask_is_said_at_once() {
    let (server, id) = {
        let server = Server::start(&[], &["cat"]).await;
        let id = server.create(json!({})).await;
        (server, id)
    };
    let mut slot = Slot::of(&server, &id, 1).await;
    let code = |answer: Value| answer["error"]["code"].as_i64();
    let nobody = slot.ask("ask.secret", json!({"text": "x"})).await;
    assert_eq!(code(nobody), Some(-32001));
    let nobody = slot
        .ask("file.download", json!({"path": "/etc/hostname"}))
        .await;
    assert_eq!(code(nobody), Some(-32001));
    let _viewer = looks(&server, &id, "").await;
    for (method, params) in [
        ("ask.secret", json!({"text": ""})),
        ("ask.secret", json!({"text": "x", "wait": 0})),
        ("ask.secret", json!({"text": "x", "wait": 999_999})),
        ("file.download", json!({"path": "relative"})),
        ("file.download", json!({"path": "/"})),
        ("file.download", json!({"path": "/no/such/file"})),
        ("file.download", json!({"path": "/proc/self/environ"})),
        ("file.download", json!({"path": "/dev/zero"})),
    ] {
        let answer = slot.ask(method, params.clone()).await;
        assert_eq!(code(answer), Some(-32602), "{method} {params}");
    }
    let mut others = Vec::new();
    for _ in 0..awp_server::session::asks::MAX_WAITING {
        let mut slot = Slot::of(&server, &id, 1).await;
        let line =
            json!({"jsonrpc": "2.0", "id": 1, "method": "ask.confirm", "params": {"text": "x"}});
        slot.send(format!("{line}\n").as_bytes()).await;
        others.push(slot);
    }
    let mut refused = false;
    for _ in 0..awp_server::session::asks::MAX_WAITING {
        let answer = slot
            .ask("ask.confirm", json!({"text": "x", "wait": 1}))
            .await;
        refused |= code(answer) == Some(-32003);
        if refused {
            break;
        }
    }
    assert!(refused);
}

#[tokio::test]
async fn a_file_of_the_person_comes_to_the_program_and_goes_with_the_session() {
    let (server, id, mut viewer) = session(None).await;
    let socket = socket_of(&server, &id, 1).await;
    let asks = awp(&socket, &["upload", "the orders", "--accept", ".csv"]);
    let asked = noticed(&mut viewer, "upload").await;
    assert_eq!(
        (&asked["text"], &asked["accept"]),
        (&json!("the orders"), &json!(".csv"))
    );
    let ask = asked["ask"].as_u64().expect("a number");
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let put = async |query: String| {
        let line = format!("PUT /api/v1/sessions/{id}/files?{query}");
        server.send(&line, &bearer, "a,b\n").await
    };
    assert_eq!(put(format!("ask={}&path=a.csv", ask + 7)).await.status, 404);
    for path in ["../a.csv", "/etc/a.csv"] {
        let answer = put(format!("ask={ask}&path={path}")).await;
        assert!(answer.status >= 400, "{answer:?}");
    }
    let answer = put(format!("ask={ask}&path=orders.csv")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let (status, path, _) = output(asks).await;
    let path = Path::new(path.trim_end());
    assert_eq!(
        (status, path.file_name()),
        (Some(0), Some("orders.csv".as_ref()))
    );
    assert_eq!(fs::read(path).expect("there"), b"a,b\n");
    let folder = path.parent().expect("a folder");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(folder).expect("there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o700);
    // Once: the next one is nobody's.
    assert_eq!(put(format!("ask={ask}&path=b.csv")).await.status, 404);
    server
        .call(&format!("DELETE /api/v1/sessions/{id}"), None)
        .await;
    until("the folder to be gone", || {
        if folder.exists() {
            Err(folder.display().to_string())
        } else {
            Ok(())
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_offered_is_what_it_was_then() {
    let (server, id, mut viewer) = session(None).await;
    let socket = socket_of(&server, &id, 1).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("r é.txt");
    fs::write(&file, "report").expect("written");
    let offers = awp(&socket, &["download", file.to_str().expect("UTF-8")]);
    assert_eq!(output(offers).await.0, Some(0));
    let offered = noticed(&mut viewer, "offer").await;
    assert_eq!(
        (&offered["name"], &offered["size"]),
        (&json!("r é.txt"), &json!(6))
    );
    fs::remove_file(&file).expect("removed");
    let line = format!("GET /api/v1/sessions/{id}/offers/{}", offered["offer"]);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let part = server
        .send(&line, &format!("{bearer}Range: bytes=2-3\r\n"), "")
        .await;
    assert_eq!((part.status, part.body.as_str()), (206, "po"));
    let whole = server.send(&line, &bearer, "").await;
    assert_eq!((whole.status, whole.body.as_str()), (200, "report"));
    let named = whole.header("content-disposition").unwrap_or_default();
    assert!(named.contains("filename*=UTF-8''r%20%C3%A9.txt"), "{named}");
    // It was taken to its last byte: once is enough.
    assert_eq!(server.send(&line, &bearer, "").await.status, 404);
    let none = server.send(&format!("{line}9"), &bearer, "").await;
    assert_eq!(none.status, 404);
}

/// A server of files that wants a name and a password; gives what it was shown.
async fn guarded() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let shown = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let head = head(&mut stream).await;
            let shown = head
                .lines()
                .find_map(|line| line.strip_prefix("Authorization: Basic "));
            let answer = if shown.is_some() {
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            } else {
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            };
            let _ = stream.write_all(answer.as_bytes()).await;
            if let Some(shown) = shown {
                let bytes = BASE64.decode(shown.trim()).expect("base64");
                return String::from_utf8(bytes).expect("text");
            }
        }
    });
    (port, shown)
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.expect("a request");
        assert!(read > 0, "no request");
        head.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(head).expect("text")
}

#[tokio::test]
async fn git_and_xdg_open_find_awp_in_the_place_of_what_they_look_for() {
    let (port, shown) = guarded().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    let line = format!(
        "export GIT_TERMINAL_PROMPT=0 HOME={0} LANG=C; git -c credential.helper= \
         ls-remote http://127.0.0.1:{port}/x.git; xdg-open https://example.org/a; \
         $BROWSER https://example.org/b; cat",
        folder.path().display()
    );
    let config = format!(
        "[app.work]\ncommand = ['sh', '-c', '''{line}''']\nshims = ['askpass', 'browser']\n"
    );
    fs::write(&file, config).expect("written");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--config", file], &["cat"]).await;
    let mut viewer = Viewer::noticing(&server, "/ws/work").await;
    let id = viewer.id().await;
    for (text, shown, answer) in [("Username", true, "ada"), ("Password", false, SECRET)] {
        let of_it = |seen: &harness::seen::Seen| {
            let told = seen.all("notice").into_iter().map(|told| &told["notice"]);
            let mut secrets = told.filter(|notice| notice["kind"] == "secret");
            secrets
                .find(|notice| {
                    notice["text"]
                        .as_str()
                        .is_some_and(|said| said.starts_with(text))
                })
                .cloned()
        };
        viewer.until(text, |seen| of_it(seen).is_some()).await;
        let asked = of_it(&viewer.seen).expect("just seen");
        assert_eq!(asked["shown"] == json!(true), shown, "{asked}");
        let body = json!({"action": "accept", "text": answer});
        assert_eq!(answers(&server, &id, &asked["ask"], body).await.status, 204);
    }
    let shown = within("what git shows", shown).await.expect("a server");
    assert_eq!(shown, format!("ada:{SECRET}"));
    for part in ["a", "b"] {
        let url = json!(format!("https://example.org/{part}"));
        let told = |seen: &harness::seen::Seen| {
            seen.all("notice")
                .iter()
                .any(|told| told["notice"]["url"] == url)
        };
        viewer.until(part, told).await;
    }
    assert!(!server.log().contains(SECRET));
}

#[tokio::test]
async fn a_shim_that_there_is_not_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("awp.toml");
    fs::write(&file, "[app.x]\ncommand = ['cat']\nshims = ['dialog']\n").expect("written");
    let mut check = Command::new(env!("CARGO_BIN_EXE_awp"));
    check.args(["check", "--config"]).arg(&file);
    let output = within("the check", check.output()).await.expect("it ran");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        told.contains("dialog") && told.contains("askpass and browser") && told.contains(":3"),
        "{told}"
    );
}
