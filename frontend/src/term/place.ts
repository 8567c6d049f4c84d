// Places in a terminal's text that stay where they are while it scrolls and wraps anew.

import type { IDisposable, IMarker, Terminal } from "@xterm/xterm";

/** A place: before a column of a row. */
export interface Place {
  readonly marker: IMarker;
  readonly column: number;
  /** The row went out at the top, rather than being erased. */
  scrolledOut: boolean;
}

/** Sequences that take rows away: erase in display, delete lines, insert lines. */
const ERASING = ["J", "L", "M"];

export class PlaceKeeper {
  private readonly terminal: Terminal;
  private readonly handlers: IDisposable[];
  /** Rows may go that are not those at the top. */
  private erasing = false;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.handlers = ERASING.map((final) =>
      terminal.parser.registerCsiHandler({ final }, () => {
        this.erasing = true;
        return false;
      }),
    );
  }

  /** Where the cursor is. A program that has taken the whole screen has no places. */
  here(): Place | null {
    const { active } = this.terminal.buffer;
    if (active.type === "alternate") return null;
    const marker = this.terminal.registerMarker(0);
    if (marker === undefined) return null;
    this.erasing = false;
    const place = { marker, column: active.cursorX, scrolledOut: false };
    marker.onDispose(() => {
      const { rows, options, buffer } = this.terminal;
      const full = buffer.normal.length >= rows + (options.scrollback ?? 0);
      place.scrolledOut = full && !this.erasing;
    });
    return place;
  }

  /** The text from a place to where the cursor is, on one line. */
  textFrom(place: Place): string {
    const { active } = this.terminal.buffer;
    if (place.marker.isDisposed) return "";
    const end = { row: active.baseY + active.cursorY, column: active.cursorX };
    return textBetween(this.terminal, { row: place.marker.line, column: place.column }, end);
  }

  dispose(): void {
    for (const handler of this.handlers) handler.dispose();
  }
}

/** A cell's place in the buffer of now. */
export interface Cell {
  row: number;
  column: number;
}

/** The text between two places; rows that one line was wrapped into are one line again. */
export function textBetween({ buffer }: Terminal, from: Cell, to: Cell): string {
  const { normal } = buffer;
  let text = "";
  for (let row = from.row; row <= Math.min(to.row, normal.length - 1); row += 1) {
    const line = normal.getLine(row);
    if (line === undefined) continue;
    if (row > from.row && !line.isWrapped) text += "\n";
    const first = row === from.row ? from.column : 0;
    // A row that goes on in the next one is full: its blanks at the end are part of the text.
    const goesOn = normal.getLine(row + 1)?.isWrapped === true;
    const last = row === to.row ? to.column : undefined;
    text += line.translateToString(!goesOn && last === undefined, first, last);
  }
  return text;
}
