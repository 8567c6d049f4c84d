//! Text on its way out: to a terminal, which obeys control characters, and into an address.

use std::fmt::Write as _;

/// Text of others as it may be shown: whatever a terminal would obey, or that would turn the order
/// of what is shown around, is spelled out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns_around(character) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Marks, embeddings and isolates of bidirectional text.
const fn turns_around(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Text as one part of an address's path or query.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(escaped("plain ünïcode"), "plain ünïcode");
        assert_eq!(escaped("a\x1b[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(escaped("\u{9b}\u{202e}\n"), "\\u{9b}\\u{202e}\\u{a}");
    }

    #[test]
    fn an_address_takes_any_text() {
        assert_eq!(percent("s-abc.d_e~"), "s-abc.d_e~");
        assert_eq!(percent("a/b?c ü"), "a%2Fb%3Fc%20%C3%BC");
    }
}
