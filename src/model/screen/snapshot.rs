//! Writes a screen as the bytes that make a freshly reset terminal of the same size show it and
//! behave like it. The order matters: the scroll region moves the cursor, so it comes before it;
//! modes that change how text is printed come after all text.

use alacritty_terminal::grid::Cursor;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};

use super::buffer::{Buffer, default_tabs};
use super::history::History;
use super::line::{self, Ends, Writer, write_link};
use super::pen::Pen;
use super::terminal::Terminal;

impl Terminal {
    /// Writes everything, with up to so many of the lines above the screen. Gives how many bytes
    /// those are; they come first, each line from the default pen to the default pen.
    pub fn write(&self, out: &mut Vec<u8>, lines: usize) -> usize {
        let history = self.primary.history.as_ref().filter(|_| lines > 0);
        let start = out.len();
        if let Some(history) = history {
            history.write(out, lines);
        }
        let above = out.len() - start;
        let continues = history.is_some_and(History::is_open);
        let scrolled = history.is_some_and(|history| history.lines() > 0);
        write_cells(out, &self.primary, continues, scrolled);
        write_layout(out, &self.primary);
        if let Some(alternate) = &self.alternate {
            self.side.keyboards[0].write(out);
            write_saved(out, &self.primary, true);
            // The screen that 1047 shows is filled with the pen's background.
            out.extend_from_slice(b"\x1b[m\x1b[?1047h\x1b[H");
            write_cells(out, alternate, false, false);
            write_layout(out, alternate);
        }
        write_saved(out, self.active(), false);
        self.side.write(out, self.alternate.is_some());
        self.write_cursor(out);
        above
    }

    /// Writes the rows of the screen that is shown as lines to be printed anywhere, in their
    /// colours; empty ones at the bottom are left out.
    pub fn printed(&self) -> Vec<u8> {
        let buffer = self.active();
        let used = |row: &usize| line::used(buffer.row(*row)) > 0;
        let rows = (0..buffer.rows()).rev().find(used).map_or(0, |row| row + 1);
        let mut out = Vec::new();
        for row in 0..rows {
            line::write(&mut out, buffer.row(row), &Ends::default());
            out.push(b'\n');
        }
        out
    }

    fn write_cursor(&self, out: &mut Vec<u8>) {
        let buffer = self.active();
        let cursor = buffer.cursor();
        let origin = self.side.modes.is(6);
        if origin {
            out.extend_from_slice(b"\x1b[?6h");
        }
        write_place(out, buffer, cursor, if origin { buffer.top } else { 0 });
        // Also where it changes nothing: after it no character is left to be repeated.
        self.pen().write(out);
        if let Some(link) = cursor.template.hyperlink() {
            write_link(out, Some(&link));
        }
        if self.side.insert {
            out.extend_from_slice(b"\x1b[4h");
        }
        if self.side.newline {
            out.extend_from_slice(b"\x1b[20h");
        }
        if !self.side.modes.is(7) {
            out.extend_from_slice(b"\x1b[?7l");
        }
        self.side.charsets.write(out);
        self.write_last(out, if origin { buffer.top } else { 0 });
    }

    /// If the next sequence may repeat the last character, prints that once more in its place.
    fn write_last(&self, out: &mut Vec<u8>, origin: usize) {
        let buffer = self.active();
        let cursor = buffer.cursor();
        let behind = buffer.x() + usize::from(cursor.input_needs_wrap);
        let (Some(last), Some(mut x), false) = (self.last, behind.checked_sub(1), self.side.insert)
        else {
            return;
        };
        let cells = buffer.row(buffer.y());
        if cells[Column(x)].flags.contains(Flags::WIDE_CHAR_SPACER) {
            x = x.saturating_sub(1);
        }
        let cell = &cells[Column(x)];
        let shown = if last.is_ascii() {
            self.side.charsets.map(last)
        } else {
            last
        };
        let width = 1 + usize::from(cell.flags.contains(Flags::WIDE_CHAR));
        let same = cell.c == shown
            && x + width == behind
            && cell.zerowidth().is_none_or(<[char]>::is_empty)
            && cell.hyperlink() == cursor.template.hyperlink()
            && Pen::of(cell) == self.pen();
        if same && buffer.y() >= origin {
            let row = buffer.y() - origin + 1;
            out.extend_from_slice(format!("\x1b[{row};{}H{last}", x + 1).as_bytes());
        }
    }
}

/// Writes every row after lines that come before them; the last of those may be open.
pub fn write_rows(out: &mut Vec<u8>, buffer: &Buffer) {
    let open = out.last().is_some_and(|byte| *byte != b'\n');
    write_cells(out, buffer, open, true);
}

/// Writes the cells, from the top row on. Rows that nothing follows are left out, unless lines
/// above have to be pushed off the screen by them.
fn write_cells(out: &mut Vec<u8>, buffer: &Buffer, continues: bool, scrolled: bool) {
    let rows = buffer.rows();
    let filled = |row: usize| line::used(buffer.row(row)) > 0 || buffer.wraps(row);
    let last = if scrolled {
        rows
    } else {
        (0..rows)
            .rev()
            .find(|&row| filled(row))
            .map_or(0, |row| row + 1)
    };
    let mut continues = continues;
    for row in 0..last {
        let wraps = buffer.wraps(row) && row + 1 < rows;
        let next_wide = wraps
            .then(|| line::wide_start(buffer.row(row + 1)))
            .flatten();
        let ends = Ends {
            wraps,
            continues,
            next_wide,
        };
        line::write(out, buffer.row(row), &ends);
        if !wraps && row + 1 < last {
            out.extend_from_slice(b"\r\n");
        }
        continues = wraps;
    }
    if continues && last < rows {
        line::write(
            out,
            buffer.row(last),
            &Ends {
                continues,
                ..Ends::default()
            },
        );
    }
}

/// Writes tab stops and scroll region where they differ from a fresh terminal's.
fn write_layout(out: &mut Vec<u8>, buffer: &Buffer) {
    if buffer.tabs != default_tabs(buffer.cols()) {
        out.extend_from_slice(b"\x1b[3g");
        for (x, _) in buffer.tabs.iter().enumerate().filter(|(_, stop)| **stop) {
            out.extend_from_slice(format!("\x1b[{}G\x1bH", x + 1).as_bytes());
        }
    }
    if buffer.top != 0 || buffer.bottom + 1 != buffer.rows() {
        out.extend_from_slice(format!("\x1b[{};{}r", buffer.top + 1, buffer.bottom + 1).as_bytes());
    }
}

/// Writes what DECSC remembered, if it is not what a fresh terminal remembers.
fn write_saved(out: &mut Vec<u8>, buffer: &Buffer, always: bool) {
    let saved = &buffer.grid.saved_cursor;
    let pen = Pen::of(&saved.template);
    let fresh = saved.point == Cursor::<Cell>::default().point && !saved.input_needs_wrap;
    if fresh && pen == Pen::default() && buffer.saved_charset == b'B' && !always {
        return;
    }
    write_place(out, buffer, saved, 0);
    if pen != Pen::default() {
        pen.write(out);
    }
    if buffer.saved_charset != b'B' {
        out.extend_from_slice(&[0x1b, b'(', buffer.saved_charset]);
    }
    out.extend_from_slice(b"\x1b7");
    if buffer.saved_charset != b'B' {
        out.extend_from_slice(b"\x1b(B");
    }
    if pen != Pen::default() {
        Pen::default().write(out);
    }
}

/// Puts the cursor in its place. One behind the last column gets there by printing the last
/// cell again.
fn write_place(out: &mut Vec<u8>, buffer: &Buffer, cursor: &Cursor<Cell>, origin: usize) {
    let y = usize::try_from(cursor.point.line.0)
        .unwrap_or(0)
        .min(buffer.rows() - 1);
    let mut x = cursor.point.column.0.min(buffer.cols() - 1);
    let cells = buffer.row(y);
    let wide = cells[Column(x)].flags.contains(Flags::WIDE_CHAR_SPACER);
    if cursor.input_needs_wrap && wide && x > 0 {
        x -= 1;
    }
    let row = y.saturating_sub(origin) + 1;
    out.extend_from_slice(format!("\x1b[{row};{}H", x + 1).as_bytes());
    if cursor.input_needs_wrap {
        let mut writer = Writer::new(out);
        writer.cells(&cells[Column(x)..Column(x + 1)]);
        writer.finish();
    }
}
