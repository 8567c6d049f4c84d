//! How large an image is, from the beginning of its file: PNG, GIF, JPEG and WebP, which is what
//! browsers draw and programs send.

/// The longest side that is believed, in pixels.
const SIDE_MAX: u32 = 10_000;

/// The size of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// From left to right; never 0.
    pub width: u32,
    /// From top to bottom; never 0.
    pub height: u32,
}

impl Pixels {
    /// The size of the image whose file begins so; `None` if that does not say.
    pub fn of(file: &[u8]) -> Option<Self> {
        let (width, height) = match file {
            [0x89, b'P', b'N', b'G', ..] => (big(file, 16, 4)?, big(file, 20, 4)?),
            [b'G', b'I', b'F', b'8', ..] => (little(file, 6, 2)?, little(file, 8, 2)?),
            [0xff, 0xd8, ..] => jpeg(file)?,
            [b'R', b'I', b'F', b'F', ..] => webp(file)?,
            _ => return None,
        };
        let believed = (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height);
        believed.then_some(Self { width, height })
    }

    /// The beginning of a file that says this size: a GIF's.
    pub fn header(self) -> [u8; 12] {
        let mut header = *b"GIF89a\0\0\0\0\0\0";
        for (at, side) in [(6, self.width), (8, self.height)] {
            // No side is longer than two bytes can say.
            let [low, high, ..] = side.to_le_bytes();
            (header[at], header[at + 1]) = (low, high);
        }
        header
    }
}

/// A number whose first byte is the greatest.
fn big(file: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = file.get(at..at + length)?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
    )
}

/// A number whose first byte is the least.
fn little(file: &[u8], at: usize, length: usize) -> Option<u32> {
    let bytes = file.get(at..at + length)?;
    let greatest_first = bytes.iter().rev();
    Some(greatest_first.fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// ITU-T T.81, annex B: segments up to the one that begins a frame.
fn jpeg(file: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let (mark, kind) = (*file.get(at)?, *file.get(at + 1)?);
        match (mark, kind) {
            (0xff, 0xff) => at += 1,
            // Tables (C4, CC) and what is reserved (C8) lie between the frames.
            (0xff, 0xc0..=0xcf) if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                return Some((big(file, at + 7, 2)?, big(file, at + 5, 2)?));
            }
            (0xff, 0x01 | 0xd0..=0xd7) => at += 2,
            (0xff, _) => at += 2 + big(file, at + 2, 2)? as usize,
            _ => return None,
        }
    }
}

/// RFC 9649, section 2: the first chunk says what kind it is.
fn webp(file: &[u8]) -> Option<(u32, u32)> {
    if file.get(8..12)? != b"WEBP" {
        return None;
    }
    match file.get(12..16)? {
        b"VP8 " => Some((little(file, 26, 2)? & 0x3fff, little(file, 28, 2)? & 0x3fff)),
        b"VP8L" => {
            let bits = little(file, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(file, 24, 3)? + 1, little(file, 27, 3)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_size_is_read_from_each_kind_of_file() {
        let recording = include_str!("../../../tests/fixtures/images.json");
        let recording: serde_json::Value = serde_json::from_str(recording).expect("JSON");
        let files = recording["files"].as_array().expect("files");
        assert!(!files.is_empty());
        for file in files {
            let file = file.as_str().expect("text");
            let bytes = BASE64_STANDARD.decode(file).expect("base64");
            let size = Pixels {
                width: 5,
                height: 3,
            };
            assert_eq!(Pixels::of(&bytes), Some(size), "{file}");
        }
    }

    const MAGIC: &[&[u8]] = &[b"\x89PNG", b"GIF8", b"\xff\xd8", b"RIFF1234WEBPVP8X", b""];

    proptest! {
        #[test]
        fn nothing_read_is_believed_beyond_measure(
            magic in proptest::sample::select(MAGIC),
            rest in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let file = [magic, &rest[..]].concat();
            if let Some(Pixels { width, height }) = Pixels::of(&file) {
                prop_assert!((1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height));
            }
        }
    }
}
