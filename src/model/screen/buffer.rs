//! One of the two screens: a grid of cells, a cursor, a scroll region and tab stops, with the
//! operations that a terminal's output performs on them.

use alacritty_terminal::grid::{Cursor, Dimensions, Grid, Row};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};

use super::history::History;
use super::line;
use crate::model::size::Size;

/// Columns between tab stops at the start, as in every terminal since the VT100.
const TAB_WIDTH: usize = 8;

/// Zero-width characters that one cell keeps. Real text stacks three or four; more would let a
/// program grow a cell without bound.
const MARKS_MAX: usize = 16;

/// One screen with its cursor.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// Cells and cursor. Its history stays empty except while a resize reflows.
    pub grid: Grid<Cell>,
    /// First row of the scroll region.
    pub top: usize,
    /// Last row of the scroll region.
    pub bottom: usize,
    /// For each column whether it is a tab stop.
    pub tabs: Vec<bool>,
    /// The charset that was in force when the cursor was saved.
    pub saved_charset: u8,
    /// Where rows go that scroll off the top; none for the alternate screen.
    pub history: Option<History>,
    /// Rows that scroll off stay in the grid, because a resize is about to move them.
    pub holding: bool,
}

fn as_line(row: usize) -> Line {
    // A size has at most 1000 rows.
    Line(i32::try_from(row).unwrap_or(i32::MAX))
}

impl Buffer {
    /// An empty screen.
    pub fn new(size: Size, history: Option<History>) -> Self {
        let (rows, cols) = (usize::from(size.rows), usize::from(size.cols).max(2));
        Self {
            grid: Grid::new(rows, cols, 0),
            top: 0,
            bottom: rows - 1,
            tabs: default_tabs(cols),
            saved_charset: b'B',
            history,
            holding: false,
        }
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.grid.columns()
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.grid.screen_lines()
    }

    /// The cells of a row.
    pub fn row(&self, row: usize) -> &Row<Cell> {
        &self.grid[as_line(row)]
    }

    fn row_mut(&mut self, row: usize) -> &mut Row<Cell> {
        &mut self.grid[as_line(row)]
    }

    /// The cursor.
    pub fn cursor(&self) -> &Cursor<Cell> {
        &self.grid.cursor
    }

    /// Column of the cursor.
    pub fn x(&self) -> usize {
        self.grid.cursor.point.column.0
    }

    /// Row of the cursor.
    pub fn y(&self) -> usize {
        usize::try_from(self.grid.cursor.point.line.0).unwrap_or(0)
    }

    /// Puts the cursor somewhere on the screen; a wrap that was due no longer is.
    pub fn go(&mut self, x: usize, y: usize) {
        self.grid.cursor.point.column = Column(x.min(self.cols() - 1));
        self.grid.cursor.point.line = as_line(y.min(self.rows() - 1));
        self.grid.cursor.input_needs_wrap = false;
    }

    /// Whether the line of this row goes on in the next row.
    pub fn wraps(&self, row: usize) -> bool {
        self.row(row)[Column(self.cols() - 1)]
            .flags
            .contains(Flags::WRAPLINE)
    }

    fn set_wraps(&mut self, row: usize, wraps: bool) {
        if self.wraps(row) != wraps {
            let last = Column(self.cols() - 1);
            self.row_mut(row)[last].flags.set(Flags::WRAPLINE, wraps);
        }
    }

    /// Whether this row goes on from the one above.
    fn continues(&self, row: usize) -> bool {
        match row.checked_sub(1) {
            Some(above) => self.wraps(above),
            None => self.history.as_ref().is_some_and(History::is_open),
        }
    }

    fn set_continues(&mut self, row: usize, continues: bool) {
        match row.checked_sub(1) {
            Some(above) => self.set_wraps(above, continues),
            None if !continues => {
                if let Some(history) = &mut self.history {
                    history.close();
                }
            }
            None => (),
        }
    }

    /// Makes a row the start of a line of its own.
    pub fn unlink(&mut self, row: usize) {
        self.set_continues(row, false);
    }

    /// Writes a character at the cursor. `width` is 0, 1 or 2 cells.
    pub fn print(&mut self, character: char, width: usize, wrap: bool, insert: bool) {
        if width == 0 {
            self.mark(character);
            return;
        }
        let cols = self.cols();
        if self.grid.cursor.input_needs_wrap && wrap {
            self.wrap_line();
        } else if width == 2 && self.x() + 1 >= cols {
            if !wrap {
                return;
            }
            self.put(' ', Flags::LEADING_WIDE_CHAR_SPACER);
            self.wrap_line();
        }
        self.grid.cursor.input_needs_wrap = false;
        if insert {
            self.insert_blank(width);
        }
        if width == 2 {
            self.put(character, Flags::WIDE_CHAR);
            self.grid.cursor.point.column += 1;
            self.put(' ', Flags::WIDE_CHAR_SPACER);
        } else {
            self.put(character, Flags::empty());
        }
        if self.x() + 1 < cols {
            self.grid.cursor.point.column += 1;
        } else {
            self.grid.cursor.input_needs_wrap = true;
        }
    }

    /// Writes a run of printable ASCII at the cursor, wrapping: what [`Buffer::print`] does for
    /// each character, but a row at a time. Most output is this.
    pub fn print_ascii(&mut self, mut text: &[u8]) {
        let cols = self.cols();
        while !text.is_empty() {
            if self.grid.cursor.input_needs_wrap {
                self.wrap_line();
            }
            let (x, y) = (self.x(), self.y());
            let (run, rest) = text.split_at(text.len().min(cols - x));
            let end = x + run.len();
            self.split_wide(y, x);
            self.split_wide(y, end);
            let wraps = end == cols && self.wraps(y);
            let template = self.grid.cursor.template.clone();
            let cells = &mut self.row_mut(y)[Column(x)..Column(end)];
            for (cell, byte) in cells.iter_mut().zip(run) {
                cell.c = char::from(*byte);
                cell.fg = template.fg;
                cell.bg = template.bg;
                cell.flags = template.flags;
                cell.extra.clone_from(&template.extra);
            }
            if wraps {
                self.set_wraps(y, true);
            }
            self.grid.cursor.point.column = Column(end.min(cols - 1));
            self.grid.cursor.input_needs_wrap = end == cols;
            text = rest;
        }
    }

    fn put(&mut self, character: char, shape: Flags) {
        let (x, y, last) = (self.x(), self.y(), self.cols() - 1);
        let old = self.row(y)[Column(x)].flags;
        if old.contains(Flags::WIDE_CHAR_SPACER)
            && !shape.contains(Flags::WIDE_CHAR_SPACER)
            && x > 0
        {
            blank_half(&mut self.row_mut(y)[Column(x - 1)]);
        }
        if old.contains(Flags::WIDE_CHAR) && x < last {
            blank_half(&mut self.row_mut(y)[Column(x + 1)]);
        }
        let template = &self.grid.cursor.template;
        let cell = Cell {
            c: character,
            flags: template.flags | shape | (old & Flags::WRAPLINE),
            ..template.clone()
        };
        self.row_mut(y)[Column(x)] = cell;
    }

    fn mark(&mut self, character: char) {
        let (mut x, y) = (self.x(), self.y());
        if !self.grid.cursor.input_needs_wrap {
            let Some(before) = x.checked_sub(1) else {
                return;
            };
            x = before;
        }
        if self.row(y)[Column(x)]
            .flags
            .contains(Flags::WIDE_CHAR_SPACER)
        {
            x = x.saturating_sub(1);
        }
        let cell = &mut self.row_mut(y)[Column(x)];
        if cell.zerowidth().map_or(0, <[char]>::len) < MARKS_MAX {
            cell.push_zerowidth(character);
        }
    }

    fn wrap_line(&mut self) {
        let y = self.y();
        if y == self.bottom {
            self.set_wraps(y, true);
            self.scroll(true);
        } else if y + 1 < self.rows() {
            self.set_wraps(y, true);
            self.grid.cursor.point.line += 1;
        }
        self.grid.cursor.point.column = Column(0);
        self.grid.cursor.input_needs_wrap = false;
    }

    /// Moves down a row, scrolling at the end of the region. `cut`: the row that is reached is
    /// the start of a line of its own.
    pub fn line_feed(&mut self, cut: bool) {
        let y = self.y();
        if y == self.bottom {
            self.scroll(false);
        } else if y + 1 < self.rows() {
            self.grid.cursor.point.line += 1;
            if cut {
                self.set_continues(y + 1, false);
            }
        }
        self.grid.cursor.input_needs_wrap = false;
    }

    /// Moves up a row, scrolling at the start of the region.
    pub fn reverse_index(&mut self) {
        if self.y() == self.top {
            self.shift_down(self.top, 1);
        } else {
            self.go(self.x(), self.y().saturating_sub(1));
        }
        self.grid.cursor.input_needs_wrap = false;
    }

    /// Scrolls the region by one row; from the top of the screen the row goes into the history.
    fn scroll(&mut self, continues: bool) {
        let (top, bottom) = (self.top, self.bottom);
        if top != 0 || self.history.is_none() {
            self.shift_up(top, 1);
            self.set_continues(bottom, continues && bottom > 0);
            return;
        }
        let below = bottom + 1 < self.rows();
        let linked = below && self.wraps(bottom) && !continues;
        if !self.holding {
            let next = (self.rows() > 1).then_some(Line(1));
            self.keep(Line(0), next);
        }
        self.grid.scroll_up(&(Line(0)..as_line(bottom + 1)), 1);
        self.set_continues(bottom, continues);
        if below {
            self.set_wraps(bottom, linked);
        }
    }

    /// Moves the rows from `from` to the end of the region up; what leaves is gone.
    pub fn shift_up(&mut self, from: usize, count: usize) {
        let end = self.bottom;
        let count = count.min(end + 1 - from);
        let mut links: Vec<bool> = (from + count..=end)
            .map(|row| self.continues(row))
            .collect();
        links.resize(end + 1 - from, false);
        let below = end + 1 < self.rows() && self.wraps(end);
        for row in from..=end - count.min(end) {
            if row + count <= end {
                self.swap_rows(row, row + count);
            }
        }
        self.blank_rows(end + 1 - count..end + 1);
        self.relink(from, &links, below);
    }

    /// Moves the rows from `from` to the end of the region down; what leaves is gone.
    pub fn shift_down(&mut self, from: usize, count: usize) {
        let end = self.bottom;
        let count = count.min(end + 1 - from);
        let mut links = vec![false; count];
        links.extend((from..=end - count.min(end)).map(|row| self.continues(row)));
        links.truncate(end + 1 - from);
        let below = end + 1 < self.rows() && self.wraps(end);
        for row in (from + count..=end).rev() {
            self.swap_rows(row, row - count);
        }
        self.blank_rows(from..from + count);
        self.relink(from, &links, below);
    }

    fn relink(&mut self, from: usize, links: &[bool], below: bool) {
        for (offset, linked) in links.iter().enumerate() {
            self.set_continues(from + offset, *linked);
        }
        self.set_wraps(self.bottom, below);
    }

    fn swap_rows(&mut self, first: usize, second: usize) {
        let mut spare = Row::default();
        std::mem::swap(&mut spare, self.row_mut(first));
        std::mem::swap(&mut spare, self.row_mut(second));
        std::mem::swap(&mut spare, self.row_mut(first));
    }

    fn blank_rows(&mut self, rows: std::ops::Range<usize>) {
        let template = Cell::from(self.grid.cursor.template.bg);
        for row in rows {
            self.row_mut(row).reset(&template);
        }
    }

    /// Erases whole rows; they no longer go on from one another.
    pub fn erase_rows(&mut self, rows: std::ops::Range<usize>) {
        for row in rows.clone() {
            self.set_continues(row, false);
        }
        let link = rows
            .end
            .checked_sub(1)
            .is_some_and(|last| !rows.is_empty() && last + 1 < self.rows() && self.wraps(last));
        self.blank_rows(rows.clone());
        if link {
            self.set_wraps(rows.end - 1, true);
        }
    }

    /// Erases cells of a row. `cut`: the row no longer goes on from the one above.
    pub fn erase_cells(&mut self, y: usize, from: usize, to: usize, cut: bool) {
        let to = to.min(self.cols());
        if from >= to {
            return;
        }
        let wraps = self.wraps(y);
        self.split_wide(y, from);
        self.split_wide(y, to);
        let blank = Cell::from(self.grid.cursor.template.bg);
        self.row_mut(y)[Column(from)..Column(to)].fill(blank);
        self.set_wraps(y, wraps);
        if cut {
            self.set_continues(y, false);
        }
    }

    /// If a wide character stands across the border before column `x`, blanks both halves.
    fn split_wide(&mut self, y: usize, x: usize) {
        if x == 0 || x >= self.cols() {
            return;
        }
        let row = self.row_mut(y);
        if row[Column(x)].flags.contains(Flags::WIDE_CHAR_SPACER) {
            blank_half(&mut row[Column(x - 1)]);
            blank_half(&mut row[Column(x)]);
        }
    }

    /// Shifts the cells from the cursor on to the right.
    pub fn insert_blank(&mut self, count: usize) {
        let (x, y, cols) = (self.x(), self.y(), self.cols());
        let count = count.min(cols - x);
        let wraps = self.wraps(y);
        self.set_wraps(y, false);
        self.split_wide(y, x);
        self.split_wide(y, cols - count);
        let blank = Cell::from(self.grid.cursor.template.bg);
        let cells = &mut self.row_mut(y)[Column(x)..Column(cols)];
        cells.rotate_right(count);
        cells[..count].fill(blank);
        self.set_wraps(y, wraps);
    }

    /// Takes cells out at the cursor; the rest of the row moves left.
    pub fn delete_chars(&mut self, count: usize) {
        let (x, y, cols) = (self.x(), self.y(), self.cols());
        let count = count.min(cols - x);
        let wraps = self.wraps(y);
        self.set_wraps(y, false);
        self.split_wide(y, x);
        self.split_wide(y, x + count);
        let blank = Cell::from(self.grid.cursor.template.bg);
        let cells = &mut self.row_mut(y)[Column(x)..Column(cols)];
        cells.rotate_left(count);
        let keep = cells.len() - count;
        cells[keep..].fill(blank);
        self.set_wraps(y, wraps);
    }

    /// Fills the screen with a letter, as the alignment test does.
    pub fn fill(&mut self, letter: char) {
        let mut cell = self.grid.cursor.template.clone();
        cell.c = letter;
        let cols = self.cols();
        for y in 0..self.rows() {
            self.set_continues(y, false);
            self.row_mut(y)[Column(0)..Column(cols)].fill(cell.clone());
        }
    }

    /// Moves to the next tab stop.
    pub fn tab(&mut self) {
        if self.grid.cursor.input_needs_wrap {
            return;
        }
        let next = (self.x() + 1..self.cols()).find(|&x| self.tabs[x]);
        self.go(next.unwrap_or(self.cols() - 1), self.y());
    }

    /// Moves to the tab stop before.
    pub fn back_tab(&mut self) {
        if self.grid.cursor.input_needs_wrap {
            return;
        }
        let before = (0..self.x()).rev().find(|&x| self.tabs[x]);
        self.go(before.unwrap_or(0), self.y());
    }

    /// Changes the size. Lines of a screen with a history are wrapped anew; those of the
    /// alternate screen are cut. The scroll region becomes the whole screen.
    pub fn resize(&mut self, size: Size) {
        let (rows, cols) = (usize::from(size.rows), usize::from(size.cols).max(2));
        self.grid.resize(self.history.is_some(), rows, cols);
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
    fn keep(&mut self, line: Line, next: Option<Line>) {
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

/// The tab stops that a terminal starts with.
pub fn default_tabs(cols: usize) -> Vec<bool> {
    (0..cols).map(|x| x % TAB_WIDTH == 0).collect()
}

fn blank_half(cell: &mut Cell) {
    cell.clear_wide();
    cell.flags.remove(Flags::WIDE_CHAR_SPACER);
}
