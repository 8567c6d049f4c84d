//! Uploads that break off, come back, and run out of room.

use std::fs;

use rustix::fs::{Mode, OFlags};
use tempfile::TempDir;

use super::*;
use crate::model::file_path::FilePath;

fn key(path: &str) -> UploadKey {
    UploadKey {
        process: ProcessId(1),
        path: path.to_owned(),
        word: String::new(),
    }
}

fn files(rules: Rules) -> Arc<Files> {
    Files::new(rules, [].into())
}

async fn begin(turn: &mut Turn, folder: &TempDir, bytes: &'static [u8]) {
    let path = folder.path().to_owned();
    let begun = turn.with(move |partial| {
        let held = rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
        let root = Root::at(held, [].into())?;
        let path = FilePath::parse("a", "/").expect("a path");
        let begun = partial.insert(Partial::begin(&root, &path, 10, false)?);
        begun.write(bytes)
    });
    begun.await.expect("begun");
}

fn entries(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).expect("a folder").count()
}

async fn empty(folder: &TempDir) {
    while entries(folder) > 0 {
        tokio::task::yield_now().await;
    }
}

async fn held(turn: &mut Turn) -> u64 {
    let held = turn.with(|partial| Ok(partial.as_ref().map_or(0, Partial::held)));
    held.await.expect("there")
}

#[tokio::test]
async fn who_comes_back_goes_on_and_the_one_before_loses_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(Rules::default());
    let mut first = files.turn(key("a"), 10).await.expect("a turn");
    assert!(first.is_new());
    begin(&mut first, &folder, b"12345").await;
    // The newer one waits until the first has heard of it.
    let newer = tokio::spawn({
        let files = Arc::clone(&files);
        async move { files.turn(key("a"), 10).await }
    });
    first.taken_over().await;
    drop(first);
    let mut second = newer.await.expect("it ends").expect("a turn");
    assert_eq!(held(&mut second).await, 5);
    // Another word is another upload.
    let other = UploadKey {
        word: "x".to_owned(),
        ..key("a")
    };
    assert!(files.turn(other, 10).await.expect("a turn").is_new());
    // So is another size, and nothing is left of the old one.
    drop(second);
    assert!(files.turn(key("a"), 11).await.expect("a turn").is_new());
    empty(&folder).await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_comes_back_for_is_removed_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(Rules::default());
    let mut turn = files.turn(key("a"), 10).await.expect("a turn");
    begin(&mut turn, &folder, b"12345").await;
    drop(turn);
    tokio::time::advance(WAIT / 2).await;
    let mut again = files.turn(key("a"), 10).await.expect("a turn");
    assert_eq!(held(&mut again).await, 5);
    drop(again);
    tokio::time::advance(WAIT / 2 + WAIT / 4).await;
    let mut again = files.turn(key("a"), 10).await.expect("a turn");
    assert_eq!(held(&mut again).await, 5, "the time began anew");
    drop(again);
    tokio::task::yield_now().await;
    tokio::time::advance(WAIT).await;
    empty(&folder).await;
    assert!(files.turn(key("a"), 10).await.expect("a turn").is_new());
    assert_eq!(files.lock().bytes, 10);
}

#[tokio::test]
async fn the_end_of_the_session_removes_what_is_not_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(Rules::default());
    let mut left = files.turn(key("a"), 10).await.expect("a turn");
    begin(&mut left, &folder, b"12345").await;
    drop(left);
    let mut going = files.turn(key("b"), 10).await.expect("a turn");
    let closing = tokio::spawn({
        let files = Arc::clone(&files);
        async move { files.close().await }
    });
    going.taken_over().await;
    drop(going);
    closing.await.expect("it ends");
    assert_eq!(entries(&folder), 0);
    assert!(matches!(files.turn(key("a"), 1).await, Err(Refused::Gone)));
    files.closed().await;
}

#[tokio::test]
async fn bytes_are_counted_from_the_first_promise_to_the_last_file() {
    let files = files(Rules {
        file_bytes: 60,
        session_bytes: 100,
        transfers: 2,
        enabled: true,
    });
    let large = files.turn(key("a"), 61).await;
    assert!(matches!(large, Err(Refused::TooLarge(60))));
    let one = files.turn(key("a"), 60).await.expect("a turn");
    let full = files.turn(key("b"), 41).await;
    assert!(matches!(full, Err(Refused::SessionFull(100))));
    files.turn(key("b"), 40).await.expect("a turn").give_up();
    one.done();
    // What was given up is free again, what is done is not.
    files.turn(key("c"), 40).await.expect("a turn").done();
    assert!(matches!(
        files.turn(key("d"), 1).await,
        Err(Refused::SessionFull(_))
    ));
    files
        .turn(key("d"), 0)
        .await
        .expect("nothing needs no room")
        .done();
}

#[tokio::test]
async fn so_many_at_once_and_the_oldest_that_waits_gives_way() {
    let files = files(Rules {
        transfers: 2,
        ..Rules::default()
    });
    let _one = files.transfer().expect("a place");
    let two = files.transfer().expect("a place");
    assert!(matches!(files.transfer(), Err(Refused::Busy(2))));
    drop(two);
    let _two = files.transfer().expect("a place again");
    let busy = files.turn(key("busy"), 1).await.expect("a turn");
    for number in 0..20 {
        drop(
            files
                .turn(key(&number.to_string()), 1)
                .await
                .expect("a turn"),
        );
    }
    let state = files.lock();
    assert_eq!(state.uploads.len(), 2 + MAX_WAITING);
    assert!(state.uploads.contains_key(&key("busy")));
    assert!(state.uploads.contains_key(&key("19")));
    assert!(!state.uploads.contains_key(&key("0")));
    drop(state);
    drop(busy);
    let off = Files::new(
        Rules {
            enabled: false,
            ..Rules::default()
        },
        [].into(),
    );
    assert!(matches!(off.transfer(), Err(Refused::Off)));
}
