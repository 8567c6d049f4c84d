//! How a screen takes another size, and how rows leave it for the history.

use alacritty_terminal::grid::{Cursor, Dimensions};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Flags;

use super::buffer::{Buffer, TAB_WIDTH, as_line};
use super::edit::blank_half;
use super::history::History;
use super::line;
use crate::model::size::Size;

impl Buffer {
    /// Changes the size. Lines of a screen with a history are wrapped anew; those of the
    /// alternate screen are cut. The scroll region becomes the whole screen.
    pub fn resize(&mut self, size: Size) {
        let (rows, cols) = (usize::from(size.rows), usize::from(size.cols).max(2));
        let saved = self.grid.saved_cursor.clone();
        let above = self.history.as_ref().map(History::lines);
        let was_all = above == Some(0) && self.grid.history_size() == 0;
        self.grid.resize(self.history.is_some(), rows, cols);
        if was_all {
            self.settle(rows, cols);
        }
        if saved == Cursor::default() {
            // Nothing was saved, so there is no text that its place moves with.
            self.grid.saved_cursor = saved;
        }
        self.grid.truncate();
        if self.history.is_none() {
            self.mend_rows(cols - 1);
        }
        let old = self.tabs.len();
        self.tabs.truncate(cols);
        self.tabs
            .extend((old.min(cols)..cols).map(|x| x % TAB_WIDTH == 0));
        self.top = 0;
        self.bottom = rows - 1;
        for cursor in [&mut self.grid.cursor, &mut self.grid.saved_cursor] {
            cursor.point.column = Column(cursor.point.column.0.min(cols - 1));
            cursor.point.line = Line(cursor.point.line.0.clamp(0, as_line(rows - 1).0));
            if cursor.input_needs_wrap && cursor.point.column.0 + 1 < cols {
                // What was the last column no longer is.
                cursor.input_needs_wrap = false;
                cursor.point.column += 1;
            }
        }
    }

    /// Brings rows back that were moved off the top although the bottom is empty: what was all to
    /// be seen still is, as far as there is room.
    fn settle(&mut self, rows: usize, cols: usize) {
        let used = (0..rows).rev().find(|row| line::used(self.row(*row)) > 0);
        let last = used.unwrap_or(0).max(self.y());
        let spare = (rows - 1 - last).min(self.grid.history_size());
        if spare > 0 {
            // Fewer rows cut the empty ones off, more of them are taken from above.
            self.grid.resize(true, rows - spare, cols);
            self.grid.resize(true, rows, cols);
        }
    }

    /// Makes rows whole that were cut or lengthened without regard to what stood at their ends.
    fn mend_rows(&mut self, last: usize) {
        for row in 0..self.rows() {
            let cells = &mut self.row_mut(row)[..];
            if cells[last].flags.contains(Flags::WIDE_CHAR) {
                blank_half(&mut cells[last]);
            }
            for cell in &mut cells[..last] {
                cell.flags
                    .remove(Flags::WRAPLINE | Flags::LEADING_WIDE_CHAR_SPACER);
            }
        }
    }

    /// Lets rows that scroll off stay in the grid, as many as said, until the next harvest.
    pub fn hold(&mut self, rows: usize) {
        self.grid.update_history(rows);
        self.holding = true;
    }

    /// Takes the cells of a buffer that shows the same and knows more of what is above.
    pub fn adopt(&mut self, twin: Self) {
        let cursor = self.grid.cursor.clone();
        let saved = self.grid.saved_cursor.clone();
        self.grid = twin.grid;
        self.grid.cursor = cursor;
        self.grid.saved_cursor = saved;
        self.holding = true;
    }

    /// Moves the rows that the grid holds above the screen into the history.
    pub fn harvest(&mut self) {
        let above = i32::try_from(self.grid.history_size()).unwrap_or(0);
        for index in (1..=above).rev() {
            self.keep(Line(-index), Some(Line(1 - index)));
        }
        self.grid.update_history(0);
        self.grid.truncate();
        self.holding = false;
    }

    /// Copies a row into the history. `next` is the row that its line may go on in.
    pub(super) fn keep(&mut self, line: Line, next: Option<Line>) {
        let Some(history) = &mut self.history else {
            return;
        };
        let row = &self.grid[line];
        let last = row[Column(row.len() - 1)].flags;
        let ends = line::Ends {
            wraps: last.contains(Flags::WRAPLINE),
            continues: history.is_open(),
            next_wide: next.and_then(|next| line::wide_start(&self.grid[next])),
        };
        history.push(ends.wraps, |out| line::write(out, row, &ends));
    }
}
