//! How characters get into the cells of a screen.

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};

use super::buffer::Buffer;
use super::edit::blank_half;

/// Zero-width characters that one cell keeps. Real text stacks three or four; more would let a
/// program grow a cell without bound.
const MARKS_MAX: usize = 16;

impl Buffer {
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
}
