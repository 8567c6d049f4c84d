//! A screen as plain data: no emulator types, colours as they were named by the program.

use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::Color;
use serde::Serialize;

use super::Screen;
use super::line;
use super::pen::{BLINK, Pen};

/// A colour of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellColor {
    /// The terminal's own.
    Default,
    /// One of the palette, 0 to 255.
    Palette(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a cell is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Colour of the text.
    pub foreground: CellColor,
    /// Colour behind it.
    pub background: CellColor,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined in any way.
    pub underline: bool,
    /// Blinking.
    pub blink: bool,
    /// Text and background swapped.
    pub inverse: bool,
    /// Not shown.
    pub hidden: bool,
    /// Struck out.
    pub strike: bool,
}

/// A character on the screen with its marks. A wide one takes two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The character and the marks on it.
    pub text: String,
    /// Columns that it takes, 1 or 2.
    pub width: u8,
    /// How it is drawn.
    pub style: Style,
    /// Where it leads, if it is a link.
    pub link: Option<String>,
}

/// A row, up to its last cell that shows anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowView {
    /// The characters from the left.
    pub cells: Vec<Cell>,
    /// Whether its line goes on in the next row.
    pub wraps: bool,
}

/// The cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorView {
    /// Column, from 0.
    pub column: usize,
    /// Row, from 0.
    pub row: usize,
    /// Whether the next character wraps first, because the last column was just written.
    pub wrap_due: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Its shape as DECSCUSR numbers it, 0 for the terminal's own.
    pub style: u16,
}

/// Modes that say how keys and mouse are to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ModesView {
    /// The alternate screen is shown.
    pub alternate: bool,
    /// Cursor keys send SS3 sequences.
    pub application_cursor: bool,
    /// The keypad sends SS3 sequences.
    pub application_keypad: bool,
    /// Pastes are bracketed.
    pub bracketed_paste: bool,
    /// Focus changes are reported.
    pub focus: bool,
    /// Mouse protocol: 9, 1000, 1002, 1003 or 0 for none.
    pub mouse: u16,
    /// Mouse encoding: 1006, 1016 or 0 for the old one.
    pub mouse_encoding: u16,
}

/// The whole visible screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenView {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
    /// Title; empty if none.
    pub title: String,
    /// The cursor.
    pub cursor: CursorView,
    /// Modes.
    pub modes: ModesView,
    /// Every row of the screen.
    pub lines: Vec<RowView>,
}

fn color(color: Color) -> CellColor {
    match color {
        Color::Named(_) => CellColor::Default,
        Color::Indexed(index) => CellColor::Palette(index),
        Color::Spec(rgb) => CellColor::Rgb(rgb.r, rgb.g, rgb.b),
    }
}

fn style(pen: Pen) -> Style {
    let has = |flags: Flags| pen.flags.intersects(flags);
    Style {
        foreground: color(pen.foreground),
        background: color(pen.background),
        bold: has(Flags::BOLD),
        dim: has(Flags::DIM),
        italic: has(Flags::ITALIC),
        underline: has(Flags::ALL_UNDERLINES),
        blink: has(BLINK),
        inverse: has(Flags::INVERSE),
        hidden: has(Flags::HIDDEN),
        strike: has(Flags::STRIKEOUT),
    }
}

impl Screen {
    /// The rows of the screen as text, without blanks at their ends.
    pub fn text(&self) -> Vec<String> {
        (0..self.terminal.active().rows())
            .map(|row| {
                let cells = self.row(row).cells;
                let text: String = cells.iter().map(|cell| cell.text.as_str()).collect();
                text.trim_end().to_owned()
            })
            .collect()
    }

    /// One row of the screen; an empty one below the last.
    pub fn row(&self, row: usize) -> RowView {
        let buffer = self.terminal.active();
        if row >= buffer.rows() {
            return RowView {
                cells: Vec::new(),
                wraps: false,
            };
        }
        let cells = buffer.row(row);
        let shown = cells[..Column(line::used(cells))]
            .iter()
            .filter(|cell| !cell.flags.contains(Flags::WIDE_CHAR_SPACER))
            .map(|cell| Cell {
                text: std::iter::once(cell.c)
                    .chain(cell.zerowidth().into_iter().flatten().copied())
                    .collect(),
                width: if cell.flags.contains(Flags::WIDE_CHAR) {
                    2
                } else {
                    1
                },
                style: style(Pen::of(cell)),
                link: cell.hyperlink().map(|link| link.uri().to_owned()),
            })
            .collect();
        RowView {
            cells: shown,
            wraps: buffer.wraps(row),
        }
    }

    /// The cursor.
    pub fn cursor(&self) -> CursorView {
        let buffer = self.terminal.active();
        CursorView {
            column: buffer.x(),
            row: buffer.y(),
            wrap_due: buffer.cursor().input_needs_wrap,
            visible: self.terminal.side.modes.is(25),
            style: self.terminal.side.cursor_style,
        }
    }

    /// How keys and mouse are to be sent.
    pub fn modes(&self) -> ModesView {
        let side = &self.terminal.side;
        ModesView {
            alternate: self.is_alternate(),
            application_cursor: side.modes.is(1),
            application_keypad: side.keypad,
            bracketed_paste: side.modes.is(2004),
            focus: side.modes.is(1004),
            mouse: side.mouse,
            mouse_encoding: side.mouse_encoding,
        }
    }

    /// Everything that is visible, as data.
    pub fn view(&self) -> ScreenView {
        let size = self.size();
        ScreenView {
            cols: size.cols,
            rows: size.rows,
            title: self.title().to_owned(),
            cursor: self.cursor(),
            modes: self.modes(),
            lines: (0..usize::from(size.rows))
                .map(|row| self.row(row))
                .collect(),
        }
    }
}
