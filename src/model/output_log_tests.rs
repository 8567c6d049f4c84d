//! The log against a plain vector.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u8>),
    Resize(u16),
    Read(usize),
    Trim(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..40).prop_map(Step::Append),
        1 => (1_u16..500).prop_map(Step::Resize),
        4 => (1_usize..30).prop_map(Step::Read),
        1 => (0_usize..30).prop_map(Step::Trim),
    ]
}

/// What a reader saw: bytes and marks in one order.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Byte(u8),
    Mark(Mark),
}

fn read_all(
    log: &OutputLog,
    cursor: &mut Cursor,
    limit: usize,
    seen: &mut Vec<Seen>,
) -> Option<u64> {
    let mut out = BytesMut::new();
    loop {
        out.clear();
        match log.read(cursor, limit, &mut out) {
            Next::Bytes(count) => {
                assert_eq!(count, out.len());
                seen.extend(out.iter().copied().map(Seen::Byte));
            }
            Next::Mark(mark) => seen.push(Seen::Mark(mark)),
            Next::Nothing => return None,
            Next::Lost(tail) => return Some(tail),
        }
    }
}

proptest! {
    /// A reader that keeps up sees every byte and every mark, in order, exactly once.
    #[test]
    fn a_reader_sees_what_a_plain_vector_holds(capacity in 1_usize..64, steps in proptest::collection::vec(step(), 0..60)) {
        let mut log = OutputLog::new(capacity);
        let mut model = Vec::new();
        let mut cursor = log.oldest();
        let mut seen = Vec::new();
        for step in steps {
            match step {
                Step::Append(bytes) => {
                    for piece in bytes.chunks(capacity) {
                        log.append(piece);
                        model.extend(piece.iter().copied().map(Seen::Byte));
                        prop_assert_eq!(read_all(&log, &mut cursor, 7, &mut seen), None);
                    }
                }
                Step::Resize(cols) => {
                    let mark = Mark::Size(Size { cols, rows: 24 });
                    log.mark(mark);
                    model.push(Seen::Mark(mark));
                }
                Step::Trim(keep) => {
                    prop_assert_eq!(read_all(&log, &mut cursor, 3, &mut seen), None);
                    log.trim(keep);
                }
                Step::Read(limit) => {
                    prop_assert_eq!(read_all(&log, &mut cursor, limit, &mut seen), None);
                }
            }
            prop_assert!(log.head() - log.tail() <= capacity as u64);
        }
        log.mark(Mark::End);
        model.push(Seen::Mark(Mark::End));
        prop_assert_eq!(read_all(&log, &mut cursor, 5, &mut seen), None);
        prop_assert_eq!(seen, model);
    }

    /// A reader that comes at any offset finds exactly the bytes from there, or learns the tail.
    #[test]
    fn a_late_reader_finds_its_place(capacity in 1_usize..64, pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 0..10), at in 0_u64..1000) {
        let mut log = OutputLog::new(capacity);
        let mut all = Vec::new();
        for piece in &pieces {
            log.append(piece);
            all.extend_from_slice(piece);
        }
        prop_assert_eq!(log.head(), all.len() as u64);
        prop_assert_eq!(log.head() - log.tail(), all.len().min(capacity) as u64);
        match log.cursor_at(at) {
            None => prop_assert!(at > all.len() as u64),
            Some(mut cursor) => {
                let mut seen = Vec::new();
                if let Some(tail) = read_all(&log, &mut cursor, 9, &mut seen) {
                    prop_assert!(at < tail && tail == log.tail());
                } else {
                    let rest = &all[usize::try_from(at).expect("small")..];
                    let rest: Vec<_> = rest.iter().copied().map(Seen::Byte).collect();
                    prop_assert_eq!(seen, rest);
                }
            }
        }
    }
}

#[test]
fn a_mark_stands_between_its_bytes() {
    let mut log = OutputLog::new(100);
    log.append(b"before");
    log.mark(Mark::Size(Size { cols: 90, rows: 30 }));
    log.append(b"after");
    let mut seen = Vec::new();
    let mut cursor = log.cursor_at(3).expect("written");
    read_all(&log, &mut cursor, 100, &mut seen);
    let text: String = seen
        .iter()
        .map(|item| match item {
            Seen::Byte(byte) => char::from(*byte),
            Seen::Mark(_) => '|',
        })
        .collect();
    assert_eq!(text, "ore|after");
}

#[test]
fn the_end_is_told_to_a_reader_that_comes_at_the_end() {
    let mut log = OutputLog::new(8);
    log.append(b"x");
    log.mark(Mark::End);
    log.append(b"never");
    let mut cursor = log.cursor_at(1).expect("the head");
    let mut out = BytesMut::new();
    assert_eq!(log.read(&mut cursor, 10, &mut out), Next::Mark(Mark::End));
    assert_eq!(log.read(&mut cursor, 10, &mut out), Next::Nothing);
    assert_eq!(log.head(), 1);
}

#[test]
fn marks_are_bounded() {
    let mut log = OutputLog::new(4);
    for cols in 1..2000 {
        log.append(b"abc");
        log.mark(Mark::Size(Size {
            cols: cols % 900 + 1,
            rows: 1,
        }));
    }
    assert!(log.marks.len() <= MAX_MARKS);
    let mut still = OutputLog::new(4);
    for cols in 1..2000 {
        still.mark(Mark::Size(Size {
            cols: cols % 900 + 1,
            rows: 1,
        }));
    }
    assert!(still.marks.len() <= MAX_MARKS);
}

#[test]
fn a_log_made_smaller_keeps_what_is_needed_and_then_forgets_it() {
    let mut log = OutputLog::new(64);
    log.append(&[b'x'; 64]);
    log.set_capacity(16);
    log.append_keeping(&[b'y'; 8], 10);
    assert_eq!(
        (log.tail(), log.head()),
        (10, 72),
        "from 10 on it is needed"
    );
    log.append_keeping(&[b'y'; 8], 70);
    assert_eq!(log.tail(), 80 - 16);
    log.append_keeping(&[b'y'; 40], 90);
    assert_eq!(
        (log.tail(), log.head()),
        (80, 120),
        "more than it can hold, none of it read"
    );
    log.trim(16);
    assert_eq!((log.tail(), log.memory()), (104, 16));
}

#[test]
fn a_log_never_takes_more_memory_than_it_can_hold() {
    let mut log = OutputLog::new(1000);
    for _ in 0..500 {
        log.append(b"seven b");
        assert!(log.memory() <= 1000, "{}", log.memory());
    }
    assert_eq!(log.memory(), 1000);
}
