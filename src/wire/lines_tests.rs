use proptest::prelude::*;

use super::*;

const FIRST: ProcessId = ProcessId(1);
const STDOUT: Lane = Lane {
    process: FIRST,
    channel: Channel::Stdout,
};

fn all(lines: &mut Lines, bytes: &[u8]) -> Vec<Message> {
    let first = lines.output(STDOUT, 0, 0, Bytes::copy_from_slice(bytes));
    let mut messages: Vec<_> = first.into_iter().collect();
    messages.extend(std::iter::from_fn(|| lines.more()));
    messages
}

fn end(lines: &mut Lines) -> Option<Message> {
    let lane = STDOUT;
    lines.event(&ServerEvent::Ended { lane, offset: 0 })
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

#[test]
fn each_line_is_one_message() {
    let mut lines = Lines::new(FIRST, false);
    assert_eq!(all(&mut lines, b"one\ntw"), [text("one")]);
    assert_eq!(all(&mut lines, b"o\r\n\nthr"), [text("two"), text("")]);
    assert_eq!(end(&mut lines), Some(text("thr")));
    assert_eq!(end(&mut lines), None);
}

#[test]
fn what_is_not_text_is_binary_and_standard_error_is_not_shown() {
    let mut lines = Lines::new(FIRST, false);
    let binary = Message::Binary(Bytes::from_static(b"\xff\x00"));
    assert_eq!(all(&mut lines, b"\xff\x00\n"), [binary]);
    let lane = Lane {
        process: FIRST,
        channel: Channel::Stderr,
    };
    assert_eq!(lines.output(lane, 0, 0, Bytes::from_static(b"x\n")), None);
    assert_eq!(end(&mut lines), None);
}

#[test]
fn a_line_over_the_bound_ends_the_connection_and_is_not_held() {
    let mut lines = Lines::new(FIRST, false);
    let most = vec![b'x'; MAX_LINE];
    assert_eq!(all(&mut lines, &most), []);
    assert_eq!(all(&mut lines, b"\n").len(), 1);
    assert_eq!(lines.failed(), None);
    assert_eq!(all(&mut lines, &most), []);
    assert_eq!(all(&mut lines, b"x"), []);
    let refusal = lines.failed().expect("too long");
    assert_eq!(refusal.code, "line_too_long");
    assert_eq!(refusal.close, Some(CloseCode::TooLarge));
    assert!(lines.begun.len() <= MAX_LINE);
}

#[test]
fn behind_a_gap_the_rest_of_a_line_is_left_out() {
    let mut lines = Lines::new(FIRST, false);
    assert_eq!(all(&mut lines, b"lo"), []);
    let gap = ServerEvent::Gap {
        lane: STDOUT,
        from: 2,
        offset: 9,
    };
    assert_eq!(lines.event(&gap), None);
    assert_eq!(all(&mut lines, b"st"), []);
    assert_eq!(all(&mut lines, b"\nnext\n"), [text("next")]);
}

#[test]
fn a_message_is_input_with_a_line_break() {
    let mut lines = Lines::new(FIRST, false);
    for message in [text("a\nb"), Message::Binary(Bytes::from_static(b"a\nb"))] {
        let input = ClientEvent::Input {
            process: FIRST,
            seq: None,
            bytes: Bytes::from_static(b"a\nb\n"),
        };
        assert_eq!(lines.decode(message), Ok(Some(input)));
    }
}

#[test]
fn json_is_checked_both_ways() {
    let mut lines = Lines::new(FIRST, true);
    let refusal = lines.decode(text("{\"a\":")).expect_err("no JSON");
    assert_eq!((refusal.code, refusal.close), ("bad_json", None));
    assert!(lines.decode(text("{\"a\":1}\n[2]")).is_ok());
    let told = all(&mut lines, b"{\"a\":1}\nhello\n");
    assert_eq!(told[0], text("{\"a\":1}"));
    let Message::Text(error) = &told[1] else {
        panic!("{told:?}");
    };
    assert!(
        error.starts_with(r#"{"error":{"code":"bad_output""#),
        "{error}"
    );
}

proptest! {
    /// However output is cut into pieces, the same lines come out.
    #[test]
    fn cuts_do_not_matter(
        pieces in prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..20), 0..20),
    ) {
        let whole = pieces.concat();
        let mut lines = Lines::new(FIRST, false);
        let mut cut: Vec<Message> = pieces.iter().flat_map(|piece| all(&mut lines, piece)).collect();
        cut.extend(end(&mut lines));
        let mut lines = Lines::new(FIRST, false);
        let mut uncut = all(&mut lines, &whole);
        uncut.extend(end(&mut lines));
        prop_assert_eq!(cut, uncut);
    }
}
