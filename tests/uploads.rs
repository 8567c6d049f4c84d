//! Uploads that are cut and go on, that are too much, and that nobody finishes.

mod harness;
#[path = "files/place.rs"]
mod place;

use std::fs;

use futures_util::future::join_all;
use harness::server::TOKEN;
use harness::{until, within};
use place::Place;
use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Small limits.
const LIMITED: &str = "[app.default]\nlimits = { file_bytes = \"1000\", session_bytes = \"2000\", \
                       transfers = 2 }\n";

/// Begins a request for a part and sends only so much of its body.
async fn begin(place: &Place, query: &str, range: &str, length: usize, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(place.server.address)
        .await
        .expect("a server");
    let head = format!(
        "{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Range: {range}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        place.line("PUT", query),
        place.server.address,
    );
    stream.write_all(head.as_bytes()).await.expect("it listens");
    stream
}

/// How much of an upload of so many bytes is there.
async fn held(place: &Place, query: &str, size: usize) -> u64 {
    let range = format!("Content-Range: bytes */{size}\r\nContent-Length: 0\r\n");
    let answer = place.put(query, &range, "").await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let offset = answer.json()["offset"].as_u64().expect("a number");
    assert_eq!(
        answer.header("upload-offset"),
        Some(offset.to_string().as_str())
    );
    offset
}

/// Waits until so much is in the file that is on its way.
async fn arrived(place: &Place, bytes: u64) {
    until("bytes on the disk", || {
        let name = place
            .names()
            .into_iter()
            .find(|name| name.starts_with(".awp-upload-"));
        let size = name.and_then(|name| fs::metadata(place.at(&name)).ok());
        match size.map(|about| about.len()) {
            Some(size) if size == bytes => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_cut_anywhere_goes_on_to_the_same_bytes() {
    let place = Place::new(&[]).await;
    let lines: Vec<String> = (0..200_000).map(|number| format!("{number:09}")).collect();
    let whole = lines.join("\n");
    let size = whole.len();
    let query = "path=big&upload=one";
    let (mut at, mut sent) = (0, 0);
    for step in [1, 70_000, 300_000, 262_144, 1_000_000] {
        let range = format!("bytes {at}-{}/{size}", size - 1);
        let part = &whole[at..at + step];
        let stream = begin(&place, query, &range, size - at, part).await;
        // Cut in the middle of the body, with everything on its way read or lost.
        drop(stream);
        sent = sent.max(at + step);
        let now = usize::try_from(held(&place, query, size).await).expect("it fits");
        // Less than before, where a request from the first byte on came in late and began it anew.
        assert!(now <= sent, "{at} {sent} {now}");
        at = now;
    }
    assert!(at > 0, "nothing of what was sent was kept");
    assert!(!place.at("big").exists());
    // What was cut off may still come in: then the server names another place, and that holds.
    let last = async {
        loop {
            let range = format!("Content-Range: bytes {at}-{}/{size}\r\n", size - 1);
            let answer = place.put(query, &range, &whole[at..]).await;
            if answer.status != 409 {
                break answer;
            }
            let offset = answer
                .header("upload-offset")
                .and_then(|at| at.parse().ok());
            at = offset.unwrap_or_else(|| panic!("{answer:?}"));
        }
    };
    let answer = within("the end of the upload", last).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(fs::read_to_string(place.at("big")).expect("there"), whole);
    assert_eq!(place.names(), ["big"]);
}

#[tokio::test]
async fn whoever_comes_back_need_not_wait_for_a_dead_connection() {
    let place = Place::new(&[]).await;
    let mut dead = begin(&place, "path=a&upload=x", "bytes 0-9/10", 10, "01234").await;
    // It is never closed: the server has to let go of it by itself.
    place.until_upload().await;
    let offset = held(&place, "path=a&upload=x", 10).await;
    assert!(offset <= 5, "{offset}");
    let mut answer = String::new();
    within("the answer to the first", dead.read_to_string(&mut answer))
        .await
        .expect("text");
    assert!(
        answer.contains("409 ") && answer.contains("taken_over"),
        "{answer}"
    );
    // From the beginning, which is always allowed.
    let again = place
        .put("path=a&upload=x", "Content-Range: bytes 0-3/10\r\n", "abcd")
        .await;
    assert_eq!(
        (again.status, again.json()["offset"].as_u64()),
        (202, Some(4)),
        "{again:?}"
    );
    let wrong = place
        .put(
            "path=a&upload=x",
            "Content-Range: bytes 5-9/10\r\n",
            "fghij",
        )
        .await;
    assert_eq!(
        (wrong.status, wrong.error().as_str()),
        (409, "wrong_offset")
    );
    let last = place
        .put(
            "path=a&upload=x",
            "Content-Range: bytes 4-9/10\r\n",
            "efghij",
        )
        .await;
    assert_eq!(last.status, 201, "{last:?}");
    assert_eq!(fs::read(place.at("a")).expect("there"), b"abcdefghij");
}

#[tokio::test]
async fn an_upload_stays_in_the_folder_where_it_began() {
    let place = Place::new(&["bash", "--norc"]).await;
    fs::create_dir(place.at("elsewhere")).expect("made");
    let first = place
        .put("path=a", "Content-Range: bytes 0-1/4\r\n", "ab")
        .await;
    assert_eq!(first.status, 202, "{first:?}");
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let line = format!("POST /api/v1/sessions/{}/input", place.session);
    let typed = "cd elsewhere; echo x >here\n";
    assert_eq!(place.server.send(&line, &bearer, typed).await.status, 204);
    place.until("elsewhere/here").await;
    let last = place
        .put("path=a", "Content-Range: bytes 2-3/4\r\n", "cd")
        .await;
    assert_eq!(last.json()["path"], json!(place.at("a")), "{last:?}");
    assert_eq!(fs::read(place.at("a")).expect("there"), b"abcd");
}

#[tokio::test]
async fn too_much_is_refused_before_it_is_sent() {
    let place = Place::with_config(LIMITED, &[]).await;
    let nothing = "Content-Length: 0\r\n";
    let large = place
        .put(
            "path=a",
            &format!("Content-Range: bytes */1001\r\n{nothing}"),
            "",
        )
        .await;
    assert_eq!((large.status, large.error().as_str()), (413, "too_large"));
    let large = place.put("path=a", "", &"x".repeat(1001)).await;
    assert_eq!(large.status, 413, "{large:?}");
    place.until_empty().await;
    let body = "x".repeat(1000);
    assert_eq!(place.put("path=a", "", &body).await.status, 201);
    assert_eq!(place.put("path=b", "", &body[..900]).await.status, 201);
    let full = place.put("path=c", "", &body[..101]).await;
    assert_eq!((full.status, full.error().as_str()), (413, "too_large"));
    assert_eq!(place.put("path=c", "", &body[..100]).await.status, 201);
    // Reading costs nothing, and another session has its own.
    assert_eq!(place.get("path=a", "").await.body, body);
    let other = place
        .server
        .create(json!({"cwd": place.folder(), "command": ["cat"]}))
        .await;
    assert_eq!(place.of(&other).put("path=d", "", &body).await.status, 201);
    // More bytes than were announced are not taken.
    let more = begin(&place, "path=e", "bytes 0-0/1", 5, "12345").await;
    drop(more);
    assert!(!place.at("e").exists());
}

#[tokio::test]
async fn more_than_the_disk_has_is_refused_and_leaves_nothing() {
    let config = "[app.default]\nlimits = { file_bytes = \"4000000TiB\", session_bytes = \
                  \"4000000TiB\" }\n";
    let place = Place::with_config(config, &[]).await;
    let range = format!(
        "Content-Range: bytes */{}\r\nContent-Length: 0\r\n",
        1_u64 << 60
    );
    let full = place.put("path=a", &range, "").await;
    assert_eq!((full.status, full.error().as_str()), (507, "disk_full"));
    place.until_empty().await;
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    let place = Place::with_config(LIMITED, &[]).await;
    let hold = async |name: &str| {
        let query = format!("path={name}");
        begin(&place, &query, "bytes 0-9/10", 10, "01234").await
    };
    let holding = join_all([hold("a"), hold("b")]).await;
    until("both on their way", || match place.names() {
        names if names.len() == 2 => Ok(()),
        names => Err(format!("{names:?}")),
    })
    .await;
    fs::write(place.at("there"), "x").expect("written");
    let (put, get) = (
        place.put("path=c", "", "x").await,
        place.get("path=there", "").await,
    );
    assert_eq!((put.status, put.error().as_str()), (429, "over_limit"));
    assert_eq!((get.status, get.error().as_str()), (429, "over_limit"));
    drop(holding);
    loop {
        // Free again once the server has seen that the others are gone.
        let answer = place.put("path=c", "", "x").await;
        if answer.status == 201 {
            break;
        }
        assert_eq!(answer.status, 429, "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_not_whole_ends_with_the_session_or_the_server() {
    let mut place = Place::new(&[]).await;
    let part = "Content-Range: bytes 0-1/4\r\n";
    assert_eq!(place.put("path=a", part, "ab").await.status, 202);
    let mut going = begin(&place, "path=b", "bytes 0-9/10", 10, "01234").await;
    until("both on their way", || match place.names() {
        names if names.len() == 2 => Ok(()),
        names => Err(format!("{names:?}")),
    })
    .await;
    let line = format!("DELETE /api/v1/sessions/{}", place.session);
    assert_eq!(place.server.call(&line, None).await.status, 204);
    place.until_empty().await;
    let mut answer = Vec::new();
    let _ = within("the end of the answer", going.read_to_end(&mut answer)).await;

    let body = json!({"cwd": place.folder(), "command": ["sleep", "1000"]});
    place.session = place.server.create(body).await;
    assert_eq!(place.put("path=a", part, "ab").await.status, 202);
    arrived(&place, 2).await;
    place.server.signal(Signal::TERM);
    place.server.ended().await;
    assert_eq!(place.names(), [] as [String; 0]);
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let place = Place::new(&[]).await;
    fs::write(place.at("a"), "old").expect("written");
    let query = "path=a&overwrite=true&upload=x";
    let part = place
        .put(query, "Content-Range: bytes 0-1/4\r\n", "ab")
        .await;
    assert_eq!(part.status, 202, "{part:?}");
    let line = place.line("DELETE", query);
    assert_eq!(place.server.call(&line, None).await.status, 204);
    until("the old file alone", || match place.names() {
        names if names == ["a"] => Ok(()),
        names => Err(format!("{names:?}")),
    })
    .await;
    assert_eq!(place.server.call(&line, None).await.status, 404);
    assert_eq!(fs::read(place.at("a")).expect("there"), b"old");
}

#[tokio::test]
async fn an_app_may_have_no_files() {
    let place = Place::with_config("[app.default]\nfiles = false\n", &[]).await;
    fs::write(place.at("a"), "x").expect("written");
    for answer in [
        place.get("path=a", "").await,
        place.put("path=b", "", "x").await,
    ] {
        assert_eq!((answer.status, answer.error().as_str()), (403, "files_off"));
    }
    assert_eq!(place.names(), ["a"]);
}
