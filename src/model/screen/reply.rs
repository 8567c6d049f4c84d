//! The answers to questions that programs ask their terminal. The server is the one that answers,
//! whether no viewer is attached or several are.

use alacritty_terminal::vte::ansi::Rgb;

use super::query::{ColorCommand, Query};
use super::side::{BACKGROUND, FOREGROUND, color_text};
use super::terminal::Terminal;
use crate::model::colors::{self, Colors};
use crate::model::size::Size;

/// Answers that wait to be taken, in bytes. A program that asks without reading must not make
/// the server hold more than a pty itself would.
pub const REPLIES_MAX: usize = 64 * 1024;

/// DA1: a VT220 that draws sixels and has the colours of ANSI.
const PRIMARY: &str = "\x1b[?62;4;22c";

/// Colours of a sixel picture, and pixels of its sides: what the page draws at most.
const SIXEL_COLORS: u16 = 256;
const SIXEL_SIDE: u16 = 4096;

/// DA2: a VT100 of a version that programs take for a modern xterm.
const SECONDARY: &str = "\x1b[>0;276;0c";

impl Terminal {
    fn reply(&mut self, text: &str) {
        if self.replies.len() + text.len() <= REPLIES_MAX {
            self.replies.extend_from_slice(text.as_bytes());
        }
    }

    /// Answers a question.
    pub fn answer(&mut self, query: Query<'_>) {
        let buffer = self.active();
        let (cols, rows) = (buffer.cols(), buffer.rows());
        let (width, height) = (
            usize::from(Size::CELL_PIXELS.0),
            usize::from(Size::CELL_PIXELS.1),
        );
        let text = match query {
            Query::PrimaryAttributes => PRIMARY.to_owned(),
            Query::SecondaryAttributes => SECONDARY.to_owned(),
            Query::TertiaryAttributes => "\x1bP!|00000000\x1b\\".to_owned(),
            Query::Status => "\x1b[0n".to_owned(),
            Query::CursorPosition(private) => {
                let origin = if self.side.modes.is(6) { buffer.top } else { 0 };
                let mark = if private { "?" } else { "" };
                let row = buffer.y().saturating_sub(origin) + 1;
                format!("\x1b[{mark}{row};{}R", buffer.x() + 1)
            }
            Query::Mode(mode) => {
                let state = match mode {
                    4 => state(self.side.insert),
                    20 => state(self.side.newline),
                    _ => 0,
                };
                format!("\x1b[{mode};{state}$y")
            }
            Query::PrivateMode(mode) => {
                format!("\x1b[?{mode};{}$y", self.private_state(mode))
            }
            Query::Setting(name) => self.setting(name),
            Query::Version => format!("\x1bP>|awp({})\x1b\\", env!("CARGO_PKG_VERSION")),
            Query::Keyboard if self.settings.kitty_keyboard => {
                let alternate = usize::from(self.alternate.is_some());
                format!("\x1b[?{}u", self.side.keyboards[alternate].flags)
            }
            Query::Keyboard => return,
            Query::ModifyKeys => format!("\x1b[>4;{}m", self.side.modify_keys),
            Query::AreaPixels => format!("\x1b[4;{};{}t", rows * height, cols * width),
            Query::Graphics(item, action) => graphics(item, action),
            Query::CellPixels => format!("\x1b[6;{height};{width}t"),
            Query::AreaCells => format!("\x1b[8;{rows};{cols}t"),
        };
        self.reply(&text);
    }

    /// DECRPM's state: 1 set, 2 reset, 0 not known.
    fn private_state(&self, mode: u16) -> u8 {
        let side = &self.side;
        match mode {
            47 | 1047 | 1049 => state(self.alternate.is_some()),
            66 => state(side.keypad),
            9 | 1000 | 1002 | 1003 => state(side.mouse == mode),
            1006 | 1016 => state(side.mouse_encoding == mode),
            1 | 6 | 7 | 12 | 25 | 45 | 1004 | 2004 | 2026 => state(side.modes.is(mode)),
            _ if side.modes.seen(mode) => state(side.modes.is(mode)),
            _ => 0,
        }
    }

    fn setting(&self, name: &[u8]) -> String {
        let value = match name {
            b"m" => {
                let mut sgr = Vec::new();
                self.pen().write(&mut sgr);
                let text = String::from_utf8_lossy(&sgr).into_owned();
                let body = text.trim_start_matches("\x1b[").to_owned();
                if body == "m" { "0m".to_owned() } else { body }
            }
            b"r" => {
                let buffer = self.active();
                format!("{};{}r", buffer.top + 1, buffer.bottom + 1)
            }
            b" q" => format!("{} q", self.side.cursor_style.max(1)),
            b"\"p" => "61;1\"p".to_owned(),
            b"\"q" => "0\"q".to_owned(),
            _ => return "\x1bP0$r\x1b\\".to_owned(),
        };
        format!("\x1bP1$r{value}\x1b\\")
    }

    /// Answers what a colour is: the one that was set, or the one that the settings name.
    pub fn answer_color(&mut self, command: &ColorCommand<'_>) {
        let set = self.side.colors.get(&command.number).copied();
        let color = set.unwrap_or_else(|| self.default_color(command.number));
        let text = format!("\x1b]{};{}\x1b\\", command.name, color_text(color));
        self.reply(&text);
    }

    fn default_color(&self, number: u16) -> Rgb {
        let Colors {
            foreground,
            background,
        } = self.settings.colors;
        let colors::Rgb(r, g, b) = match number {
            BACKGROUND => background,
            number if number >= FOREGROUND => foreground,
            number => {
                let (r, g, b) = palette(u8::try_from(number).unwrap_or(0));
                colors::Rgb(r, g, b)
            }
        };
        Rgb { r, g, b }
    }
}

/// XTSMGRAPHICS: what is asked for is said, and nothing can be set.
fn graphics(item: u16, action: u16) -> String {
    match (item, action) {
        (1, 1..=4) => format!("\x1b[?1;0;{SIXEL_COLORS}S"),
        (2, 1..=4) => format!("\x1b[?2;0;{SIXEL_SIDE};{SIXEL_SIDE}S"),
        (1 | 2, _) => format!("\x1b[?{item};2S"),
        _ => format!("\x1b[?{item};1S"),
    }
}

fn state(on: bool) -> u8 {
    if on { 1 } else { 2 }
}

/// The 256 colours that terminals start with.
fn palette(index: u8) -> (u8, u8, u8) {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        0..=15 => {
            let high = if index >= 8 { 255 } else { 205 };
            let part = |bit: u8| if index >> bit & 1 == 1 { high } else { 0 };
            match index {
                7 => (229, 229, 229),
                8 => (127, 127, 127),
                _ => (part(0), part(1), part(2)),
            }
        }
        16..=231 => {
            let cube = usize::from(index - 16);
            (STEPS[cube / 36], STEPS[cube / 6 % 6], STEPS[cube % 6])
        }
        _ => {
            let gray = 8 + 10 * (index - 232);
            (gray, gray, gray)
        }
    }
}
