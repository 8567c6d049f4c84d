//! One channel as one viewer reads it: where it stands, what it may be given now, and when it needs
//! what the terminal shows instead of the bytes.

use bytes::BytesMut;

use super::channel::Channel;
use super::output_log::{Cursor, Mark, Next, OutputLog};
use super::pace;
use super::size::Size;

/// Bytes of output that are handed out at once at most. One drain of a process is one piece.
pub const MAX_OUTPUT: usize = 64 * 1024;

/// A log that is read by cursor, wherever it is kept.
pub trait Log {
    /// Reads on at `cursor`; see [`OutputLog::read`].
    fn read(&self, cursor: &mut Cursor, limit: usize, out: &mut BytesMut) -> Next;

    /// A cursor at the oldest byte held.
    fn oldest(&self) -> Cursor;
}

impl Log for OutputLog {
    fn read(&self, cursor: &mut Cursor, limit: usize, out: &mut BytesMut) -> Next {
        self.read(cursor, limit, out)
    }

    fn oldest(&self) -> Cursor {
        self.oldest()
    }
}

/// What a viewer is given next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Bytes from this offset on.
    Output(u64),
    /// From this offset on the program writes for this size.
    Sized(u64, Size),
    /// The channel ends at this offset.
    Ended(u64),
    /// The bytes between the two offsets are no longer held; it goes on at the second.
    Gap(u64, u64),
    /// Nothing yet, or no more than the window allows.
    Nothing,
}

/// A viewer's place in a channel.
#[derive(Clone, Debug)]
pub struct Reading {
    channel: Channel,
    cursor: Cursor,
    acked: u64,
    ended: bool,
    /// It waits for what the terminal shows, and for nothing else.
    awaiting: bool,
    /// When a terminal becomes narrower it wants what that shows anew.
    rewraps: bool,
    /// How wide what the viewer shows was laid out, where that is known.
    cols: Option<u16>,
}

impl Reading {
    /// A viewer that begins at `cursor`.
    pub const fn new(channel: Channel, cursor: Cursor, rewraps: bool) -> Self {
        Self {
            channel,
            cursor,
            acked: cursor.offset(),
            ended: false,
            awaiting: false,
            rewraps,
            cols: None,
        }
    }

    /// Whether its end was told.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// The first byte that was not handed out.
    pub const fn sent(&self) -> u64 {
        self.cursor.offset()
    }

    /// The first byte that was not acknowledged.
    pub const fn acked(&self) -> u64 {
        self.acked
    }

    /// Whether it is given nothing before a snapshot, which somebody has to see to.
    pub const fn is_awaiting(&self) -> bool {
        self.awaiting
    }

    /// From now on it waits for a snapshot.
    pub const fn awaits(&mut self) {
        self.awaiting = true;
    }

    /// There will be no snapshot.
    pub const fn no_snapshot(&mut self) {
        self.awaiting = false;
    }

    /// Everything below `offset` was consumed. Gives whether that was news; `None` when that much
    /// was never handed out.
    pub const fn ack(&mut self, offset: u64) -> Option<bool> {
        if offset > self.sent() {
            return None;
        }
        let is_news = offset > self.acked;
        if is_news {
            self.acked = offset;
        }
        Some(is_news)
    }

    /// The next thing to show. Bytes are appended to `out`, after what `begin` puts before them.
    pub fn read(
        &mut self,
        log: &impl Log,
        out: &mut BytesMut,
        begin: impl FnOnce(&mut BytesMut, u64),
    ) -> Step {
        if self.ended || self.awaiting {
            return Step::Nothing;
        }
        let from = self.sent();
        let window = (self.acked + pace::window(self.channel)).saturating_sub(from);
        let limit = usize::try_from(window)
            .unwrap_or(MAX_OUTPUT)
            .min(MAX_OUTPUT);
        let start = out.len();
        begin(out, from);
        let next = log.read(&mut self.cursor, limit, out);
        if !matches!(next, Next::Bytes(_)) {
            out.truncate(start);
        }
        match next {
            Next::Bytes(_) => Step::Output(from),
            Next::Mark(Mark::Size(size)) => {
                self.awaiting = self.narrows(size.cols) && self.rewraps;
                Step::Sized(from, size)
            }
            Next::Mark(Mark::End) => {
                self.ended = true;
                Step::Ended(from)
            }
            Next::Nothing => Step::Nothing,
            Next::Lost(_) if self.channel == Channel::Tty => {
                self.awaiting = true;
                Step::Nothing
            }
            Next::Lost(_) => {
                self.go_on(log.oldest());
                Step::Gap(from, self.acked)
            }
        }
    }

    /// The snapshot that it waited for, taken at `cursor`: the sizes that were told before are part
    /// of it. Gives how many bytes this viewer never saw.
    pub const fn arrived(&mut self, cursor: Cursor, size: Size) -> u64 {
        self.awaiting = false;
        let skipped = cursor.offset().saturating_sub(self.sent());
        self.go_on(cursor);
        self.cols = Some(size.cols);
        skipped
    }

    /// Goes on elsewhere: what lies before is not waited for.
    const fn go_on(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        self.acked = cursor.offset();
    }

    /// Takes note of a size that is told; true if what the viewer shows is wider. Each terminal
    /// would wrap it in its own way, so all get it anew.
    fn narrows(&mut self, cols: u16) -> bool {
        self.cols.replace(cols).is_some_and(|shown| cols < shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn size(cols: u16) -> Size {
        Size { cols, rows: 24 }
    }

    fn read(reading: &mut Reading, log: &OutputLog) -> Step {
        reading.read(log, &mut BytesMut::new(), |_, _| {})
    }

    /// A log of a terminal, and the place of one who has read all of it.
    fn resized(cols: &[u16]) -> (OutputLog, Cursor) {
        let mut log = OutputLog::new(1000);
        log.append(b"shown");
        for cols in cols {
            log.mark(Mark::Size(size(*cols)));
        }
        let mut cursor = Cursor::default();
        while log.read(&mut cursor, 1000, &mut BytesMut::new()) != Next::Nothing {}
        (log, cursor)
    }

    #[test]
    fn sizes_below_a_snapshot_are_part_of_it_and_those_above_are_told() {
        let (mut log, cursor) = resized(&[80, 40, 80]);
        let mut reading = Reading::new(Channel::Tty, log.oldest(), true);
        reading.awaits();
        assert_eq!(read(&mut reading, &log), Step::Nothing);
        assert_eq!(reading.arrived(cursor, size(80)), 5);
        // The terminal was narrower for a moment that this viewer never saw.
        assert_eq!(read(&mut reading, &log), Step::Nothing);
        assert!(!reading.is_awaiting());
        log.mark(Mark::Size(size(60)));
        assert_eq!(read(&mut reading, &log), Step::Sized(5, size(60)));
        assert!(reading.is_awaiting(), "what it shows is wider");
    }

    #[test]
    fn a_window_is_given_and_no_more_until_it_is_acknowledged() {
        let window = usize::try_from(pace::VIEWER_WINDOW).expect("small");
        let mut log = OutputLog::new(2 * window);
        log.append(&vec![b'x'; 2 * window]);
        let mut reading = Reading::new(Channel::Tty, log.oldest(), false);
        while read(&mut reading, &log) != Step::Nothing {}
        assert_eq!(reading.sent(), pace::VIEWER_WINDOW);
        assert_eq!(reading.ack(pace::VIEWER_WINDOW + 1), None);
        assert_eq!(reading.ack(10), Some(true));
        assert_eq!(reading.ack(10), Some(false));
        while read(&mut reading, &log) != Step::Nothing {}
        assert_eq!(reading.sent(), pace::VIEWER_WINDOW + 10);
    }

    #[test]
    fn what_is_forgotten_is_a_gap_in_a_pipe_and_a_snapshot_of_a_terminal() {
        let mut log = OutputLog::new(10);
        let start = log.oldest();
        log.append(&[b'x'; 30]);
        let mut pipe = Reading::new(Channel::Stdout, start, false);
        assert_eq!(read(&mut pipe, &log), Step::Gap(0, 20));
        assert_eq!(read(&mut pipe, &log), Step::Output(20));
        let mut terminal = Reading::new(Channel::Tty, start, false);
        assert_eq!(read(&mut terminal, &log), Step::Nothing);
        assert!(terminal.is_awaiting());
    }
}
