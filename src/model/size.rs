//! The size of a terminal in character cells.

use serde::{Deserialize, Serialize};

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Size {
    /// Columns, 1 to [`Size::MAX`].
    pub cols: u16,
    /// Rows, 1 to [`Size::MAX`].
    pub rows: u16,
}

impl Size {
    /// The largest side, in cells. A full grid of this size is about 24 MB in an emulator, which
    /// is as much as one resize message may make the server hold.
    pub const MAX: u16 = 1000;

    /// What terminals have been since the VT100; used where nobody says otherwise.
    pub const DEFAULT: Self = Self { cols: 80, rows: 24 };

    /// The nearest size that a terminal can have to what a client asked for.
    pub fn clamped(cols: u64, rows: u64) -> Self {
        let side =
            |cells: u64| u16::try_from(cells.clamp(1, u64::from(Self::MAX))).unwrap_or(Self::MAX);
        Self {
            cols: side(cols),
            rows: side(rows),
        }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_clamped_to_what_a_terminal_can_have() {
        assert_eq!(Size::clamped(0, 0), Size { cols: 1, rows: 1 });
        assert_eq!(
            Size::clamped(65_535, u64::MAX),
            Size {
                cols: 1000,
                rows: 1000
            }
        );
        assert_eq!(
            Size::clamped(132, 43),
            Size {
                cols: 132,
                rows: 43
            }
        );
    }
}
