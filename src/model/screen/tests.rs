//! The screen as its users see it.

use proptest::prelude::*;

use super::*;

fn screen(bytes: &[u8]) -> Screen {
    let mut screen = Screen::new(Size { cols: 20, rows: 5 }, Settings::default());
    screen.feed(bytes);
    screen
}

/// A fresh screen of the same size that was fed the snapshot.
fn copy(screen: &Screen) -> Screen {
    let mut copy = Screen::new(screen.size(), Settings::default());
    copy.feed(&screen.snapshot());
    copy
}

#[test]
fn a_snapshot_shows_the_same() {
    for stream in [
        &b"hello\r\n\x1b[1;31mred\x1b[m plain\r\nthird"[..],
        b"\x1b[?1049h\x1b[2;3Halt\x1b[?25l\x1b[?1002h\x1b[?1006h",
        b"one\r\n\x1b[?1049halt\x1b[2J\x1b[3;4r\x1b[?6h",
        b"\x1b[2;4r\x1b[5;5Hx\x1b7\x1b[1;1H\x1b[4mund",
        b"12345678901234567890123456",
        b"12345678901234567890",
        "wide 漢字 e\u{301} 👩‍👩‍👧 at the end 漢".as_bytes(),
        b"\x1b(0lqqk\x1b(B\x0e\x1b)0x",
        b"\x1b]2;title\x07\x1b]8;id=1;http://a/\x1b\\link\x1b]8;;\x1b\\ after",
        b"\x1b[>1u\x1b[>4;2m\x1b[5 q\x1b]11;#123456\x07",
        b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\x1b[44m\r\n9\x1b[K",
        b"\x1b[3g\x1b[1;5H\x1bH\x1b[4h\x1b[?7l\x1b[20h",
    ] {
        let before = screen(stream);
        let after = copy(&before);
        assert_eq!(after.view(), before.view(), "{}", stream.escape_ascii());
        assert_eq!(
            after.snapshot().escape_ascii().to_string(),
            before.snapshot().escape_ascii().to_string()
        );
        assert_eq!(after.scrollback_lines(), before.scrollback_lines());
    }
}

#[test]
fn an_unfinished_sequence_goes_on_in_the_copy() {
    let stream = "a\x1b[31mb\x1b]2;title\x07€\x1bPq~-~-~\x1b\\\
        \x1b]1337;File=inline=1;width=3;height=2:eA==\x07\x1b[?1049hc"
        .as_bytes();
    let whole = screen(stream).view();
    for cut in 0..stream.len() {
        let mut copy = copy(&screen(&stream[..cut]));
        copy.feed(&stream[cut..]);
        assert_eq!(copy.view(), whole, "cut at {cut}");
    }
}

/// Row and column of the cursor, from 0.
fn cursor(stream: &[u8]) -> (usize, usize) {
    let cursor = screen(stream).view().cursor;
    (cursor.row, cursor.column)
}

#[test]
fn images_move_the_cursor_as_in_a_terminal_that_draws_them() {
    for (stream, expected) in [
        // 18 pixels are two rows.
        (&b"ab\x1bPq~-~-~\x1b\\"[..], (1, 2)),
        (b"ab\x1bPq~-~\x1b\\", (0, 2)),
        (b"ab\x1bPq\x1b\\", (0, 2)),
        (b"ab\x1bP1;2;3q\"1;1;9;17~-~-~\x1b\\c", (1, 3)),
        // What was aborted is not drawn.
        (b"ab\x1bPq~-~-~\x18", (0, 2)),
        // At the bottom the screen scrolls.
        (b"\x1b[5;3H\x1bPq~-~-~\x1b\\", (4, 2)),
        (
            b"ab\x1b]1337;File=inline=1;width=3;height=2:eA==\x07",
            (1, 5),
        ),
        (
            b"ab\x1b]1337;File=inline=1;width=30;height=2:eA==\x1b\\",
            (1, 19),
        ),
        (
            b"ab\x1b]1337;File=inline=0;width=3;height=2:eA==\x07",
            (0, 2),
        ),
    ] {
        assert_eq!(cursor(stream), expected, "{}", stream.escape_ascii());
    }
}

#[test]
fn an_image_that_is_too_long_to_be_kept_moves_the_cursor_all_the_same() {
    let colours = "#1;2;9;9;9".repeat(2000);
    let sixels = format!("ab\x1bPq{colours}~-~-~\x1b\\c");
    assert_eq!(cursor(sixels.as_bytes()), (1, 3));
    let data = "A".repeat(inline::INLINE_MAX * 2);
    let file = format!("ab\x1b]1337;File=inline=1;width=3;height=2:{data}\x07c");
    assert_eq!(cursor(file.as_bytes()), (1, 6));
    for stream in [sixels, file] {
        let whole = screen(stream.as_bytes()).view();
        for cut in [100, stream.len() / 2, stream.len() - 3] {
            let (left, right) = stream.as_bytes().split_at(cut);
            let mut copy = copy(&screen(left));
            copy.feed(right);
            assert_eq!(copy.view(), whole, "cut at {cut}");
        }
    }
}

#[test]
fn questions_are_answered_and_snapshots_ask_none() {
    let mut screen = screen(b"ab\x1b[c\x1b[6n\x1b[?25$p\x1b]11;?\x07\x1bP$qr\x1b\\\x1b[18t\x1b[5n");
    let replies = screen.replies();
    assert_eq!(
        replies.escape_ascii().to_string(),
        "\\x1b[?62;4;22c\\x1b[1;3R\\x1b[?25;1$y\\x1b]11;rgb:0000/0000/0000\\x1b\\\\\
         \\x1bP1$r1;5r\\x1b\\\\\\x1b[8;5;20t\\x1b[0n"
    );
    assert!(screen.replies().is_empty());
    assert!(!QueryScan::default().needs_answer(&screen.snapshot()));
}

#[test]
fn nothing_that_could_type_for_the_user_is_answered() {
    let mut screen = screen(b"\x1b]2;evil\x07\x1b[21t\x1b]52;c;?\x07\x05\x1b[20t");
    assert!(screen.replies().is_empty());
}

#[test]
fn a_taller_screen_is_filled_from_above() {
    let mut screen = screen(b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7");
    assert_eq!(screen.scrollback_lines(), 2);
    screen.resize(Size { cols: 20, rows: 6 });
    assert_eq!(screen.text(), ["2", "3", "4", "5", "6", "7"]);
    assert_eq!(screen.scrollback_lines(), 1);
}

#[test]
fn a_narrow_screen_and_back_keeps_every_line() {
    let mut stream = Vec::new();
    for line in 0..1000 {
        stream.extend_from_slice(format!("line {line} of many\r\n").as_bytes());
    }
    let mut screen = screen(&stream);
    let text = screen.text();
    screen.resize(Size { cols: 7, rows: 5 });
    screen.resize(Size { cols: 20, rows: 5 });
    assert_eq!(screen.text(), text);
    let all = String::from_utf8(screen.snapshot()).expect("text");
    for line in 0..1000 {
        assert!(all.contains(&format!("line {line} of many\r\n")), "{line}");
    }
}

#[test]
fn a_frozen_screen_is_small_and_comes_back() {
    let mut stream = Vec::new();
    for line in 0..3000 {
        stream.extend_from_slice(format!("\x1b[3{}mline\x1b[m {line}\r\n", line % 8).as_bytes());
    }
    stream.extend_from_slice(b"\x1b[?1049h\x1b[44mfull\x1b[");
    let before = screen(&stream);
    let snapshot = before.snapshot();
    let frozen = before.freeze();
    assert!(frozen.bytes() < 48 * 1024, "{} bytes", frozen.bytes());
    let mut after = frozen.thaw();
    assert_eq!(after.snapshot(), snapshot);
    after.feed(b"2Jx");
    assert_eq!(after.text()[4], "    x");
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<Vec<u8>>(),
        "[a-z 漢é👍\u{301}]{0,30}".prop_map(String::into_bytes),
        ("[<=>?]?", "[0-9;:]{0,8}", "[ $!]?[@-~]")
            .prop_map(|(prefix, params, end)| format!("\x1b[{prefix}{params}{end}").into_bytes()),
        "\x1b[ -/]?[0-~]".prop_map(String::into_bytes),
        "\x1b\\][0-9;?a-z]{0,12}\x07".prop_map(String::into_bytes),
        "\x1bP[0-9;]{0,3}q[\"0-9;~?$-]{0,30}(\x1b\\\\)?".prop_map(String::into_bytes),
        "\x1b\\]1337;File=inline=1;width=[0-9]{1,3}%?;height=[0-9]{1,3}:A{0,9}\x07"
            .prop_map(String::into_bytes),
        Just(b"\x1b[?1049h".to_vec()),
        Just(b"\r\n".to_vec()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn hostile_bytes_never_panic_and_freezing_changes_nothing(
        steps in proptest::collection::vec((bytes(), 0..30_u64, 0..12_u64), 1..6)
    ) {
        let mut screen = Screen::new(Size { cols: 20, rows: 5 }, Settings::default());
        for (bytes, cols, rows) in steps {
            screen.feed(&bytes);
            let snapshot = screen.snapshot();
            screen = screen.freeze().thaw();
            prop_assert_eq!(
                screen.snapshot().escape_ascii().to_string(),
                snapshot.escape_ascii().to_string()
            );
            screen.resize(Size::clamped(cols, rows));
            screen.snapshot_viewport();
            screen.view();
            screen.replies();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Leaving out what scrolls away changes nothing.
    #[test]
    fn a_long_log_may_be_cut_short(
        lines in proptest::collection::vec(("([ -~é日]|\x1b\\[2K\r|\x1b\\[1K|\x08|\x1b\\[3G|\x1b\\[2P|\x1b\\[4@|\x1b\\[9C){0,30}", 0_u8..40), 0..200),
        first in "(\x1b\\[[2-4];[5-9]r)?[a-z]{0,9}",
    ) {
        let settings = Settings { scrollback_lines: 20, ..Settings::default() };
        let mut short = Screen::new(Size { cols: 20, rows: 5 }, settings);
        short.feed(first.as_bytes());
        let mut whole = short.clone();
        let line = |(text, color): &(String, u8)| format!("\x1b[{color}m{text}\t|\r\n");
        let log: String = lines.iter().map(line).collect();
        whole.feed(log.as_bytes());
        short.feed_long(log.as_bytes());
        prop_assert_eq!(short.snapshot(), whole.snapshot());
    }
}

#[test]
fn a_snapshot_that_has_to_fit_keeps_the_newest_lines() {
    let mut screen = Screen::new(Size { cols: 20, rows: 4 }, Settings::default());
    for line in 0..1000 {
        screen.feed(format!("\x1b[3{}mline {line}\x1b[m\r\n", line % 8).as_bytes());
    }
    let whole = screen.snapshot();
    for max in [whole.len(), whole.len() - 1, 3000, 500] {
        let bytes = screen.snapshot_within(max, usize::MAX);
        assert!(bytes.len() <= max, "{} of {max}", bytes.len());
        assert!(whole.ends_with(&bytes));
        let mut again = Screen::new(screen.size(), Settings::default());
        again.feed(&bytes);
        assert_eq!(again.text(), screen.text());
        assert!(again.scrollback_lines() >= max / 40, "{max}");
    }
    let viewport = screen.snapshot_viewport();
    assert_eq!(screen.snapshot_within(1, usize::MAX), viewport);
}

#[test]
fn what_was_all_to_be_seen_still_is_when_it_narrows() {
    let mut screen = Screen::new(Size { cols: 40, rows: 6 }, Settings::default());
    screen.feed(b"$ ls\r\nabcdefghijklmnopqrstuvwxyz0123456789\r\n$ ");
    screen.resize(Size { cols: 20, rows: 6 });
    let expected = ["$ ls", "abcdefghijklmnopqrst", "uvwxyz0123456789", "$"];
    assert_eq!(screen.text()[..4], expected);
    assert_eq!((screen.cursor().column, screen.cursor().row), (2, 3));
    assert_eq!(screen.scrollback_lines(), 0);
    screen.resize(Size { cols: 10, rows: 6 });
    assert_eq!(screen.text()[5], "$");
    screen.resize(Size { cols: 40, rows: 6 });
    assert_eq!(screen.text()[0], "$ ls");
}
