//! How many cells a character takes. The page has the same table, generated from this: else what
//! the model keeps and what a terminal shows would part at the first emoji.

use unicode_width::UnicodeWidthChar;

/// Cells of a character that is shown: none for a mark on the one before it, two for a wide one.
#[must_use]
pub fn columns(character: char) -> usize {
    if character.is_ascii() {
        1
    } else {
        character.width().unwrap_or(0).min(2)
    }
}
