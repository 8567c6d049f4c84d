//! How far a process may be ahead of those who watch it.
//!
//! A terminal is paced by its fastest viewer: the others fall behind and are brought to live by
//! other means. A pipe is paced by its slowest: it is never skipped. With nobody attached a pipe
//! waits at a full log; a terminal does so for the moment in which a lost viewer may come back, and
//! then runs on.

use super::channel::Channel;
use super::id::ViewerId;

/// How many bytes a terminal's program may be ahead of its fastest viewer's acknowledgement: the
/// viewer's window, so that it never waits, and one drain more, so that the next piece is ready
/// when the acknowledgement comes.
pub const TERMINAL_LEAD: u64 = VIEWER_WINDOW + 64 * 1024;

/// How many bytes of a channel a viewer may have been sent without having acknowledged them.
/// Measured: throughput hardly depends on it, but a key pressed during a flood is felt only after
/// this much was parsed (14 to 60 ms at 256 KiB, 1 to 2 s without a window).
pub const VIEWER_WINDOW: u64 = 256 * 1024;

/// The same for a pipe: half of what its log holds, so that the process writes on meanwhile. Nobody
/// presses a key to stop what is on its way, and each time that one side has to wait for the other
/// costs more than the bytes.
pub const PIPE_WINDOW: u64 = 512 * 1024;

/// How many bytes of input for a terminal a client may have sent without their having been
/// acknowledged.
pub const INPUT_WINDOW: u64 = 64 * 1024;

/// The same for a pipe, whose input is seldom typed.
pub const PIPE_INPUT_WINDOW: u64 = 256 * 1024;

/// How many bytes of this channel a viewer may have been sent without having acknowledged them.
pub const fn window(channel: Channel) -> u64 {
    match channel {
        Channel::Tty => VIEWER_WINDOW,
        _ => PIPE_WINDOW,
    }
}

/// The rule of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Paced by the fastest viewer.
    Terminal {
        /// What the last one had received, while it may come back at once.
        floor: Option<u64>,
    },
    /// Paced by the slowest viewer.
    Pipe {
        /// What those who left had received: nothing from here on may be forgotten while nobody
        /// is attached.
        floor: u64,
    },
}

/// How many bytes may be read now from a process whose log stands at `head`, for viewers that
/// have acknowledged up to `acked`.
pub fn room(pace: Pace, head: u64, capacity: usize, acked: impl Iterator<Item = u64>) -> usize {
    let room = match pace {
        Pace::Terminal { floor } => match (acked.max(), floor) {
            (Some(fastest), _) => (fastest + TERMINAL_LEAD).saturating_sub(head),
            (None, Some(floor)) => (floor + capacity as u64).saturating_sub(head),
            (None, None) => capacity as u64,
        },
        Pace::Pipe { floor } => {
            let slowest = acked.min().unwrap_or(floor);
            (slowest + capacity as u64).saturating_sub(head)
        }
    };
    usize::try_from(room).unwrap_or(usize::MAX)
}

/// Those who watch a channel, and how far each has come.
#[derive(Clone, Debug)]
pub struct Audience {
    pace: Pace,
    acked: Vec<(ViewerId, u64)>,
}

impl Audience {
    /// Nobody, so far.
    pub const fn new(pace: Pace) -> Self {
        Self {
            pace,
            acked: Vec::new(),
        }
    }

    /// A viewer has come, who goes on at `offset`.
    pub fn join(&mut self, viewer: ViewerId, offset: u64) {
        self.give_up();
        self.acked.push((viewer, offset));
    }

    /// A viewer has consumed everything below `offset`.
    pub fn ack(&mut self, viewer: ViewerId, offset: u64) {
        if let Some((_, acked)) = self.acked.iter_mut().find(|(known, _)| *known == viewer) {
            *acked = offset.max(*acked);
        }
    }

    /// A viewer has left. True if it may come back to a terminal that waits for nobody else: then
    /// [`Audience::give_up`] is due some time later.
    pub fn leave(&mut self, viewer: ViewerId) -> bool {
        let Some(at) = self.acked.iter().position(|(known, _)| *known == viewer) else {
            return false;
        };
        let slowest = self.acked.iter().map(|(_, acked)| *acked).min();
        let (_, left_at) = self.acked.remove(at);
        let is_last = self.acked.is_empty();
        match &mut self.pace {
            // What the slowest of them had not received is kept for whoever comes next.
            Pace::Pipe { floor } => {
                *floor = slowest.unwrap_or(*floor).max(*floor);
                false
            }
            Pace::Terminal { floor } if is_last => {
                *floor = Some(left_at);
                true
            }
            Pace::Terminal { .. } => false,
        }
    }

    /// A terminal no longer waits for the viewer that left it last.
    pub const fn give_up(&mut self) {
        if let Pace::Terminal { floor } = &mut self.pace {
            *floor = None;
        }
    }

    /// How many bytes may be read now from a process whose log stands at `head`.
    pub fn room(&self, head: u64, capacity: usize) -> usize {
        room(self.pace, head, capacity, self.acked.iter().map(|it| it.1))
    }

    /// Whether everybody has everything below `head`, who is there or may come back at once.
    pub fn has_all(&self, head: u64) -> bool {
        match self.pace {
            Pace::Terminal { floor: Some(floor) } => floor == head,
            _ => self.acked.iter().all(|(_, acked)| *acked == head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: usize = 1024 * 1024;

    fn at(pace: Pace, head: u64, acked: &[u64]) -> usize {
        room(pace, head, CAPACITY, acked.iter().copied())
    }

    #[test]
    fn a_terminal_follows_its_fastest_viewer() {
        let lead = usize::try_from(TERMINAL_LEAD).expect("small");
        for floor in [None, Some(7)] {
            let pace = Pace::Terminal { floor };
            assert_eq!(at(pace, 1000, &[1000, 0]), lead);
            assert_eq!(at(pace, TERMINAL_LEAD, &[0]), 0);
            assert_eq!(at(pace, TERMINAL_LEAD + 5, &[0, 10]), 5);
        }
    }

    #[test]
    fn a_terminal_alone_runs_on_and_a_pipe_alone_waits() {
        let full = CAPACITY as u64;
        let alone = |floor| Pace::Terminal { floor };
        assert_eq!(at(alone(None), 10 * full, &[]), CAPACITY);
        assert_eq!(at(alone(Some(9 * full + 3)), 10 * full, &[]), 3);
        assert_eq!(at(Pace::Pipe { floor: 0 }, full, &[]), 0);
        assert_eq!(at(Pace::Pipe { floor: 7 }, full, &[]), 7);
    }

    #[test]
    fn a_pipe_follows_its_slowest_viewer() {
        let full = CAPACITY as u64;
        assert_eq!(at(Pace::Pipe { floor: 0 }, full, &[full, 3]), 3);
        assert_eq!(at(Pace::Pipe { floor: 0 }, full, &[full]), CAPACITY);
    }
}
