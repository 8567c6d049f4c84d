//! The colours that a viewer shows a terminal in, for programs that ask whether it is dark or light.

use serde::{Deserialize, Serialize};

/// A colour, as `#rrggbb` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rgb(pub u8, pub u8, pub u8);

/// What a terminal's text and its background are drawn in, where a program names no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Colors {
    /// Of text.
    #[cfg_attr(test, ts(type = "string"))]
    pub foreground: Rgb,
    /// Behind the text.
    #[cfg_attr(test, ts(type = "string"))]
    pub background: Rgb,
}

impl Default for Colors {
    /// White on black, as terminals were.
    fn default() -> Self {
        Self {
            foreground: Rgb(0xff, 0xff, 0xff),
            background: Rgb(0, 0, 0),
        }
    }
}

impl Colors {
    /// Both in one number.
    pub fn packed(self) -> u64 {
        let Rgb(r, g, b) = self.foreground;
        let Rgb(red, green, blue) = self.background;
        u64::from_be_bytes([0, 0, r, g, b, red, green, blue])
    }

    /// Out of the number of [`Colors::packed`].
    pub fn unpacked(packed: u64) -> Self {
        let [_, _, r, g, b, red, green, blue] = packed.to_be_bytes();
        Self {
            foreground: Rgb(r, g, b),
            background: Rgb(red, green, blue),
        }
    }
}

/// A text that is no colour.
#[derive(Debug, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits")]
pub struct NoColor;

impl TryFrom<String> for Rgb {
    type Error = NoColor;

    fn try_from(text: String) -> Result<Self, NoColor> {
        let digits = text.strip_prefix('#').ok_or(NoColor)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoColor);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| NoColor)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self(r, g, b))
    }
}

impl From<Rgb> for String {
    fn from(Rgb(r, g, b): Rgb) -> Self {
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn colours_come_through_as_they_were(bytes: [u8; 6]) {
            let [r, g, b, red, green, blue] = bytes;
            let colors = Colors { foreground: Rgb(r, g, b), background: Rgb(red, green, blue) };
            prop_assert_eq!(Colors::unpacked(colors.packed()), colors);
            let json = serde_json::to_string(&colors).unwrap();
            prop_assert_eq!(serde_json::from_str::<Colors>(&json).unwrap(), colors);
        }

        #[test]
        fn what_is_no_colour_is_refused(text in "#?[0-9a-fA-F+ x]{0,8}") {
            let good = text.len() == 7 && text.starts_with('#')
                && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
            prop_assert_eq!(Rgb::try_from(text).is_ok(), good);
        }
    }
}
