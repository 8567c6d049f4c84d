// How many cells fit into the space of a terminal: asked at once at first, then once per gesture.

import { FitAddon } from "@xterm/addon-fit";
import type { Terminal } from "@xterm/xterm";
import { clamp, remember, type Size } from "./guess";

/** Milliseconds after the last change of a gesture: dragging a window or a keyboard sliding in must not
 * make the program draw anew for each step. */
const QUIET = 150;

export class Fit {
  private readonly terminal: Terminal;
  private readonly addon = new FitAddon();
  private readonly wanted: (size: Size) => void;
  private readonly observer: ResizeObserver;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private first = true;

  constructor(terminal: Terminal, host: HTMLElement, wanted: (size: Size) => void) {
    this.terminal = terminal;
    this.wanted = wanted;
    terminal.loadAddon(this.addon);
    this.observer = new ResizeObserver(() => this.changed());
    this.observer.observe(host);
  }

  /** Something about the cells themselves changed. */
  again(): void {
    this.measure();
  }

  dispose(): void {
    this.observer.disconnect();
    clearTimeout(this.timer);
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
    const proposed = this.addon.proposeDimensions();
    if (proposed === undefined || Number.isNaN(proposed.cols)) return;
    this.keep(proposed);
    this.wanted(clamp(proposed));
  }

  /** For the next page, which opens its socket before it has a terminal. */
  private keep(proposed: Size): void {
    const screen = this.terminal.element?.querySelector(".xterm-screen")?.getBoundingClientRect();
    if (screen === undefined || screen.width === 0) return;
    const cellWidth = screen.width / this.terminal.cols;
    const cellHeight = screen.height / this.terminal.rows;
    // Half a cell more than the proposed ones fit for certain, whatever was rounded.
    const aroundWidth = innerWidth - (proposed.cols + 0.5) * cellWidth;
    const aroundHeight = innerHeight - (proposed.rows + 0.5) * cellHeight;
    remember({ cellWidth, cellHeight, aroundWidth, aroundHeight });
  }
}
