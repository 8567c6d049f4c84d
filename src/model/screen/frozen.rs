//! A screen put away: no grid, only the bytes that bring it back.

use super::history::History;
use super::parser::Parser;
use super::terminal::Terminal;
use super::{Screen, Settings};
use crate::model::size::Size;

/// A screen that nobody looks at and nothing is written to: a few kilobytes and the compressed
/// lines above it. It cannot be fed; [`FrozenScreen::thaw`] makes a screen of it again.
#[derive(Clone, Debug)]
pub struct FrozenScreen {
    size: Size,
    settings: Settings,
    /// The screen without its history and without the unfinished sequence.
    bytes: Box<[u8]>,
    history: History,
    /// The parser in the middle of what was not finished.
    parser: Parser,
    replies: Box<[u8]>,
}

impl Screen {
    /// Puts the screen away.
    pub fn freeze(mut self) -> FrozenScreen {
        let mut bytes = Vec::new();
        self.terminal.write(&mut bytes, 0);
        let lines = self.terminal.settings.scrollback_lines;
        let mut history = self.terminal.primary.history.take();
        if let Some(history) = &mut history {
            history.shrink();
        }
        FrozenScreen {
            size: self.size,
            settings: self.terminal.settings,
            bytes: bytes.into_boxed_slice(),
            history: history.unwrap_or_else(|| History::new(lines)),
            parser: self.parser,
            replies: self.terminal.replies.into_boxed_slice(),
        }
    }
}

impl FrozenScreen {
    /// Brings the screen back as it was.
    pub fn thaw(self) -> Screen {
        let mut terminal = Terminal::new(self.size, self.settings);
        terminal.primary.history = Some(self.history);
        Parser::default().advance(&self.bytes, |token| terminal.take(&token));
        terminal.replies = self.replies.into_vec();
        Screen {
            terminal,
            parser: self.parser,
            size: self.size,
        }
    }

    /// The size in cells.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Bytes of memory that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + self.history.bytes() + self.replies.len() + std::mem::size_of::<Self>()
    }

    /// What [`Screen::snapshot`] would give, without thawing.
    pub fn snapshot(&self) -> Vec<u8> {
        self.clone().thaw().snapshot()
    }
}
