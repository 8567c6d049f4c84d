//! A quick look at a piece of output, much faster than reading it: most pieces hold nothing that
//! would need more.
//!
//! A look is for a piece that begins where no sequence is unfinished. It may be wrong in one
//! direction only: it never overlooks.

use memchr::{memchr, memchr2, memrchr_iter};

const ESC: u8 = 0x1b;

/// The first byte of a C1 control in UTF-8, and of some characters.
const C1: u8 = 0xc2;

/// Bytes that are looked at in one go, for the compiler to do so with wide registers.
const CHUNK: usize = 64;

/// The usual ways to take all colours back.
const RESETS: [&[u8]; 2] = [b"\x1b[0m", b"\x1b[m"];

/// Finals of control sequences that change nothing outside the row of the cursor, nor leave it:
/// erase, insert, delete, move sideways.
const WITHIN_A_ROW: &[u8] = b"KCDG@PX`a";

/// Finals of control sequences among which all that ask something are (see `Query`), but for the
/// next ones.
const ASKING: &[u8] = b"cnpqtu";

/// Finals of control sequences that ask with a `?` only.
const ASKING_PRIVATELY: &[u8] = b"mS";

/// How many lines more than it has to, a tail may have: programs that write bare line feeds on a
/// terminal in raw mode return the carriage now and then.
const MORE_LINES: usize = 1000;

/// Where in this piece a question may begin, or a sequence that its end cuts in two. What comes
/// before asks nothing and leaves nothing unfinished.
pub fn may_ask(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr2(ESC, C1, &bytes[at..]) {
        at += found;
        // Where there is one there are more, and a search for each would cost more than a look.
        loop {
            let start = at;
            let mut begins = beginnings(&bytes[start..]);
            if begins == 0 {
                break;
            }
            at = bytes.len().min(start + CHUNK);
            let mut passed = start;
            while begins != 0 {
                let next = start + begins.trailing_zeros() as usize;
                begins &= begins - 1;
                if next >= passed {
                    match pass(bytes, next) {
                        Some(behind) => passed = behind,
                        None => return Some(next),
                    }
                }
            }
            at = at.max(passed);
        }
        at = bytes.len().min(at + CHUNK);
    }
    None
}

/// Which of the first [`CHUNK`] bytes may begin a sequence, one bit each. Written so that the
/// compiler compares with wide registers: a search would find one at a time.
fn beginnings(bytes: &[u8]) -> u64 {
    /// Moves the lowest bits of eight bytes to the highest byte, in order.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut chunk = [0; CHUNK];
    let bytes = bytes.first_chunk().unwrap_or_else(|| {
        chunk[..bytes.len()].copy_from_slice(bytes);
        &chunk
    });
    let begins = bytes.map(|byte| u8::from(byte == ESC) | u8::from(byte == C1));
    let (words, _) = begins.as_chunks();
    let bits = words
        .iter()
        .map(|word| u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56);
    bits.rev().fold(0, |all, bits| all << 8 | bits)
}

/// Where what begins at `at` is over; `None` if it may ask or does not end.
fn pass(bytes: &[u8], at: usize) -> Option<usize> {
    let (second, rest) = bytes[at + 1..].split_first()?;
    let length = match (bytes[at], second) {
        (ESC, b'[') => control_sequence(rest)? + 1,
        (ESC, b']') => command(rest)? + 1,
        // In the last, the second byte of a C1 control; any other makes a character of the two.
        (ESC, b'P' | b'X' | b'^' | b'_' | b'Z' | &ESC) | (C1, 0x80..=0x9f) => return None,
        _ => 0,
    };
    Some(at + 1 + length)
}

/// What a byte is in a control sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It goes on.
    Parameter,
    /// It ends, and asks nothing.
    Final,
    /// It ends, and asks if its first byte is a `?`.
    Private,
    /// It ends and may ask, or is none.
    Other,
}

/// What each byte is in a control sequence.
const PARTS: [Part; 256] = {
    let mut parts = [Part::Other; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        parts[byte] = match byte {
            0x20..=0x3f => Part::Parameter,
            _ => Part::Final,
        };
        byte += 1;
    }
    let mut at = 0;
    while at < ASKING.len() {
        parts[ASKING[at] as usize] = Part::Other;
        at += 1;
    }
    let mut at = 0;
    while at < ASKING_PRIVATELY.len() {
        parts[ASKING_PRIVATELY[at] as usize] = Part::Private;
        at += 1;
    }
    parts
};

/// The length of a control sequence after its introducer; `None` if it may ask or does not end.
fn control_sequence(rest: &[u8]) -> Option<usize> {
    let part = |byte: u8| PARTS[usize::from(byte)];
    let length = rest
        .iter()
        .position(|byte| part(*byte) != Part::Parameter)?;
    let passes = match part(rest[length]) {
        Part::Final => true,
        Part::Private => rest[0] != b'?',
        Part::Parameter | Part::Other => false,
    };
    passes.then_some(length + 1)
}

/// The length of an operating system command after its introducer; `None` if it may ask or does
/// not end. One that asks holds a question mark.
fn command(rest: &[u8]) -> Option<usize> {
    let length = memchr2(0x07, ESC, rest)?;
    memchr(b'?', &rest[..length]).is_none().then_some(length)
}

/// Where the last `lines` lines of a piece begin, or some lines more, if what comes before can be
/// left out: it must be nothing but text, line ends, colours and what a progress bar does, so that
/// it would have scrolled away and left only its colours behind.
pub fn tail_of_log(bytes: &[u8], lines: usize) -> Option<usize> {
    last_lines(bytes, lines).filter(|start| is_log(&bytes[..*start]))
}

/// Where the last `lines` lines of a piece begin, or some lines more: at the left edge, which only
/// a carriage return before the line end makes certain.
pub fn last_lines(bytes: &[u8], lines: usize) -> Option<usize> {
    memrchr_iter(b'\n', bytes)
        .skip(lines)
        .take(MORE_LINES)
        .find(|end| bytes[..*end].ends_with(b"\r"))
        .map(|end| end + 1)
}

/// Calls `tell` with the colour commands of a piece for which [`tail_of_log`] holds, from the last
/// one on that takes all colours back.
pub fn colors(bytes: &[u8], mut tell: impl FnMut(&[u8])) {
    let is_reset = |at: &usize| RESETS.iter().any(|reset| bytes[*at..].starts_with(reset));
    let last = memrchr_iter(ESC, bytes).find(is_reset);
    let mut at = last.unwrap_or(0);
    while let Some(found) = memchr(ESC, &bytes[at..]) {
        let start = at + found;
        let length = bytes[start..].iter().position(u8::is_ascii_alphabetic);
        at = start + length.map_or(1, |length| length + 1);
        if bytes[..at].ends_with(b"m") {
            tell(&bytes[start..at]);
        }
    }
}

/// Whether a chunk holds a control that a log has not: any but bell, backspace, tab, line ends and
/// what begins a sequence. In comparisons alone, which the compiler does on many bytes at once; a
/// table it would read byte by byte.
fn holds_control(chunk: &[u8]) -> bool {
    let held = chunk.iter().fold(0, |held, &byte| {
        let of_a_log = u8::from(byte.wrapping_sub(7) < 4) | u8::from(byte == b'\r');
        let of_a_log = of_a_log | u8::from(byte == ESC);
        held | (u8::from(byte < 0x20) & !of_a_log)
    });
    held != 0
}

/// Whether a piece is nothing but text, line ends, colours and changes within a row.
pub fn is_log(bytes: &[u8]) -> bool {
    if bytes.chunks(CHUNK).any(holds_control) {
        return false;
    }
    // What begins within a sequence is none of its parts, so all beginnings are looked at.
    bytes.chunks(CHUNK).enumerate().all(|(number, chunk)| {
        let mut begins = beginnings(chunk);
        while begins != 0 {
            let at = number * CHUNK + begins.trailing_zeros() as usize;
            begins &= begins - 1;
            if !belongs_to_a_log(&bytes[at..]) {
                return false;
            }
        }
        true
    })
}

/// Whether what begins here is a colour, a change within a row, or a character.
fn belongs_to_a_log(begun: &[u8]) -> bool {
    let parameters = match begun {
        [C1, second, ..] => return !matches!(second, 0x80..=0x9f),
        [ESC, b'[', parameters @ ..] => parameters,
        _ => return false,
    };
    let mut rest = parameters.iter();
    let last = rest.find(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'));
    last.is_some_and(|last| *last == b'm' || WITHIN_A_ROW.contains(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_cut_sequences_are_never_overlooked() {
        let asking: [&[u8]; 13] = [
            b"\x1b[c",
            b"\x1b[>0q",
            b"\x1b[6n",
            b"\x1b[?2026$p",
            b"\x1b]11;?\x07",
            b"\x1bP$qm\x1b\\",
            b"\x1b[?u",
            b"\x1b[18t",
            b"\x1b[?4m",
            b"\x1b[?2;1;0S",
            b"\x1bZ",
            b"\xc2\x9bc",
            b"\x1b]4;1;?\x1b\\",
        ];
        for question in asking {
            let stream = [
                b"text \x1b[1;31mred\x1b[0m \x1b]2;title\x07",
                question,
                b"more",
            ]
            .concat();
            let begins = stream.len() - 4 - question.len();
            assert_eq!(
                may_ask(&stream),
                Some(begins),
                "{}",
                question.escape_ascii()
            );
            for cut in 1..question.len() {
                let cut = &stream[..begins + cut];
                assert_eq!(may_ask(cut), Some(begins), "{}", cut.escape_ascii());
            }
        }
    }

    #[test]
    fn questions_are_found_wherever_they_stand_and_however_they_are_cut() {
        let colours = b"\x1b[1;31mred\x1b[0m ".repeat(20);
        for before in 0..2 * CHUNK {
            let links = format!("\x1b]8;;{}\x07", "x".repeat(before));
            for lead in [vec![b'.'; before], links.into_bytes(), vec![0xc2; before]] {
                for middle in [&b""[..], &colours] {
                    let clean = [&lead, &b"\xc2\xa0"[..], middle].concat();
                    assert_eq!(may_ask(&clean), None, "{}", clean.escape_ascii());
                    for question in [&b"\x1b[6n"[..], b"\xc2\x9b", b"\x1b"] {
                        let stream = [&clean, question].concat();
                        let found = may_ask(&stream);
                        assert_eq!(found, Some(clean.len()), "{}", stream.escape_ascii());
                    }
                }
            }
        }
    }

    #[test]
    fn usual_output_asks_nothing() {
        let usual = "\x1b[2J\x1b[1;1H\x1b[38;5;3mé\u{a0}日本\x1b[0m\x1b(B\x1b]0;t\x07\x1b]8;;http://x/\x1b\\l\x1b[?25l";
        assert_eq!(may_ask(usual.as_bytes()), None);
    }

    #[test]
    fn one_control_is_seen_wherever_it_stands() {
        let line = b"\x1b[1;31mred\x1b[0m \xc3\xa9\xc2\xa0\x07\x08\t text\r\n";
        let log = line.repeat(8);
        assert!(is_log(&log));
        for at in (0..log.len()).filter(|at| at % line.len() == 0) {
            for control in 0..=0x1f {
                let allowed = matches!(control, 7..=10 | 13);
                let with: Vec<u8> = [&log[..at], &[control], &log[at..]].concat();
                assert_eq!(is_log(&with), allowed, "{control} at {at}");
            }
            for other in [
                &b"\x1b[H"[..],
                b"\x1b[?2m",
                b"\x1bM",
                b"\xc2\x9b",
                b"\x1b]0;\x07",
            ] {
                let with: Vec<u8> = [&log[..at], other, &log[at..]].concat();
                assert!(!is_log(&with), "{} at {at}", other.escape_ascii());
            }
        }
        for cut in [&b"\x1b"[..], b"\x1b[", b"\x1b[1;3", b"\xc2"] {
            assert!(!is_log(&[&log, cut].concat()), "{}", cut.escape_ascii());
        }
    }

    #[test]
    fn only_a_log_can_be_left_out() {
        let log = b"one\x1b[2K\r\n\x1b[1;31mtwo\r\nthree\r\nfour\r\n";
        assert_eq!(
            tail_of_log(log, 2).map(|at| &log[at..]),
            Some(&b"three\r\nfour\r\n"[..])
        );
        let mut seen = Vec::new();
        colors(log, |color| seen.extend_from_slice(color));
        assert_eq!(seen, b"\x1b[1;31m");
        assert_eq!(tail_of_log(log, 4), None, "there are not so many lines");
        let bare = b"one\r\ntwo\nthree\nfour\n";
        assert_eq!(
            tail_of_log(bare, 1).map(|at| &bare[at..]),
            Some(&b"two\nthree\nfour\n"[..])
        );
        assert_eq!(
            tail_of_log(b"one\ntwo\nthree\n", 1),
            None,
            "nobody knows the column"
        );
        for other in [
            "\x1b[2Ja\r\nb\r\nc\r\n",
            "\u{9b}2Ja\r\nb\r\nc\r\n",
            "a\x0b\r\nb\r\nc\r\n",
            "\x1b[?4ma\r\nb\r\nc\r\n",
        ] {
            assert_eq!(
                tail_of_log(other.as_bytes(), 1),
                None,
                "{}",
                other.escape_debug()
            );
        }
    }
}
