//! What a terminal remembers beside its cells: modes, charsets, colours, titles, key protocols.

use std::collections::BTreeMap;

use alacritty_terminal::vte::ansi::Rgb;

/// Characters of a title that are kept; a window's bar shows fewer.
pub const TITLE_MAX: usize = 256;

/// Titles on the stack; xterm keeps ten.
pub const TITLES_MAX: usize = 10;

/// Kitty keyboard states on the stack of one screen. The protocol asks for a limit; programs
/// nest two or three deep.
pub const KEYBOARD_STACK_MAX: usize = 16;

/// Private modes remembered; there are about a hundred.
pub const MODES_MAX: usize = 256;

/// Private modes that a snapshot may set again. Others could do harm in a viewer's terminal.
/// Mouse protocol and encoding (9, 1000 to 1003, 1006, 1016), keypad (66), origin and wrap are
/// written apart from these.
const REPLAYED: [u16; 12] = [1, 5, 12, 25, 45, 1004, 1005, 1007, 1015, 2004, 2031, 1001];

/// Colour numbers above the palette: text, background, cursor.
pub const FOREGROUND: u16 = 256;
/// See [`FOREGROUND`].
pub const BACKGROUND: u16 = 257;
/// See [`FOREGROUND`].
pub const CURSOR: u16 = 258;

/// Private modes that were set or reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes(BTreeMap<u16, bool>);

impl Modes {
    fn initial(mode: u16) -> bool {
        matches!(mode, 7 | 25 | 1007)
    }

    /// Whether a private mode is set.
    pub fn is(&self, mode: u16) -> bool {
        self.0.get(&mode).copied().unwrap_or(Self::initial(mode))
    }

    /// Whether a program ever named this mode.
    pub fn seen(&self, mode: u16) -> bool {
        self.0.contains_key(&mode)
    }

    /// Sets or resets a private mode.
    pub fn set(&mut self, mode: u16, on: bool) {
        if self.0.len() < MODES_MAX || self.0.contains_key(&mode) {
            self.0.insert(mode, on);
        }
    }

    /// Writes what takes the modes back that differ from those of a fresh terminal, but for some.
    pub fn write_back(&self, out: &mut Vec<u8>, left: &[u16]) {
        for (&mode, &on) in &self.0 {
            if on != Self::initial(mode) && !left.contains(&mode) {
                let letter = if on { 'l' } else { 'h' };
                out.extend_from_slice(format!("\x1b[?{mode}{letter}").as_bytes());
            }
        }
    }

    /// Writes the modes that differ from those of a fresh terminal.
    pub fn write(&self, out: &mut Vec<u8>) {
        for (&mode, &on) in &self.0 {
            if on != Self::initial(mode) && REPLAYED.contains(&mode) {
                let letter = if on { 'h' } else { 'l' };
                out.extend_from_slice(format!("\x1b[?{mode}{letter}").as_bytes());
            }
        }
    }
}

/// Charsets: four designations, which one is shifted in, and which one is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charsets {
    /// Final bytes of the designations of G0 to G3.
    pub designated: [u8; 4],
    /// Which of them is shifted in.
    pub shift: u8,
    /// The charset in force; differs from the shifted one only after a cursor was restored.
    pub active: u8,
}

impl Default for Charsets {
    fn default() -> Self {
        Self {
            designated: [b'B'; 4],
            shift: 0,
            active: b'B',
        }
    }
}

impl Charsets {
    /// Designates a charset by its final byte.
    pub fn designate(&mut self, slot: usize, charset: u8) {
        self.designated[slot] = charset;
        if usize::from(self.shift) == slot {
            self.active = charset;
        }
    }

    /// Shifts a designation in.
    pub fn shift(&mut self, slot: u8) {
        self.shift = slot;
        self.active = self.designated[usize::from(slot)];
    }

    /// The character that a byte stands for.
    pub fn map(self, character: char) -> char {
        match self.active {
            b'0' => line_drawing(character),
            b'A' if character == '#' => '£',
            _ => character,
        }
    }

    /// Writes what differs from a fresh terminal. Afterwards text is no longer ASCII.
    pub fn write(self, out: &mut Vec<u8>) {
        let mut designated = self.designated;
        designated[usize::from(self.shift)] = self.active;
        for (charset, slot) in designated.into_iter().zip(*b"()*+") {
            if charset != b'B' {
                out.extend_from_slice(&[0x1b, slot, charset]);
            }
        }
        match self.shift {
            1 => out.push(0x0e),
            2 => out.extend_from_slice(b"\x1bn"),
            3 => out.extend_from_slice(b"\x1bo"),
            _ => (),
        }
    }
}

fn line_drawing(character: char) -> char {
    const GLYPHS: [char; 31] = [
        '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
        '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
    ];
    let index = (character as usize).wrapping_sub('`' as usize);
    GLYPHS.get(index).copied().unwrap_or(character)
}

/// The kitty keyboard protocol's state of one screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    /// Flags in force.
    pub flags: u8,
    stack: Vec<u8>,
}

impl Keyboard {
    /// Pushes the flags and sets new ones; the oldest fall off a full stack.
    pub fn push(&mut self, flags: u8) {
        if self.stack.len() == KEYBOARD_STACK_MAX {
            self.stack.remove(0);
        }
        self.stack.push(self.flags);
        self.flags = flags & 0x1f;
    }

    /// Pops states; an empty stack means no flags.
    pub fn pop(&mut self, count: usize) {
        for _ in 0..count.min(KEYBOARD_STACK_MAX) {
            self.flags = self.stack.pop().unwrap_or(0);
        }
    }

    /// Changes the flags in force: 1 replaces, 2 adds, 3 removes.
    pub fn set(&mut self, flags: u8, how: u16) {
        let flags = flags & 0x1f;
        self.flags = match how {
            2 => self.flags | flags,
            3 => self.flags & !flags,
            _ => flags,
        };
    }

    /// Writes the sequences that take this state back to that of a fresh terminal.
    pub fn write_back(&self, out: &mut Vec<u8>) {
        if !self.stack.is_empty() {
            out.extend_from_slice(format!("\x1b[<{}u", self.stack.len()).as_bytes());
        }
        if self.stack.first().copied().unwrap_or(self.flags) != 0 {
            out.extend_from_slice(b"\x1b[=0;1u");
        }
    }

    /// Writes the sequences that make a fresh terminal's state this one.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut states = self.stack.iter().copied().chain([self.flags]);
        let first = states.next().unwrap_or(0);
        if first != 0 {
            out.extend_from_slice(format!("\x1b[={first};1u").as_bytes());
        }
        for state in states {
            out.extend_from_slice(format!("\x1b[>{state}u").as_bytes());
        }
    }
}

/// The whole side table.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Private modes.
    pub modes: Modes,
    /// Insert mode (4).
    pub insert: bool,
    /// Newline mode (20).
    pub newline: bool,
    /// Application keypad.
    pub keypad: bool,
    /// Mouse protocol: its private mode, or 0.
    pub mouse: u16,
    /// Mouse encoding: its private mode, or 0.
    pub mouse_encoding: u16,
    /// Charsets.
    pub charsets: Charsets,
    /// Kitty keyboard states of the primary and the alternate screen.
    pub keyboards: [Keyboard; 2],
    /// xterm's modifyOtherKeys, 0 to 2.
    pub modify_keys: u16,
    /// DECSCUSR, 0 to 6.
    pub cursor_style: u16,
    /// Title.
    pub title: String,
    /// Saved titles.
    pub titles: Vec<String>,
    /// Colours that were changed, by number.
    pub colors: BTreeMap<u16, Rgb>,
}

impl Side {
    /// Sets the title, as much of it as is kept, without control characters.
    pub fn set_title(&mut self, title: &str) {
        self.title = title
            .chars()
            .filter(|character| !character.is_control())
            .take(TITLE_MAX)
            .collect();
    }

    /// Saves the title; the oldest falls off a full stack.
    pub fn push_title(&mut self) {
        if self.titles.len() == TITLES_MAX {
            self.titles.remove(0);
        }
        self.titles.push(self.title.clone());
    }

    /// Restores the title.
    pub fn pop_title(&mut self) {
        if let Some(title) = self.titles.pop() {
            self.title = title;
        }
    }

    /// Writes title, colours, modes, keypad and key protocols.
    pub fn write(&self, out: &mut Vec<u8>, alternate: bool) {
        for title in &self.titles {
            out.extend_from_slice(format!("\x1b]2;{title}\x1b\\\x1b[22;2t").as_bytes());
        }
        if !self.title.is_empty() || !self.titles.is_empty() {
            out.extend_from_slice(format!("\x1b]2;{}\x1b\\", self.title).as_bytes());
        }
        for (&number, color) in &self.colors {
            let name = match number {
                FOREGROUND => "10".to_owned(),
                BACKGROUND => "11".to_owned(),
                CURSOR => "12".to_owned(),
                index => format!("4;{index}"),
            };
            let text = format!("\x1b]{name};{}\x1b\\", color_text(*color));
            out.extend_from_slice(text.as_bytes());
        }
        self.modes.write(out);
        for mode in [self.mouse, self.mouse_encoding] {
            if mode != 0 {
                out.extend_from_slice(format!("\x1b[?{mode}h").as_bytes());
            }
        }
        if self.keypad {
            out.extend_from_slice(b"\x1b=");
        }
        if self.cursor_style != 0 {
            out.extend_from_slice(format!("\x1b[{} q", self.cursor_style).as_bytes());
        }
        if self.modify_keys != 0 {
            out.extend_from_slice(format!("\x1b[>4;{}m", self.modify_keys).as_bytes());
        }
        self.keyboards[usize::from(alternate)].write(out);
    }
}

/// A colour as OSC sequences write it.
pub fn color_text(color: Rgb) -> String {
    let Rgb { r, g, b } = color;
    format!("rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
}

/// Reads a colour as X11 writes it: `#rgb` in one to four digits, or `rgb:r/g/b`.
pub fn parse_color(text: &str) -> Option<Rgb> {
    let parts: Vec<&str> = if let Some(digits) = text.strip_prefix('#') {
        let width = digits.len() / 3;
        if !digits.is_ascii() || width == 0 || width > 4 || digits.len() % 3 != 0 {
            return None;
        }
        vec![
            &digits[..width],
            &digits[width..2 * width],
            &digits[2 * width..],
        ]
    } else {
        text.strip_prefix("rgb:")?.split('/').collect()
    };
    let [r, g, b] = parts[..] else {
        return None;
    };
    let hash = text.starts_with('#');
    let part = |digits: &str| {
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let scaled = match (digits.len(), hash) {
            (1, true) => value << 4,
            (1, false) => value * 17,
            (2, _) => value,
            (3, _) => value >> 4,
            _ => value >> 8,
        };
        u8::try_from(scaled).ok()
    };
    Some(Rgb {
        r: part(r)?,
        g: part(g)?,
        b: part(b)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_spelling() {
        let red = Some(Rgb { r: 255, g: 0, b: 0 });
        for text in ["#ff0000", "rgb:ff/00/00", "rgb:ffff/0000/0000", "rgb:f/0/0"] {
            assert_eq!(parse_color(text), red, "{text}");
        }
        for text in ["", "#", "#ff", "red", "rgb:1/2", "rgb:/1/2", "#ééé"] {
            assert_eq!(parse_color(text), None, "{text}");
        }
    }

    #[test]
    fn stacks_do_not_grow_without_bound() {
        let mut side = Side::default();
        for round in 0..1000_u16 {
            side.push_title();
            side.keyboards[0].push(1);
            side.modes.set(round, true);
        }
        assert_eq!(side.titles.len(), TITLES_MAX);
        assert_eq!(side.keyboards[0].stack.len(), KEYBOARD_STACK_MAX);
        assert_eq!(side.modes.0.len(), MODES_MAX);
    }
}
