//! A screen in a few hundred bytes: how much ink there is where, and in which colour. Enough to
//! recognise a session by, and cheap enough to be asked for once a second.
//!
//! ## Format
//! | at | size | field |
//! |---:|---:|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | columns of the grid, 1 to 80 |
//! | 2 | 1 | rows of the grid, 1 to 24 |
//! | 3 | 1 | column of the cursor in the grid; 255 where none is shown |
//! | 4 | 1 | row of the cursor in the grid; 255 where none is shown |
//! | 5 | 3 | zero |
//! | 8 | columns × rows | one byte per block, row by row |
//!
//! A block stands for as many cells as it takes to make the grid fit. The low four bits of its byte
//! are the colour of most of its ink: 0 to 15 as the terminal's palette numbers them, other colours
//! as the nearest of those; text without a colour of its own is 7. The next three bits say how much
//! ink there is: 0 is none, 7 is all of it. The highest bit is zero.

use super::Screen;
use super::view::{Cell, CellColor};

/// Blocks in a row at most.
const COLS: usize = 80;

/// Rows of blocks at most.
const ROWS: usize = 24;

/// The largest digest, in bytes.
pub const DIGEST_MAX: usize = 8 + COLS * ROWS;

const VERSION: u8 = 1;

/// Where no cursor is shown.
const NOWHERE: u8 = 255;

/// Text without a colour of its own.
const TEXT: u8 = 7;

/// A cell full of ink.
const FULL: u32 = 7;

/// The palette's first sixteen colours, as xterm has them: what others are compared with.
const PALETTE: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The ink in one block, by colour.
#[derive(Clone, Copy, Default)]
struct Ink([u32; 16]);

impl Ink {
    /// The byte of a block of `cells` cells.
    fn byte(&self, cells: u32) -> u8 {
        let total: u32 = self.0.iter().sum();
        let amount = total.div_ceil(cells).min(FULL);
        let most = (0..16_u8)
            .rev()
            .max_by_key(|color| self.0[usize::from(*color)]);
        let color = if total == 0 { 0 } else { most.unwrap_or(TEXT) };
        u8::try_from(amount).unwrap_or(7) << 4 | color
    }
}

impl Screen {
    /// The digest of what is visible, at most [`DIGEST_MAX`] bytes.
    pub fn digest(&self) -> Vec<u8> {
        let size = self.size();
        let (cols, rows) = (usize::from(size.cols), usize::from(size.rows));
        let (wide, high) = (cols.div_ceil(COLS), rows.div_ceil(ROWS));
        let (across, down) = (cols.div_ceil(wide), rows.div_ceil(high));
        let mut out = self.digest_head(wide, high, across, down);
        let mut blocks = vec![Ink::default(); across];
        for block_row in 0..down {
            blocks.fill(Ink::default());
            for row in block_row * high..(block_row + 1) * high {
                self.digest_row(row, wide, &mut blocks);
            }
            let cells = u32::try_from(wide * high).unwrap_or(u32::MAX);
            out.extend(blocks.iter().map(|ink| ink.byte(cells)));
        }
        out
    }

    fn digest_head(&self, wide: usize, high: usize, across: usize, down: usize) -> Vec<u8> {
        let byte = |number: usize| u8::try_from(number).unwrap_or(NOWHERE);
        let cursor = self.cursor();
        let (x, y) = if cursor.visible {
            (byte(cursor.column / wide), byte(cursor.row / high))
        } else {
            (NOWHERE, NOWHERE)
        };
        let mut out = Vec::with_capacity(8 + across * down);
        out.extend([VERSION, byte(across), byte(down), x, y, 0, 0, 0]);
        out
    }

    fn digest_row(&self, row: usize, wide: usize, blocks: &mut [Ink]) {
        let mut column = 0;
        for cell in self.row(row).cells {
            let (color, amount) = ink(&cell);
            for _ in 0..cell.width {
                if let Some(block) = blocks.get_mut(column / wide) {
                    block.0[usize::from(color)] += amount;
                }
                column += 1;
            }
        }
    }
}

/// How much ink a cell has, 0 to [`FULL`], and of which colour. One with a background of its own is
/// as good as full: bars and selections are what a screen is known by.
fn ink(cell: &Cell) -> (u8, u32) {
    let style = cell.style;
    let (front, behind) = if style.inverse {
        (style.background, style.foreground)
    } else {
        (style.foreground, style.background)
    };
    if style.inverse || behind != CellColor::Default {
        return (nearest(behind), FULL);
    }
    let amount = match cell.text.chars().next() {
        None | Some(' ') => 0,
        _ if style.hidden => 0,
        Some('.' | ',' | '\'' | '`' | '-' | '_' | ':' | ';') => 1,
        Some('a'..='z' | '/' | '\\' | '|' | '(' | ')') => 3,
        Some('#' | '@' | '%' | '&') => 5,
        Some('\u{2580}'..='\u{259f}') => 6,
        Some('\u{2500}'..='\u{257f}') => 2,
        Some(_) => 4,
    };
    (nearest(front), amount)
}

fn nearest(color: CellColor) -> u8 {
    let (r, g, b) = match color {
        CellColor::Default => return TEXT,
        CellColor::Palette(index) if index < 16 => return index,
        CellColor::Palette(index) => beyond_sixteen(index),
        CellColor::Rgb(r, g, b) => (r, g, b),
    };
    let distance = |(index, of): &(usize, &(u8, u8, u8))| {
        let apart = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
        (apart(of.0, r) + apart(of.1, g) + apart(of.2, b), *index)
    };
    let found = PALETTE.iter().enumerate().min_by_key(distance);
    found.map_or(TEXT, |(index, _)| u8::try_from(index).unwrap_or(TEXT))
}

/// The colours of the palette above the first sixteen: a cube of 6 by 6 by 6, then 24 greys.
fn beyond_sixteen(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return (grey, grey, grey);
    }
    let step = |level: u8| if level == 0 { 0 } else { 55 + 40 * level };
    let index = index - 16;
    (step(index / 36), step(index / 6 % 6), step(index % 6))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::screen::Settings;
    use crate::model::size::Size;

    fn screen(cols: u16, rows: u16, bytes: &[u8]) -> Screen {
        let mut screen = Screen::new(Size { cols, rows }, Settings::default());
        screen.feed(bytes);
        screen
    }

    #[test]
    fn ink_is_where_the_text_is() {
        let shown = screen(
            4,
            2,
            b"\x1b[31mA\x1b[m\x1b[7m \x1b[m\r\n\x1b[38;2;0;255;0m.\x1b[?25l",
        );
        let expected = [
            [1, 4, 2, 255, 255, 0, 0, 0],
            [0x41, 0x77, 0, 0, 0x1a, 0, 0, 0],
        ];
        assert_eq!(shown.digest(), expected.concat());
    }

    #[test]
    fn a_large_screen_is_drawn_coarser() {
        let mut full = b"\x1b[44m".to_vec();
        full.extend_from_slice(b"\x1b[2J");
        let digest = screen(200, 60, &full).digest();
        assert_eq!(digest[..5], [1, 67, 20, 0, 0]);
        assert_eq!(digest.len(), 8 + 67 * 20);
        assert!(
            digest[8..].iter().all(|byte| byte & 0x0f == 4),
            "{digest:?}"
        );
    }

    proptest! {
        #[test]
        fn a_digest_is_as_long_as_it_says_and_never_too_long(
            cols in 1_u16..1000, rows in 1_u16..400, bytes in proptest::collection::vec(any::<u8>(), 0..2000),
        ) {
            let size = Size::clamped(cols.into(), rows.into());
            let digest = screen(size.cols, size.rows, &bytes).digest();
            prop_assert!(digest.len() <= DIGEST_MAX);
            prop_assert_eq!(digest.len(), 8 + usize::from(digest[1]) * usize::from(digest[2]));
            prop_assert!(digest[8..].iter().all(|byte| byte & 0x80 == 0));
        }
    }
}
