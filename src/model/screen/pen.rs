//! The pen: colours and attributes that the next character gets, read from SGR and written as SGR.

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Rgb};

use super::csi::Csi;

/// Blinking has no flag in the emulator's cell; it lives in the sixteenth bit, which is free.
pub const BLINK: Flags = Flags::from_bits_retain(0x8000);

/// The flags that are attributes of the text; the others say how a cell hangs together.
const STYLE: Flags = Flags::INVERSE
    .union(Flags::BOLD)
    .union(Flags::ITALIC)
    .union(Flags::ALL_UNDERLINES)
    .union(Flags::DIM)
    .union(Flags::HIDDEN)
    .union(Flags::STRIKEOUT)
    .union(BLINK);

/// Foreground where nothing else is said.
pub const DEFAULT_FOREGROUND: Color = Color::Named(NamedColor::Foreground);

/// Background where nothing else is said.
pub const DEFAULT_BACKGROUND: Color = Color::Named(NamedColor::Background);

/// Colours and attributes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pen {
    /// Colour of the text.
    pub foreground: Color,
    /// Colour behind it.
    pub background: Color,
    /// Attributes.
    pub flags: Flags,
    /// Colour of the underline, if it is not that of the text.
    pub underline: Option<Color>,
}

impl Default for Pen {
    fn default() -> Self {
        Self {
            foreground: DEFAULT_FOREGROUND,
            background: DEFAULT_BACKGROUND,
            flags: Flags::empty(),
            underline: None,
        }
    }
}

impl Pen {
    /// How this cell is drawn.
    pub fn of(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            flags: cell.flags & STYLE,
            underline: cell.underline_color(),
        }
    }

    /// Makes the template draw like this. Its link stays.
    pub fn apply(self, template: &mut Cell) {
        template.fg = self.foreground;
        template.bg = self.background;
        template.flags = self.flags;
        template.set_underline_color(self.underline);
    }

    /// Writes the SGR sequence that changes any pen to this one.
    pub fn write(self, out: &mut Vec<u8>) {
        if self == Self::default() {
            out.extend_from_slice(b"\x1b[m");
            return;
        }
        out.extend_from_slice(b"\x1b[0");
        for (flag, code) in FLAG_CODES {
            if self.flags.contains(flag) {
                out.push(b';');
                out.extend_from_slice(code.as_bytes());
            }
        }
        write_color(out, self.foreground, 30);
        write_color(out, self.background, 40);
        if let Some(color) = self.underline {
            match color {
                Color::Indexed(index) => {
                    out.extend_from_slice(format!(";58:5:{index}").as_bytes());
                }
                Color::Spec(Rgb { r, g, b }) => {
                    out.extend_from_slice(format!(";58:2::{r}:{g}:{b}").as_bytes());
                }
                Color::Named(_) => (),
            }
        }
        out.push(b'm');
    }

    /// Applies an SGR sequence.
    pub fn sgr(&mut self, csi: &Csi) {
        let mut at = 0;
        let params = csi.params();
        while at < params.len() {
            let mut next = at + 1;
            while next < params.len() && csi.is_sub(next) {
                next += 1;
            }
            let subs = &params[at + 1..next];
            match params[at] {
                38 | 48 | 58 => {
                    let (color, used) = if subs.is_empty() {
                        let color = semicolon_color(&params[next..]);
                        (color.0, color.1)
                    } else {
                        (colon_color(subs), 0)
                    };
                    if let Some(color) = color {
                        self.set_color(params[at], color);
                    }
                    next += used;
                }
                4 => self.underline_style(subs.first().copied().unwrap_or(1)),
                code => self.attribute(code),
            }
            at = next;
        }
    }

    fn set_color(&mut self, code: u16, color: Color) {
        match code {
            38 => self.foreground = color,
            48 => self.background = color,
            _ => self.underline = Some(color),
        }
    }

    fn underline_style(&mut self, style: u16) {
        self.flags.remove(Flags::ALL_UNDERLINES);
        self.flags.insert(match style {
            0 => Flags::empty(),
            2 => Flags::DOUBLE_UNDERLINE,
            3 => Flags::UNDERCURL,
            4 => Flags::DOTTED_UNDERLINE,
            5 => Flags::DASHED_UNDERLINE,
            _ => Flags::UNDERLINE,
        });
    }

    fn attribute(&mut self, code: u16) {
        let named = |code: u16, base: u16| {
            let index = u8::try_from(code - base).unwrap_or(0);
            Color::Indexed(if code - base >= 60 { index - 52 } else { index })
        };
        match code {
            0 => *self = Self::default(),
            1 => self.flags.insert(Flags::BOLD),
            2 => self.flags.insert(Flags::DIM),
            3 => self.flags.insert(Flags::ITALIC),
            5 | 6 => self.flags.insert(BLINK),
            7 => self.flags.insert(Flags::INVERSE),
            8 => self.flags.insert(Flags::HIDDEN),
            9 => self.flags.insert(Flags::STRIKEOUT),
            21 => self.underline_style(2),
            22 => self.flags.remove(Flags::BOLD | Flags::DIM),
            23 => self.flags.remove(Flags::ITALIC),
            24 => self.flags.remove(Flags::ALL_UNDERLINES),
            25 => self.flags.remove(BLINK),
            27 => self.flags.remove(Flags::INVERSE),
            28 => self.flags.remove(Flags::HIDDEN),
            29 => self.flags.remove(Flags::STRIKEOUT),
            30..=37 | 90..=97 => self.foreground = named(code, 30),
            39 => self.foreground = DEFAULT_FOREGROUND,
            40..=47 | 100..=107 => self.background = named(code, 40),
            49 => self.background = DEFAULT_BACKGROUND,
            59 => self.underline = None,
            _ => (),
        }
    }
}

const FLAG_CODES: [(Flags, &str); 12] = [
    (Flags::BOLD, "1"),
    (Flags::DIM, "2"),
    (Flags::ITALIC, "3"),
    (Flags::UNDERLINE, "4"),
    (Flags::DOUBLE_UNDERLINE, "4:2"),
    (Flags::UNDERCURL, "4:3"),
    (Flags::DOTTED_UNDERLINE, "4:4"),
    (Flags::DASHED_UNDERLINE, "4:5"),
    (BLINK, "5"),
    (Flags::INVERSE, "7"),
    (Flags::HIDDEN, "8"),
    (Flags::STRIKEOUT, "9"),
];

fn write_color(out: &mut Vec<u8>, color: Color, base: u16) {
    let text = match color {
        Color::Named(_) => return,
        Color::Indexed(index @ 0..=7) => format!(";{}", base + u16::from(index)),
        Color::Indexed(index @ 8..=15) => format!(";{}", base + 52 + u16::from(index)),
        Color::Indexed(index) => format!(";{};5;{index}", base + 8),
        Color::Spec(Rgb { r, g, b }) => format!(";{};2;{r};{g};{b}", base + 8),
    };
    out.extend_from_slice(text.as_bytes());
}

fn channel(value: u16) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn rgb(values: &[u16]) -> Color {
    let part = |index: usize| channel(values.get(index).copied().unwrap_or(0));
    Color::Spec(Rgb {
        r: part(0),
        g: part(1),
        b: part(2),
    })
}

/// A colour whose parts follow as parameters of their own, and how many those are.
fn semicolon_color(rest: &[u16]) -> (Option<Color>, usize) {
    match rest {
        [5, index, ..] => (Some(Color::Indexed(channel(*index))), 2),
        [2, values @ ..] if values.len() >= 3 => (Some(rgb(values)), 4),
        _ => (None, rest.len()),
    }
}

/// A colour in one parameter with colons; the colour space may be left out.
fn colon_color(subs: &[u16]) -> Option<Color> {
    match subs {
        [5, index, ..] => Some(Color::Indexed(channel(*index))),
        [2, values @ ..] if values.len() >= 4 => Some(rgb(&values[1..])),
        [2, values @ ..] if values.len() == 3 => Some(rgb(values)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(sgr: &str) -> Pen {
        let mut pen = Pen::default();
        pen.sgr(&Csi::parse(sgr.as_bytes()).expect("well formed"));
        pen
    }

    #[test]
    fn what_is_written_reads_back() {
        for sgr in [
            "m",
            "1;3;38;5;200;48;2;1;2;3m",
            "4:3;58:2::1:2:3m",
            "5;7;8;9;21m",
            "2;4;97;101;58:5:9m",
            "38:2:9:8:7m",
        ] {
            let before = pen(sgr);
            let mut out = Vec::new();
            before.write(&mut out);
            let body = String::from_utf8(out[2..].to_vec()).expect("ASCII");
            assert_eq!(pen(&body), before, "{sgr} became {body}");
        }
    }

    #[test]
    fn sixteen_colours_are_the_palette() {
        assert_eq!(pen("31m").foreground, Color::Indexed(1));
        assert_eq!(pen("91m").foreground, Color::Indexed(9));
        assert_eq!(pen("107m").background, Color::Indexed(15));
    }
}
