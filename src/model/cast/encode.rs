//! Writing a recording: events become lines, pieces of output become text.

use std::io::Write as _;

use serde_json::json;

use crate::model::size::Size;

/// Output that one event holds at most, in bytes: a player shows an event at once, so a flood is
/// cut into pieces that can be stopped between.
pub const MAX_EVENT: usize = 16 * 1024;

/// The first line.
pub fn header(size: Size, timestamp: u64, title: &str) -> String {
    let header = json!({
        "version": 3,
        "term": {"cols": size.cols, "rows": size.rows, "type": "xterm-256color"},
        "timestamp": timestamp,
        "title": title,
    });
    format!("{header}\n")
}

/// Turns what happens to a terminal into lines. Times are milliseconds since the beginning.
#[derive(Debug, Default)]
pub struct Encoder {
    last: u64,
    /// The beginning of a character whose rest has not come yet; 3 bytes at most.
    begun: Vec<u8>,
}

impl Encoder {
    /// Output, cut wherever the system cut it: a character is written once it is whole.
    pub fn output(&mut self, now: u64, bytes: &[u8], lines: &mut Vec<u8>) {
        for piece in bytes.chunks(MAX_EVENT) {
            let mut all = std::mem::take(&mut self.begun);
            all.extend_from_slice(piece);
            let mut text = String::with_capacity(all.len());
            let mut rest = all.as_slice();
            while !rest.is_empty() {
                match std::str::from_utf8(rest) {
                    Ok(valid) => {
                        text.push_str(valid);
                        break;
                    }
                    Err(error) => {
                        let (valid, bad) = rest.split_at(error.valid_up_to());
                        text.push_str(&String::from_utf8_lossy(valid));
                        let Some(length) = error.error_len() else {
                            self.begun = bad.to_vec();
                            break;
                        };
                        text.push(char::REPLACEMENT_CHARACTER);
                        rest = &bad[length..];
                    }
                }
            }
            if !text.is_empty() {
                self.event(now, "o", &text, lines);
            }
        }
    }

    /// The terminal has another size from here on.
    pub fn resize(&mut self, now: u64, size: Size, lines: &mut Vec<u8>) {
        let text = format!("{}x{}", size.cols, size.rows);
        self.event(now, "r", &text, lines);
    }

    /// A mark with a text of the server's own.
    pub fn marker(&mut self, now: u64, text: &str, lines: &mut Vec<u8>) {
        self.event(now, "m", text, lines);
    }

    /// The program has ended with this status, as a shell would say it.
    pub fn exit(&mut self, now: u64, status: u8, lines: &mut Vec<u8>) {
        self.close(now, lines);
        self.event(now, "x", &status.to_string(), lines);
    }

    /// Nothing comes any more: a character that was begun stays so.
    pub fn close(&mut self, now: u64, lines: &mut Vec<u8>) {
        if !std::mem::take(&mut self.begun).is_empty() {
            self.event(now, "o", "\u{fffd}", lines);
        }
    }

    fn event(&mut self, now: u64, code: &str, text: &str, lines: &mut Vec<u8>) {
        let passed = now.saturating_sub(self.last);
        self.last += passed;
        let (seconds, millis) = (passed / 1000, passed % 1000);
        let text = serde_json::Value::from(text);
        // A vector takes everything.
        let _ = writeln!(lines, "[{seconds}.{millis:03}, \"{code}\", {text}]");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(lines: &[u8]) -> String {
        let text = std::str::from_utf8(lines).expect("lines are UTF-8");
        let events = text.lines().map(|line| {
            let event: (f64, String, String) = serde_json::from_str(line).expect("an event");
            event.2
        });
        events.collect()
    }

    #[test]
    fn times_are_relative_and_every_event_is_a_line() {
        let (mut encoder, mut lines) = (Encoder::default(), Vec::new());
        encoder.output(1_500, b"\x1b[1m\"\n", &mut lines);
        encoder.resize(1_700, Size { cols: 90, rows: 30 }, &mut lines);
        encoder.marker(1_700, "stopped", &mut lines);
        encoder.exit(63_701, 7, &mut lines);
        let expected = "[1.500, \"o\", \"\\u001b[1m\\\"\\n\"]\n[0.200, \"r\", \"90x30\"]\n\
                        [0.000, \"m\", \"stopped\"]\n[62.001, \"x\", \"7\"]\n";
        assert_eq!(String::from_utf8(lines).as_deref(), Ok(expected));
    }

    #[test]
    fn a_character_that_never_ends_and_bytes_that_are_none_are_shown_as_such() {
        let (mut encoder, mut lines) = (Encoder::default(), Vec::new());
        encoder.output(0, b"a\xffb\xe2\x82", &mut lines);
        assert_eq!(shown(&lines), "a\u{fffd}b");
        encoder.exit(0, 0, &mut lines);
        assert_eq!(shown(&lines), "a\u{fffd}b\u{fffd}0");
    }

    proptest! {
        #[test]
        fn text_survives_every_cut(text in "\\PC{0,40}", cuts in prop::collection::vec(0_usize..120, 0..8)) {
            let (mut encoder, mut lines) = (Encoder::default(), Vec::new());
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            for pair in cuts.windows(2) {
                encoder.output(0, &text.as_bytes()[pair[0]..pair[1]], &mut lines);
            }
            prop_assert_eq!(shown(&lines), text);
        }
    }
}
