//! How tall a sixel image is, read as it passes: the model draws none, but its cursor has to be
//! where that of a terminal is that does. Format: DEC STD 070, chapter 9, and the VT330/VT340
//! programmer's reference.

/// Pixels of a band: one sixel is six pixels, one above the other.
const BAND: u32 = 6;

/// Bands that are counted: as tall as an image can be, in 4,096 pixels. The page draws no taller
/// one.
const BANDS_MAX: u32 = 4096 / BAND;

/// Where a control string is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    /// In the parameters before the `q`.
    #[default]
    Parameters,
    /// In the image.
    Data,
    /// In the numbers after a `"`, of which this many are over.
    Raster(u8),
    /// It is no image.
    Other,
}

/// Reads a device control string and knows how tall the image is that it may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sixel {
    part: Part,
    /// Bands that are over.
    bands: u32,
    /// Bands down to the last one in which something was drawn.
    tall: u32,
    /// Pixels that the image says it is high; 0 if it does not.
    declared: u32,
}

impl Sixel {
    /// Takes more of what stands between introducer and terminator.
    pub fn take(&mut self, bytes: &[u8]) {
        if self.part == Part::Other {
            return;
        }
        for &byte in bytes {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        if let Part::Raster(over) = self.part {
            match byte {
                b'0'..=b'9' if over == 3 => {
                    let more = self.declared * 10 + u32::from(byte - b'0');
                    self.declared = more.min(BANDS_MAX * BAND);
                }
                b'0'..=b'9' => (),
                b';' => self.part = Part::Raster(over.saturating_add(1)),
                _ => self.part = Part::Data,
            }
        }
        match (self.part, byte) {
            (Part::Parameters, b'0'..=b'9' | b';') => (),
            (Part::Parameters, b'q') => self.part = Part::Data,
            (Part::Parameters, _) => self.part = Part::Other,
            (Part::Data, b'?'..=b'~') => self.tall = self.bands + 1,
            (Part::Data, b'-') => self.bands = (self.bands + 1).min(BANDS_MAX - 1),
            (Part::Data, b'"') if self.tall == 0 && self.declared == 0 => {
                self.part = Part::Raster(0);
            }
            _ => (),
        }
    }

    /// Pixels from top to bottom; `None` if it is no image. What is declared cuts the last band.
    pub fn height(&self) -> Option<u32> {
        let drawn = self.tall * BAND;
        let cut = (drawn.saturating_sub(BAND) + 1..drawn).contains(&self.declared);
        match self.part {
            Part::Data | Part::Raster(_) => Some(if cut { self.declared } else { drawn }),
            Part::Parameters | Part::Other => None,
        }
    }

    /// The beginning of an image that is as far as this one, without its colours; `None` if it is
    /// no image.
    pub fn stand_in(&self) -> Option<Vec<u8>> {
        self.height()?;
        let mut text = b"\x1bPq".to_vec();
        if self.declared > 0 {
            text.extend_from_slice(format!("\"1;1;1;{}", self.declared).as_bytes());
        }
        for band in 0..=self.bands {
            if band + 1 == self.tall {
                text.push(b'?');
            }
            if band < self.bands {
                text.push(b'-');
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Sixel {
        let mut sixel = Sixel::default();
        sixel.take(bytes);
        sixel
    }

    #[test]
    fn an_image_is_as_tall_as_its_bands() {
        let recording = include_str!("../../../tests/fixtures/images.json");
        let mut recording: serde_json::Value = serde_json::from_str(recording).expect("JSON");
        let cases: Vec<(String, Option<u32>)> =
            serde_json::from_value(recording["sixels"].take()).expect("cases");
        assert!(!cases.is_empty());
        for (text, height) in cases {
            assert_eq!(read(text.as_bytes()).height(), height, "{text}");
        }
    }

    #[test]
    fn nothing_makes_it_taller_than_any_image() {
        let endless = [b"q~".as_slice(), &b"-~".repeat(10_000)].concat();
        assert_eq!(read(&endless).height(), Some(BANDS_MAX * BAND));
        assert_eq!(read(b"q\"1;1;1;99999999999~").height(), Some(BAND));
    }

    proptest! {
        #[test]
        fn what_stands_in_is_as_far(
            begun in "[0-9;]{0,4}q[\"0-9;?~$#!-]{0,60}", more in "[?~$-]{0,20}"
        ) {
            // Numbers of a raster are not cut in two by what comes next.
            let begun = format!("{begun}$");
            let whole = read(format!("{begun}{more}").as_bytes());
            let stand_in = read(begun.as_bytes()).stand_in().expect("an image");
            let mut again = read(&stand_in[2..]);
            again.take(more.as_bytes());
            prop_assert_eq!(again.height(), whole.height());
        }

        #[test]
        fn cuts_change_nothing(text in "[0-9;]{0,4}[q+][\"0-9;?~$#!-]{0,60}", at in 0..64_usize) {
            let (left, right) = text.as_bytes().split_at(at.min(text.len()));
            let mut cut = read(left);
            cut.take(right);
            prop_assert_eq!(cut, read(text.as_bytes()));
        }
    }
}
