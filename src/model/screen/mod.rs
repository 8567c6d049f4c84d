//! The screen of a terminal process: its output goes in, and out come the bytes that make another
//! terminal show the same, the text, and the answers to what programs ask. Cells and reflow are
//! the emulator crate's; what it does with output and how that is written out again is ours.
//! Nothing outside this folder knows the emulator.

mod backlog;
mod buffer;
mod columns;
mod control;
mod csi;
mod digest;
mod edit;
mod farewell;
mod filter;
mod frozen;
mod glance;
mod header;
mod history;
mod inline;
mod line;
mod parser;
mod passing;
mod pen;
mod picture;
mod print;
mod query;
mod reflow;
mod reply;
mod side;
mod sixel;
mod snapshot;
mod terminal;
mod view;

pub use backlog::{BACKLOG_MAX, Backlog};
pub use columns::columns;
pub use digest::DIGEST_MAX;
pub use filter::{Clean, QueryFilter, QueryScan};
pub use frozen::FrozenScreen;
pub use history::{BLOCK_LINES, HISTORY_BYTES_MAX, HISTORY_PLAIN_MAX, LINE_MAX};
pub use picture::PICTURE_LINES;
pub use reply::REPLIES_MAX;
pub use side::TITLE_MAX;
pub use view::{Cell, CellColor, CursorView, ModesView, RowView, ScreenView, Style};

use crate::model::colors::Colors;
use crate::model::size::Size;
use parser::Parser;
use terminal::Terminal;

/// Lines above the screen that are kept where nobody says otherwise; about 1 MiB of usual text.
pub const SCROLLBACK_LINES: usize = 10_000;

/// Lines that come back from the history for a resize, so that a taller screen is filled from
/// above and a line across the upper edge is wrapped as a whole. Twice the tallest usual screen.
const RESIZE_LINES: usize = 200;

/// Bytes of history that come back for a resize at most: a few screens even of long lines.
const RESIZE_BYTES: usize = 64 * 1024;

/// Bytes of a long piece in which its first line is looked for; a line of a log is far shorter.
const FIRST_LINE: usize = 4 * 1024;

/// What a screen is told by its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Lines above the screen that are kept; 0 keeps none.
    pub scrollback_lines: usize,
    /// Whether viewers speak the kitty keyboard protocol. If not, the question for it is taken
    /// out of the stream all the same and stays unanswered, which means no.
    pub kitty_keyboard: bool,
    /// What text is drawn in, for programs that ask.
    pub colors: Colors,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scrollback_lines: SCROLLBACK_LINES,
            kitty_keyboard: false,
            colors: Colors::default(),
        }
    }
}

/// A terminal's screen, fed with the output of its program.
#[derive(Clone, Debug)]
pub struct Screen {
    terminal: Terminal,
    parser: Parser,
    size: Size,
}

impl Screen {
    /// The screen of a terminal that was just switched on. It has two columns at least, because
    /// a wide character needs them.
    pub fn new(size: Size, settings: Settings) -> Self {
        let size = Size::clamped(size.cols.max(2).into(), size.rows.into());
        Self {
            terminal: Terminal::new(size, settings),
            parser: Parser::default(),
            size,
        }
    }

    /// Takes output, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        let terminal = &mut self.terminal;
        self.parser.advance(bytes, |token| terminal.take(&token));
    }

    /// Takes output like [`Screen::feed`], and leaves out of a long log what would have scrolled
    /// out of the history anyway: the result is the same.
    pub fn feed_long(&mut self, bytes: &[u8]) {
        // What the last piece left unfinished ends with this one's first line at the latest.
        let first = &bytes[..bytes.len().min(FIRST_LINE)];
        let first = memchr::memchr(b'\n', first).filter(|_| !self.parser.is_ground());
        let (first, bytes) = bytes.split_at(first.map_or(0, |end| end + 1));
        self.feed(first);
        let lines = self.lines_of_log();
        let tail = lines.and_then(|lines| glance::tail_of_log(bytes, lines));
        let Some(start) = tail else {
            return self.feed(bytes);
        };
        glance::colors(&bytes[..start], |color| self.feed(color));
        self.feed(b"\r");
        self.feed(&bytes[start..]);
    }

    /// How many lines of a log replace everything that is shown and remembered. `None` where they
    /// would not: on the alternate screen, within margins, after an unfinished sequence.
    fn lines_of_log(&self) -> Option<usize> {
        let Terminal {
            primary,
            alternate,
            settings,
            ..
        } = &self.terminal;
        let rows = usize::from(self.size.rows);
        let plain = alternate.is_none() && primary.top == 0 && primary.bottom + 1 == rows;
        (plain && self.parser.is_ground()).then_some(settings.scrollback_lines + 2 * rows)
    }

    /// Says what text is drawn in from now on.
    pub fn show_in(&mut self, colors: Colors) {
        self.terminal.settings.colors = colors;
    }

    /// The size in cells.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Bytes of memory that it takes, about: its cells and the lines above them.
    pub fn bytes(&self) -> usize {
        let Terminal {
            primary, alternate, ..
        } = &self.terminal;
        primary.bytes() + alternate.as_ref().map_or(0, buffer::Buffer::bytes)
    }

    /// Changes the size. Lines of the primary screen and the newest ones above it are wrapped
    /// anew; older ones hold no width and need nothing.
    pub fn resize(&mut self, size: Size) {
        let size = Size::clamped(size.cols.max(2).into(), size.rows.into());
        if size == self.size {
            return;
        }
        self.recall(size.cols.min(self.size.cols));
        let terminal = &mut self.terminal;
        terminal.last = None;
        terminal.primary.resize(size);
        terminal.primary.harvest();
        if let Some(alternate) = &mut terminal.alternate {
            alternate.resize(size);
        }
        self.size = size;
    }

    /// Brings the newest lines of the history back into the grid, by printing them and the
    /// screen below them into a new grid that keeps what scrolls off.
    fn recall(&mut self, narrowest: u16) {
        let primary = &mut self.terminal.primary;
        let Some(history) = &mut primary.history else {
            return;
        };
        let mut bytes = history.take_newest(RESIZE_LINES, RESIZE_BYTES);
        let rows = bytes.len() / usize::from(narrowest) * 2
            + RESIZE_LINES
            + 2 * usize::from(Size::MAX) * usize::from(self.size.cols) / usize::from(narrowest);
        if bytes.is_empty() {
            primary.hold(rows);
            return;
        }
        let mut twin = Terminal::new(self.size, Settings::default());
        twin.primary.hold(rows);
        snapshot::write_rows(&mut bytes, primary);
        Parser::default().advance(&bytes, |token| twin.take(&token));
        primary.adopt(twin.primary);
    }

    /// The bytes that, written into a freshly reset terminal of the same size, reproduce the
    /// screen, the lines above it and every mode. They ask nothing. An unfinished sequence is at
    /// the end, so what comes next in the stream simply follows.
    pub fn snapshot(&self) -> Vec<u8> {
        self.snapshot_within(usize::MAX, usize::MAX)
    }

    /// As [`Screen::snapshot`], with as many of the newest lines above the screen, `lines` at most,
    /// as fit into `max` bytes.
    pub fn snapshot_within(&self, max: usize, lines: usize) -> Vec<u8> {
        let (mut out, above) = self.write(lines);
        let excess = out.len().saturating_sub(max);
        if excess == 0 {
            return out;
        }
        let rest = out.get(excess..above).unwrap_or_default();
        match memchr::memchr(b'\n', rest).map(|found| excess + found + 1) {
            Some(cut) if cut < above => {
                out.drain(..cut);
                out
            }
            _ => self.snapshot_viewport(),
        }
    }

    /// As [`Screen::snapshot`], without the lines above the screen.
    pub fn snapshot_viewport(&self) -> Vec<u8> {
        self.write(0).0
    }

    /// The rows of the screen as lines to be printed anywhere, with their colours and links.
    pub fn printed(&self) -> Vec<u8> {
        self.terminal.printed()
    }

    fn write(&self, lines: usize) -> (Vec<u8>, usize) {
        let mut out = Vec::new();
        let above = self.terminal.write(&mut out, lines);
        out.extend_from_slice(&self.parser.pending());
        (out, above)
    }

    /// Takes the answers to what the program asked since the last call, at most
    /// [`REPLIES_MAX`] bytes.
    pub fn replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.terminal.replies)
    }

    /// The title that the program set, at most [`TITLE_MAX`] characters; empty if none.
    pub fn title(&self) -> &str {
        &self.terminal.side.title
    }

    /// Whether the alternate screen, the one of full-screen programs, is shown.
    pub fn is_alternate(&self) -> bool {
        self.terminal.alternate.is_some()
    }

    /// Lines above the screen.
    pub fn scrollback_lines(&self) -> usize {
        let history = self.terminal.primary.history.as_ref();
        let kept = history.map_or(0, history::History::lines);
        kept.min(self.terminal.settings.scrollback_lines)
    }

    /// Bytes of memory that the lines above the screen take.
    pub fn scrollback_bytes(&self) -> usize {
        let history = self.terminal.primary.history.as_ref();
        history.map_or(0, history::History::bytes)
    }
}

#[cfg(test)]
mod tests;
