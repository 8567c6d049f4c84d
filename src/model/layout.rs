//! How a session's processes are laid out: tabs, and the splits within each.
//!
//! The layout is part of the session, so that every viewer may follow it; which tab a viewer looks
//! at is its own affair. A process stands in it once. One that was started is put into a tab of its
//! own at the end; one that has ended stays until a viewer leaves it out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::ProcessId;

/// Splits within splits at most: more would leave no room for the panes.
const MAX_DEPTH: usize = 8;

/// The tabs of a session, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Layout {
    /// What each tab shows.
    pub tabs: Vec<Node>,
}

/// A tab, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Node {
    /// A process.
    Pane(#[cfg_attr(test, ts(type = "number"))] ProcessId),
    /// Several, side by side or one above the other.
    Split {
        /// In which direction they follow each other.
        direction: Direction,
        /// The parts, two or more.
        parts: Vec<Part>,
    },
}

/// In which direction the parts of a split follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Direction {
    /// Side by side.
    Row,
    /// One above the other.
    Column,
}

/// A part of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Part {
    /// Its share of the room, against the other parts' weights; 1 to [`Part::MAX_WEIGHT`].
    pub weight: u16,
    /// What it shows.
    pub node: Node,
}

impl Part {
    /// The heaviest part.
    pub const MAX_WEIGHT: u16 = 10_000;
}

/// Why a layout was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLayout {
    /// It was made from one that is no longer the newest.
    #[error("the layout was changed meanwhile")]
    Stale,
    /// A process stands in it twice.
    #[error("process {0} stands in it twice")]
    Twice(ProcessId),
    /// The session has no such process.
    #[error("there is no process {0}")]
    Unknown(ProcessId),
    /// A process that runs is left out.
    #[error("process {0} runs and is left out")]
    Missing(ProcessId),
    /// A split has fewer than two parts.
    #[error("a split has two parts or more")]
    Lonely,
    /// A weight is out of its bounds.
    #[error("a weight is between 1 and {}", Part::MAX_WEIGHT)]
    Weight,
    /// There are more splits within splits than there may be.
    #[error("splits stand in each other at most {MAX_DEPTH} deep")]
    Deep,
}

impl BadLayout {
    /// What kind of error, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stale => "conflict",
            _ => "bad_layout",
        }
    }
}

impl Layout {
    /// Puts a process into a new tab, the last one.
    pub fn add(&mut self, process: ProcessId) {
        self.tabs.push(Node::Pane(process));
    }

    /// Takes a process out; a split that is left with one part becomes that part.
    pub fn remove(&mut self, process: ProcessId) {
        let tabs = std::mem::take(&mut self.tabs);
        self.tabs = tabs
            .into_iter()
            .filter_map(|tab| tab.without(process))
            .collect();
    }

    /// The processes that stand in it.
    ///
    /// # Errors
    /// When it is no layout: a process twice, a split without parts, a weight out of bounds.
    pub fn processes(&self) -> Result<BTreeSet<ProcessId>, BadLayout> {
        let mut found = BTreeSet::new();
        for tab in &self.tabs {
            tab.collect(0, &mut found)?;
        }
        Ok(found)
    }
}

impl Layout {
    /// Holds it against the processes that a session has, each with whether it runs. Gives those
    /// that are left out.
    ///
    /// # Errors
    /// When it is no layout, names a process that is not there, or leaves out one that runs, or
    /// all.
    pub fn check(
        &self,
        processes: impl Iterator<Item = (ProcessId, bool)>,
    ) -> Result<Vec<ProcessId>, BadLayout> {
        let mut shown = self.processes()?;
        let is_empty = shown.is_empty();
        let mut left_out = Vec::new();
        for (id, runs) in processes {
            match shown.remove(&id) {
                true => {}
                false if runs || is_empty => return Err(BadLayout::Missing(id)),
                false => left_out.push(id),
            }
        }
        shown
            .pop_first()
            .map_or(Ok(left_out), |id| Err(BadLayout::Unknown(id)))
    }
}

impl Node {
    fn collect(&self, depth: usize, found: &mut BTreeSet<ProcessId>) -> Result<(), BadLayout> {
        match self {
            Self::Pane(process) if found.insert(*process) => Ok(()),
            Self::Pane(process) => Err(BadLayout::Twice(*process)),
            Self::Split { parts, .. } if parts.len() < 2 => Err(BadLayout::Lonely),
            Self::Split { .. } if depth == MAX_DEPTH => Err(BadLayout::Deep),
            Self::Split { parts, .. } => parts.iter().try_for_each(|part| {
                if !(1..=Part::MAX_WEIGHT).contains(&part.weight) {
                    return Err(BadLayout::Weight);
                }
                part.node.collect(depth + 1, found)
            }),
        }
    }

    fn without(self, process: ProcessId) -> Option<Self> {
        match self {
            Self::Pane(pane) => (pane != process).then_some(self),
            Self::Split { direction, parts } => {
                let left = parts.into_iter().filter_map(|Part { weight, node }| {
                    let node = node.without(process)?;
                    Some(Part { weight, node })
                });
                let mut parts: Vec<Part> = left.collect();
                match parts.len() {
                    0 | 1 => parts.pop().map(|part| part.node),
                    _ => Some(Self::Split { direction, parts }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(parts: &[(u16, Node)]) -> Node {
        Node::Split {
            direction: Direction::Row,
            parts: parts
                .iter()
                .map(|(weight, node)| Part {
                    weight: *weight,
                    node: node.clone(),
                })
                .collect(),
        }
    }

    fn pane(process: u16) -> Node {
        Node::Pane(ProcessId(process))
    }

    #[test]
    fn what_is_no_layout_is_told_apart() {
        let bad = |node| Layout { tabs: vec![node] }.processes().expect_err("bad");
        assert_eq!(bad(split(&[(1, pane(1))])), BadLayout::Lonely);
        assert_eq!(
            bad(split(&[(1, pane(1)), (2, pane(1))])),
            BadLayout::Twice(ProcessId(1))
        );
        assert_eq!(bad(split(&[(0, pane(1)), (2, pane(2))])), BadLayout::Weight);
        let deep = (2..12).fold(pane(1), |node, process| {
            split(&[(1, node), (1, pane(process))])
        });
        assert_eq!(bad(deep), BadLayout::Deep);
    }

    #[test]
    fn its_json_is_what_the_wire_says() {
        let layout = Layout {
            tabs: vec![pane(1), split(&[(3, pane(2)), (1, pane(3))])],
        };
        let json = r#"{"tabs":[{"pane":1},{"split":{"direction":"row","parts":[{"weight":3,"node":{"pane":2}},{"weight":1,"node":{"pane":3}}]}}]}"#;
        assert_eq!(serde_json::to_string(&layout).expect("json"), json);
        assert_eq!(
            serde_json::from_str::<Layout>(json).expect("a layout"),
            layout
        );
    }

    fn node() -> impl Strategy<Value = Node> {
        (1_u16..9).prop_map(pane).prop_recursive(3, 12, 3, |inner| {
            proptest::collection::vec((1_u16..100, inner), 2..4).prop_map(|parts| split(&parts))
        })
    }

    proptest! {
        /// Whatever is taken out is gone, everything else stays, and it is a layout still.
        #[test]
        fn taking_a_process_out_leaves_a_layout(tabs in proptest::collection::vec(node(), 1..4)) {
            let mut layout = Layout { tabs };
            if let Ok(mut left) = layout.processes() {
                while let Some(process) = left.pop_last() {
                    layout.remove(process);
                    prop_assert_eq!(layout.processes(), Ok(left.clone()));
                }
                prop_assert!(layout.tabs.is_empty());
            }
        }
    }
}
