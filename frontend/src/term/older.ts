// Lines older than those that the page holds: the server keeps more. Whoever scrolls to the very top
// gets them, in place and without a jump: the whole terminal comes anew, with more lines above it.

import type { Terminal } from "@xterm/xterm";

/** Lines that the server sends where nobody says how many. */
const USUAL = 5000;

/** Lines that are asked for, and rows that are held for them: more than the server keeps. They take
 * 2 MB for each thousand, until the terminal is out of sight for long. */
const MOST = 20_000;

export class Older {
  private readonly terminal: Terminal;
  private asked = false;
  /** What was asked for has not come yet. */
  private due = false;
  private places: typeof import("./reading") | null = null;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /** Hears of every rendering, which is what follows a scroll, whoever scrolled. */
  watch(ask: (lines: number) => void): void {
    this.terminal.onRender(() => {
      if (!this.asked && this.wanted()) void this.load(ask);
    });
  }

  /** The person's own settings hold again, so that lines may have been dropped. */
  forget(): void {
    this.asked = false;
  }

  /** Everything is about to come anew: what makes whoever reads older lines go on where they are.
   * If it was not asked for here they may be gone again: a new connection brings no more than
   * usual. */
  keepPlace(): () => void {
    const { places, terminal } = this;
    const reading = places?.readingIn(terminal) ?? null;
    this.asked = this.due;
    this.due = false;
    return () => {
      if (reading !== null) places?.resumeIn(terminal, reading);
    };
  }

  private wanted(): boolean {
    const { buffer, options } = this.terminal;
    const { type, viewportY, baseY } = buffer.active;
    const dropped = baseY > 0 && baseY >= Math.min(options.scrollback ?? 0, USUAL);
    // What comes anew takes the selection with it.
    return type === "normal" && viewportY === 0 && dropped && !this.terminal.hasSelection();
  }

  private async load(ask: (lines: number) => void): Promise<void> {
    this.asked = true;
    this.places = await import("./reading").catch(() => null);
    if (this.places === null) return;
    const { options } = this.terminal;
    options.scrollback = Math.max(options.scrollback ?? 0, MOST);
    this.due = true;
    ask(MOST);
  }
}
