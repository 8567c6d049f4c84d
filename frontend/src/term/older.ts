// Lines older than those that the page holds: the server keeps more. Whoever scrolls to the very top
// gets them, in place and without a jump: the whole terminal comes anew, with more lines above it.

import type { Terminal } from "@xterm/xterm";

/** Lines that the server sends where nobody says how many. */
const USUAL = 5000;

/** Lines that are asked for, and rows that are held for them: more than the server keeps. They take
 * 2 MB for each thousand, until the terminal is out of sight for long. */
const MOST = 20_000;

/** Rows whose text tells a place from others. */
const ANCHOR = 4;

/** Rows that may have come at the bottom since the lines were asked for. */
const SEARCHED = 4000;

/** Where somebody is reading. */
interface Reading {
  /** Rows from the first in view down to the screen. */
  readonly below: number;
  /** What the first rows in view say. */
  readonly text: readonly string[];
}

export class Older {
  private readonly terminal: Terminal;
  private readonly ask: ((lines: number) => void) | null;
  private asked = false;

  constructor(terminal: Terminal, ask: ((lines: number) => void) | null) {
    this.terminal = terminal;
    this.ask = ask;
  }

  /** Hears of every rendering: it is what follows a scroll, whoever scrolled. */
  watch(): void {
    const { ask } = this;
    if (ask === null) return;
    this.terminal.onRender(() => {
      if (!this.asked && this.wanted()) this.load(ask);
    });
  }

  /** The person's own settings hold again, so that lines may have been dropped. */
  forget(): void {
    this.asked = false;
  }

  /** Where somebody is reading; null for whoever follows the program. */
  reading(): Reading | null {
    const { active } = this.terminal.buffer;
    const below = active.baseY - active.viewportY;
    if (!this.asked || active.type === "alternate" || below === 0) return null;
    return { below, text: this.rows(active.viewportY) };
  }

  /** Goes on where somebody was reading, now that everything is there anew. */
  resume({ below, text }: Reading): void {
    const likely = Math.max(0, this.terminal.buffer.active.baseY - below);
    const last = Math.max(0, likely - SEARCHED);
    let found = likely;
    while (found >= last && !this.rows(found).every((row, index) => row === text[index])) {
      found -= 1;
    }
    this.terminal.scrollToLine(found < last ? likely : found);
  }

  private wanted(): boolean {
    const { buffer, options } = this.terminal;
    const { type, viewportY, baseY } = buffer.active;
    const dropped = baseY >= Math.min(options.scrollback ?? 0, USUAL);
    // What comes anew takes the selection with it.
    const reads = type === "normal" && viewportY === 0 && baseY > 0;
    return reads && dropped && !this.terminal.hasSelection();
  }

  private load(ask: (lines: number) => void): void {
    const { options } = this.terminal;
    this.asked = true;
    options.scrollback = Math.max(options.scrollback ?? 0, MOST);
    ask(MOST);
  }

  private rows(from: number): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: ANCHOR }, (_, row) => {
      return active.getLine(from + row)?.translateToString(true) ?? "";
    });
  }
}
