//! A row of cells as the bytes that print it.

use alacritty_terminal::grid::Row;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags, Hyperlink};

use super::pen::Pen;

/// Pen and link of a cell.
pub type Look = (Pen, Option<Hyperlink>);

/// How a row hangs together with its neighbours.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    /// Its line goes on in the next row.
    pub wraps: bool,
    /// It goes on from the row above, which has been written.
    pub continues: bool,
    /// How the wide character is drawn that the next row begins with.
    pub next_wide: Option<Look>,
}

/// Writes cells, with as few attribute changes as they need.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    pen: Pen,
    link: Option<Hyperlink>,
}

impl<'a> Writer<'a> {
    /// Begins with the default pen and no link.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            pen: Pen::default(),
            link: None,
        }
    }

    /// Writes cells. The second half of a wide character is nothing.
    pub fn cells(&mut self, mut cells: &[Cell]) {
        while let Some(first) = cells.first() {
            self.look(first);
            let run = cells
                .iter()
                .skip(1)
                .take_while(|cell| is_alike(first, cell));
            let (run, rest) = cells.split_at(1 + run.count());
            let is_plain = |cell: &Cell| matches!(cell.c, ' '..='~');
            if first.extra.is_none()
                && !first.flags.contains(Flags::WIDE_CHAR_SPACER)
                && run.iter().all(is_plain)
            {
                // The low byte of an ASCII character is the character.
                self.out.extend(run.iter().map(|cell| cell.c as u8));
            } else {
                for cell in run {
                    self.character(cell);
                }
            }
            cells = rest;
        }
    }

    /// Changes to the look of this cell.
    fn look(&mut self, cell: &Cell) {
        if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
            return;
        }
        let pen = Pen::of(cell);
        if pen != self.pen {
            pen.write(self.out);
            self.pen = pen;
        }
        if cell.extra.is_some() || self.link.is_some() {
            let link = cell.hyperlink();
            if link != self.link {
                write_link(self.out, link.as_ref());
                self.link = link;
            }
        }
    }

    fn character(&mut self, cell: &Cell) {
        if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
            return;
        }
        match u8::try_from(cell.c) {
            Ok(control) if control < b' ' => self.out.push(b' '),
            Ok(ascii) if ascii.is_ascii() => self.out.push(ascii),
            _ => {
                let mut utf8 = [0; 4];
                let bytes = cell.c.encode_utf8(&mut utf8).as_bytes();
                self.out.extend_from_slice(bytes);
            }
        }
        for mark in cell.zerowidth().into_iter().flatten() {
            let mut utf8 = [0; 4];
            let bytes = mark.encode_utf8(&mut utf8).as_bytes();
            self.out.extend_from_slice(bytes);
        }
    }

    /// Ends with the default pen and no link.
    pub fn finish(self) {
        if self.pen != Pen::default() {
            Pen::default().write(self.out);
        }
        if self.link.is_some() {
            write_link(self.out, None);
        }
    }
}

/// Writes the sequence that opens a link, or closes it.
pub fn write_link(out: &mut Vec<u8>, link: Option<&Hyperlink>) {
    out.extend_from_slice(b"\x1b]8;");
    if let Some(link) = link {
        if !link.id().is_empty() {
            out.extend_from_slice(b"id=");
            out.extend_from_slice(link.id().as_bytes());
        }
        out.push(b';');
        out.extend_from_slice(link.uri().as_bytes());
    } else {
        out.push(b';');
    }
    out.extend_from_slice(b"\x1b\\");
}

/// Whether two cells look alike, at a glance: neither has more than colours and attributes.
fn is_alike(one: &Cell, other: &Cell) -> bool {
    one.flags == other.flags
        && one.fg == other.fg
        && one.bg == other.bg
        && one.extra.is_none()
        && other.extra.is_none()
}

/// Whether a cell shows no character.
fn is_blank(cell: &Cell) -> bool {
    cell.c == ' ' && cell.zerowidth().is_none_or(<[char]>::is_empty)
}

fn look(cell: &Cell) -> Look {
    (Pen::of(cell), cell.hyperlink())
}

/// How a row's first character is drawn, if that is a wide one.
pub fn wide_start(row: &Row<Cell>) -> Option<Look> {
    let first = &row[Column(0)];
    first.flags.contains(Flags::WIDE_CHAR).then(|| look(first))
}

/// Cells up to the last one that shows anything.
pub fn used(row: &Row<Cell>) -> usize {
    let template = Cell::default();
    let blank = |cell: &Cell| {
        cell.c == ' '
            && (is_alike(&template, cell) || is_blank(cell) && look(cell) == Look::default())
    };
    row[..]
        .iter()
        .rposition(|cell| !blank(cell))
        .map_or(0, |last| last + 1)
}

/// Writes a row, from the default pen to the default pen. One whose line goes on is written in
/// full width, so that the terminal wraps by itself.
pub fn write(out: &mut Vec<u8>, row: &Row<Cell>, ends: &Ends) {
    let mut count = if ends.wraps { row.len() } else { used(row) };
    let last = &row[Column(row.len() - 1)];
    if ends.wraps && is_blank(last) && ends.next_wide == Some(look(last)) {
        // The wide character did not fit here; printed again, it leaves this cell by itself.
        count -= 1;
    }
    if ends.continues {
        // An empty row is reached only by a character that wraps into it.
        count = count.max(1);
    }
    let mut writer = Writer::new(out);
    writer.cells(&row[..Column(count)]);
    writer.finish();
}
