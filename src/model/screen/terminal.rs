//! What each piece of a terminal's output does to buffers and side table.

use alacritty_terminal::term::cell::Hyperlink;

use super::Settings;
use super::buffer::{Buffer, default_tabs};
use super::columns::columns;
use super::csi::Csi;
use super::history::History;
use super::inline::Cells;
use super::parser::{Kind, Token};
use super::passing::Image;
use super::pen::Pen;
use super::query::{Query, color_commands};
use super::side::{BACKGROUND, CURSOR, FOREGROUND, Side, parse_color};
use crate::model::size::Size;

/// Longest link that is kept, in bytes: what browsers take.
const LINK_MAX: usize = 2083;

/// Times that a character is repeated at most: as many as the widest row has columns. A few
/// bytes must not make the server print for seconds.
const REPEAT_MAX: usize = 1000;

/// Charsets by the final byte of their designation; others are ignored, as viewers do.
const CHARSETS: &[u8] = b"0AB4C5RfQ9KYE6`ZH7=";

/// The state that output changes.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// The screen with a history.
    pub primary: Buffer,
    /// The screen of full-screen programs, while one is shown.
    pub alternate: Option<Buffer>,
    /// Everything beside cells.
    pub side: Side,
    /// Answers that were not taken yet.
    pub replies: Vec<u8>,
    /// What the caller wants.
    pub settings: Settings,
    /// The last character, while nothing but characters came after it.
    pub last: Option<char>,
}

impl Terminal {
    /// A terminal after reset.
    pub fn new(size: Size, settings: Settings) -> Self {
        Self {
            primary: Buffer::new(size, Some(History::new(settings.scrollback_lines))),
            alternate: None,
            side: Side::default(),
            replies: Vec::new(),
            settings,
            last: None,
        }
    }

    /// The screen that is shown.
    pub fn active(&self) -> &Buffer {
        self.alternate.as_ref().unwrap_or(&self.primary)
    }

    fn buffer(&mut self) -> &mut Buffer {
        self.alternate.as_mut().unwrap_or(&mut self.primary)
    }

    /// Carries out one piece of output.
    pub fn take(&mut self, token: &Token<'_>) {
        match *token {
            Token::Text(bytes) => {
                let plain = self.side.charsets.active == b'B' && !self.side.insert;
                if plain && self.side.modes.is(7) && bytes.is_ascii() {
                    self.buffer().print_ascii(bytes);
                    self.last = bytes.last().map(|byte| char::from(*byte));
                    return;
                }
                for chunk in bytes.utf8_chunks() {
                    for character in chunk.valid().chars() {
                        self.print(character);
                    }
                }
                return;
            }
            Token::Control(byte) | Token::Embedded(byte) => self.control(byte),
            Token::Sequence { kind, body, .. } => {
                if let Some(query) = Query::of(kind, body) {
                    self.answer(query);
                } else {
                    self.sequence(kind, body);
                }
                return;
            }
            Token::Image { image, .. } => self.image(image),
            Token::Void(_) => (),
        }
        self.last = None;
    }

    fn sequence(&mut self, kind: Kind, body: &[u8]) {
        let repeats = match kind {
            Kind::Csi => Csi::parse(body).is_some_and(|csi| self.csi(&csi)),
            Kind::Escape => {
                self.escape(body);
                false
            }
            Kind::Osc => {
                self.osc(body);
                false
            }
            Kind::Dcs | Kind::Other => false,
        };
        if !repeats {
            self.last = None;
        }
    }

    /// Goes where an image leaves the cursor: in its last row, at its left edge behind sixels and
    /// at its right one behind a file, as xterm and iTerm do.
    fn image(&mut self, image: Image) {
        let (width, height) = Size::CELL_PIXELS;
        let cells = match image {
            Image::Sixel(pixels) => Cells {
                cols: 0,
                rows: pixels.div_ceil(height.into()),
            },
            Image::Inline(inline) => {
                let buffer = self.active();
                let size = Size::clamped(buffer.cols() as u64, buffer.rows() as u64);
                let terminal = Cells {
                    cols: size.cols.into(),
                    rows: size.rows.into(),
                };
                match inline.cells(terminal, (width.into(), height.into())) {
                    Some(cells) => cells,
                    None => return,
                }
            }
        };
        for _ in 1..cells.rows {
            self.control(b'\n');
        }
        if cells.cols > 0 {
            let (x, y) = (self.active().x(), self.active().y());
            self.buffer().go(x + cells.cols as usize, y);
        }
    }

    fn print(&mut self, character: char) {
        self.last = Some(character);
        let shown = if character.is_ascii() && self.side.charsets.active != b'B' {
            self.side.charsets.map(character)
        } else {
            character
        };
        let width = columns(shown);
        let (wrap, insert) = (self.side.modes.is(7), self.side.insert);
        self.buffer().print(shown, width, wrap, insert);
    }

    fn control(&mut self, byte: u8) {
        match byte {
            0x08 => self.backspace(),
            0x09 => self.buffer().tab(),
            0x0a..=0x0c => {
                self.buffer().line_feed(true);
                if self.side.newline {
                    let y = self.active().y();
                    self.buffer().go(0, y);
                }
            }
            0x0d => {
                let y = self.active().y();
                self.buffer().go(0, y);
            }
            0x0e => self.side.charsets.shift(1),
            0x0f => self.side.charsets.shift(0),
            _ => (),
        }
    }

    fn backspace(&mut self) {
        let (x, y) = (self.active().x(), self.active().y());
        if x == 0 && self.side.modes.is(45) {
            let last = self.active().cols() - 1;
            let buffer = self.buffer();
            if y > buffer.top && y <= buffer.bottom && buffer.wraps(y - 1) {
                buffer.unlink(y);
                buffer.go(last, y - 1);
                return;
            }
        }
        // With reverse wrap the first backspace after the last column stays on it.
        let due = self.side.modes.is(45) && self.active().cursor().input_needs_wrap;
        self.buffer()
            .go(if due { x } else { x.saturating_sub(1) }, y);
    }

    fn escape(&mut self, body: &[u8]) {
        match *body {
            [b'7'] => self.save_cursor(),
            [b'8'] => self.restore_cursor(),
            [b'D'] => self.buffer().line_feed(false),
            [b'E'] => {
                self.buffer().line_feed(false);
                let y = self.active().y();
                self.buffer().go(0, y);
            }
            [b'H'] => {
                let x = self.active().x();
                self.buffer().tabs[x] = true;
            }
            [b'M'] => self.buffer().reverse_index(),
            [b'='] => self.side.keypad = true,
            [b'>'] => self.side.keypad = false,
            [b'c'] => self.reset(),
            [b'n' | b'}'] => self.side.charsets.shift(2),
            [b'o' | b'|'] => self.side.charsets.shift(3),
            [b'~'] => self.side.charsets.shift(1),
            [b'%', b'@' | b'G'] => {
                self.side.charsets.shift(0);
                self.side.charsets.designate(0, b'B');
            }
            [b'#', b'8'] => {
                self.buffer().go(0, 0);
                self.buffer().fill('E');
            }
            [slot @ (b'('..=b'+' | b'-'..=b'/'), charset] if CHARSETS.contains(&charset) => {
                let index = match slot {
                    b'(' => 0,
                    b')' | b'-' => 1,
                    b'*' | b'.' => 2,
                    _ => 3,
                };
                self.side.charsets.designate(index, charset);
            }
            _ => (),
        }
    }

    /// Back to what the terminal was at the start, the history included.
    fn reset(&mut self) {
        let buffer = &self.primary;
        let size = Size::clamped(buffer.cols() as u64, buffer.rows() as u64);
        let replies = std::mem::take(&mut self.replies);
        *self = Self::new(size, self.settings.clone());
        self.replies = replies;
    }

    /// DECSTR: modes, pen, region and charsets as at the start; the cells stay.
    pub fn soft_reset(&mut self) {
        let side = &mut self.side;
        for (mode, on) in [(1, false), (6, false), (7, true), (25, true), (45, false)] {
            side.modes.set(mode, on);
        }
        for mode in [1004, 2004] {
            side.modes.set(mode, false);
        }
        side.insert = false;
        side.keypad = false;
        side.cursor_style = 0;
        side.charsets = super::side::Charsets::default();
        let buffer = self.buffer();
        buffer.top = 0;
        buffer.bottom = buffer.rows() - 1;
        Pen::default().apply(&mut buffer.grid.cursor.template);
        buffer.grid.saved_cursor = alacritty_terminal::grid::Cursor::default();
        buffer.saved_charset = b'B';
    }

    fn osc(&mut self, body: &[u8]) {
        for command in color_commands(body) {
            if command.asks() {
                self.answer_color(&command);
            } else if let Some(color) = parse_color(command.value) {
                self.side.colors.insert(command.number, color);
            }
        }
        let text = String::from_utf8_lossy(body);
        let (code, rest) = text.split_once(';').unwrap_or((&text, ""));
        match code {
            "0" | "2" => self.side.set_title(rest),
            "8" => self.link(rest),
            "104" if rest.is_empty() => self.side.colors.retain(|number, _| *number >= FOREGROUND),
            "104" => {
                for number in rest
                    .split(';')
                    .filter_map(|number| number.parse::<u8>().ok())
                {
                    self.side.colors.remove(&number.into());
                }
            }
            "110" => drop(self.side.colors.remove(&FOREGROUND)),
            "111" => drop(self.side.colors.remove(&BACKGROUND)),
            "112" => drop(self.side.colors.remove(&CURSOR)),
            _ => (),
        }
    }

    fn link(&mut self, rest: &str) {
        let Some((params, uri)) = rest.split_once(';') else {
            return;
        };
        let id = params
            .split(':')
            .find_map(|pair| pair.strip_prefix("id="))
            .unwrap_or_default();
        let clean = |text: &str| !text.chars().any(char::is_control);
        let kept = uri.len() + id.len() <= LINK_MAX && clean(uri) && clean(id);
        let link = (!uri.is_empty() && kept).then(|| Hyperlink::new(Some(id), uri.to_owned()));
        self.buffer().grid.cursor.template.set_hyperlink(link);
    }

    /// Remembers position, colours, attributes and charset.
    pub fn save_cursor(&mut self) {
        let charset = self.side.charsets.active;
        let buffer = self.buffer();
        buffer.grid.saved_cursor = buffer.grid.cursor.clone();
        buffer.saved_charset = charset;
    }

    /// Goes back to what was remembered; an open link stays.
    pub fn restore_cursor(&mut self) {
        let buffer = self.buffer();
        let link = buffer.grid.cursor.template.hyperlink();
        buffer.grid.cursor = buffer.grid.saved_cursor.clone();
        buffer.grid.cursor.template.set_hyperlink(link);
        self.side.charsets.active = self.active().saved_charset;
    }

    /// Shows the alternate screen, empty, with the cursor where it is.
    pub fn enter_alternate(&mut self) {
        if self.alternate.is_some() {
            return;
        }
        let primary = &self.primary;
        let size = Size::clamped(primary.cols() as u64, primary.rows() as u64);
        let mut buffer = Buffer::new(size, None);
        buffer.grid.cursor = primary.grid.cursor.clone();
        buffer.erase_rows(0..buffer.rows());
        self.alternate = Some(buffer);
        self.side.keyboards[1] = super::side::Keyboard::default();
    }

    /// Shows the primary screen again, with the cursor where it is.
    pub fn leave_alternate(&mut self) {
        if let Some(buffer) = self.alternate.take() {
            self.primary.grid.cursor = buffer.grid.cursor;
        }
    }

    /// Sets or resets a private mode.
    pub fn private_mode(&mut self, mode: u16, on: bool) {
        match mode {
            47 | 1047 if on => self.enter_alternate(),
            47 | 1047 => self.leave_alternate(),
            1048 if on => self.save_cursor(),
            1048 => self.restore_cursor(),
            1049 if on => {
                self.save_cursor();
                self.enter_alternate();
            }
            1049 => {
                self.leave_alternate();
                self.restore_cursor();
            }
            2 if on => self.side.charsets.designated = [b'B'; 4],
            66 => self.side.keypad = on,
            9 | 1000 | 1002 | 1003 => self.side.mouse = if on { mode } else { 0 },
            1006 | 1016 => self.side.mouse_encoding = if on { mode } else { 0 },
            6 => {
                self.side.modes.set(6, on);
                let y = if on { self.active().top } else { 0 };
                self.buffer().go(0, y);
            }
            _ => self.side.modes.set(mode, on),
        }
    }

    /// Puts the tab stops of a fresh terminal back.
    pub fn reset_tabs(&mut self) {
        let cols = self.active().cols();
        self.buffer().tabs = default_tabs(cols);
    }

    /// The shown screen, to be changed.
    pub fn active_mut(&mut self) -> &mut Buffer {
        self.buffer()
    }

    /// Repeats the last character.
    pub fn repeat(&mut self, count: usize) {
        if let Some(character) = self.last {
            for _ in 0..count.min(REPEAT_MAX) {
                self.print(character);
            }
        }
    }

    /// The pen with which the next character is drawn.
    pub fn pen(&self) -> Pen {
        Pen::of(&self.active().cursor().template)
    }
}
