//! Entity tags: what lets a client that asks again hear only that nothing has changed.

use std::fmt::Write as _;

use http::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};

/// A strong tag: 128 bits of the hash tell all bodies apart.
pub(super) fn tag(hash: &[u8; 32]) -> String {
    let mut tag = String::from("\"");
    for byte in &hash[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Whether the client has the body of this tag already.
pub(super) fn matches(asked: &HeaderMap, tag: &str) -> bool {
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

/// Puts the tag into the headers of an answer.
pub(super) fn set(headers: &mut HeaderMap, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_known_tags_is_enough() {
        let tag = tag(&[0xab; 32]);
        assert_eq!(tag, format!("\"{}\"", "ab".repeat(16)));
        let knows = |known: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(known));
            matches(&headers, &tag)
        };
        assert!(knows("\"x\", W/\"abababababababababababababababab\""));
        assert!(knows("*"));
        assert!(!knows("\"abab\""));
        assert!(!matches(&HeaderMap::new(), &tag));
    }
}
