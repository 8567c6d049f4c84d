//! Images that pass in a terminal's output: what has to be known of each is read on its way, so
//! that none of it is kept.

use super::inline::{self, Inline};
use super::parser::{Kind, STRING_MAX};
use super::sixel::Sixel;

/// Longest string that holds an image, in bytes: what the page's emulator collects of one.
const IMAGE_MAX: usize = 10_000_000;

/// An image in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// A device control string with so many rows of pixels.
    Sixel(u32),
    /// A file in an operating system command.
    Inline(Inline),
}

/// The image that the string at hand may be.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    /// Bytes of the string so far.
    length: usize,
    /// What a device control string says.
    sixel: Sixel,
    /// What the beginning of a command said that is too long to be kept.
    inline: Option<Inline>,
}

impl Passing {
    /// How much of a string that begins so is kept, in bytes.
    pub fn kept(kind: Kind, body: &[u8]) -> usize {
        if kind == Kind::Osc && body.starts_with(inline::PREFIX) {
            inline::INLINE_MAX
        } else {
            STRING_MAX
        }
    }

    /// More of the string has come.
    pub fn take(&mut self, kind: Kind, bytes: &[u8]) {
        self.length += bytes.len();
        if kind == Kind::Dcs {
            self.sixel.take(bytes);
        }
    }

    /// The string is too long; this is its beginning.
    pub fn let_go(&mut self, kind: Kind, body: &[u8]) {
        if kind == Kind::Osc {
            self.inline = Inline::read(body);
        }
    }

    /// The image that the string was, which ended well. `body`: all of it, if it was kept.
    pub fn whole(&self, kind: Kind, body: Option<&[u8]>) -> Option<Image> {
        if self.length > IMAGE_MAX {
            return None;
        }
        match kind {
            Kind::Dcs => self.sixel.height().map(Image::Sixel),
            Kind::Osc => {
                let inline = body.map_or(self.inline, Inline::read);
                inline.map(Image::Inline)
            }
            Kind::Escape | Kind::Csi | Kind::Other => None,
        }
    }

    /// The beginning of a string as far as this one, which is too long to be kept.
    pub fn stand_in(&self, kind: Kind) -> Option<Vec<u8>> {
        match kind {
            Kind::Dcs => self.sixel.stand_in(),
            Kind::Osc => self.inline.map(|inline| inline.stand_in()),
            Kind::Escape | Kind::Csi | Kind::Other => None,
        }
    }
}
