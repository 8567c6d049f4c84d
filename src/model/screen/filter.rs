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

/// Tells which chunks of a stream ask something that the server answers.
#[derive(Clone, Debug, Default)]
pub struct QueryScan {
    parser: Parser,
}

impl QueryScan {
    /// Whether a question ends in this chunk; one cut in two counts where it ends. Chunks are
    /// to be shown in order and without gaps. Usual output costs a glance.
    pub fn needs_answer(&mut self, bytes: &[u8]) -> bool {
        let (mut found, mut rest) = (false, bytes);
        while let Some((_, parsed)) = next(&self.parser, &mut rest) {
            self.parser.advance(parsed, |token| {
                if let Token::Sequence { kind, body, .. } = token {
                    found |= asks(kind, body);
                }
            });
        }
        found
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
    /// Whether this chunk, the next one, passes as it is; otherwise it is to be filtered.
    pub fn passes(&self, bytes: &[u8]) -> bool {
        self.parser.is_ground() && may_ask(bytes).is_none()
    }

    /// What a viewer may see of this chunk, appended to `out`. The beginning of a sequence that
    /// is not finished is held back until it is.
    pub fn filter(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((passed, parsed)) = next(&self.parser, &mut rest) {
            out.extend_from_slice(passed);
            self.parse(parsed, out);
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
            Token::Text(raw) | Token::Void(raw) | Token::Sequence { raw, .. } => {
                out.extend_from_slice(raw);
            }
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

    const QUERIES: [&[u8]; 12] = [
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
        b"\xc2\x9bc",
        b"\x1b[18t",
    ];

    fn filtered(chunks: &[&[u8]]) -> Vec<u8> {
        let mut filter = QueryFilter::default();
        let mut out = Vec::new();
        for chunk in chunks {
            filter.filter(chunk, &mut out);
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
