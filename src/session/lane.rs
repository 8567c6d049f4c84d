//! One channel of a process for one viewer: its place in the log, and the snapshot that is on its
//! way to one who came late or fell behind.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::{Notify, oneshot};

use super::event::{BeyondEnd, Snapshot, ViewerEvent};
use crate::model::channel::Lane;
use crate::model::id::ViewerId;
use crate::model::lane::{Reading, Step};
use crate::process::Process;
use crate::process::output::Output;

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
    reading: Reading,
    /// A snapshot that was asked for.
    awaited: Option<oneshot::Receiver<Snapshot>>,
    /// Lines above the screen that it wants, from when it has said so.
    lines: Option<u32>,
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
        let mut joined = Self {
            lane,
            reading: Reading::new(lane.channel, cursor, reader.rewraps),
            awaited: None,
            lines: None,
        };
        // Late to a terminal, without a place to go on: its screen, not its past.
        if from.is_none() && output.head() > 0 {
            joined.refresh(process, reader, None);
        }
        Ok(joined)
    }

    /// Which channel it is.
    pub(super) const fn lane(&self) -> Lane {
        self.lane
    }

    /// Whether its end was told.
    pub(super) const fn ended(&self) -> bool {
        self.reading.ended()
    }

    /// The first byte that was not handed out.
    pub(super) const fn sent(&self) -> u64 {
        self.reading.sent()
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
        let is_news = self.reading.ack(offset).ok_or(BeyondEnd)?;
        if let Some(output) = output.filter(|_| is_news) {
            output.ack(reader.id, offset);
        }
        Ok(())
    }

    /// Wants what the terminal shows anew, in place of the bytes that are on the way. Whoever says
    /// how many lines above it are wanted is not given what somebody asked for before, and gets as
    /// many from then on: who reads older lines loses them neither by falling behind nor by a
    /// narrower window.
    pub(super) fn refresh(&mut self, process: &Process, reader: &Reader, lines: Option<u32>) {
        self.lines = lines.or(self.lines);
        if self.awaited.is_none() || lines.is_some() {
            self.awaited = process.snapshot(self.lane.channel, self.lines, &reader.signal);
        }
        if self.awaited.is_some() {
            self.reading.awaits();
        } else {
            self.reading.no_snapshot();
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
        let lane = self.lane;
        let output = process.output(lane.channel)?;
        if self.awaited.is_some() {
            return self.arrived(output, reader);
        }
        let begin = |out: &mut BytesMut, offset| begin(out, lane, offset);
        let step = self.reading.read(output, out, begin);
        if self.reading.is_awaiting() {
            self.refresh(process, reader, None);
        }
        match step {
            Step::Output(offset) => Some(ViewerEvent::Output {
                lane,
                offset,
                clean: output.clean(offset),
            }),
            Step::Sized(offset, size) => Some(ViewerEvent::Sized { lane, offset, size }),
            Step::Ended(offset) => Some(ViewerEvent::Ended { lane, offset }),
            Step::Gap(from, offset) => {
                output.ack(reader.id, offset);
                Some(ViewerEvent::Gap { lane, from, offset })
            }
            Step::Nothing => None,
        }
    }

    /// The snapshot, once it is there.
    fn arrived(&mut self, output: &Output, reader: &Reader) -> Option<ViewerEvent> {
        let snapshot = match self.awaited.as_mut()?.try_recv() {
            Ok(snapshot) => snapshot,
            Err(oneshot::error::TryRecvError::Empty) => return None,
            Err(oneshot::error::TryRecvError::Closed) => {
                self.awaited = None;
                self.reading.no_snapshot();
                return None;
            }
        };
        self.awaited = None;
        let skipped = self.reading.arrived(snapshot.cursor, snapshot.size);
        output.ack(reader.id, snapshot.cursor.offset());
        Some(ViewerEvent::Snapshot {
            lane: self.lane,
            snapshot,
            skipped,
        })
    }
}
