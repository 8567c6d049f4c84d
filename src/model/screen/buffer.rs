//! One of the two screens: a grid of cells, a cursor, a scroll region and tab stops. Its
//! cells are printed in `print`, changed in `edit` and wrapped anew in `reflow`.

use alacritty_terminal::grid::{Cursor, Dimensions, Grid, Row};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};

use super::history::History;
use crate::model::size::Size;

/// Columns between tab stops at the start, as in every terminal since the VT100.
pub(super) const TAB_WIDTH: usize = 8;

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

/// A row of the screen as the grid numbers it.
pub(super) fn as_line(row: usize) -> Line {
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

    /// Bytes of memory that it takes, what hangs on single cells aside.
    pub fn bytes(&self) -> usize {
        let history = self.history.as_ref().map_or(0, History::bytes);
        self.rows() * self.cols() * size_of::<Cell>() + history
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

    pub(super) fn row_mut(&mut self, row: usize) -> &mut Row<Cell> {
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

    pub(super) fn set_wraps(&mut self, row: usize, wraps: bool) {
        if self.wraps(row) != wraps {
            let last = Column(self.cols() - 1);
            self.row_mut(row)[last].flags.set(Flags::WRAPLINE, wraps);
        }
    }

    /// Whether this row goes on from the one above.
    pub(super) fn continues(&self, row: usize) -> bool {
        match row.checked_sub(1) {
            Some(above) => self.wraps(above),
            None => self.history.as_ref().is_some_and(History::is_open),
        }
    }

    pub(super) fn set_continues(&mut self, row: usize, continues: bool) {
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

    pub(super) fn wrap_line(&mut self) {
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
}

/// The tab stops that a terminal starts with.
pub fn default_tabs(cols: usize) -> Vec<bool> {
    (0..cols).map(|x| x % TAB_WIDTH == 0).collect()
}
