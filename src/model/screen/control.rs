//! What control sequences (CSI) do.

use super::csi::Csi;
use super::terminal::Terminal;

impl Terminal {
    /// Carries out a control sequence. `true` if the character before may still be repeated.
    pub fn csi(&mut self, csi: &Csi) -> bool {
        let count = csi.count(0);
        match csi.function() {
            (0, 0, b'b') => {
                self.repeat(count);
                return true;
            }
            (0, 0, b'@') => {
                self.settle();
                self.active_mut().insert_blank(count);
            }
            (0, 0, b'P') => {
                self.settle();
                self.active_mut().delete_chars(count);
            }
            (0, 0, b'X') => self.erase_chars(count),
            (0 | b'?', 0, b'J') => self.erase_display(csi.get(0)),
            (0 | b'?', 0, b'K') => self.erase_line(csi.get(0)),
            (0, 0, b'L' | b'M') => self.edit_lines(csi.final_byte == b'L', count),
            (0, 0, b'S') => {
                let top = self.active().top;
                self.active_mut().shift_up(top, count);
            }
            (0, 0, b'T') if csi.written() <= 1 => {
                let top = self.active().top;
                self.active_mut().shift_down(top, count);
            }
            (0, 0, b'g') => self.clear_tabs(csi.get(0)),
            (b'?', 0, b'W') if csi.get(0) == 5 => self.reset_tabs(),
            (0, 0, b'r') => self.set_region(csi),
            (0, 0, b's') => self.save_cursor(),
            (0, 0, b'u') => self.restore_cursor(),
            (0, 0, b'm') => {
                let mut pen = self.pen();
                pen.sgr(csi);
                pen.apply(&mut self.active_mut().grid.cursor.template);
            }
            _ => {
                self.csi_move(csi, count);
                self.csi_mode(csi);
            }
        }
        false
    }

    /// A wrap that is due is forgotten; the cursor stays on the last column.
    fn settle(&mut self) {
        self.active_mut().grid.cursor.input_needs_wrap = false;
    }

    fn csi_move(&mut self, csi: &Csi, count: usize) {
        let buffer = self.active();
        let (x, y) = (buffer.x(), buffer.y());
        let (top, bottom) = (buffer.top, buffer.bottom);
        let up = if y >= top {
            y - count.min(y - top)
        } else {
            y.saturating_sub(count)
        };
        let down = if y <= bottom {
            (y + count).min(bottom)
        } else {
            y + count
        };
        let origin = if self.side.modes.is(6) { top } else { 0 };
        let limit = if self.side.modes.is(6) {
            bottom
        } else {
            usize::MAX
        };
        let row = |number: usize| (origin + number - 1).min(limit);
        let (x, y) = match (csi.prefix, csi.intermediate, csi.final_byte) {
            (0, 0, b'A') => (x, up),
            (0, 0, b'B') => (x, down),
            (0, 0, b'e') => (x, (y + count).min(limit)),
            (0, 0, b'C' | b'a') => (x + count, y),
            (0, 0, b'D') => (x.saturating_sub(count), y),
            (0, 0, b'E') => (0, down),
            (0, 0, b'F') => (0, up),
            (0, 0, b'G' | b'`') => (count - 1, y),
            (0, 0, b'd') => (x, row(count)),
            (0, 0, b'H' | b'f') => (csi.count(1) - 1, row(count)),
            (0, 0, b'I') => {
                for _ in 0..count.min(self.active().cols()) {
                    self.active_mut().tab();
                }
                return;
            }
            (0, 0, b'Z') => {
                for _ in 0..count.min(self.active().cols()) {
                    self.active_mut().back_tab();
                }
                return;
            }
            _ => return,
        };
        self.active_mut().go(x, y);
    }

    fn csi_mode(&mut self, csi: &Csi) {
        let on = csi.final_byte == b'h';
        let alternate = usize::from(self.alternate.is_some());
        match csi.function() {
            (0, 0, b'h' | b'l') => {
                for mode in csi.params() {
                    match mode {
                        4 => self.side.insert = on,
                        20 => self.side.newline = on,
                        _ => (),
                    }
                }
            }
            (b'?', 0, b'h' | b'l') => {
                for &mode in csi.params() {
                    self.private_mode(mode, on);
                }
            }
            (0, b'!', b'p') => self.soft_reset(),
            (0, b' ', b'q') if csi.get(0) <= 6 => {
                self.side.cursor_style = if csi.written() == 0 { 1 } else { csi.get(0) };
            }
            (0, 0, b't') if csi.get(0) == 22 && csi.get(1) != 1 => self.side.push_title(),
            (0, 0, b't') if csi.get(0) == 23 && csi.get(1) != 1 => self.side.pop_title(),
            (b'>', 0, b'm') if csi.get(0) == 4 || csi.written() == 0 => {
                self.side.modify_keys = csi.get(1).min(2);
            }
            (b'>', 0, b'n') if csi.get(0) == 4 => self.side.modify_keys = 0,
            (b'>', 0, b'u') => self.side.keyboards[alternate].push(flags(csi)),
            (b'<', 0, b'u') => self.side.keyboards[alternate].pop(csi.count(0)),
            (b'=', 0, b'u') => self.side.keyboards[alternate].set(flags(csi), csi.get(1)),
            _ => (),
        }
    }

    fn erase_chars(&mut self, count: usize) {
        self.settle();
        let buffer = self.active_mut();
        let (x, y) = (buffer.x(), buffer.y());
        buffer.erase_cells(y, x, x + count, false);
    }

    fn erase_line(&mut self, how: u16) {
        let buffer = self.active_mut();
        let (x, y, cols) = (buffer.x(), buffer.y(), buffer.cols());
        // With a wrap due the cursor is behind the last cell, which is not erased.
        let behind = usize::from(buffer.cursor().input_needs_wrap);
        match how {
            0 => buffer.erase_cells(y, x + behind, cols, x == 0),
            1 => buffer.erase_cells(y, 0, x + 1, false),
            2 => buffer.erase_cells(y, 0, cols, true),
            _ => (),
        }
    }

    fn erase_display(&mut self, how: u16) {
        let buffer = self.active_mut();
        let (x, y, cols, rows) = (buffer.x(), buffer.y(), buffer.cols(), buffer.rows());
        let behind = usize::from(buffer.cursor().input_needs_wrap);
        match how {
            0 => {
                buffer.erase_cells(y, x + behind, cols, x == 0);
                buffer.erase_rows(y + 1..rows);
            }
            1 => {
                buffer.erase_cells(y, 0, x + 1, true);
                if x + 1 >= cols && y + 1 < rows {
                    buffer.unlink(y + 1);
                }
                buffer.erase_rows(0..y);
            }
            2 => buffer.erase_rows(0..rows),
            3 => {
                if let Some(history) = &mut buffer.history {
                    history.clear();
                }
            }
            _ => (),
        }
    }

    fn edit_lines(&mut self, insert: bool, count: usize) {
        let buffer = self.active_mut();
        let y = buffer.y();
        if y < buffer.top || y > buffer.bottom {
            return;
        }
        if insert {
            buffer.shift_down(y, count);
        } else {
            buffer.shift_up(y, count);
        }
        buffer.go(0, y);
    }

    fn clear_tabs(&mut self, how: u16) {
        let buffer = self.active_mut();
        match how {
            0 if !buffer.cursor().input_needs_wrap => {
                let x = buffer.x();
                buffer.tabs[x] = false;
            }
            3 => buffer.tabs.fill(false),
            _ => (),
        }
    }

    fn set_region(&mut self, csi: &Csi) {
        let origin = self.side.modes.is(6);
        let buffer = self.active_mut();
        let rows = buffer.rows();
        let top = csi.count(0);
        let bottom = match usize::from(csi.get(1)) {
            0 => rows,
            bottom => bottom.min(rows),
        };
        if top < bottom {
            buffer.top = top - 1;
            buffer.bottom = bottom - 1;
            buffer.go(0, if origin { top - 1 } else { 0 });
        }
    }
}

fn flags(csi: &Csi) -> u8 {
    u8::try_from(csi.get(0) & 0x1f).unwrap_or(0)
}
