//! Cuts a terminal's output into text, control characters and whole sequences. It keeps what is
//! unfinished at the end of a chunk, so a cut anywhere in the stream changes nothing.

use super::passing::{Image, Passing};

/// Longest string sequence (OSC, DCS, APC) that is kept to be read, in bytes. Titles, links and
/// colours are far below it; what is longer (clipboards) means nothing to the model. Of images
/// only the size does.
pub const STRING_MAX: usize = 8 * 1024;

/// Longest CSI or ESC sequence that is kept, in bytes. A real one has a few dozen.
const CONTROL_MAX: usize = 512;

/// What kind of sequence a [`Token::Sequence`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `ESC`, intermediates, one final byte.
    Escape,
    /// `CSI`, parameters, intermediates, one final byte.
    Csi,
    /// An operating system command, ended by BEL or ST.
    Osc,
    /// A device control string, ended by ST.
    Dcs,
    /// A string without meaning here: SOS, PM, APC.
    Other,
}

/// One piece of the stream. The raw bytes of all pieces in order are the stream itself.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Printable bytes, meant as UTF-8; bytes that are not are to be dropped.
    Text(&'a [u8]),
    /// A control character on its own.
    Control(u8),
    /// A control character inside a sequence: acts at once, its byte comes with the sequence.
    Embedded(u8),
    /// A whole sequence.
    Sequence {
        /// What it is.
        kind: Kind,
        /// All of its bytes.
        raw: &'a [u8],
        /// What stands between the introducer and the terminator; a final byte is included.
        body: &'a [u8],
    },
    /// The end of an image, of which all that is kept comes with it.
    Image {
        /// The bytes that did not come before.
        raw: &'a [u8],
        /// How large it is.
        image: Image,
    },
    /// Bytes without effect: an aborted sequence, or a part of one that is too long.
    Void(&'a [u8]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    Utf8,
    Escape,
    Csi,
    String,
    StringEscape,
}

/// The state between two chunks.
#[derive(Clone, Debug)]
pub struct Parser {
    state: State,
    kind: Kind,
    held: Vec<u8>,
    intro: usize,
    overlong: bool,
    passing: Passing,
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            state: State::Ground,
            kind: Kind::Escape,
            held: Vec::new(),
            intro: 0,
            overlong: false,
            passing: Passing::default(),
        }
    }
}

/// Length of the printable run at the front. A lead byte of a C1 control ends it.
fn text_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .iter()
        .position(|&byte| byte < 0x20 || byte == 0x7f || byte == 0xc2)
    {
        at += found;
        if bytes[at] != 0xc2 || bytes.get(at + 1).is_none_or(|next| *next & 0xe0 == 0x80) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// Bytes at the end of a run that begin a character and do not finish it.
fn unfinished(text: &[u8]) -> usize {
    let tail = &text[text.len().saturating_sub(3)..];
    for (index, byte) in tail.iter().enumerate().rev() {
        let need = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        let have = tail.len() - index;
        return if have < need { have } else { 0 };
    }
    0
}

impl Parser {
    /// Whether nothing is unfinished.
    pub fn is_ground(&self) -> bool {
        self.state == State::Ground
    }

    /// The unfinished bytes, to be sent before whatever comes next. Controls that already acted
    /// are left out; of a string that is too long only a beginning that is ignored alike remains.
    pub fn pending(&self) -> Vec<u8> {
        if self.overlong {
            let meaningless = || match self.kind {
                Kind::Osc => b"\x1b]9999;".to_vec(),
                Kind::Csi | Kind::Escape => b"\x1b[:".to_vec(),
                Kind::Dcs | Kind::Other => b"\x1b_".to_vec(),
            };
            let image = self.passing.stand_in(self.kind);
            let mut stand_in = image.unwrap_or_else(meaningless);
            if self.state == State::StringEscape {
                stand_in.push(0x1b);
            }
            return stand_in;
        }
        let acts = |byte: u8| byte < 0x20 && byte != 0x1b;
        let mut bytes = self.held.clone();
        bytes.retain(|&byte| !acts(byte));
        bytes
    }

    /// Takes the unfinished bytes as they came and forgets them.
    pub fn take_held(&mut self) -> Vec<u8> {
        self.state = State::Ground;
        let overlong = std::mem::take(&mut self.overlong);
        let held = std::mem::take(&mut self.held);
        if overlong { Vec::new() } else { held }
    }

    /// Reads a chunk and tells each piece of it.
    pub fn advance(&mut self, bytes: &[u8], mut tell: impl FnMut(Token<'_>)) {
        let mut at = 0;
        while at < bytes.len() {
            at += match self.state {
                State::Ground => self.ground(&bytes[at..], &mut tell),
                State::Utf8 => self.utf8(bytes[at], &mut tell),
                State::Escape => self.escape(bytes[at], &mut tell),
                State::Csi => self.csi(bytes[at], &mut tell),
                State::String => self.string(&bytes[at..], &mut tell),
                State::StringEscape => self.string_escape(bytes[at], &mut tell),
            };
        }
        if self.overlong && !self.held.is_empty() {
            self.spill(&mut tell);
        }
    }

    fn ground(&mut self, bytes: &[u8], tell: &mut impl FnMut(Token<'_>)) -> usize {
        let run = text_run(bytes);
        if run > 0 {
            let cut = if run == bytes.len() {
                unfinished(bytes)
            } else {
                0
            };
            if run > cut {
                tell(Token::Text(&bytes[..run - cut]));
            }
            if cut > 0 {
                self.begin(State::Utf8, &bytes[run - cut..run]);
            }
            return run;
        }
        match (bytes[0], bytes.get(1)) {
            (0x1b, _) => self.begin(State::Escape, &bytes[..1]),
            (0xc2, None) => self.begin(State::Utf8, &bytes[..1]),
            (0xc2, Some(&second)) => {
                self.c1(second, tell);
                return 2;
            }
            (control, _) => tell(Token::Control(control)),
        }
        1
    }

    fn begin(&mut self, state: State, bytes: &[u8]) {
        self.state = state;
        self.kind = Kind::Escape;
        self.overlong = false;
        self.held.clear();
        self.held.extend_from_slice(bytes);
        self.intro = bytes.len();
    }

    /// A C1 control in its two UTF-8 bytes is the same as ESC and the letter 0x40 below it.
    fn c1(&mut self, second: u8, tell: &mut impl FnMut(Token<'_>)) {
        self.begin(State::Escape, &[0xc2, second]);
        match second - 0x40 {
            b'[' => self.state = State::Csi,
            b']' | b'P' | b'X' | b'^' | b'_' => {
                self.state = State::String;
                self.passing = Passing::default();
            }
            letter => {
                let raw = std::mem::take(&mut self.held);
                self.state = State::Ground;
                tell(Token::Sequence {
                    kind: Kind::Escape,
                    raw: &raw,
                    body: &[letter],
                });
                return;
            }
        }
        self.kind = kind_of(second - 0x40);
    }

    fn utf8(&mut self, byte: u8, tell: &mut impl FnMut(Token<'_>)) -> usize {
        if byte & 0xc0 != 0x80 {
            self.finish_text(tell);
            return 0;
        }
        if self.held == [0xc2] && byte < 0xa0 {
            self.c1(byte, tell);
            return 1;
        }
        self.held.push(byte);
        if unfinished(&self.held) == 0 {
            self.finish_text(tell);
        }
        1
    }

    fn finish_text(&mut self, tell: &mut impl FnMut(Token<'_>)) {
        self.state = State::Ground;
        tell(Token::Text(&self.held));
        self.held.clear();
    }

    fn abort(&mut self, tell: &mut impl FnMut(Token<'_>)) {
        self.state = State::Ground;
        self.spill(tell);
        self.overlong = false;
    }

    fn spill(&mut self, tell: &mut impl FnMut(Token<'_>)) {
        tell(Token::Void(&self.held));
        self.held.clear();
    }

    /// What ESC, CAN, SUB, other controls and high bytes do inside ESC and CSI sequences: `None`
    /// if the byte belongs to the sequence, else how many bytes were used.
    fn interrupt(&mut self, byte: u8, tell: &mut impl FnMut(Token<'_>)) -> Option<usize> {
        match byte {
            0x1b | 0x80.. => {
                self.abort(tell);
                Some(0)
            }
            0x18 | 0x1a => {
                self.held.push(byte);
                self.abort(tell);
                Some(1)
            }
            0x00..=0x1f | 0x7f => {
                self.held.push(byte);
                tell(Token::Embedded(byte));
                Some(1)
            }
            _ => None,
        }
    }

    fn escape(&mut self, byte: u8, tell: &mut impl FnMut(Token<'_>)) -> usize {
        if let Some(used) = self.interrupt(byte, tell) {
            return used;
        }
        let first = self.held.iter().filter(|byte| **byte >= 0x20).count() == 0;
        self.held.push(byte);
        match byte {
            0x20..=0x2f if self.held.len() > CONTROL_MAX => self.abort(tell),
            0x20..=0x2f => (),
            b'[' if first => self.introduce(State::Csi, byte),
            b']' | b'P' | b'X' | b'^' | b'_' if first => {
                self.passing = Passing::default();
                self.introduce(State::String, byte);
            }
            _ => self.complete(self.held.len(), tell),
        }
        1
    }

    fn introduce(&mut self, state: State, byte: u8) {
        self.state = state;
        self.kind = kind_of(byte);
        self.intro = self.held.len();
    }

    fn csi(&mut self, byte: u8, tell: &mut impl FnMut(Token<'_>)) -> usize {
        if let Some(used) = self.interrupt(byte, tell) {
            return used;
        }
        self.held.push(byte);
        if byte >= 0x40 {
            self.complete(self.held.len(), tell);
        } else {
            self.bound(CONTROL_MAX, tell);
        }
        1
    }

    fn bound(&mut self, limit: usize, tell: &mut impl FnMut(Token<'_>)) {
        if self.overlong || self.held.len() > limit {
            if !self.overlong && self.state == State::String {
                self.passing.let_go(self.kind, &self.held[self.intro..]);
            }
            self.overlong = true;
            self.spill(tell);
        }
    }

    /// How much of the string at hand is kept.
    fn string_max(&self) -> usize {
        Passing::kept(self.kind, self.held.get(self.intro..).unwrap_or_default())
    }

    fn string(&mut self, bytes: &[u8], tell: &mut impl FnMut(Token<'_>)) -> usize {
        let ends = |&byte: &u8| matches!(byte, 0x07 | 0x18 | 0x1a | 0x1b | 0x9c);
        let run = bytes.iter().position(ends).unwrap_or(bytes.len());
        if run > 0 {
            let limit = self.string_max();
            let room = (limit + 1).saturating_sub(self.held.len()).max(1);
            let run = run.min(room);
            self.held.extend_from_slice(&bytes[..run]);
            self.passing.take(self.kind, &bytes[..run]);
            self.bound(limit, tell);
            return run;
        }
        let body_end = self.held.len();
        self.held.push(bytes[0]);
        match bytes[0] {
            0x1b => self.state = State::StringEscape,
            0x18 | 0x1a => self.abort(tell),
            0x07 if self.kind == Kind::Osc => self.complete(body_end, tell),
            0x9c if body_end > self.intro && self.held[body_end - 1] == 0xc2 => {
                self.complete(body_end - 1, tell);
            }
            _ => self.bound(self.string_max(), tell),
        }
        1
    }

    /// ESC ends a string whatever follows it; with a backslash it is the terminator.
    fn string_escape(&mut self, byte: u8, tell: &mut impl FnMut(Token<'_>)) -> usize {
        let body_end = self.held.len().saturating_sub(1);
        if byte == b'\\' {
            self.held.push(byte);
            self.complete(body_end, tell);
            return 1;
        }
        self.held.truncate(body_end);
        self.complete(body_end, tell);
        self.begin(State::Escape, b"\x1b");
        0
    }

    fn complete(&mut self, body_end: usize, tell: &mut impl FnMut(Token<'_>)) {
        self.state = State::Ground;
        let overlong = std::mem::take(&mut self.overlong);
        let (kind, raw) = (self.kind, &self.held);
        let body = raw.get(self.intro..body_end).unwrap_or_default();
        let is_string = matches!(kind, Kind::Osc | Kind::Dcs);
        let image = is_string
            .then(|| self.passing.whole(kind, (!overlong).then_some(body)))
            .flatten();
        tell(match image {
            Some(image) => Token::Image { raw, image },
            None if overlong => Token::Void(raw),
            None => Token::Sequence { kind, raw, body },
        });
        self.held.clear();
    }
}

fn kind_of(letter: u8) -> Kind {
    match letter {
        b'[' => Kind::Csi,
        b']' => Kind::Osc,
        b'P' => Kind::Dcs,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(chunks: &[&[u8]]) -> Vec<String> {
        let mut parser = Parser::default();
        let mut seen = Vec::new();
        for chunk in chunks {
            parser.advance(chunk, |token| {
                if let Token::Sequence { kind, body, .. } = token {
                    seen.push(format!("{kind:?} {}", body.escape_ascii()));
                }
            });
        }
        seen
    }

    #[test]
    fn sequences_are_found_whole_wherever_they_are_cut() {
        let stream = b"a\x1b[1;2Hb\x1b]2;t\x07\x1bP$qm\x1b\\\xc2\x9b3mc\x1b(0\x1b]8;;u\x1b[m";
        let whole = pieces(&[stream]);
        assert_eq!(
            whole,
            [
                "Csi 1;2H",
                "Osc 2;t",
                "Dcs $qm",
                "Csi 3m",
                "Escape (0",
                "Osc 8;;u",
                "Csi m"
            ]
        );
        for cut in 0..stream.len() {
            let (left, right) = stream.split_at(cut);
            assert_eq!(pieces(&[left, right]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_long_string_is_passed_over() {
        let mut stream = b"\x1bPq".to_vec();
        stream.resize(100_000, b'#');
        let mut parser = Parser::default();
        parser.advance(&stream, |_| ());
        assert_eq!(parser.pending(), b"\x1bPq");
        let mut after = Vec::new();
        parser.advance(b"\x1b\\x", |token| {
            if let Token::Text(text) = token {
                after.extend_from_slice(text);
            }
        });
        assert_eq!(after, b"x");
        assert!(parser.is_ground());
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_stream(
            chunks in proptest::collection::vec(proptest::collection::vec(
                prop_oneof![Just(0x1b_u8), Just(b'['), Just(b']'), Just(b'\\'), Just(0xc2),
                    Just(0x9b), Just(7), Just(b'P'), Just(b'q'), any::<u8>()], 0..40), 0..8)
        ) {
            let mut parser = Parser::default();
            let mut out = Vec::new();
            for chunk in &chunks {
                parser.advance(chunk, |token| match token {
                    Token::Text(raw)
                    | Token::Sequence { raw, .. }
                    | Token::Image { raw, .. }
                    | Token::Void(raw) => {
                        out.extend_from_slice(raw);
                    }
                    Token::Control(byte) => out.push(byte),
                    Token::Embedded(_) => (),
                });
            }
            out.extend(parser.take_held());
            prop_assert_eq!(out, chunks.concat());
        }
    }
}
