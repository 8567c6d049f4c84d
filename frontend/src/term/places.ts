// Between characters of a line and cells of a terminal: a line may take several rows, a character two
// cells, and several of them one.

import type { IBuffer } from "@xterm/xterm";
import type { Match } from "../find/matches";

/** The part of a place that is in one row. */
export interface Piece {
  row: number;
  col: number;
  width: number;
}

/** The lines of a buffer, and in which row each begins. */
export interface Text {
  lines: string[];
  rows: number[];
}

/** Reads them: rows that one line was wrapped into are one line again. */
export function textOf(buffer: IBuffer): Text {
  const text: Text = { lines: [], rows: [] };
  for (let row = 0; row < buffer.length; row += 1) {
    const line = buffer.getLine(row);
    if (line === undefined) continue;
    const goesOn = buffer.getLine(row + 1)?.isWrapped === true;
    const part = line.translateToString(!goesOn);
    const last = text.lines.length - 1;
    if (line.isWrapped && last >= 0) text.lines[last] += part;
    else {
      text.lines.push(part);
      text.rows.push(row);
    }
  }
  return text;
}

/** The cells of a place in the line that begins in a row. */
export function piecesOf(buffer: IBuffer, first: number, match: Match): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let row = first; at < match.end; row += 1) {
    const line = buffer.getLine(row);
    if (line === undefined) break;
    let piece: Piece | null = null;
    for (let col = 0; col < line.length && at < match.end; col += 1) {
      const cell = line.getCell(col);
      const width = cell?.getWidth() ?? 0;
      // The second half of a wide character.
      if (cell === undefined || width === 0) continue;
      if (at >= match.start) {
        piece ??= { row, col, width: 0 };
        piece.width = col + width - piece.col;
      }
      at += cell.getChars().length || 1;
    }
    if (piece !== null) pieces.push(piece);
  }
  return pieces;
}
