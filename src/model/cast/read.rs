//! Reading a recording, asciicast v2 or v3.

use std::io::{self, BufRead};
use std::time::Duration;

use serde::Deserialize;

use crate::model::size::Size;

/// A recording is read whole, so that one can go back in it: this is the longest one, in bytes.
pub const MAX_FILE: u64 = 512 << 20;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Since the beginning.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The program wrote this.
    Output(String),
    /// The terminal has this size from here on.
    Resize(Size),
    /// A mark.
    Marker(String),
    /// The program has ended with this status.
    Exit(String),
}

/// A recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    /// The first size.
    pub size: Size,
    /// What it is called.
    pub title: Option<String>,
    /// When it was begun, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// No pause is to be longer than this.
    pub idle_limit: Option<Duration>,
    /// What happened.
    pub events: Vec<Event>,
}

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is wrong.
    #[error("line {line}: {why}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

#[derive(Deserialize)]
struct Header {
    version: u64,
    width: Option<u64>,
    height: Option<u64>,
    term: Option<Term>,
    title: Option<String>,
    timestamp: Option<u64>,
    idle_time_limit: Option<f64>,
}

#[derive(Deserialize)]
struct Term {
    cols: u64,
    rows: u64,
}

/// Reads the first line alone.
///
/// # Errors
/// When it is none of a recording.
pub fn header(line: &str) -> Result<Cast, String> {
    Ok(parse_header(line)?.0)
}

fn parse_header(line: &str) -> Result<(Cast, bool), String> {
    let no = |error: serde_json::Error| format!("is no header of an asciicast: {error}");
    let header: Header = serde_json::from_str(line).map_err(no)?;
    let size = match (header.version, &header.term, header.width, header.height) {
        (3, Some(term), ..) => Size::clamped(term.cols, term.rows),
        (2, _, Some(width), Some(height)) => Size::clamped(width, height),
        (2 | 3, ..) => return Err("the header says no size".to_owned()),
        (version, ..) => return Err(format!("version {version} is not known; there are 2 and 3")),
    };
    let cast = Cast {
        size,
        title: header.title,
        timestamp: header.timestamp,
        idle_limit: header
            .idle_time_limit
            .and_then(|limit| Duration::try_from_secs_f64(limit).ok()),
        events: Vec::new(),
    };
    Ok((cast, header.version == 3))
}

/// Reads a recording. A last line without its end is what a server that was cut off left, and is
/// passed over.
///
/// # Errors
/// When it is none, with the line that says so.
pub fn read(file: impl BufRead) -> Result<Cast, ReadError> {
    let mut file = file.take(MAX_FILE);
    let mut line = Vec::new();
    let mut number = 0;
    let mut cast: Option<(Cast, bool)> = None;
    let mut now = Duration::ZERO;
    loop {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        let wrong = |why: String| ReadError::Line { line: number, why };
        let whole = line.ends_with(b"\n");
        let text = match std::str::from_utf8(&line) {
            Ok(text) => text.trim_end(),
            Err(_) if !whole && number > 1 => break,
            Err(_) => return Err(wrong("is not UTF-8".to_owned())),
        };
        match &mut cast {
            None => cast = Some(parse_header(text).map_err(wrong)?),
            Some(_) if text.is_empty() || text.starts_with('#') => {}
            Some((cast, relative)) => match event(text, now, *relative) {
                Ok((at, what)) => {
                    now = at;
                    cast.events.extend(what.map(|what| Event { at, what }));
                }
                Err(_) if !whole => break,
                Err(why) => return Err(wrong(why)),
            },
        }
    }
    if file.limit() == 0 {
        let why = format!("the recording is longer than {} MiB", MAX_FILE >> 20);
        return Err(ReadError::Line { line: number, why });
    }
    let empty = ReadError::Line {
        line: 1,
        why: "there is no header of an asciicast".to_owned(),
    };
    cast.map(|(cast, _)| cast).ok_or(empty)
}

fn event(text: &str, now: Duration, relative: bool) -> Result<(Duration, Option<What>), String> {
    let no = |error: serde_json::Error| format!("is no event: {error}");
    let (time, code, data): (f64, String, String) = serde_json::from_str(text).map_err(no)?;
    let time = Duration::try_from_secs_f64(time).map_err(|_| format!("{time} is no time"))?;
    let at = if relative {
        now.checked_add(time)
    } else {
        Some(time.max(now))
    };
    let at = at.ok_or("the time is beyond all bounds")?;
    let what = match code.as_str() {
        "o" => Some(What::Output(data)),
        "m" => Some(What::Marker(data)),
        "x" => Some(What::Exit(data)),
        "r" => {
            let sides = data.split_once('x').and_then(|(cols, rows)| {
                Some(Size::clamped(cols.parse().ok()?, rows.parse().ok()?))
            });
            Some(What::Resize(
                sides.ok_or_else(|| format!("{data:?} is no size"))?,
            ))
        }
        // Input, and what later versions add, is not shown.
        _ => None,
    };
    Ok((at, what))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V3: &str = "{\"version\":3,\"term\":{\"cols\":90,\"rows\":30},\"title\":\"t\"}\n# a comment\n\
        [0.5, \"o\", \"a\"]\n[1, \"i\", \"typed\"]\n[0.5, \"r\", \"100x40\"]\n[0, \"x\", \"3\"]\n";

    #[test]
    fn both_versions_are_read_and_a_torn_end_is_passed_over() {
        let cast = read(V3.as_bytes()).expect("a recording");
        let whats: Vec<_> = cast
            .events
            .iter()
            .map(|event| (event.at.as_millis(), &event.what))
            .collect();
        let size = Size {
            cols: 100,
            rows: 40,
        };
        assert_eq!(
            whats,
            [
                (500, &What::Output("a".to_owned())),
                (2000, &What::Resize(size)),
                (2000, &What::Exit("3".to_owned())),
            ]
        );
        let v2 = "{\"version\":2,\"width\":80,\"height\":24}\n[0.5,\"o\",\"a\"]\n[0.75,\"o\",\"b\"]\n[0.8, \"o\", \"to";
        let cast = read(v2.as_bytes()).expect("a recording");
        let times: Vec<_> = cast
            .events
            .iter()
            .map(|event| event.at.as_millis())
            .collect();
        assert_eq!((cast.size, times), (Size::DEFAULT, vec![500, 750]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let head = "{\"version\":3,\"term\":{\"cols\":90,\"rows\":30}}\n";
        for (text, told) in [
            (String::new(), "line 1: there is no header"),
            ("hello\n".to_owned(), "line 1: is no header"),
            ("{\"version\":1}\n".to_owned(), "line 1: "),
            (
                format!("{head}[0.1, \"o\", \"a\"]\nnonsense\n[0,\"o\",\"\"]\n"),
                "line 3: is no event",
            ),
            (
                format!("{head}[-1, \"o\", \"a\"]\n"),
                "line 2: -1 is no time",
            ),
            (
                format!("{head}[1, \"r\", \"wide\"]\n"),
                "line 2: \"wide\" is no size",
            ),
        ] {
            let error = read(text.as_bytes()).expect_err("it is wrong").to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_file_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(bytes.as_slice());
            let _ = read([V3.as_bytes(), &bytes].concat().as_slice());
        }
    }
}
