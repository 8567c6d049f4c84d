//! Parts of a file: `Range` asks for one, `Content-Range` says which one comes.

use http::header::{HeaderMap, IF_RANGE, RANGE};

/// The part of a file that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: nothing was asked for, or nothing that is understood (RFC 9110, 14.2).
    Whole,
    /// From this byte on, so many of them.
    Part(u64, u64),
    /// A part that the file does not have.
    Beyond,
}

/// Reads what a request asks for of a file of this many bytes that has this tag. Whoever goes on with
/// a file that has changed meanwhile gets all of the new one.
pub(super) fn asked(headers: &HeaderMap, size: u64, tag: &str) -> Wanted {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let same = header(IF_RANGE).is_none_or(|known| known == tag);
    match header(RANGE).filter(|_| same) {
        Some(range) => wanted(range, size),
        None => Wanted::Whole,
    }
}

/// Reads `Range` for a file of this many bytes. Several parts at once are answered with the whole.
pub(super) fn wanted(text: &str, size: u64) -> Wanted {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() && first < size => Wanted::Part(first, size - first),
        (Some(first), Some(last)) if first <= last && first < size => {
            Wanted::Part(first, last.min(size - 1) - first + 1)
        }
        (None, Some(count)) if first.is_empty() && count > 0 && size > 0 => {
            let count = count.min(size);
            Wanted::Part(size - count, count)
        }
        (Some(first), None) if last.is_empty() && first >= size => Wanted::Beyond,
        (Some(first), Some(last)) if first <= last => Wanted::Beyond,
        (None, Some(_)) if first.is_empty() => Wanted::Beyond,
        _ => Wanted::Whole,
    }
}

/// The part of a file that a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// From this byte on, so many, of so many altogether.
    Part(u64, u64, u64),
    /// Nothing: how much is there of a file of so many bytes?
    Nothing(u64),
}

/// Reads `Content-Range`: `bytes 0-99/200`, or `bytes */200`. `None` if it is neither.
pub(super) fn brought(text: &str) -> Option<Brought> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let size = number(size)?;
    if range == "*" {
        return Some(Brought::Nothing(size));
    }
    let (first, last) = range.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let fits = first <= last && last < size;
    fits.then(|| Brought::Part(first, last - first + 1, size))
}

/// Digits alone: Rust would also take a sign.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_the_file_has_is_cut_to_the_file() {
        for (text, part) in [
            ("bytes=0-0", Wanted::Part(0, 1)),
            ("bytes=2-4", Wanted::Part(2, 3)),
            ("bytes=2-", Wanted::Part(2, 8)),
            ("bytes=9-99", Wanted::Part(9, 1)),
            ("bytes=-3", Wanted::Part(7, 3)),
            ("bytes=-99", Wanted::Part(0, 10)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=10-12", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=4-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=99999999999999999999-", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(text, 10), part, "{text}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Beyond);
        assert_eq!(wanted("bytes=-1", 0), Wanted::Beyond);
    }

    #[test]
    fn what_is_brought_fits_what_it_is_part_of() {
        assert_eq!(brought("bytes 0-99/200"), Some(Brought::Part(0, 100, 200)));
        assert_eq!(brought("bytes */200"), Some(Brought::Nothing(200)));
        for text in [
            "bytes 0-99",
            "bytes 0-99/*",
            "bytes 0-200/200",
            "bytes 5-4/200",
            "bytes -1/2",
            "bytes +0-1/2",
            "bytes */",
            "bytes 0-18446744073709551615/18446744073709551615",
            "lines 0-1/2",
        ] {
            assert_eq!(brought(text), None, "{text}");
        }
    }
}
