// The size of the window in cells before a terminal is there: the socket is opened with it. What
// the last terminal measured is exact; without it, the font says nearly the same.

import { recall as chosen, type Settings } from "../settings/kept";

/** Columns and rows. */
export interface Size {
  cols: number;
  rows: number;
}

/** The cell of a terminal, and what of the window is not terminal, in CSS pixels. */
export interface Measure {
  cellWidth: number;
  cellHeight: number;
  aroundWidth: number;
  aroundHeight: number;
}

/** The terminal's fonts, as in style/app.css; the last but one has the signs that prompts are made of,
 * where it is installed. */
const FONTS =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, "Symbols Nerd Font Mono", monospace';

/** The person's own font first. */
export function familyOf({ fontFamily }: Settings): string {
  return fontFamily === "" ? FONTS : `"${fontFamily}", ${FONTS}`;
}

/** CSS pixels around the terminal until one was measured: padding and scroll bar; the two bars. */
const AROUND = { aroundWidth: 30, aroundHeight: 86 };

/** The most that the server takes, in cells. */
const MAX_SIDE = 1000;

/** Fewer columns or rows than this are no terminal, only a window in the middle of a gesture. */
const MIN = { cols: 2, rows: 1 };

/** The screen's density is part of the name: cells are whole device pixels. */
function key(): string {
  return `awp.measure.${devicePixelRatio}`;
}

/** Keeps what a terminal measured, for the next page. */
export function remember(measure: Measure): void {
  try {
    localStorage.setItem(key(), JSON.stringify(measure));
  } catch {
    // Without storage the next page measures again.
  }
}

function recall(): Measure | null {
  try {
    const measure = JSON.parse(localStorage.getItem(key()) ?? "null") as Measure | null;
    return measure !== null && measure.cellWidth > 0 && measure.cellHeight > 0 ? measure : null;
  } catch {
    return null;
  }
}

function measureFont(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return { cellWidth: 8.4, cellHeight: 17, ...AROUND };
  const settings = chosen();
  context.font = `${settings.fontSize}px ${familyOf(settings)}`;
  const glyph = context.measureText("W");
  const letter = glyph.fontBoundingBoxAscent + glyph.fontBoundingBoxDescent;
  const height = letter * settings.lineHeight;
  const ratio = devicePixelRatio;
  return { cellWidth: glyph.width, cellHeight: Math.ceil(height * ratio) / ratio, ...AROUND };
}

/** The window's size in cells. */
export function guessSize(): Size {
  const { cellWidth, cellHeight, aroundWidth, aroundHeight } = recall() ?? measureFont();
  return clamp({
    cols: Math.floor((innerWidth - aroundWidth) / cellWidth),
    rows: Math.floor((innerHeight - aroundHeight) / cellHeight),
  });
}

/** The nearest size that a terminal can have. */
export function clamp({ cols, rows }: Size): Size {
  const side = (cells: number, least: number) => Math.min(Math.max(cells || 0, least), MAX_SIDE);
  return { cols: side(cols, MIN.cols), rows: side(rows, MIN.rows) };
}
