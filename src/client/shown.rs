//! What the own terminal was made to show: what a session's program has set on it outlives the
//! program's viewer, unless somebody takes it back.

use crate::model::screen::{Screen, Settings};
use crate::model::size::Size;

/// Clears a terminal before a snapshot is drawn: plain colours, cursor home, an empty screen.
const CLEAR: &[u8] = b"\x1b[0m\x1b[H\x1b[2J";

/// Keeps the title, for those terminals that can, and brings it back.
const KEEP_TITLE: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";

/// The terminal as it is, going by what was written to it.
pub struct Shown {
    screen: Screen,
}

impl Shown {
    /// A terminal that nothing was written to yet.
    pub fn new(size: Size) -> Self {
        let settings = Settings {
            scrollback_lines: 0,
            ..Settings::default()
        };
        Self {
            screen: Screen::new(size, settings),
        }
    }

    /// What is to be written before anything else.
    pub const fn greeting() -> &'static [u8] {
        KEEP_TITLE
    }

    /// This was written.
    pub fn wrote(&mut self, bytes: &[u8]) {
        self.screen.feed_long(bytes);
        // Others answer.
        self.screen.replies();
    }

    /// The program writes for this size from here on.
    pub fn resize(&mut self, size: Size) {
        self.screen.resize(size);
    }

    /// What is to be written for this snapshot, in place of all that was written so far.
    pub fn replace(&mut self, size: Size, snapshot: &[u8]) -> Vec<u8> {
        let mut bytes = self.screen.farewell();
        bytes.extend_from_slice(CLEAR);
        bytes.extend_from_slice(snapshot);
        *self = Self::new(size);
        self.wrote(snapshot);
        bytes
    }

    /// What takes the terminal back to what it was.
    pub fn farewell(&self) -> Vec<u8> {
        [&self.screen.farewell(), TITLE_BACK].concat()
    }

    /// What shows all of it again after a farewell.
    pub fn again(&self) -> Vec<u8> {
        [KEEP_TITLE, CLEAR, &self.screen.snapshot_viewport()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { cols: 20, rows: 3 };

    #[test]
    fn a_snapshot_takes_back_what_came_before_it() {
        let mut shown = Shown::new(SIZE);
        assert_eq!(shown.farewell(), TITLE_BACK);
        shown.wrote(b"\x1b[?2004hone");
        let bytes = shown.replace(SIZE, b"\x1b[?1htwo\x1b]2;t\x07");
        assert!(bytes.starts_with(b"\x1b[?2004l\x1b[0m\x1b[H\x1b[2J\x1b[?1h"));
        assert_eq!(shown.farewell(), b"\x1b[?1l\x1b[23;2t");
        let again = shown.again();
        let text = again.escape_ascii().to_string();
        assert!(
            text.contains("two") && text.contains("[?1h") && !text.contains("one"),
            "{text}"
        );
    }
}
