//! The size of a terminal in character cells.

use std::fmt;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::access::Role;
use super::id::{ProcessId, ViewerId};
use super::session::ViewerState;

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
    /// The largest side, in cells.
    pub const MAX: u16 = 1000;

    /// The largest area, in cells: larger than any screen shows at a readable size, and small
    /// enough that one redraw or reflow of all of it takes milliseconds.
    pub const MAX_CELLS: u32 = 200_000;

    /// What terminals have been since the VT100; used where nobody says otherwise.
    pub const DEFAULT: Self = Self { cols: 80, rows: 24 };

    /// Width and height of a cell in pixels, for programs that ask or send images. Viewers differ;
    /// this is a usual one, and each draws images as large as their cells.
    pub const CELL_PIXELS: (u16, u16) = (8, 16);

    /// The nearest size that a terminal can have to what a client asked for.
    pub fn clamped(cols: u64, rows: u64) -> Self {
        let side = |cells: u64| u32::try_from(cells.clamp(1, u64::from(Self::MAX))).unwrap_or(1);
        let cols = side(cols);
        let rows = side(rows).min(Self::MAX_CELLS / cols);
        let cells = |side: u32| u16::try_from(side).unwrap_or(Self::MAX);
        Self {
            cols: cells(cols),
            rows: cells(rows),
        }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whose window decides how large a session's terminals are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SizePolicy {
    /// The viewer that typed last.
    #[default]
    Active,
    /// The owner that came first.
    Owner,
    /// Each side is the smallest among those who may write.
    Smallest,
    /// Always this size.
    Fixed(Size),
}

impl SizePolicy {
    /// The size, where no viewer has a say.
    pub const fn fixed(self) -> Option<Size> {
        match self {
            Self::Fixed(size) => Some(size),
            _ => None,
        }
    }

    /// The size that these viewers' windows make for a process; `None` leaves it as it is. Who may
    /// only watch never decides.
    pub fn decide(
        self,
        viewers: &LiteMap<ViewerId, ViewerState>,
        active: Option<ViewerId>,
        process: ProcessId,
    ) -> Option<Size> {
        let writers = viewers.values().filter(|viewer| viewer.role >= Role::Write);
        let size = |viewer: &ViewerState| viewer.size(process);
        match self {
            Self::Active => size(viewers.get(&active?)?),
            Self::Owner => writers
                .filter(|viewer| viewer.role == Role::Owner)
                .find_map(size),
            Self::Smallest => writers.filter_map(size).reduce(|least, size| Size {
                cols: least.cols.min(size.cols),
                rows: least.rows.min(size.rows),
            }),
            Self::Fixed(size) => Some(size),
        }
    }
}

impl fmt::Display for SizePolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => formatter.write_str("active"),
            Self::Owner => formatter.write_str("owner"),
            Self::Smallest => formatter.write_str("smallest"),
            Self::Fixed(Size { cols, rows }) => write!(formatter, "fixed={cols}x{rows}"),
        }
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
                rows: 200
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
