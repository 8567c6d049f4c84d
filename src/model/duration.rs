//! Durations as people write them: `500ms`, `15m`, `1h30m`, `7d`.

use std::time::Duration;

/// The units from large to small, in milliseconds. A duration names each at most once, in order.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration; write for example 500ms, 15m or 1h30m");
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total = 0_u64;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len()
            - tail
                .trim_start_matches(|c: char| c.is_ascii_lowercase())
                .len();
        let (name, tail) = tail.split_at(letters);
        let (_, unit) = units.find(|(unit, _)| *unit == name).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        total = number
            .checked_mul(*unit)
            .and_then(|part| total.checked_add(part))
            .ok_or_else(|| format!("{text:?} is too long a time"))?;
        rest = tail;
    }
    Ok(Duration::from_millis(total))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    /// Writes a duration of whole milliseconds in its shortest form.
    fn format(duration: Duration) -> String {
        let mut rest = u64::try_from(duration.as_millis()).expect("in range");
        let mut text = String::new();
        for (name, unit) in UNITS {
            if rest >= unit {
                write!(text, "{}{name}", rest / unit).expect("a string takes all");
                rest %= unit;
            }
        }
        if text.is_empty() {
            "0s".to_owned()
        } else {
            text
        }
    }

    #[test]
    fn the_usual_ones() {
        let minute = 60;
        for (text, seconds) in [
            ("15m", 15 * minute),
            ("7d", 7 * 24 * 60 * minute),
            ("1h30m", 90 * minute),
            ("45s", 45),
            ("0s", 0),
            ("90m", 90 * minute),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in [
            "", "15", "m", "1x", "1m1h", "1m1m", "-1s", "1.5h", " 1s", "1 s", "1S", "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let error = parse("999999999999999d").expect_err("does not fit");
        assert!(error.contains("too long"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(millis in 0_u64..1 << 45) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
