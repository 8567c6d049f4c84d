//! What the address of a socket asks for.

use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::size::Size;
use crate::session::viewer::Resume;

/// The query of a socket's address, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SocketQuery {
    /// The session to attach to; a new one if there is none.
    pub session: Option<String>,
    /// The process of it.
    pub process: Option<ProcessId>,
    /// The client's window.
    pub size: Option<Size>,
    /// Where to go on in the terminal or the standard output.
    pub from: Option<u64>,
    /// Where to go on in the standard error.
    pub from_stderr: Option<u64>,
    /// Whether only to watch.
    pub watch: bool,
}

/// A value that is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {wrong}")]
pub struct BadQuery {
    key: &'static str,
    wrong: &'static str,
}

impl SocketQuery {
    /// Reads the query of an address. Keys that mean nothing here are left alone.
    ///
    /// # Errors
    /// When a value is none of its kind.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, BadQuery> {
        let text = |key: &str| {
            pairs
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value.as_str())
        };
        let number = |key: &'static str| -> Result<Option<u64>, BadQuery> {
            let wrong = "is not a number";
            text(key)
                .map(|value| value.parse().map_err(|_| BadQuery { key, wrong }))
                .transpose()
        };
        let process = match number("process")? {
            None => None,
            Some(number @ 1..=0xffff) => u16::try_from(number).ok().map(ProcessId),
            Some(_) => {
                return Err(BadQuery {
                    key: "process",
                    wrong: "is not a process number",
                });
            }
        };
        let watch = match text("role") {
            None | Some("write" | "owner") => false,
            Some("watch") => true,
            Some(_) => {
                return Err(BadQuery {
                    key: "role",
                    wrong: "is none of watch, write, owner",
                });
            }
        };
        let size = match (number("cols")?, number("rows")?) {
            (None, None) => None,
            (cols, rows) => {
                let Size {
                    cols: default_cols,
                    rows: default_rows,
                } = Size::DEFAULT;
                Some(Size::clamped(
                    cols.unwrap_or(default_cols.into()),
                    rows.unwrap_or(default_rows.into()),
                ))
            }
        };
        let session = text("session").map(str::to_owned);
        let (from, from_stderr) = (number("from")?, number("from_stderr")?);
        Ok(Self {
            session,
            process,
            size,
            from,
            from_stderr,
            watch,
        })
    }

    /// Where to go on, per channel of this process.
    pub fn resume(&self, process: ProcessId) -> Vec<Resume> {
        let out = self
            .from
            .into_iter()
            .flat_map(|offset| [Channel::Tty, Channel::Stdout].map(|channel| (channel, offset)));
        let err = self.from_stderr.map(|offset| (Channel::Stderr, offset));
        let all = out.chain(err);
        all.map(|(channel, offset)| Resume {
            lane: Lane { process, channel },
            offset,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<SocketQuery, String> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        SocketQuery::read(&pairs).map_err(|error| error.to_string())
    }

    #[test]
    fn a_query_is_read_and_sizes_are_clamped() {
        let query = read(&[
            ("cols", "9999"),
            ("session", "s-x"),
            ("from", "7"),
            ("role", "watch"),
            ("x", "y"),
        ]);
        let query = query.expect("a query");
        assert_eq!(
            query.size,
            Some(Size {
                cols: 1000,
                rows: 24
            })
        );
        assert!(query.watch);
        assert_eq!(query.resume(ProcessId(1)).len(), 2);
        assert_eq!(read(&[]), Ok(SocketQuery::default()));
    }

    #[test]
    fn a_value_that_is_none_is_refused() {
        assert_eq!(
            read(&[("cols", "-1")]),
            Err("cols: is not a number".to_owned())
        );
        assert_eq!(
            read(&[("from", "99999999999999999999999")]),
            Err("from: is not a number".to_owned())
        );
        assert_eq!(
            read(&[("process", "0")]),
            Err("process: is not a process number".to_owned())
        );
        assert_eq!(
            read(&[("role", "god")]),
            Err("role: is none of watch, write, owner".to_owned())
        );
    }
}
