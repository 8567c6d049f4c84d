//! A log that a screen has still to take.
//!
//! A screen that follows a flood remembers its last lines only to forget them when the next ones
//! come. As long as nobody looks, those lines wait here as the bytes that they are: what more of
//! the log replaces before somebody does is never made into cells.

use memchr::{memchr, memrchr};

use super::glance::{colors, is_log, last_lines};
use super::{FIRST_LINE, Screen};

/// What waits at most, in bytes: the lines that a screen remembers, of twice the usual length.
pub const BACKLOG_MAX: usize = 1024 * 1024;

/// Output that a screen takes before anything else happens to it.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    bytes: Vec<u8>,
}

impl Backlog {
    /// Takes a piece that follows what waits already, if it is a log so long that it replaces all
    /// that the screen shows and remembers, and what waits with it. False if it is not; then the
    /// screen is to be fed with what waits, and then with the piece.
    pub fn take(&mut self, screen: &Screen, piece: &[u8]) -> bool {
        let replaced = self.replaced(screen, piece);
        let taken = replaced.is_some();
        self.bytes = replaced.unwrap_or_else(|| std::mem::take(&mut self.bytes));
        taken
    }

    /// What the screen is to be fed with; nothing waits any more.
    pub fn release(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// What waits after a piece, if it may.
    fn replaced(&self, screen: &Screen, piece: &[u8]) -> Option<Vec<u8>> {
        let lines = screen.lines_of_log()?;
        let start = last_lines(piece, lines)?;
        let first = memchr(b'\n', &piece[..piece.len().min(FIRST_LINE)])? + 1;
        let end = memrchr(b'\n', piece)? + 1;
        // What waits may end within a line, and the piece goes on with it.
        let cut = memrchr(b'\n', &self.bytes).map_or(0, |end| end + 1);
        let (whole, begun) = self.bytes.split_at(cut);
        let joint = [begun, &piece[..first]].concat();
        let fits = start > first && piece.len() - start <= BACKLOG_MAX;
        let replaces = fits && is_log(&joint) && is_log(&piece[first..end]);
        if !replaces {
            return None;
        }
        let mut bytes = Vec::new();
        for before in [whole, &joint[..], &piece[first..start]] {
            colors(before, |color| bytes.extend_from_slice(color));
        }
        bytes.push(b'\r');
        bytes.extend_from_slice(&piece[start..]);
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Settings;
    use super::*;
    use crate::model::size::Size;

    const SCROLLBACK: usize = 6;

    fn screen() -> Screen {
        let settings = Settings {
            scrollback_lines: SCROLLBACK,
            ..Settings::default()
        };
        Screen::new(Size { cols: 12, rows: 3 }, settings)
    }

    /// Feeds a screen by way of a backlog; also how many pieces it took.
    fn through(pieces: &[Vec<u8>]) -> (Screen, usize) {
        let (mut screen, mut backlog, mut taken) = (screen(), Backlog::default(), 0);
        for piece in pieces {
            if backlog.take(&screen, piece) {
                taken += 1;
            } else {
                screen.feed(&backlog.release());
                screen.feed(piece);
            }
        }
        screen.feed(&backlog.release());
        (screen, taken)
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "[a-zé€]{0,18}",
            2 => (30..38_u8).prop_map(|color| format!("\x1b[{color}m")),
            1 => Just("\x1b[0m".to_owned()),
            1 => Just("x\r50%\x1b[K".to_owned()),
            1 => Just("\x1b[1m\x1b[4mb".to_owned()),
        ]
        .prop_flat_map(|text| {
            let end = proptest::sample::select(vec!["\r\n", "\r\n", "\n"]);
            end.prop_map(move |end| text.clone() + end)
        })
    }

    fn log() -> impl Strategy<Value = Vec<u8>> {
        let other = prop_oneof![
            40 => line(),
            1 => Just("\x1b[2J\x1b[H".to_owned()),
            1 => Just("\x1b[?1049h".to_owned()),
            1 => Just("\x1b[?1049l".to_owned()),
        ];
        proptest::collection::vec(other, 0..120).prop_map(|lines| lines.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn a_screen_that_was_kept_waiting_shows_the_same(
            log in log(), cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6)
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
            cuts.extend([0, log.len()]);
            cuts.sort_unstable();
            let pieces: Vec<Vec<u8>> =
                cuts.windows(2).map(|pair| log[pair[0]..pair[1]].to_vec()).collect();
            let mut expected = screen();
            expected.feed(&log);
            let (shown, _) = through(&pieces);
            prop_assert_eq!(shown.snapshot().escape_ascii().to_string(),
                expected.snapshot().escape_ascii().to_string());
        }
    }

    #[test]
    fn a_long_log_waits_and_its_colours_with_it() {
        let text = "\x1b[31mred\r\n".to_owned() + &"a line\r\n".repeat(40);
        let pieces: Vec<Vec<u8>> = (0..3).map(|_| text.clone().into_bytes()).collect();
        let (shown, taken) = through(&pieces);
        assert_eq!(taken, 3);
        let mut expected = screen();
        expected.feed(&pieces.concat());
        assert_eq!(shown.snapshot(), expected.snapshot());
    }

    #[test]
    fn what_is_no_log_does_not_wait() {
        let lines = "a line\r\n".repeat(40);
        for other in ["\x1b[?1049h", "\x1b[2;3r", "\x1b]0;t\x07"] {
            let piece = format!("{lines}{other}{lines}");
            assert!(!Backlog::default().take(&screen(), piece.as_bytes()));
            let piece = format!("{lines}{other}\r\n");
            assert!(!Backlog::default().take(&screen(), piece.as_bytes()));
        }
        let long = "x".repeat(BACKLOG_MAX / 10) + "\r\n";
        assert!(!Backlog::default().take(&screen(), (lines + &long.repeat(40)).as_bytes()));
    }
}
