//! What a program tells those who watch its session, beside its output.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::access::{Action, Role};
use super::id::ProcessId;

/// Bytes of one notice at most: a page of text for the clipboard, many times a link.
pub const MAX_NOTICE: usize = 32 * 1024;

/// Notices that a viewer may be behind; one that is slower misses the oldest.
const MAX_KEPT: usize = 16;

/// Bytes of all notices that are kept for viewers, at most.
const MAX_BYTES: usize = 64 * 1024;

/// Something for people to see, or to agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Notice {
    /// The process is called something else from now on.
    Title {
        /// What.
        text: String,
    },
    /// Something has happened.
    Notify {
        /// Its heading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        title: Option<String>,
        /// What.
        text: String,
    },
    /// Something is under way.
    Progress {
        /// Per cent; without it nothing is known of the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        value: Option<u8>,
        /// What it is about.
        text: String,
    },
    /// A link to be opened, if the person agrees.
    Open {
        /// The address: `http`, `https` or `mailto`.
        url: String,
    },
    /// A text for the person's clipboard, if they agree.
    Clip {
        /// The text.
        text: String,
    },
    /// A file to be kept, if the person likes.
    Offer {
        /// Which one.
        #[cfg_attr(test, ts(type = "number"))]
        offer: u64,
        /// What it is called.
        name: String,
        /// Its bytes.
        #[cfg_attr(test, ts(type = "number"))]
        size: u64,
    },
    /// A file is asked for.
    Upload {
        /// The question.
        #[cfg_attr(test, ts(type = "number"))]
        ask: u64,
        /// What for.
        text: String,
        /// Which kinds, as a page's file chooser takes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        accept: Option<String>,
        /// Where it goes, if not to a folder of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        path: Option<String>,
    },
    /// A secret is asked for, such as a password.
    Secret {
        /// The question.
        #[cfg_attr(test, ts(type = "number"))]
        ask: u64,
        /// What for.
        text: String,
        /// It is none: what is typed may be seen.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        shown: bool,
    },
    /// Yes or no.
    Confirm {
        /// The question.
        #[cfg_attr(test, ts(type = "number"))]
        ask: u64,
        /// To what.
        text: String,
    },
    /// A question was answered, or nobody waits for its answer any more.
    Answered {
        /// Which one.
        #[cfg_attr(test, ts(type = "number"))]
        ask: u64,
    },
    /// The login is over soon, and is asked for again then. The server itself tells this.
    Expiring {
        /// How soon.
        #[cfg_attr(test, ts(type = "number"))]
        seconds: u64,
    },
}

impl Notice {
    /// Bytes of text in it.
    pub fn len(&self) -> usize {
        match self {
            Self::Title { text }
            | Self::Progress { text, .. }
            | Self::Clip { text }
            | Self::Secret { text, .. }
            | Self::Confirm { text, .. } => text.len(),
            Self::Notify { title, text } => text.len() + title.as_ref().map_or(0, String::len),
            Self::Open { url } => url.len(),
            Self::Offer { name, .. } => name.len(),
            Self::Upload {
                text, accept, path, ..
            } => {
                let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
                text.len() + length(accept) + length(path)
            }
            Self::Answered { .. } | Self::Expiring { .. } => size_of::<u64>(),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether one who may do this much is told. A link or a text for the clipboard may hold a
    /// secret of whoever works in the session: one who only watches does not get it.
    pub const fn is_for(&self, role: Role) -> bool {
        role.allows(match self {
            Self::Open { .. }
            | Self::Clip { .. }
            | Self::Offer { .. }
            | Self::Upload { .. }
            | Self::Secret { .. }
            | Self::Confirm { .. } => Action::Type,
            Self::Title { .. }
            | Self::Notify { .. }
            | Self::Progress { .. }
            | Self::Answered { .. }
            | Self::Expiring { .. } => Action::Watch,
        })
    }

    /// The question that waits for an answer, if it is one.
    pub const fn ask(&self) -> Option<u64> {
        match self {
            Self::Upload { ask, .. } | Self::Secret { ask, .. } | Self::Confirm { ask, .. } => {
                Some(*ask)
            }
            _ => None,
        }
    }

    /// Whether an earlier one of the same process says nothing any more.
    fn replaces(&self, earlier: &Self) -> bool {
        if let Self::Answered { ask } = self {
            return earlier.ask() == Some(*ask);
        }
        matches!(
            (self, earlier),
            (Self::Title { .. }, Self::Title { .. })
                | (Self::Progress { .. }, Self::Progress { .. })
        )
    }
}

/// A notice with its place among the session's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Counts them from 1.
    pub number: u64,
    /// Whose it is.
    pub process: ProcessId,
    /// What it says.
    pub notice: Notice,
}

/// The newest notices of a session.
#[derive(Debug, Default)]
pub struct Notices {
    kept: VecDeque<Posted>,
    newest: u64,
}

impl Notices {
    /// Adds one; the oldest give way.
    pub fn post(&mut self, process: ProcessId, notice: Notice) {
        self.kept
            .retain(|old| old.process != process || !notice.replaces(&old.notice));
        self.newest += 1;
        self.kept.push_back(Posted {
            number: self.newest,
            process,
            notice,
        });
        let too_many = |kept: &VecDeque<Posted>| {
            let bytes: usize = kept.iter().map(|posted| posted.notice.len()).sum();
            kept.len() > MAX_KEPT || bytes > MAX_BYTES
        };
        while self.kept.len() > 1 && too_many(&self.kept) {
            // A question stays until it is answered; whoever asks is bounded elsewhere.
            let mut told = self.kept.iter();
            let Some(oldest) = told.position(|posted| posted.notice.ask().is_none()) else {
                break;
            };
            self.kept.remove(oldest);
        }
    }

    /// Those that are kept, the oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &Posted> {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ProcessId = ProcessId(1);

    fn clip(text: &str) -> Notice {
        Notice::Clip {
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_bounded_number_is_kept_and_what_is_outdated_is_not() {
        let mut notices = Notices::default();
        for value in 0..=100 {
            let progress = |value| Notice::Progress {
                value: Some(value),
                text: String::new(),
            };
            notices.post(ONE, progress(value));
            notices.post(ProcessId(2), progress(value));
        }
        let numbers: Vec<_> = notices.kept().map(|posted| posted.number).collect();
        assert_eq!(numbers, [201, 202]);
        for number in 0..100 {
            notices.post(ONE, clip(&number.to_string()));
        }
        assert_eq!(notices.kept().count(), MAX_KEPT);
        for _ in 0..4 {
            notices.post(ONE, clip(&"x".repeat(MAX_NOTICE)));
        }
        assert_eq!(notices.kept().count(), MAX_BYTES / MAX_NOTICE);
    }

    #[test]
    fn who_only_watches_gets_no_link_and_no_clipboard() {
        let open = Notice::Open {
            url: "https://example.org/".to_owned(),
        };
        for notice in [clip("x"), open] {
            assert!(!notice.is_for(Role::Watch) && notice.is_for(Role::Write));
        }
    }
}
