// How many cells fit into the place of a terminal: asked at once at first, then once per gesture.
// Where others decide the size, the terminal keeps it and its letters become as large as the place
// allows.

import type { Terminal } from "@xterm/xterm";
import { clamp, remember, type Size } from "./guess";

/** Milliseconds after the last change of a gesture: dragging a window or a keyboard sliding in must not
 * make the program draw anew for each step. */
const QUIET = 150;

/** CSS pixels of the emulator's scroll bar. */
const SCROLL_BAR = 14;

/** Letters grow to this much of their size at most: a small terminal in a large place. */
const MAX_GROWTH = 1.6;

/** CSS pixels of the smallest letters: they tell where something is, if not what. */
const MIN_FONT = 3;

/** Steps in CSS pixels in which letters grow: less is not seen, and each step is drawn anew. */
const STEP = 0.5;

/** What a place tells. */
export interface FitEvents {
  wanted(size: Size): void;
  alone(): boolean;
  boxed(boxed: boolean): void;
}

interface Cell {
  font: number;
  width: number;
  height: number;
}

export class Fit {
  private readonly terminal: Terminal;
  private readonly host: HTMLElement;
  private readonly events: FitEvents;
  private readonly observer: ResizeObserver;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private first = true;
  private mine = true;
  private cell: Cell | null = null;
  /** The size of the letters that was chosen here, in place of the person's own. */
  private chosen: number | null = null;
  private proposed: Size | null = null;

  constructor(terminal: Terminal, host: HTMLElement, events: FitEvents) {
    this.terminal = terminal;
    this.host = host;
    this.events = events;
    this.observer = new ResizeObserver(() => this.changed());
    this.observer.observe(host);
  }

  /** Something about the cells themselves changed. */
  again(): void {
    if (this.chosen !== null) this.letters(this.cell?.font ?? this.chosen);
    this.measure();
  }

  /** The person has chosen other letters. */
  restyled(): void {
    this.chosen = null;
    this.measure();
  }

  /** Whether this place decides the terminal's size. */
  decides(mine: boolean): void {
    this.mine = mine;
    this.resized();
  }

  /** The terminal has another size. */
  resized(): void {
    const { proposed, terminal, cell } = this;
    // Out of sight nothing can be measured; it is measured again when it comes back.
    if (proposed === null || cell === null || this.host.clientWidth === 0) return;
    const fills = proposed.cols === terminal.cols && proposed.rows === terminal.rows;
    // What this place asked for is on its way.
    if (!fills && this.mine) return;
    this.events.boxed(!fills);
    this.host.classList.toggle("boxed", !fills);
    if (fills) {
      if (this.chosen !== null) this.letters(cell.font);
      return;
    }
    const { clientWidth, clientHeight } = this.host;
    const wide = (clientWidth - SCROLL_BAR) / (terminal.cols * cell.width);
    const high = clientHeight / (terminal.rows * cell.height);
    const growth = Math.min(wide, high, MAX_GROWTH);
    let font = Math.floor((cell.font * growth) / STEP) * STEP;
    // Cells are whole pixels of the screen, so that a letter a little larger may need much more.
    this.letters(font);
    while (font > MIN_FONT && this.overflows()) {
      font -= STEP;
      this.letters(font);
    }
  }

  dispose(): void {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }

  private letters(font: number): void {
    const size = Math.max(font, MIN_FONT);
    this.chosen = size === this.cell?.font ? null : size;
    if (this.terminal.options.fontSize !== size) this.terminal.options.fontSize = size;
  }

  private overflows(): boolean {
    const screen = this.screen();
    if (screen === undefined) return false;
    const { clientWidth, clientHeight } = this.host;
    return screen.width > clientWidth - SCROLL_BAR + 1 || screen.height > clientHeight + 1;
  }

  private screen(): DOMRect | undefined {
    return this.terminal.element?.querySelector(".xterm-screen")?.getBoundingClientRect();
  }

  private changed(): void {
    if (this.first) {
      this.first = false;
      this.measure();
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.measure(), QUIET);
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.host;
    const { fontSize = 0 } = this.terminal.options;
    if (clientWidth === 0 || clientHeight === 0) return;
    if (this.chosen === null || fontSize !== this.chosen) {
      const screen = this.screen();
      if (screen === undefined || screen.width === 0) return;
      this.chosen = null;
      this.cell = {
        font: fontSize,
        width: screen.width / this.terminal.cols,
        height: screen.height / this.terminal.rows,
      };
    }
    const { cell } = this;
    if (cell === null) return;
    this.proposed = clamp({
      cols: Math.floor((clientWidth - SCROLL_BAR) / cell.width),
      rows: Math.floor(clientHeight / cell.height),
    });
    if (this.events.alone()) this.keep(this.proposed, cell);
    this.events.wanted(this.proposed);
    this.resized();
  }

  /** For the next page, which opens its socket before it has a terminal. */
  private keep(proposed: Size, cell: Cell): void {
    // Half a cell more than the proposed ones fit for certain, whatever was rounded.
    const aroundWidth = innerWidth - (proposed.cols + 0.5) * cell.width;
    const aroundHeight = innerHeight - (proposed.rows + 0.5) * cell.height;
    remember({ cellWidth: cell.width, cellHeight: cell.height, aroundWidth, aroundHeight });
  }
}
