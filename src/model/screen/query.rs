//! Questions that programs ask their terminal, and which of them the server answers.

use super::csi::Csi;
use super::parser::Kind;

/// A question with one right answer, which the screen knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query<'a> {
    /// DA1.
    PrimaryAttributes,
    /// DA2.
    SecondaryAttributes,
    /// DA3.
    TertiaryAttributes,
    /// DSR 5: are you well?
    Status,
    /// DSR 6: where is the cursor? `true` for the DEC form.
    CursorPosition(bool),
    /// DECRQM for an ANSI mode.
    Mode(u16),
    /// DECRQM for a private mode.
    PrivateMode(u16),
    /// DECRQSS: the setting with this name.
    Setting(&'a [u8]),
    /// XTVERSION.
    Version,
    /// The kitty keyboard flags.
    Keyboard,
    /// XTQMODKEYS 4.
    ModifyKeys,
    /// XTSMGRAPHICS: item and action.
    Graphics(u16, u16),
    /// XTWINOPS 14: pixels of the text area.
    AreaPixels,
    /// XTWINOPS 16: pixels of a cell.
    CellPixels,
    /// XTWINOPS 18: cells of the text area.
    AreaCells,
}

impl<'a> Query<'a> {
    /// What a sequence asks, if the server answers it. Colours are asked in [`ColorCommand`]s.
    pub fn of(kind: Kind, body: &'a [u8]) -> Option<Self> {
        match kind {
            Kind::Csi => Self::of_csi(&Csi::parse(body)?),
            Kind::Escape if body == b"Z" => Some(Self::PrimaryAttributes),
            Kind::Dcs => body.strip_prefix(b"$q").map(Self::Setting),
            _ => None,
        }
    }

    fn of_csi(csi: &Csi) -> Option<Self> {
        let first = csi.get(0);
        Some(match csi.function() {
            (0, 0, b'c') if first == 0 => Self::PrimaryAttributes,
            (b'>', 0, b'c') if first == 0 => Self::SecondaryAttributes,
            (b'=', 0, b'c') if first == 0 => Self::TertiaryAttributes,
            (0, 0, b'n') if first == 5 => Self::Status,
            (0, 0, b'n') if first == 6 => Self::CursorPosition(false),
            (b'?', 0, b'n') if first == 6 => Self::CursorPosition(true),
            (0, b'$', b'p') => Self::Mode(first),
            (b'?', b'$', b'p') => Self::PrivateMode(first),
            (b'>', 0, b'q') if first == 0 => Self::Version,
            (b'?', 0, b'u') => Self::Keyboard,
            (b'?', 0, b'm') if first == 4 => Self::ModifyKeys,
            (b'?', 0, b'S') => Self::Graphics(first, csi.get(1)),
            (0, 0, b't') if csi.written() == 1 => match first {
                14 => Self::AreaPixels,
                16 => Self::CellPixels,
                18 => Self::AreaCells,
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// One part of an OSC 4, 10, 11 or 12: a colour's number as the sequence writes it, and the
/// colour, or `?` to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColorCommand<'a> {
    /// `4;n`, `10`, `11` or `12`.
    pub name: String,
    /// The colour's number in the side table.
    pub number: u16,
    /// What follows.
    pub value: &'a str,
}

impl ColorCommand<'_> {
    /// Whether this asks for the colour.
    pub fn asks(&self) -> bool {
        self.value == "?"
    }
}

/// Splits an OSC body into colour commands; none if it is another command.
pub fn color_commands(body: &[u8]) -> Vec<ColorCommand<'_>> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Vec::new();
    };
    let mut parts = text.split(';');
    let mut commands = Vec::new();
    match parts.next() {
        Some("4") => {
            while let (Some(index), Some(value)) = (parts.next(), parts.next()) {
                if let Ok(index) = index.parse::<u8>() {
                    commands.push(ColorCommand {
                        name: format!("4;{index}"),
                        number: index.into(),
                        value,
                    });
                }
            }
        }
        Some(first @ ("10" | "11" | "12")) => {
            let start = first.parse::<u16>().unwrap_or(10);
            for (code, value) in (start..=12).zip(parts) {
                commands.push(ColorCommand {
                    name: code.to_string(),
                    number: super::side::FOREGROUND + code - 10,
                    value,
                });
            }
        }
        _ => (),
    }
    commands
}
