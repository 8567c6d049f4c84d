//! A screen as a document that programs read, in JSON, and with lines from above it.
//!
//! The document is `{"cols","rows","title","cursor":{"x","y","visible","style"},"modes":{...},
//! "lines":[...]}`. Its fields stay as they are, others may come. `x` and `y` count from 0,
//! `style` is DECSCUSR's number (0: the terminal's own). Of the `modes`, `mouse` is the number of
//! the private mode that is set (9, 1000, 1002, 1003; 0 for none), `mouse_encoding` likewise (1006,
//! 1016; 0 for the oldest).
//!
//! There is one line per row, the ones above the screen first where they were asked for; the last
//! `rows` lines are the screen. A line is `{"runs":[...]}`, with `"wraps":true` where it goes on in
//! the next one. A run is neighbouring cells that are drawn alike: `text`, the `columns` that it
//! takes and what differs from plain text: `fg` and `bg` (a number of the palette, 0 to 255, or
//! `"#rrggbb"`), `bold`, `dim`, `italic`, `underline`, `blink`, `inverse`, `hidden`, `strike` (each
//! only where it is `true`), and `link`. Blanks behind the last cell that shows anything are left
//! out. A character with combining marks is a run of its own, with `"cluster":true`: all of `text`
//! is one cell. In any other run the characters are alike in width: each takes `columns` divided by
//! their count.

use serde::{Serialize, Serializer};

use super::view::{Cell, CellColor, CursorView, ModesView, RowView, Style};
use super::{RESIZE_LINES, Screen};
use crate::model::size::Size;

/// Lines above the screen that a picture may have: those that come back for a resize.
pub const PICTURE_LINES: u16 = 200;

const _: () = assert!(PICTURE_LINES as usize <= RESIZE_LINES);

#[derive(Serialize)]
struct Document<'a> {
    cols: u16,
    rows: u16,
    title: &'a str,
    cursor: Cursor,
    modes: ModesView,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Cursor {
    x: usize,
    y: usize,
    visible: bool,
    style: u16,
}

#[derive(Serialize)]
struct Line {
    runs: Vec<Run>,
    #[serde(skip_serializing_if = "is_false")]
    wraps: bool,
}

#[derive(Serialize)]
struct Run {
    text: String,
    columns: usize,
    /// It is one cell with combining marks.
    #[serde(rename = "cluster", skip_serializing_if = "is_false")]
    marked: bool,
    #[serde(flatten)]
    look: Look,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// Columns of each of its characters.
    #[serde(skip)]
    width: u8,
}

#[derive(PartialEq, Eq, Serialize)]
struct Look {
    #[serde(rename = "fg", skip_serializing_if = "is_default")]
    #[serde(serialize_with = "color")]
    foreground: CellColor,
    #[serde(rename = "bg", skip_serializing_if = "is_default")]
    #[serde(serialize_with = "color")]
    background: CellColor,
    #[serde(skip_serializing_if = "is_false")]
    bold: bool,
    #[serde(skip_serializing_if = "is_false")]
    dim: bool,
    #[serde(skip_serializing_if = "is_false")]
    italic: bool,
    #[serde(skip_serializing_if = "is_false")]
    underline: bool,
    #[serde(skip_serializing_if = "is_false")]
    blink: bool,
    #[serde(skip_serializing_if = "is_false")]
    inverse: bool,
    #[serde(skip_serializing_if = "is_false")]
    hidden: bool,
    #[serde(skip_serializing_if = "is_false")]
    strike: bool,
}

impl From<Style> for Look {
    fn from(style: Style) -> Self {
        let Style {
            foreground,
            background,
            bold,
            dim,
            italic,
            underline,
            blink,
            inverse,
            hidden,
            strike,
        } = style;
        Self {
            foreground,
            background,
            bold,
            dim,
            italic,
            underline,
            blink,
            inverse,
            hidden,
            strike,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_default(color: &CellColor) -> bool {
    *color == CellColor::Default
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn color<S: Serializer>(color: &CellColor, serializer: S) -> Result<S::Ok, S::Error> {
    match color {
        CellColor::Default => serializer.serialize_unit(),
        CellColor::Palette(index) => serializer.serialize_u8(*index),
        CellColor::Rgb(r, g, b) => serializer.collect_str(&format_args!("#{r:02x}{g:02x}{b:02x}")),
    }
}

impl From<RowView> for Line {
    fn from(row: RowView) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for cell in row.cells {
            let run = Run::from(cell);
            match runs.last_mut() {
                Some(last) if last.goes_on_with(&run) => {
                    last.text.push_str(&run.text);
                    last.columns += run.columns;
                }
                _ => runs.push(run),
            }
        }
        let wraps = row.wraps;
        Self { runs, wraps }
    }
}

impl From<Cell> for Run {
    fn from(cell: Cell) -> Self {
        Self {
            marked: cell.text.chars().nth(1).is_some(),
            columns: cell.width.into(),
            width: cell.width,
            look: cell.style.into(),
            link: cell.link,
            text: cell.text,
        }
    }
}

impl Run {
    fn goes_on_with(&self, next: &Self) -> bool {
        !self.marked
            && !next.marked
            && self.width == next.width
            && self.look == next.look
            && self.link == next.link
    }
}

impl Screen {
    /// All of it, as the head of this file says; `shown` is the screen that it is part of.
    pub fn document(&self, shown: &Self) -> Vec<u8> {
        let CursorView {
            column,
            row,
            visible,
            style,
            ..
        } = shown.cursor();
        let size = shown.size();
        // A line that is long in bytes may have been the last to come back.
        let above = self.cursor().row.saturating_sub(row);
        let document = Document {
            cols: size.cols,
            rows: size.rows,
            title: shown.title(),
            cursor: Cursor {
                x: column,
                y: row,
                visible,
                style,
            },
            modes: shown.modes(),
            lines: (0..usize::from(size.rows) + above)
                .map(|row| Line::from(self.row(row)))
                .collect(),
        };
        // Nothing in it can fail to be written into memory.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// The same screen with up to this many lines more, from above it. The alternate screen has
    /// none above it.
    pub fn with_lines_above(&self, lines: u16) -> Option<Self> {
        let held = u16::try_from(self.scrollback_lines()).unwrap_or(u16::MAX);
        let lines = lines.min(PICTURE_LINES).min(held);
        let Size { cols, rows } = self.size();
        let rows = rows.saturating_add(lines).min(Size::MAX);
        if self.is_alternate() || rows == self.size().rows {
            return None;
        }
        let mut tall = self.clone();
        tall.resize(Size { cols, rows });
        Some(tall)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::screen::Settings;

    const SIZE: Size = Size { cols: 20, rows: 4 };

    fn screen(bytes: &[u8]) -> Screen {
        let mut screen = Screen::new(SIZE, Settings::default());
        screen.feed(bytes);
        screen
    }

    fn json_of(screen: &Screen) -> Value {
        serde_json::from_slice(&screen.document(screen)).expect("JSON")
    }

    #[test]
    fn the_document_is_stable() {
        let drawn = screen(
            "\x1b]2;t\x07\x1b[?2004h\x1b[1;31mab\x1b[mc漢字e\u{301}\x1b]8;;http://a/\x1b\\l\x1b]8;;\x1b\\\
             \x1b[2;1H\x1b[7;48;2;1;2;3mx\x1b[?25l\x1b[3 q"
                .as_bytes(),
        );
        let expected = json!({
            "cols": 20, "rows": 4, "title": "t",
            "cursor": {"x": 1, "y": 1, "visible": false, "style": 3},
            "modes": {
                "alternate": false, "application_cursor": false, "application_keypad": false,
                "bracketed_paste": true, "focus": false, "mouse": 0, "mouse_encoding": 0,
            },
            "lines": [
                {"runs": [
                    {"text": "ab", "columns": 2, "fg": 1, "bold": true},
                    {"text": "c", "columns": 1},
                    {"text": "漢字", "columns": 4},
                    {"text": "e\u{301}", "columns": 1, "cluster": true},
                    {"text": "l", "columns": 1, "link": "http://a/"},
                ]},
                {"runs": [{"text": "x", "columns": 1, "bg": "#010203", "inverse": true}]},
                {"runs": []},
                {"runs": []},
            ],
        });
        assert_eq!(json_of(&drawn), expected);
        let wrapped = json_of(&screen(b"123456789012345678901"));
        assert_eq!(wrapped["lines"][0]["wraps"], true);
        assert_eq!(wrapped["lines"][1]["wraps"], Value::Null);
    }

    #[test]
    fn lines_above_are_added_where_there_are_any() {
        let text = b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\r\n";
        let shown = screen(text);
        assert_eq!(shown.text(), ["8", "9", "10", ""]);
        let tall = shown.with_lines_above(2).expect("seven are above");
        assert_eq!(tall.text(), ["6", "7", "8", "9", "10", ""]);
        let all = shown.with_lines_above(u16::MAX).expect("as above");
        assert!(all.text().starts_with(&["1".to_owned(), "2".to_owned()]));
        let document: Value = serde_json::from_slice(&tall.document(&shown)).expect("JSON");
        assert_eq!(document["rows"], 4);
        assert_eq!(document["lines"].as_array().map(Vec::len), Some(6));
        assert_eq!(document["cursor"]["y"], 3);
        assert!(shown.with_lines_above(0).is_none());
        let full = screen(b"1\r\n2\r\n3\r\n4\r\n5\r\n\x1b[?1049h");
        assert!(full.with_lines_above(2).is_none());
    }

    /// What programs print: text, wide characters, marks, colours, moves, line ends.
    fn output() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "[ -~]{1,12}".prop_map(String::into_bytes),
            "[漢字é€\u{301}]{1,5}".prop_map(String::into_bytes),
            Just(b"\r\n".to_vec()),
            (0_u8..110).prop_map(|code| format!("\x1b[{code}m").into_bytes()),
            (any::<u8>()).prop_map(|color| format!("\x1b[48;5;{color}m").into_bytes()),
            (1_u8..6, 1_u8..25).prop_map(|(y, x)| format!("\x1b[{y};{x}H").into_bytes()),
            Just(b"\x1b[K".to_vec()),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// A terminal that is shown the picture shows the cells of the original.
        #[test]
        fn a_picture_shows_the_same(bytes in output()) {
            let before = screen(&bytes);
            let mut after = Screen::new(SIZE, Settings::default());
            let picture = before.printed();
            // As a terminal's line discipline has it; without the last line end, which would
            // scroll a full screen.
            let picture = picture.strip_suffix(b"\n").unwrap_or(&picture);
            after.feed(b"\x1b[20h");
            after.feed(picture);
            let cells = |screen: &Screen| -> Vec<_> {
                (0..4).map(|row| screen.row(row).cells).collect()
            };
            prop_assert_eq!(cells(&after), cells(&before));
            prop_assert_eq!(after.text(), before.text());
        }

        /// Text and JSON say the same, and the runs of a row fill it without gaps.
        #[test]
        fn text_and_document_agree(bytes in output()) {
            let screen = screen(&bytes);
            let document = json_of(&screen);
            let lines = document["lines"].as_array().expect("lines");
            prop_assert_eq!(lines.len(), 4);
            for (line, text) in lines.iter().zip(screen.text()) {
                let runs = line["runs"].as_array().expect("runs");
                let said: String = runs.iter().map(|run| run["text"].as_str().expect("text")).collect();
                prop_assert_eq!(said.trim_end(), text);
                let columns: u64 = runs.iter().map(|run| run["columns"].as_u64().expect("a count")).sum();
                prop_assert!(columns <= 20);
                for (one, other) in runs.iter().zip(runs.iter().skip(1)) {
                    let plain = |run: &Value| {
                        let mut run = run.clone();
                        let text = run["text"].take();
                        let count = text.as_str().expect("text").chars().count() as u64;
                        let columns = run["columns"].take().as_u64().expect("a count");
                        (run["cluster"] != true).then_some((run, columns / count))
                    };
                    let (one, other) = (plain(one), plain(other));
                    prop_assert!(one.is_none() || one != other, "runs that are alike are one");
                }
            }
        }
    }
}
