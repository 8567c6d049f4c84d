//! Input that waits for room in a process, in the order it came.
//!
//! A client's acknowledgements and signals come behind its input on the same socket. If the socket
//! were left unread while input waits, a process that writes more than it reads would stand still
//! for good: its output waits for the acknowledgement, which waits for its input.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::model::id::ProcessId;
use crate::model::pace::PIPE_INPUT_WINDOW;

/// Bytes that may wait before the socket is no longer read: what a client may send
/// unacknowledged.
#[expect(clippy::cast_possible_truncation, reason = "it is small")]
const WINDOW: usize = PIPE_INPUT_WINDOW as usize;

/// Pieces that may wait, however short they are: more keys than anybody types blindly.
const MAX_PIECES: usize = 256;

/// Something for a process.
pub(super) enum Piece {
    /// Bytes, and the position of the first where they are numbered.
    Input {
        process: ProcessId,
        seq: Option<u64>,
        bytes: Bytes,
    },
    /// The end of its input.
    End {
        process: ProcessId,
        seq: Option<u64>,
    },
}

/// What waits.
#[derive(Default)]
pub(super) struct Waiting {
    pieces: VecDeque<Piece>,
    bytes: usize,
}

impl Waiting {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether the socket may be read: also while a whole window waits, behind which a client that
    /// keeps to it sends acknowledgements.
    pub(super) fn has_room(&self) -> bool {
        self.bytes <= WINDOW && self.pieces.len() < MAX_PIECES
    }

    /// Behind all that waits.
    pub(super) fn push(&mut self, piece: Piece) {
        self.bytes += piece.len();
        self.pieces.push_back(piece);
    }

    /// The first that waits.
    pub(super) fn take(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.bytes -= piece.len();
        if self.pieces.is_empty() {
            // An idle connection holds no memory for it.
            self.pieces = VecDeque::new();
        }
        Some(piece)
    }

    /// What is left of the first, which has to wait on.
    pub(super) fn put_back(&mut self, piece: Piece) {
        self.bytes += piece.len();
        self.pieces.push_front(piece);
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Input { bytes, .. } => bytes.len(),
            Self::End { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_waits_in_order_and_no_more_is_read() {
        let input = |bytes: usize| Piece::Input {
            process: ProcessId(1),
            seq: None,
            bytes: vec![0; bytes].into(),
        };
        let mut waiting = Waiting::default();
        waiting.push(input(WINDOW - 1));
        waiting.push(Piece::End {
            process: ProcessId(1),
            seq: None,
        });
        assert!(waiting.has_room());
        let first = waiting.take().unwrap();
        assert_eq!(first.len(), WINDOW - 1);
        waiting.put_back(input(1));
        assert_eq!(waiting.take().unwrap().len(), 1);
        assert!(matches!(waiting.take(), Some(Piece::End { .. })));
        assert!(waiting.is_empty());
        waiting.push(input(WINDOW));
        assert!(waiting.has_room(), "acknowledgements come behind it");
        waiting.push(input(1));
        assert!(!waiting.has_room());
    }
}
