// Where somebody is reading in a terminal, and finding that place again when everything came anew.

import type { Terminal } from "@xterm/xterm";

/** Rows whose text tells a place from others. */
const ANCHOR = 4;

/** Rows that may have come at the bottom since the place was taken. */
const SEARCHED = 4000;

/** A place. */
export interface Reading {
  /** Rows from the first in view down to the screen. */
  readonly below: number;
  /** What the first rows in view say. */
  readonly text: readonly string[];
}

function rows({ buffer }: Terminal, from: number): string[] {
  return Array.from({ length: ANCHOR }, (_, row) => {
    return buffer.active.getLine(from + row)?.translateToString(true) ?? "";
  });
}

/** Where somebody is reading; null for whoever follows the program. */
export function readingIn(terminal: Terminal): Reading | null {
  const { active } = terminal.buffer;
  const below = active.baseY - active.viewportY;
  if (active.type === "alternate" || below === 0) return null;
  return { below, text: rows(terminal, active.viewportY) };
}

/** Goes on where somebody was reading. */
export function resumeIn(terminal: Terminal, { below, text }: Reading): void {
  const likely = Math.max(0, terminal.buffer.active.baseY - below);
  const last = Math.max(0, likely - SEARCHED);
  let found = likely;
  while (found >= last && !rows(terminal, found).every((row, index) => row === text[index])) {
    found -= 1;
  }
  terminal.scrollToLine(found < last ? likely : found);
}
