//! Numbers of bytes as people write them: `512M`, `512MiB`, `4096`.

use super::text::Text;

/// The units, in bytes. A bare letter is a power of 1024, as in systemd and containers; the others
/// are taken for what they say: 1 MB is a million.
const UNITS: [(&str, u64); 13] = [
    ("K", 1 << 10),
    ("M", 1 << 20),
    ("G", 1 << 30),
    ("T", 1 << 40),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("", 1),
];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Text for Bytes {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no number of bytes; write for example 512M or 1GiB");
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let known = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
        let (_, unit) = known.ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let bytes = number.checked_mul(*unit);
        Ok(Self(bytes.ok_or_else(|| format!("{text:?} is too much"))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_and_nothing_else_is() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("2 KiB", 2048),
            ("64M", 64 << 20),
            ("1 G", 1 << 30),
            ("1GB", 1_000_000_000),
        ] {
            assert_eq!(Bytes::read(text), Ok(Bytes(bytes)), "{text}");
        }
        for text in [
            "",
            "MiB",
            "-1",
            "1.5GiB",
            "1mib",
            "24m",
            "24MM",
            "+1M",
            "99999999TiB",
            "1MiB ",
        ] {
            assert!(Bytes::read(text).is_err(), "{text}");
        }
    }
}
