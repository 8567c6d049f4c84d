//! One channel as one viewer sees it: a cursor into the log, how far the viewer has come, and the
//! snapshot that is on its way to one who came late or fell behind.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::{Notify, oneshot};

use super::event::{BeyondEnd, Snapshot, ViewerEvent};
use crate::model::channel::{Channel, Lane};
use crate::model::id::ViewerId;
use crate::model::output_log::{Cursor, Mark, Next};
use crate::model::pace::VIEWER_WINDOW;
use crate::process::Process;
use crate::process::output::Output;

/// Bytes of output that one event carries at most. One drain of a process is one event.
const MAX_OUTPUT: usize = 64 * 1024;

/// A viewer, as its lanes need it.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) id: ViewerId,
    /// Woken when there is something to read.
    pub(super) signal: Arc<Notify>,
    /// When a terminal becomes narrower it wants what that shows anew.
    pub(super) rewraps: bool,
}

/// One channel, for one viewer.
pub(super) struct ViewedLane {
    lane: Lane,
    cursor: Cursor,
    acked: u64,
    ended: bool,
    /// A snapshot that was asked for.
    awaited: Option<oneshot::Receiver<Snapshot>>,
    /// How wide what the viewer shows was laid out, where that is known.
    cols: Option<u16>,
    /// Where its last snapshot ends: sizes that are told there are part of it.
    fresh: Option<u64>,
}

impl ViewedLane {
    /// Joins a channel at `from`, or where a newcomer begins.
    ///
    /// # Errors
    /// When that lies beyond what was written.
    pub(super) fn join(
        lane: Lane,
        process: &Process,
        output: &Output,
        from: Option<u64>,
        reader: &Reader,
    ) -> Result<Self, BeyondEnd> {
        let cursor = output
            .join(reader.id, from, &reader.signal)
            .ok_or(BeyondEnd)?;
        // Late to a terminal, without a place to go on: its screen, not its past.
        let is_late = from.is_none() && output.head() > 0;
        let awaited = is_late
            .then(|| process.snapshot(lane.channel, &reader.signal))
            .flatten();
        Ok(Self {
            lane,
            cursor,
            acked: cursor.offset(),
            ended: false,
            awaited,
            cols: None,
            fresh: None,
        })
    }

    /// Which channel it is.
    pub(super) const fn lane(&self) -> Lane {
        self.lane
    }

    /// Whether its end was told.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// The first byte that was not handed out.
    pub(super) const fn sent(&self) -> u64 {
        self.cursor.offset()
    }

    /// Everything below `offset` was consumed.
    ///
    /// # Errors
    /// When that much was never handed out.
    pub(super) fn ack(
        &mut self,
        output: Option<&Output>,
        reader: &Reader,
        offset: u64,
    ) -> Result<(), BeyondEnd> {
        if offset > self.sent() {
            return Err(BeyondEnd);
        }
        if offset > self.acked {
            self.acked = offset;
            if let Some(output) = output {
                output.ack(reader.id, offset);
            }
        }
        Ok(())
    }

    /// Wants what the terminal shows anew, in place of the bytes that are on the way.
    pub(super) fn refresh(&mut self, process: &Process, reader: &Reader) {
        if self.awaited.is_none() {
            self.awaited = process.snapshot(self.lane.channel, &reader.signal);
        }
    }

    /// The next thing to show. Bytes are appended to `out`, after what `begin` puts before them.
    pub(super) fn read(
        &mut self,
        process: &Process,
        reader: &Reader,
        out: &mut BytesMut,
        begin: &impl Fn(&mut BytesMut, Lane, u64),
    ) -> Option<ViewerEvent> {
        if self.ended {
            return None;
        }
        let lane = self.lane;
        let output = process.output(lane.channel)?;
        if self.awaited.is_some() {
            return self.arrived(output, reader);
        }
        let from = self.sent();
        let window = (self.acked + VIEWER_WINDOW).saturating_sub(from);
        let limit = usize::try_from(window)
            .unwrap_or(MAX_OUTPUT)
            .min(MAX_OUTPUT);
        let start = out.len();
        begin(out, lane, from);
        let next = output.read(&mut self.cursor, limit, out);
        if !matches!(next, Next::Bytes(_)) {
            out.truncate(start);
        }
        match next {
            Next::Bytes(_) => Some(ViewerEvent::Output { lane, offset: from }),
            Next::Mark(Mark::Size(size)) => {
                if self.narrows(size.cols) && reader.rewraps {
                    self.refresh(process, reader);
                }
                Some(ViewerEvent::Sized {
                    lane,
                    offset: from,
                    size,
                })
            }
            Next::Mark(Mark::End) => {
                self.ended = true;
                Some(ViewerEvent::Ended { lane, offset: from })
            }
            Next::Nothing => None,
            Next::Lost(_) if lane.channel == Channel::Tty => {
                self.refresh(process, reader);
                None
            }
            Next::Lost(_) => {
                self.go_on(output.oldest(), output, reader);
                Some(ViewerEvent::Gap {
                    lane,
                    from,
                    offset: self.acked,
                })
            }
        }
    }

    /// The snapshot, once it is there.
    fn arrived(&mut self, output: &Output, reader: &Reader) -> Option<ViewerEvent> {
        let snapshot = match self.awaited.as_mut()?.try_recv() {
            Ok(snapshot) => snapshot,
            Err(oneshot::error::TryRecvError::Empty) => return None,
            Err(oneshot::error::TryRecvError::Closed) => {
                self.awaited = None;
                return None;
            }
        };
        self.awaited = None;
        let skipped = snapshot.offset.saturating_sub(self.sent());
        self.go_on(output.cursor_at(snapshot.offset)?, output, reader);
        self.cols = Some(snapshot.size.cols);
        self.fresh = Some(snapshot.offset);
        Some(ViewerEvent::Snapshot {
            lane: self.lane,
            snapshot,
            skipped,
        })
    }

    /// Goes on elsewhere: what lies before is not waited for.
    fn go_on(&mut self, cursor: Cursor, output: &Output, reader: &Reader) {
        self.cursor = cursor;
        self.acked = cursor.offset();
        output.ack(reader.id, self.acked);
    }

    /// Takes note of a size that is told; true if what the viewer shows is wider. Each terminal
    /// would wrap it in its own way, so all get it anew.
    fn narrows(&mut self, cols: u16) -> bool {
        let narrows = self.cols.is_some_and(|shown| cols < shown);
        if self.fresh != Some(self.sent()) || self.cols.is_none() {
            self.cols = Some(cols);
        }
        narrows
    }
}
