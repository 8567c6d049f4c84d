//! Files to and from a process's folder, against the real server.

mod harness;
#[path = "files/place.rs"]
mod place;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use harness::people::add_user;
use harness::server::TOKEN;
use harness::{Server, until, within};
use place::Place;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_file_is_put_into_the_folder_and_taken_out_of_it() {
    let place = Place::new(&[]).await;
    let answer = place.put("path=a%20b.txt", "", "hello").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let path = place.at("a b.txt");
    let said = json!({"path": path, "name": "a b.txt", "size": 5});
    assert_eq!(answer.json(), said);
    assert_eq!(fs::read(&path).expect("there"), b"hello");
    assert_eq!(
        fs::metadata(&path).expect("there").permissions().mode() & 0o7111,
        0
    );

    // By the name that a program would print as well as by its own.
    let absolute = format!("path={}", path.display()).replace(' ', "%20");
    for query in ["path=./a%20b.txt", &absolute] {
        let answer = place.get(query, "").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "hello"),
            "{answer:?}"
        );
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-store");
        assert!(header("content-disposition").starts_with("attachment; filename=\"a b.txt\""));
    }
    let empty = place.put("path=empty", "Content-Length: 0\r\n", "").await;
    assert_eq!(empty.status, 201, "{empty:?}");
    assert_eq!(place.names(), ["a b.txt", "empty"]);
    assert_eq!(place.get("path=empty", "").await.body, "");
}

#[tokio::test]
async fn the_folder_is_that_of_the_foreground() {
    let place = Place::new(&["sh", "-c", "mkdir -p sub; cd sub; exec sleep 1000"]).await;
    place.until("sub").await;
    let body = json!({"command": ["bash", "--norc"], "cwd": place.folder()});
    let id = place.server.create(body).await;
    let typed = "bash -mc 'cd sub; echo x >here; exec sleep 1000'\n";
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let line = format!("POST /api/v1/sessions/{id}/input");
    assert_eq!(place.server.send(&line, &bearer, typed).await.status, 204);
    place.until("sub/here").await;
    let answer = place.of(&id).put("path=up", "", "x").await;
    assert_eq!(answer.json()["path"], json!(place.at("sub/up")));
    let ended = place.server.create(json!({"command": ["true"]})).await;
    let line = format!("GET /api/v1/sessions/{ended}/wait");
    assert_eq!(place.server.call(&line, None).await.status, 200);
    let answer = place.of(&ended).put("path=up", "", "x").await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let place = Place::new(&[]).await;
    let home = place.server.home.path();
    fs::write(home.join("secret"), "outside").expect("written");
    fs::create_dir(place.at("dir")).expect("made");
    symlink("../secret", place.at("link")).expect("made");
    symlink(home, place.at("up")).expect("made");
    symlink("/proc/self/root", place.at("magic")).expect("made");
    let long = "x".repeat(300);
    for path in [
        "../secret",
        "..%2fsecret",
        "%2e%2e/secret",
        "%2e%2e%2fsecret",
        "%252e%252e%252fsecret",
        "dir/../../secret",
        "..%5csecret",
        "dir%5c..%5c..%5csecret",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "secret%00",
        "%00",
        "",
        ".",
        "dir",
        "dir/",
        "link",
        "up/secret",
        "up/token",
        "magic/etc/passwd",
        "nosuch/secret",
        &long,
        &"a/".repeat(3000),
    ] {
        let answer = place.get(&format!("path={path}"), "").await;
        assert!(
            [400, 403, 404].contains(&answer.status),
            "{path}: {answer:?}"
        );
        answer.error();
    }
    for path in [
        "../new",
        "..%2fnew",
        "dir/../../new",
        "..%5cnew",
        "up/new",
        "magic/tmp/new",
        "/tmp/new%00",
        "nosuch/new",
        "dir",
        "",
        "%0a",
        &long,
    ] {
        let answer = place
            .put(&format!("path={path}&overwrite=true"), "", "x")
            .await;
        assert!(
            [400, 403, 404].contains(&answer.status),
            "{path}: {answer:?}"
        );
    }
    // A link is replaced and not followed.
    assert_eq!(place.put("path=link", "", "x").await.error(), "exists");
    assert_eq!(
        place.put("path=link&overwrite=true", "", "x").await.status,
        200
    );
    assert_eq!(fs::read(home.join("secret")).expect("there"), b"outside");
    assert_eq!(place.names(), ["dir", "link", "magic", "up"]);
    assert!(!home.join("new").exists());
}

#[tokio::test]
async fn a_link_that_changes_all_the_time_never_leads_out() {
    let place = Place::new(&[]).await;
    let home = place.server.home.path();
    fs::write(home.join("secret"), "outside").expect("written");
    fs::write(place.at("inside"), "inside").expect("written");
    symlink("inside", place.at("here")).expect("made");
    symlink("../secret", place.at("there")).expect("made");
    let folder = rustix::fs::open(
        place.folder(),
        rustix::fs::OFlags::PATH,
        rustix::fs::Mode::empty(),
    );
    let folder = folder.expect("a folder");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let swapping = std::thread::spawn({
        let stop = std::sync::Arc::clone(&stop);
        move || {
            let mut swaps = 0_u64;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let exchange = rustix::fs::RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(&folder, "here", &folder, "there", exchange)
                    .expect("both are there");
                swaps += 1;
            }
            swaps
        }
    });
    let mut statuses = [0, 0];
    for _ in 0..500 {
        let answer = place.get("path=here", "").await;
        assert!([200, 403].contains(&answer.status), "{answer:?}");
        assert!(
            answer.status == 403 || answer.body == "inside",
            "{answer:?}"
        );
        statuses[usize::from(answer.status == 200)] += 1;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(swapping.join().expect("it ends") > 500);
    assert!(statuses.iter().all(|count| *count > 0), "{statuses:?}");
}

#[tokio::test]
async fn nothing_but_regular_files_is_opened() {
    let place = Place::new(&[]).await;
    let fifo = rustix::fs::FileType::Fifo;
    let mode = rustix::fs::Mode::RUSR;
    rustix::fs::mknodat(rustix::fs::CWD, place.at("fifo"), fifo, mode, 0).expect("made");
    for query in ["path=fifo", "path=fifo&overwrite=true"] {
        let (got, put) = (place.get(query, "").await, place.put(query, "", "x").await);
        assert_eq!((got.status, put.status), (403, 403), "{got:?} {put:?}");
    }
    let all = place
        .server
        .create(json!({"cwd": "/", "command": ["sleep", "1000"]}))
        .await;
    let all = place.of(&all);
    for path in [
        "/dev/null",
        "dev/zero",
        "/proc/self/environ",
        "proc/1/root/etc/passwd",
        "/proc",
    ] {
        let answer = all.get(&format!("path={path}"), "").await;
        assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
    }
    // What is the server's own is so wherever the path begins.
    let token = place.server.home.path().join("token");
    let query = format!("path={}", token.display());
    let answer = all.get(&query, "").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (403, "not_allowed")
    );
    let answer = all.put(&format!("{query}&overwrite=true"), "", "x").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(fs::read_to_string(token).expect("there"), TOKEN);
}

#[tokio::test]
async fn nothing_is_replaced_unless_that_was_said() {
    let place = Place::new(&[]).await;
    fs::write(place.at("a"), "old").expect("written");
    fs::set_permissions(place.at("a"), fs::Permissions::from_mode(0o4755)).expect("set");
    let answer = place.put("path=a", "", "new").await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "exists"));
    assert_eq!(fs::read(place.at("a")).expect("there"), b"old");
    let answer = place.put("path=a&overwrite=true", "", "new").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(fs::read(place.at("a")).expect("there"), b"new");
    let mode = fs::metadata(place.at("a"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o755, "nobody becomes another by it");
    assert_eq!(place.names(), ["a"]);
}

#[tokio::test]
async fn names_show_as_what_they_are() {
    let place = Place::new(&[]).await;
    let answer = place
        .put("path=a%1b%5b31m%0a%e2%80%aegpj.exe", "", "x")
        .await;
    assert_eq!(answer.json()["name"], "a[31mgpj.exe", "{answer:?}");
    fs::write(place.at("<img src=x>\u{202e}.html"), "<script>").expect("written");
    let answer = place.get("path=%3Cimg%20src=x%3E%e2%80%ae.html", "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let disposition = answer.header("content-disposition").expect("one");
    assert!(disposition.is_ascii(), "{disposition}");
    let expected = "attachment; filename=\"_img src_x_.html\"; \
                    filename*=UTF-8''%3Cimg%20src%3Dx%3E.html";
    assert_eq!(disposition, expected);
    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream")
    );
}

#[tokio::test]
async fn a_download_goes_on_where_it_was() {
    let place = Place::new(&[]).await;
    fs::write(place.at("a"), "0123456789").expect("written");
    let whole = place.get("path=a", "").await;
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let tag = whole.header("etag").expect("a tag").to_owned();
    let part = place.get("path=a", "Range: bytes=4-\r\n").await;
    assert_eq!(
        (part.status, part.body.as_str()),
        (206, "456789"),
        "{part:?}"
    );
    assert_eq!(part.header("content-range"), Some("bytes 4-9/10"));
    let part = place
        .get("path=a", &format!("Range: bytes=-2\r\nIf-Range: {tag}\r\n"))
        .await;
    assert_eq!((part.status, part.body.as_str()), (206, "89"), "{part:?}");
    let beyond = place.get("path=a", "Range: bytes=10-\r\n").await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some("bytes */10"))
    );
    // Another file of the same name is not the rest of the first one.
    fs::write(place.at("b"), "ABCDEFGHIJ").expect("written");
    fs::rename(place.at("b"), place.at("a")).expect("renamed");
    let all = place
        .get("path=a", &format!("Range: bytes=4-\r\nIf-Range: {tag}\r\n"))
        .await;
    assert_eq!(
        (all.status, all.body.as_str()),
        (200, "ABCDEFGHIJ"),
        "{all:?}"
    );
}

#[tokio::test]
async fn who_takes_nothing_holds_no_file_once_the_session_is_over() {
    let place = Place::new(&[]).await;
    // More than sockets hold.
    let file = fs::File::create(place.at("big")).expect("made");
    file.set_len(256 << 20).expect("sparse");
    let mut stalled = TcpStream::connect(place.server.address)
        .await
        .expect("a server");
    let head = format!(
        "{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n",
        place.line("GET", "path=big"),
        place.server.address,
    );
    stalled
        .write_all(head.as_bytes())
        .await
        .expect("it listens");
    let big = place.at("big");
    let holds = || {
        let folder = format!("/proc/{}/fd", place.server.pid());
        let links = fs::read_dir(folder).expect("it lives").flatten();
        links
            .filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == big))
            .count()
    };
    until("the file to be open", || match holds() {
        1 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
    let line = format!("DELETE /api/v1/sessions/{}", place.session);
    assert_eq!(place.server.call(&line, None).await.status, 204);
    until("the file to be closed", || match holds() {
        0 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
    // The answer breaks off, so that nobody takes it for whole.
    let mut bytes = Vec::new();
    let _ = within("the end of the answer", stalled.read_to_end(&mut bytes)).await;
    assert!(bytes.len() < 256 << 20, "{}", bytes.len());
}

#[tokio::test]
async fn files_are_for_those_who_may_type() {
    const PASSWORD: &str = "correct-horse-battery-9317";
    let home = tempfile::tempdir().expect("a folder");
    for (name, role) in [("eve", "watch"), ("bob", "write")] {
        add_user(&home, name, role, PASSWORD).await;
    }
    let log = home.path().join("audit").display().to_string();
    let server = Server::at_home(home, &["--audit", &log], &["cat"]).await;
    let work = server.home.path().join("work");
    fs::create_dir(&work).expect("made");
    let id = server
        .create(json!({"cwd": work, "command": ["sleep", "1000"]}))
        .await;
    fs::write(work.join("there"), "x").expect("written");
    for (name, get, put) in [("eve", 403, 403), ("bob", 200, 201)] {
        let tab = server.browser(name, PASSWORD).await;
        let line =
            |method: &str, file: &str| format!("{method} /api/v1/sessions/{id}/files?path={file}");
        let got = server.call_as(&tab, &line("GET", "there"), None).await;
        assert_eq!(got.status, get, "{name}: {got:?}");
        let sent = server
            .call_as(&tab, &line("PUT", name), Some(json!("x")))
            .await;
        assert_eq!(sent.status, put, "{name}: {sent:?}");
        let gone = server.call_as(&tab, &line("DELETE", name), None).await;
        assert_eq!(
            gone.status,
            if put == 403 { 403 } else { 404 },
            "{name}: {gone:?}"
        );
        assert_eq!(work.join(name).exists(), put == 201, "{name}");
    }
    let log = fs::read_to_string(log).expect("there");
    let about = |event: &str| {
        let event = format!("\"event\":\"{event}\"");
        log.lines().filter(|line| line.contains(&event)).count()
    };
    assert_eq!((about("download"), about("upload")), (1, 1), "{log}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_changes_nothing() {
    let place = Place::new(&[]).await;
    let none = place.put("path=a", "", "").await;
    assert_eq!(
        (none.status, none.error().as_str()),
        (411, "length_required")
    );
    for range in [
        "bytes 0-4",
        "bytes 0-9/10",
        "bytes 4-0/5",
        "chars 0-4/5",
        "bytes 0-4/4",
    ] {
        let header = format!("Content-Range: {range}\r\n");
        let answer = place.put("path=a", &header, "12345").await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "bad_request"),
            "{range}"
        );
    }
    let ahead = place
        .put("path=a", "Content-Range: bytes 5-9/10\r\n", "12345")
        .await;
    assert_eq!(
        (ahead.status, ahead.error().as_str()),
        (409, "wrong_offset")
    );
    assert_eq!(ahead.header("upload-offset"), Some("0"));
    let word = place.put("path=a&upload=%2e%2e", "", "x").await;
    assert_eq!(word.status, 400, "{word:?}");
    let strange = place.put("path=a&process=9", "", "x").await;
    assert_eq!(strange.status, 409, "{strange:?}");
    let nobody = place
        .server
        .send(&place.line("PUT", "path=a"), "", "x")
        .await;
    assert_eq!(nobody.status, 401, "{nobody:?}");
    assert!(!place.at("a").exists());
}
