//! The way into a process: a queue of bytes, bounded in bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf, Bytes};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::line::{LineError, LineGate};

/// Bytes that wait for a process at most. A terminal takes about 12 KiB at once and then what its
/// reader consumes; more than this only delays what the person does next.
pub const CAPACITY: usize = 64 * 1024;

/// The same for a process on pipes, which take more at once.
pub const PIPE_CAPACITY: usize = 256 * 1024;

/// What became of bytes that were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// All of them are in the queue.
    All,
    /// The queue is full; the caller's signal is notified when there is room.
    Full,
    /// The process takes no more input: it has ended, or closed its input.
    Closed,
    /// A line was left out; what comes after it is still to be offered.
    Refused(LineError),
}

/// Bytes on their way into a process. Many may push; the process's task alone takes.
pub struct InputQueue {
    capacity: usize,
    state: Mutex<State>,
    filled: Notify,
}

impl Default for InputQueue {
    /// The queue of a terminal.
    fn default() -> Self {
        Self::holding(CAPACITY)
    }
}

#[derive(Default)]
struct State {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    ended: bool,
    closed: bool,
    /// Only such lines pass.
    lines: Option<Box<LineGate>>,
    /// When somebody last typed.
    touched: Option<Instant>,
    /// Who waits for room.
    waiting: Vec<Arc<Notify>>,
}

impl InputQueue {
    /// The queue of a pipe.
    pub fn pipe() -> Self {
        Self::holding(PIPE_CAPACITY)
    }

    fn holding(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            filled: Notify::new(),
        }
    }

    /// A queue that only lines get into which pass this gate. A line may be longer than there is
    /// room: it goes in whole once there is any.
    pub fn gated(gate: LineGate) -> Self {
        let queue = Self::pipe();
        queue.lock().lines = Some(Box::new(gate));
        queue
    }

    /// Takes from the front of `bytes` what there is room for.
    pub fn push(&self, bytes: &mut Bytes, signal: &Arc<Notify>) -> Pushed {
        let mut state = self.lock();
        if state.closed || state.ended {
            return Pushed::Closed;
        }
        state.touched = Some(Instant::now());
        if state.lines.is_some() {
            let pushed = state.push_lines(bytes, self.capacity, signal);
            self.filled.notify_one();
            return pushed;
        }
        let room = self.capacity.saturating_sub(state.bytes);
        if room > 0 && !bytes.is_empty() {
            let piece = bytes.split_to(room.min(bytes.len()));
            state.bytes += piece.len();
            state.pieces.push_back(piece);
            self.filled.notify_one();
        }
        if bytes.is_empty() {
            return Pushed::All;
        }
        state.waiting.push(Arc::clone(signal));
        Pushed::Full
    }

    /// When somebody last typed; `None` before that.
    pub fn touched(&self) -> Option<Instant> {
        self.lock().touched
    }

    /// No more input will come; the process sees the end once it has read what is queued.
    ///
    /// # Errors
    /// When the last line has no end and must not pass.
    pub fn end(&self) -> Result<(), LineError> {
        let mut state = self.lock();
        if state.ended || state.closed {
            return Ok(());
        }
        let last = match &mut state.lines {
            Some(lines) => lines.end().transpose(),
            _ => Ok(None),
        };
        if let Ok(Some(line)) = &last {
            state.bytes += line.len();
            state.pieces.push_back(line.clone());
        }
        state.ended = true;
        drop(state);
        self.filled.notify_one();
        last.map(drop)
    }

    /// The process takes no more: everything queued is dropped and whoever waits is told.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.pieces.clear();
        state.bytes = 0;
        wake(&mut state);
    }

    /// The next piece to write, or `None` when the input has ended. Waits for either. Cancel safe:
    /// the piece stays queued until [`InputQueue::written`] takes it off.
    pub async fn next(&self) -> Option<Bytes> {
        loop {
            {
                let state = self.lock();
                if let Some(piece) = state.pieces.front() {
                    return Some(piece.clone());
                }
                if state.ended || state.closed {
                    return None;
                }
            }
            self.filled.notified().await;
        }
    }

    /// Takes bytes that were written off the front.
    pub fn written(&self, count: usize) {
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_sub(count);
        if let Some(piece) = state.pieces.front_mut() {
            piece.advance(count.min(piece.len()));
            if piece.is_empty() {
                state.pieces.pop_front();
            }
        }
        if state.pieces.is_empty() {
            // An idle queue holds no memory.
            state.pieces = VecDeque::new();
        }
        if state.bytes <= self.capacity / 2 {
            wake(&mut state);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push_lines(&mut self, bytes: &mut Bytes, capacity: usize, signal: &Arc<Notify>) -> Pushed {
        while self.bytes < capacity {
            match self.lines.as_mut().and_then(|lines| lines.next(bytes)) {
                None => return Pushed::All,
                Some(Ok(line)) => {
                    self.bytes += line.len();
                    self.pieces.push_back(line);
                }
                Some(Err(error)) => return Pushed::Refused(error),
            }
        }
        if bytes.is_empty() {
            return Pushed::All;
        }
        self.waiting.push(Arc::clone(signal));
        Pushed::Full
    }
}

fn wake(state: &mut State) {
    for signal in std::mem::take(&mut state.waiting) {
        signal.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_pushed_is_taken_in_order_and_no_more_than_fits() {
        let queue = InputQueue::default();
        let signal = Arc::new(Notify::new());
        let mut bytes = Bytes::from(
            (0..=u8::MAX)
                .cycle()
                .take(CAPACITY + 10)
                .collect::<Vec<_>>(),
        );
        let all = bytes.clone();
        assert_eq!(queue.push(&mut bytes, &signal), Pushed::Full);
        assert_eq!(bytes.len(), 10);
        let mut taken = Vec::new();
        while taken.len() < CAPACITY {
            let piece = queue.next().await.expect("not ended");
            let part = piece.len().min(1000);
            taken.extend_from_slice(&piece[..part]);
            queue.written(part);
        }
        signal.notified().await;
        assert_eq!(queue.push(&mut bytes, &signal), Pushed::All);
        queue.end().expect("not lines");
        let rest = queue.next().await.expect("ten are left");
        queue.written(rest.len());
        taken.extend_from_slice(&rest);
        assert_eq!(taken, all);
        assert_eq!(queue.next().await, None);
        assert_eq!(
            queue.push(&mut Bytes::from_static(b"x"), &signal),
            Pushed::Closed
        );
    }
}
