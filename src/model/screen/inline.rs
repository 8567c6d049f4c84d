//! How many cells an image takes that came in iTerm's form, `OSC 1337 ; File = arguments : base64`:
//! the model draws none, but its cursor has to be where that of a terminal is that does. The page
//! reckons the same (`term/images/inline.ts`); a recording keeps both equal. Source of the form:
//! iTerm2's documentation of inline images.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::header::Pixels;

/// Which commands are read here.
pub const PREFIX: &[u8] = b"1337;File=";

/// How much of a command is kept, in bytes: what a photo says of itself before its size, in at
/// most 64 KiB, as base64.
pub const INLINE_MAX: usize = 96 * 1024;

/// The largest number of cells, pixels or percent that is believed.
const NUMBER_MAX: u32 = 10_000;

/// A width or height as it was said; percent are of the terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Auto,
    Cells(u32),
    Pixels(u32),
    Percent(u32),
}

const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());

/// An image as its command describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inline {
    width: Length,
    height: Length,
    keeps_aspect: bool,
    /// Its own size, if it says so.
    natural: Option<Pixels>,
}

/// Cells that something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Columns.
    pub cols: u32,
    /// Rows.
    pub rows: u32,
}

fn length(text: &str) -> Option<Length> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let number = match text {
        "auto" => return Some(Length::Auto),
        _ => digits
            .parse()
            .ok()
            .filter(|it| (1..=NUMBER_MAX).contains(it))?,
    };
    match &text[digits.len()..] {
        "" => Some(Length::Cells(number)),
        "px" => Some(Length::Pixels(number)),
        "%" => Some(Length::Percent(number)),
        _ => None,
    }
}

impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => write!(out, "auto"),
            Self::Cells(cells) => write!(out, "{cells}"),
            Self::Pixels(pixels) => write!(out, "{pixels}px"),
            Self::Percent(percent) => write!(out, "{percent}%"),
        }
    }
}

impl Length {
    fn pixels(self, terminal: u32, cell: u32) -> Option<u32> {
        match self {
            Self::Auto => None,
            Self::Cells(cells) => Some(cells * cell),
            Self::Pixels(pixels) => Some(pixels),
            Self::Percent(percent) => Some((terminal * cell * percent / 100).max(1)),
        }
    }
}

impl Inline {
    /// Reads a command, or the beginning of one that is too long to be kept. `None` if it shows no
    /// image.
    pub fn read(body: &[u8]) -> Option<Self> {
        let rest = body.strip_prefix(PREFIX)?;
        let colon = memchr::memchr(b':', rest)?;
        let arguments = std::str::from_utf8(&rest[..colon]).ok()?;
        let mut inline = Self {
            width: Length::Auto,
            height: Length::Auto,
            keeps_aspect: true,
            natural: None,
        };
        let mut shown = false;
        for (name, value) in arguments.split(';').filter_map(|pair| pair.split_once('=')) {
            match name {
                "inline" => shown = value == "1",
                "width" => inline.width = length(value)?,
                "height" => inline.height = length(value)?,
                "preserveAspectRatio" => inline.keeps_aspect = value != "0",
                _ => (),
            }
        }
        inline.natural = Pixels::of(&decoded(&rest[colon + 1..]));
        shown.then_some(inline)
    }

    /// The cells that it takes in a terminal of so many, whose cells are so large in pixels. It
    /// becomes smaller where it does not fit. `None` if nobody can tell.
    pub fn cells(&self, terminal: Cells, cell: (u32, u32)) -> Option<Cells> {
        let width = self.width.pixels(terminal.cols, cell.0);
        let height = self.height.pixels(terminal.rows, cell.1);
        let (mut width, mut height) = match (width, height, self.natural) {
            (Some(width), Some(height), _) => (width, height),
            (_, _, None) => return None,
            (None, None, Some(own)) => (own.width, own.height),
            (Some(width), None, Some(own)) if self.keeps_aspect => {
                (width, scaled(own.height, width, own.width))
            }
            (None, Some(height), Some(own)) if self.keeps_aspect => {
                (scaled(own.width, height, own.height), height)
            }
            (width, height, Some(own)) => {
                (width.unwrap_or(own.width), height.unwrap_or(own.height))
            }
        };
        let (widest, highest) = (terminal.cols * cell.0, terminal.rows * cell.1);
        if width > widest {
            (width, height) = (widest, scaled(height, widest, width));
        }
        if height > highest {
            (width, height) = (scaled(width, highest, height), highest);
        }
        Some(Cells {
            cols: width.div_ceil(cell.0),
            rows: height.div_ceil(cell.1),
        })
    }

    /// The beginning of a command for an image that takes as many cells, whatever follows.
    pub fn stand_in(&self) -> Vec<u8> {
        let aspect = u8::from(self.keeps_aspect);
        let (width, height) = (self.width, self.height);
        let own = self.natural.map(|own| ENGINE.encode(own.header()));
        let own = own.unwrap_or_default();
        let text = format!(
            "\x1b]1337;File=inline=1;width={width};height={height};preserveAspectRatio={aspect}:{own}"
        );
        text.into_bytes()
    }
}

/// `length * by / of`, and something.
fn scaled(length: u32, by: u32, of: u32) -> u32 {
    let scaled = u64::from(length) * u64::from(by) / u64::from(of);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// The bytes of a text in base64 that may be cut anywhere.
fn decoded(text: &[u8]) -> Vec<u8> {
    let text = &text[..text.len().min(INLINE_MAX)];
    let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let data: Vec<u8> = text.iter().copied().take_while(is_data).collect();
    let whole = data.len() / 4 * 4;
    ENGINE.decode(&data[..whole]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::size::Size;

    const TERMINAL: Cells = Cells { cols: 80, rows: 24 };
    const CELL: (u32, u32) = (Size::CELL_PIXELS.0 as u32, Size::CELL_PIXELS.1 as u32);

    fn command(arguments: &str, own: Option<(u32, u32)>) -> Vec<u8> {
        let own = own.map(|(width, height)| ENGINE.encode(Pixels { width, height }.header()));
        format!("1337;File={arguments}:{}", own.unwrap_or_default()).into_bytes()
    }

    fn cells(arguments: &str, own: Option<(u32, u32)>) -> Option<(u32, u32)> {
        let inline = Inline::read(&command(arguments, own))?;
        let cells = inline.cells(TERMINAL, CELL)?;
        Some((cells.cols, cells.rows))
    }

    #[derive(serde::Deserialize)]
    struct Case {
        arguments: String,
        own: Option<(u32, u32)>,
        cells: Option<(u32, u32)>,
    }

    #[test]
    fn a_image_takes_what_its_command_says() {
        let recording = include_str!("../../../tests/fixtures/images.json");
        let mut recording: serde_json::Value = serde_json::from_str(recording).expect("JSON");
        let cases: Vec<Case> = serde_json::from_value(recording["cells"].take()).expect("cases");
        assert!(!cases.is_empty());
        for case in cases {
            let found = cells(&case.arguments, case.own);
            assert_eq!(found, case.cells, "{} {:?}", case.arguments, case.own);
        }
    }

    #[test]
    fn what_stands_in_takes_the_same_cells() {
        for arguments in [
            "inline=1",
            "inline=1;width=20",
            "inline=1;height=40px;preserveAspectRatio=0",
            "inline=1;width=50%;height=3",
        ] {
            let inline = Inline::read(&command(arguments, Some((300, 200)))).expect("an image");
            let stand_in = [&inline.stand_in()[2..], b"iVBORw0KGgo="].concat();
            assert_eq!(Inline::read(&stand_in), Some(inline), "{arguments}");
        }
    }
}
