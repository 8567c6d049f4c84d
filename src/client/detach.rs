//! The keys that leave a session without ending it.

/// The keys that detach where nobody says otherwise, as ssh's users know them.
pub const DEFAULT: &str = "~.";

/// Keys, one after the other, that detach.
///
/// Keys that begin with a visible character count at the beginning of a line only, and typing that
/// character twice there types it once. Keys that begin with a control character count anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetachKeys(Vec<u8>);

impl DetachKeys {
    /// Reads keys as they are written: `~.`, `^]`, `^P^Q`; `none` is no keys at all.
    ///
    /// # Errors
    /// When they cannot be typed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is none of ~. ^] ^P^Q none");
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let mut keys = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            keys.push(match byte {
                b'^' => match bytes.next().map(|byte| byte.to_ascii_uppercase()) {
                    Some(byte @ b'@'..=b'_') => byte - b'@',
                    _ => return Err(wrong()),
                },
                b'!'..=b'~' => byte,
                _ => return Err(wrong()),
            });
        }
        // Otherwise the first key could never be typed at the beginning of a line.
        let doubled = keys.len() > 1 && keys[0] == keys[1] && keys[0].is_ascii_graphic();
        if keys.is_empty() || doubled {
            return Err(wrong());
        }
        Ok(Self(keys))
    }
}

/// Looks for the keys in what is typed.
#[derive(Debug)]
pub struct Watch {
    keys: Vec<u8>,
    /// How many of the keys were typed and are held back.
    held: usize,
    line_start: bool,
}

/// What became of typed bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Typed {
    /// What is to be passed on.
    pub passed: Vec<u8>,
    /// Whether the keys were typed behind that.
    pub detach: bool,
}

impl Watch {
    /// Looks for these.
    pub fn new(keys: DetachKeys) -> Self {
        Self {
            keys: keys.0,
            held: 0,
            line_start: true,
        }
    }

    /// Takes what was typed.
    pub fn typed(&mut self, bytes: &[u8]) -> Typed {
        let mut passed = Vec::with_capacity(bytes.len() + self.held);
        for &byte in bytes {
            if self.held > 0 && byte != self.keys[self.held] {
                let escaped = self.held == 1 && byte == self.keys[0] && byte.is_ascii_graphic();
                let held = std::mem::take(&mut self.held);
                passed.extend_from_slice(&self.keys[..held]);
                self.line_start = false;
                if escaped {
                    continue;
                }
            }
            let anywhere = self.keys.first().is_some_and(u8::is_ascii_control);
            let begins = self.held > 0 || self.line_start || anywhere;
            if begins && self.keys.get(self.held) == Some(&byte) {
                self.held += 1;
                if self.held == self.keys.len() {
                    self.held = 0;
                    return Typed {
                        passed,
                        detach: true,
                    };
                }
            } else {
                passed.push(byte);
                self.line_start = byte == b'\r' || byte == b'\n';
            }
        }
        Typed {
            passed,
            detach: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str, pieces: &[&str]) -> (String, bool) {
        let mut watch = Watch::new(DetachKeys::parse(keys).expect("keys"));
        let mut passed = String::new();
        for piece in pieces {
            let typed = watch.typed(piece.as_bytes());
            passed.push_str(&String::from_utf8_lossy(&typed.passed));
            if typed.detach {
                return (passed, true);
            }
        }
        (passed, false)
    }

    #[test]
    fn visible_keys_count_at_the_beginning_of_a_line() {
        let cases: [(&[&str], &str, bool); 7] = [
            (&["~."], "", true),
            (&["~", "."], "", true),
            (&["ls\r~."], "ls\r", true),
            (&["ls ~.\r"], "ls ~.\r", false),
            (&["~~."], "~.", false),
            (&["~/x\r", "~x"], "~/x\r~x", false),
            (&["~\r~."], "~\r", true),
        ];
        for (pieces, passed, detach) in cases {
            assert_eq!(
                typed("~.", pieces),
                (passed.to_owned(), detach),
                "{pieces:?}"
            );
        }
    }

    #[test]
    fn control_keys_count_anywhere() {
        assert_eq!(typed("^]", &["abc\x1d"]), ("abc".to_owned(), true));
        assert_eq!(typed("^P^Q", &["a\x10", "b"]), ("a\x10b".to_owned(), false));
        assert_eq!(typed("^P^Q", &["\x10\x10\x11"]), ("\x10".to_owned(), true));
        assert_eq!(typed("none", &["~.\x1d"]), ("~.\x1d".to_owned(), false));
    }

    #[test]
    fn keys_that_cannot_be_typed_are_refused() {
        for text in ["", "^", "^é", "a b", "~~."] {
            assert!(DetachKeys::parse(text).is_err(), "{text}");
        }
    }
}
