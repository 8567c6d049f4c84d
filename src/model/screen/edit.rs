//! Erasing, inserting and deleting on a screen, in rows and in cells.

use std::ops::Range;

use alacritty_terminal::grid::Row;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};

use super::buffer::Buffer;

impl Buffer {
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

    fn blank_rows(&mut self, rows: Range<usize>) {
        let template = Cell::from(self.grid.cursor.template.bg);
        for row in rows {
            self.row_mut(row).reset(&template);
        }
    }

    /// Erases whole rows; they no longer go on from one another.
    pub fn erase_rows(&mut self, rows: Range<usize>) {
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
    pub(super) fn split_wide(&mut self, y: usize, x: usize) {
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
}

/// Makes half of a wide character a blank.
pub(super) fn blank_half(cell: &mut Cell) {
    cell.clear_wide();
    cell.flags.remove(Flags::WIDE_CHAR_SPACER);
}
