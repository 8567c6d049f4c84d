// The text that a terminal holds, line by line, as the program wrote it: rows that one line was
// wrapped into are one line again.

import type { IBuffer, Terminal } from "@xterm/xterm";

function read(buffer: IBuffer): string[] {
  const lines: string[] = [];
  for (let row = 0; row < buffer.length; row += 1) {
    const line = buffer.getLine(row);
    if (line === undefined) continue;
    // A row that goes on in the next one is full: its blanks at the end are part of the text.
    const full = buffer.getLine(row + 1)?.isWrapped === true;
    const text = line.translateToString(!full);
    if (line.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The lines above the screen and on it; behind them those of a program that has taken the screen. */
export function linesOf({ buffer }: Terminal): string[] {
  const lines = read(buffer.normal);
  return buffer.active.type === "alternate" ? [...lines, ...read(buffer.alternate)] : lines;
}
