//! What takes a terminal back that has shown a screen: to the primary screen, plain text, and keys
//! and mouse as they were. What was never changed is left alone: to leave an alternate screen that
//! is not shown would move the cursor.

use super::Screen;
use super::buffer::default_tabs;
use super::pen::Pen;
use super::side::{BACKGROUND, CURSOR, Charsets, FOREGROUND};

/// Ends a string that was cut in the middle; on its own it is nothing.
const END_OF_STRING: &[u8] = b"\x1b\\";

/// Mouse protocols and encodings.
const MOUSE: [u16; 8] = [9, 1000, 1002, 1003, 1005, 1006, 1015, 1016];

/// Modes that are not taken back: 3 would clear the screen, and 6 moves the cursor, which is seen to
/// apart.
const LEFT: [u16; 2] = [3, 6];

impl Screen {
    /// The bytes that, written into a terminal that has shown all that this screen was fed, leave
    /// it as a program that cleans up does. What was written on it stays.
    pub fn farewell(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let terminal = &self.terminal;
        let side = &terminal.side;
        if !self.parser.is_ground() {
            out.extend_from_slice(END_OF_STRING);
        }
        side.modes.write_back(&mut out, &LEFT);
        if side.mouse != 0 || side.mouse_encoding != 0 {
            for mode in MOUSE {
                out.extend_from_slice(format!("\x1b[?{mode}l").as_bytes());
            }
        }
        for (is_on, back) in [
            (side.insert, "\x1b[4l"),
            (side.newline, "\x1b[20l"),
            (side.keypad, "\x1b>"),
            (side.cursor_style != 0, "\x1b[0 q"),
            (side.modify_keys != 0, "\x1b[>4m"),
        ] {
            if is_on {
                out.extend_from_slice(back.as_bytes());
            }
        }
        for number in side.colors.keys() {
            let back = match *number {
                FOREGROUND => "\x1b]110\x1b\\".to_owned(),
                BACKGROUND => "\x1b]111\x1b\\".to_owned(),
                CURSOR => "\x1b]112\x1b\\".to_owned(),
                index => format!("\x1b]104;{index}\x1b\\"),
            };
            out.extend_from_slice(back.as_bytes());
        }
        let cursor = terminal.active().cursor();
        if cursor.template.hyperlink().is_some() {
            out.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
        // Each screen has its own keyboard, and most terminals their own region and tab stops.
        if let Some(alternate) = &terminal.alternate {
            side.keyboards[1].write_back(&mut out);
            if alternate.tabs != default_tabs(alternate.cols()) {
                out.extend_from_slice(b"\x1b[?5W");
            }
            out.extend_from_slice(b"\x1b[r\x1b[?1049l");
        }
        side.keyboards[0].write_back(&mut out);
        let primary = &terminal.primary;
        // Leaving the alternate screen brings back what was remembered with the cursor.
        let saved = terminal
            .alternate
            .is_some()
            .then_some(&primary.grid.saved_cursor);
        let pens = [
            Some(terminal.pen()),
            saved.map(|saved| Pen::of(&saved.template)),
        ];
        if pens.iter().flatten().any(|pen| *pen != Pen::default()) {
            Pen::default().write(&mut out);
        }
        let charset = saved.map_or(b'B', |_| primary.saved_charset);
        if side.charsets != Charsets::default() || charset != b'B' {
            out.extend_from_slice(b"\x1b(B\x1b)B\x1b*B\x1b+B\x0f");
        }
        if primary.tabs != default_tabs(primary.cols()) {
            out.extend_from_slice(b"\x1b[?5W");
        }
        if side.modes.is(6) || primary.top != 0 || primary.bottom + 1 != primary.rows() {
            // Both move the cursor: to where what comes next is below everything.
            out.extend_from_slice(b"\x1b[?6l\x1b[r\x1b[999;1H");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::screen::Settings;
    use crate::model::size::Size;

    fn screen(bytes: &[u8]) -> Screen {
        let mut screen = Screen::new(Size { cols: 20, rows: 5 }, Settings::default());
        screen.feed(bytes);
        screen
    }

    /// What a snapshot of the screen has beside its text.
    fn state(screen: &Screen) -> String {
        let mut plain = screen.clone();
        // Cells, cursor, and a title are what may stay.
        plain.terminal.side.title.clear();
        plain.feed(b"\x1b[H\x1b7\x1b[2J\x1b[3J");
        plain.snapshot().escape_ascii().to_string()
    }

    #[test]
    fn a_screen_that_changed_nothing_needs_nothing() {
        for text in [
            &b""[..],
            b"text\r\n\x1b[31mred\x1b[m",
            b"\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l",
        ] {
            assert_eq!(screen(text).farewell(), b"", "{}", text.escape_ascii());
        }
    }

    #[test]
    fn what_an_editor_sets_is_taken_back() {
        let seen = screen(
            b"\x1b[?1049h\x1b[>1u\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[2 q",
        );
        let back = seen.farewell();
        let text = String::from_utf8(back).expect("ASCII");
        for part in [
            "?1049l", "[<1u", "?1l", "\x1b>", "?2004l", "?1002l", "?1006l", "?25h", "[0 q",
        ] {
            assert!(text.contains(part), "{part} in {text:?}");
        }
        // The stack of the alternate screen is that screen's own.
        assert!(text.find("[<1u") < text.find("?1049l"));
    }

    fn output() -> impl Strategy<Value = Vec<u8>> {
        let fixed: [&[u8]; 24] = [
            b"\x1b[?1049h",
            b"\x1b[?1049l",
            b"\x1b[?47h",
            b"\x1b[?1h",
            b"\x1b[?6h",
            b"\x1b[?7l",
            b"\x1b[?25l",
            b"\x1b[?1000h",
            b"\x1b[?1003h",
            b"\x1b[?1006h",
            b"\x1b[?1004h",
            b"\x1b[?2004h",
            b"\x1b[?1007l",
            b"\x1b[4h",
            b"\x1b[20h",
            b"\x1b=",
            b"\x1b[>5u",
            b"\x1b[=3u",
            b"\x1b[>4;2m",
            b"\x1b[5 q",
            b"\x1b(0",
            b"\x0e",
            b"\x1b[3g",
            b"\x1b[2;4r",
        ];
        let more: [&[u8]; 8] = [
            b"\x1b]11;#123456\x07",
            b"\x1b]4;7;#00ff00\x07",
            b"\x1b[7;31m",
            b"\x1b]8;;http://a/\x07",
            b"text",
            b"\r\n",
            b"\x1b]2;cut",
            b"\x1b[3;3H",
        ];
        let pieces = [&fixed[..], &more[..]].concat();
        proptest::collection::vec(proptest::sample::select(pieces), 0..25)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// Whatever was set: afterwards the terminal is as a fresh one, but for what is on it.
        #[test]
        fn whatever_was_set_is_taken_back(bytes in output()) {
            let mut seen = screen(&bytes);
            let back = seen.farewell();
            seen.feed(&back);
            prop_assert_eq!(state(&seen), state(&screen(b"")), "{}", back.escape_ascii());
            prop_assert!(!seen.is_alternate());
            prop_assert_eq!(seen.farewell(), b"", "once is enough");
        }
    }
}
