//! From a descriptor into a log: when to read, when to wake the viewers, when to hold back.
//!
//! The first bytes after a silence are shown at once. What follows in one go is shown in one go,
//! because every wake costs each viewer a frame and a write. Nothing waits for a clock, but for one
//! pathology: a program that writes a few bytes at a time as fast as it is read makes every read a
//! tiny one, at ten times the cost. It is left alone for a moment, so that its bytes gather in the
//! kernel, unless somebody has just typed and waits for an echo.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::descriptor::{Descriptor, Drained, READ};
use super::output::Output;
use crate::model::meter::Meter;

/// Bytes that are read at most before viewers are woken: as much as one message carries.
const BATCH: usize = 64 * 1024;

/// A turn that brought less than this, in bytes, was a tiny one.
const TINY: usize = 512;

/// So many tiny turns in a row are a flood of tiny writes; a person's typing never is.
const TINY_TURNS: u32 = 32;

/// How long a flood of tiny writes is left alone: one tick of the runtime's clock.
const REST: Duration = Duration::from_millis(1);

/// For so long after a keystroke, its echo may come and is not kept waiting.
const ECHO: Duration = Duration::from_millis(5);

/// Reads one output channel of a process.
pub struct Pump {
    meter: Arc<Meter>,
    /// Bytes in the log that viewers were not woken for.
    unseen: usize,
    tiny_turns: u32,
    /// There was no room for more the last time.
    paused: bool,
}

impl Pump {
    /// Nothing was read yet; `meter` counts what is.
    pub fn new(meter: &Arc<Meter>) -> Self {
        Self {
            meter: Arc::clone(meter),
            unseen: 0,
            tiny_turns: 0,
            paused: false,
        }
    }

    /// Reads a turn, once there is something to read and room for it. Cancel safe.
    pub async fn turn(
        &mut self,
        descriptor: &Descriptor,
        output: &Output,
        typed: Option<Instant>,
    ) -> Drained {
        if self.tiny_turns >= TINY_TURNS {
            if typed.is_none_or(|typed| typed.elapsed() > ECHO) {
                tokio::time::sleep(REST).await;
            }
            self.tiny_turns = 0;
        }
        loop {
            let room = output.room();
            if room > 0 {
                let limit = room.min(READ);
                let drained = descriptor.drain(limit, |bytes| output.append(bytes)).await;
                self.note(drained, output);
                return drained;
            }
            self.show(output);
            // A turn may be cancelled and taken again while the process waits: that is one pause.
            if !std::mem::replace(&mut self.paused, true) {
                self.meter.pauses.one();
            }
            output.room_changed().await;
        }
    }

    fn note(&mut self, drained: Drained, output: &Output) {
        self.paused = false;
        self.meter.output.add(drained.bytes as u64);
        self.unseen += drained.bytes;
        if drained.empty || drained.ended || self.unseen >= BATCH {
            self.show(output);
        }
        self.tiny_turns = if drained.bytes < TINY {
            self.tiny_turns + 1
        } else {
            0
        };
    }

    fn show(&mut self, output: &Output) {
        if std::mem::take(&mut self.unseen) > 0 {
            output.wake();
        }
    }
}
