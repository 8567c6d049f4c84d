//! Two readers of a stream that look for questions: one tells that a chunk has one, one takes
//! them out for viewers whose terminal would answer a second time.

use super::glance::may_ask;
use super::parser::{Kind, Parser, Token};
use super::query::{Query, color_commands};

/// How much is parsed, in bytes, before it is looked again whether the rest needs it: most
/// sequences are shorter.
const PARSED: usize = 64;

/// What is to be parsed of the rest of a chunk, and what comes before and passes as it is; `None`
/// if all of it passes. A chunk that ends within a sequence, as most do in colourful output, costs
/// the parsing of that sequence and not of the chunk.
fn next<'a>(parser: &Parser, rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    if rest.is_empty() {
        return None;
    }
    let clean = if parser.is_ground() {
        may_ask(rest)?
    } else {
        0
    };
    let (before, more) = rest.split_at(clean);
    let (parsed, more) = more.split_at(more.len().min(PARSED));
    *rest = more;
    Some((before, parsed))
}

/// Bytes of a stream that hold no question, by offset: from a place where nothing was unfinished to
/// another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clean {
    from: u64,
    to: u64,
}

impl Clean {
    /// How many bytes are clean from this offset on.
    pub fn after(self, offset: u64) -> usize {
        if offset < self.from {
            return 0;
        }
        usize::try_from(self.to.saturating_sub(offset)).unwrap_or(usize::MAX)
    }
}

/// Tells which chunks of a stream ask something that the server answers, and which need not be
/// looked at again.
#[derive(Clone, Debug, Default)]
pub struct QueryScan {
    parser: Parser,
    /// How many bytes it was shown.
    seen: u64,
    clean: Clean,
    /// A question has come, and what it is part of has not ended.
    asked: bool,
}

impl QueryScan {
    /// Whether a question ends in this chunk; one cut in two counts where it ends. Chunks are
    /// to be shown in order and without gaps. Usual output costs a glance.
    pub fn needs_answer(&mut self, bytes: &[u8]) -> bool {
        let (mut found, mut rest) = (false, bytes);
        while let Some((before, parsed)) = next(&self.parser, &mut rest) {
            if !before.is_empty() {
                self.passed(before.len());
            }
            let asked = &mut self.asked;
            self.parser.advance(parsed, |token| {
                if let Token::Sequence { kind, body, .. } = token
                    && asks(kind, body)
                {
                    (*asked, found) = (true, true);
                }
            });
            self.passed(parsed.len());
        }
        self.passed(rest.len());
        found
    }

    /// Which of the newest bytes need not be looked at again.
    pub const fn clean(&self) -> Clean {
        self.clean
    }

    /// So many bytes were looked at.
    fn passed(&mut self, count: usize) {
        self.seen += count as u64;
        if self.parser.is_ground() {
            if std::mem::take(&mut self.asked) {
                self.clean.from = self.seen;
            }
            self.clean.to = self.seen;
        }
    }
}

fn asks(kind: Kind, body: &[u8]) -> bool {
    Query::of(kind, body).is_some()
        || (kind == Kind::Osc
            && color_commands(body)
                .iter()
                .any(super::query::ColorCommand::asks))
}

/// Takes the questions that the server answers out of a stream; every other byte stays.
#[derive(Clone, Debug, Default)]
pub struct QueryFilter {
    parser: Parser,
}

impl QueryFilter {
    /// Whether this chunk, the next one, passes as it is; otherwise it is to be filtered. Its first
    /// `clean` bytes are known to hold no question (see [`Clean`]) and are not looked at.
    pub fn passes(&self, bytes: &[u8], clean: usize) -> bool {
        let rest = bytes.get(clean..).unwrap_or_default();
        self.parser.is_ground() && may_ask(rest).is_none()
    }

    /// What a viewer may see of this chunk, appended to `out`. The beginning of a sequence that
    /// is not finished is held back until it is. `clean` as in [`QueryFilter::passes`].
    pub fn filter(&mut self, bytes: &[u8], clean: usize, out: &mut Vec<u8>) {
        let (clean, mut rest) = (clean.min(bytes.len()), bytes);
        loop {
            let at = bytes.len() - rest.len();
            if at < clean && self.parser.is_ground() {
                out.extend_from_slice(&bytes[at..clean]);
                rest = &bytes[clean..];
            }
            let Some((before, unsure)) = next(&self.parser, &mut rest) else {
                break;
            };
            out.extend_from_slice(before);
            self.parse(unsure, out);
        }
        // What needs no parsing.
        out.extend_from_slice(rest);
    }

    fn parse(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.parser.advance(bytes, |token| match token {
            Token::Control(byte) => out.push(byte),
            Token::Embedded(_) => (),
            Token::Sequence { kind, raw, body } if asks(kind, body) => {
                match kind {
                    Kind::Osc => keep_settings(body, out),
                    // Controls inside a sequence act on their own.
                    Kind::Csi => out.extend(raw.iter().filter(|byte| matches!(byte, 8..=15))),
                    _ => (),
                }
            }
            Token::Text(raw)
            | Token::Void(raw)
            | Token::Image { raw, .. }
            | Token::Sequence { raw, .. } => out.extend_from_slice(raw),
        });
    }

    /// What was held back, at the end of the stream.
    pub fn finish(&mut self) -> Vec<u8> {
        self.parser.take_held()
    }
}

/// A colour command may set some colours and ask for others: what sets stays.
fn keep_settings(body: &[u8], out: &mut Vec<u8>) {
    for command in color_commands(body) {
        if !command.asks() {
            let text = format!("\x1b]{};{}\x1b\\", command.name, command.value);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUERIES: [&[u8]; 13] = [
        b"\x1b[c",
        b"\x1b[>c",
        b"\x1b[=c",
        b"\x1b[6n",
        b"\x1b[?2026$p",
        b"\x1b]11;?\x07",
        b"\x1b]4;1;?\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b[>q",
        b"\x1b[?u",
        b"\x1b[?1;1;0S",
        b"\xc2\x9bc",
        b"\x1b[18t",
    ];

    fn filtered(chunks: &[&[u8]]) -> Vec<u8> {
        let mut filter = QueryFilter::default();
        let mut out = Vec::new();
        for chunk in chunks {
            filter.filter(chunk, 0, &mut out);
        }
        out.extend(filter.finish());
        out
    }

    #[test]
    fn questions_go_and_the_rest_stays_wherever_it_is_cut() {
        for query in QUERIES {
            let stream = [
                b"a\x1b[1m\x1b]2;t\x07",
                query,
                b"\xe2\x82\xac\x1b[22t\x1b[?7h",
            ]
            .concat();
            let rest = "a\x1b[1m\x1b]2;t\x07€\x1b[22t\x1b[?7h".as_bytes();
            for cut in 0..=stream.len() {
                let (left, right) = stream.split_at(cut);
                assert_eq!(filtered(&[left, right]), rest, "{}", query.escape_ascii());
                let mut scan = QueryScan::default();
                let (first, second) = (scan.needs_answer(left), scan.needs_answer(right));
                assert!(first || second, "{} cut at {cut}", query.escape_ascii());
            }
        }
    }

    #[test]
    fn what_others_answer_or_sets_something_stays() {
        for stream in [
            &b"\x1b]52;c;?\x07"[..],
            b"\x1b[21t",
            b"\x1b]10;#fff\x07",
            b"\x1b[?25h",
            b"\x1bP+q544e\x1b\\",
        ] {
            assert_eq!(filtered(&[stream]), stream);
            assert!(!QueryScan::default().needs_answer(stream));
        }
        assert_eq!(filtered(&[b"\x1b]10;?;#fff\x07x"]), b"\x1b]11;#fff\x1b\\x");
    }

    fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let usual = [
            "text é€ ",
            "\x1b[1;31m",
            "\x1b]0;t\x07",
            "\r\n",
            "\x1b[?25l\x1b(B",
        ];
        let piece = prop_oneof![
            proptest::sample::select(&QUERIES[..]).prop_map(<[u8]>::to_vec),
            proptest::sample::select(usual.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..4),
            // Longer than what is parsed at a time.
            Just([b"\x1bPq", &[b'#'; 3 * PARSED][..], b"\x1b\\"].concat()),
        ];
        proptest::collection::vec(piece, 0..12)
    }

    proptest! {
        #[test]
        fn what_is_not_parsed_needed_no_parsing(
            pieces in pieces(), cuts in proptest::collection::vec(0..400_usize, 0..6)
        ) {
            let stream = pieces.concat();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < stream.len()).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            let mut whole = QueryFilter::default();
            let (mut all, mut asked) = (Vec::new(), false);
            whole.parse(&stream, &mut all);
            Parser::default().advance(&stream, |token| {
                if let Token::Sequence { kind, body, .. } = token {
                    asked |= asks(kind, body);
                }
            });
            all.extend(whole.finish());
            prop_assert_eq!(filtered(&chunks), all);
            let mut scan = QueryScan::default();
            let found = chunks.iter().fold(false, |found, chunk| scan.needs_answer(chunk) | found);
            prop_assert_eq!(found, asked);
        }

        /// A stream that is looked at as it is written, and then by viewers that read it in other
        /// pieces, some of them late: each sees what it would if it had looked at everything.
        #[test]
        fn what_was_looked_at_need_not_be_again(
            pieces in pieces(),
            steps in proptest::collection::vec((any::<bool>(), 1..200_usize), 0..40),
        ) {
            let mut stream = pieces.concat();
            // In a string such a control is none, but where a viewer's piece begins within the
            // string, and a question has come since, nobody knows: it is taken out.
            stream.retain(|byte| *byte != 0xc2);
            let (mut scan, mut filter) = (QueryScan::default(), QueryFilter::default());
            let (mut written, mut read, mut seen) = (0, 0, Vec::new());
            let last = [(true, stream.len()), (false, stream.len())];
            for (writes, count) in steps.into_iter().chain(last) {
                if writes {
                    let end = stream.len().min(written + count);
                    scan.needs_answer(&stream[written..end]);
                    written = end;
                } else {
                    let end = written.min(read + count);
                    let (piece, clean) = (&stream[read..end], scan.clean().after(read as u64));
                    if filter.passes(piece, clean) {
                        seen.extend_from_slice(piece);
                    } else {
                        filter.filter(piece, clean, &mut seen);
                    }
                    read = end;
                }
            }
            seen.extend(filter.finish());
            prop_assert_eq!(seen, filtered(&[&stream]));
        }

        #[test]
        fn bytes_without_escapes_pass_unchanged(
            chunks in proptest::collection::vec(proptest::collection::vec(
                any::<u8>().prop_filter("no ESC", |byte| *byte != 0x1b && *byte != 0xc2), 0..30), 0..5)
        ) {
            let parts: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(filtered(&parts), chunks.concat());
        }
    }
}
