// Finds a text in what a terminal holds and marks where it is. Only what is in view is decorated:
// a screen has few places, whatever there is above it.

import type { IDecoration, IDisposable, IMarker, Terminal } from "@xterm/xterm";
import { Bounded } from "../find/bounded";
import { countBefore, findIn, type Match, patternOf, type Query } from "../find/matches";
import { type Piece, piecesOf, type Text, textOf } from "./places";

/** Milliseconds from new output to the next search at least: a flood must not be searched line by
 * line; and how many times as long as the last search took, so that most of the time is the page's. */
const PAUSE = 250;
const REST = 5;

/** Colours of a place and of the current one: told apart in every theme, and readable. */
const PLACE = { backgroundColor: "#f2d27a", foregroundColor: "#1a1a1a", layer: "top" } as const;
const CURRENT = { backgroundColor: "#ff9a3d", foregroundColor: "#000000", layer: "top" } as const;

/** What came of a search. */
export interface Found {
  /** The number of the current place, from 1; 0 without one. */
  readonly at: number;
  readonly count: number;
  /** There are more places than are kept. */
  readonly more: boolean;
  /** Why the pattern is none. */
  readonly error: string | null;
  /** The pattern takes too long. */
  readonly slow: boolean;
  /** Lines held, if older ones may have been dropped. */
  readonly full: number | null;
  /** A program has taken the whole screen, and only that was searched. */
  readonly alternate: boolean;
  /** The current place is shown in the upper half of the screen. */
  readonly high: boolean;
}

export class Finder {
  private readonly terminal: Terminal;
  private readonly changed: (found: Found) => void;
  private readonly listeners: IDisposable[];
  private query: Query = { text: "", exact: false, regex: false };
  private text: Text = { lines: [], rows: [] };
  private matches: Match[] = [];
  private more = false;
  private error: string | null = null;
  private slow = false;
  private readonly bounded = new Bounded();
  /** What the search that is on its way will be anchored at. */
  private coming: IMarker | undefined;
  private current = -1;
  /** The row above which the first place is looked for. */
  private from: number;
  /** Moves with the text when the oldest lines are dropped. */
  private anchor: { marker: IMarker | undefined; row: number } | null = null;
  private decorations: IDecoration[] = [];
  private shown = "";
  /** Milliseconds of the last search. */
  private took = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(terminal: Terminal, changed: (found: Found) => void) {
    this.terminal = terminal;
    this.changed = changed;
    // Decorations are not yet among what the emulator has promised to keep.
    terminal.options.allowProposedApi = true;
    this.from = terminal.buffer.active.viewportY + terminal.rows;
    this.listeners = [
      terminal.onWriteParsed(() => this.later()),
      terminal.onResize(() => this.later()),
      terminal.onRender(() => this.decorate()),
      terminal.buffer.onBufferChange(() => this.again()),
    ];
  }

  /** Searches for this from now on, and goes to the nearest place above. */
  search(query: Query): void {
    this.query = query;
    this.read(() => this.goTo(this.above(this.from, 0)));
  }

  /** Goes to the place above or below; round at the ends. */
  step(by: -1 | 1): void {
    const { length } = this.matches;
    if (length === 0) return;
    this.goTo((this.current + by + length) % length);
    this.from = this.rowOf(this.matches[this.current]) + 1;
  }

  /** Takes the marks away; the current place stays selected. */
  dispose(): void {
    clearTimeout(this.timer);
    for (const listener of this.listeners) listener.dispose();
    this.bounded.stop();
    this.coming?.dispose();
    this.anchor?.marker?.dispose();
    this.undecorate();
  }

  private later(): void {
    this.timer ??= setTimeout(() => this.again(), Math.max(PAUSE, this.took * REST));
  }

  /** The text has changed; the current place stays the same one. */
  private again(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.from += this.shift();
    this.read((before, row) => {
      const line = this.text.rows.indexOf(row);
      const at = countBefore(this.matches, line, before?.start ?? 0);
      const match = this.matches[at];
      const same = before !== undefined && match?.line === line && match.start === before.start;
      this.current = same ? at : this.above(this.from, 0);
      this.decorate();
      this.tell();
    });
  }

  /** Searches what is held now; `then` is told which place was the current one, and where it is. */
  private read(then: (before: Match | undefined, row: number) => void): void {
    const began = performance.now();
    const { active } = this.terminal.buffer;
    const moved = this.shift();
    this.coming?.dispose();
    this.coming = this.terminal.registerMarker(0);
    const row = active.baseY + active.cursorY;
    const pattern = patternOf(this.query);
    const searched = pattern instanceof RegExp;
    const text = searched ? textOf(active) : { lines: [], rows: [] };
    const take = (found: ReturnType<typeof findIn> | null) => {
      const before = this.matches[this.current];
      const was = before === undefined ? -1 : (this.text.rows[before.line] ?? 0) + moved;
      this.anchor?.marker?.dispose();
      this.anchor = { marker: this.coming, row };
      this.coming = undefined;
      this.text = text;
      this.matches = found?.matches ?? [];
      this.more = found?.more ?? false;
      this.error = pattern instanceof Error ? pattern.message : null;
      this.slow = found === null;
      this.took = performance.now() - began;
      then(before, was);
    };
    if (searched && this.query.regex) this.bounded.search(text.lines, pattern, take);
    else {
      this.bounded.stop();
      take(searched ? findIn(text.lines, pattern) : { matches: [], more: false });
    }
  }

  /** The last place that begins above a row; round at the top. */
  private above(row: number, start: number): number {
    const line = this.text.rows.findIndex((first) => first >= row);
    const before = countBefore(this.matches, line === -1 ? this.text.lines.length : line, start);
    return before === 0 ? this.matches.length - 1 : before - 1;
  }

  private goTo(index: number): void {
    this.current = index;
    const pieces = this.pieces(this.matches[index]);
    const [first] = pieces;
    if (first === undefined) this.terminal.clearSelection();
    else {
      const { rows, buffer } = this.terminal;
      const from = first.row - buffer.active.viewportY;
      // In the middle, where nothing lies over it.
      if (from < 2 || from + pieces.length > rows) {
        this.terminal.scrollToLine(Math.max(0, first.row - Math.floor(rows / 2)));
      }
      const cells = pieces.reduce((sum, { width }) => sum + width, 0);
      this.terminal.select(first.col, first.row, cells);
    }
    this.decorate();
    this.tell();
  }

  private tell(): void {
    const { terminal, matches, current, more, error, slow } = this;
    const { active, normal } = terminal.buffer;
    const held = terminal.rows + (terminal.options.scrollback ?? 0);
    const alternate = active.type === "alternate";
    const full = !alternate && normal.length >= held ? normal.length : null;
    const high = this.rowOf(matches[current]) < active.viewportY + terminal.rows / 2;
    const count = matches.length;
    this.changed({ at: current + 1, count, more, error, slow, full, alternate, high });
  }

  /** How far the text has moved since it was read. */
  private shift(): number {
    const { marker, row } = this.anchor ?? {};
    return marker === undefined || marker.isDisposed ? 0 : marker.line - (row ?? 0);
  }

  private rowOf(match: Match | undefined): number {
    return match === undefined ? -1 : (this.text.rows[match.line] ?? 0) + this.shift();
  }

  private pieces(match: Match | undefined): Piece[] {
    return match === undefined
      ? []
      : piecesOf(this.terminal.buffer.active, this.rowOf(match), match);
  }

  /** Marks the places that are in view now. */
  private decorate(): void {
    const { active } = this.terminal.buffer;
    const top = active.viewportY;
    const bottom = top + this.terminal.rows;
    const above = top - this.shift();
    const behind = this.text.rows.findIndex((row) => row > above);
    const line = (behind === -1 ? this.text.rows.length : behind) - 1;
    const wanted: (Piece & { current: boolean })[] = [];
    for (let index = countBefore(this.matches, line, 0); index < this.matches.length; index += 1) {
      const match = this.matches[index];
      if (this.rowOf(match) >= bottom) break;
      const seen = this.pieces(match).filter(({ row }) => row >= top && row < bottom);
      wanted.push(...seen.map((piece) => ({ ...piece, current: index === this.current })));
    }
    const now = JSON.stringify(wanted);
    if (now === this.shown) return;
    this.undecorate();
    this.shown = now;
    const cursor = active.baseY + active.cursorY;
    for (const { row, col, width, current } of wanted) {
      const marker = this.terminal.registerMarker(row - cursor);
      const place = { marker, x: col, width, ...(current ? CURRENT : PLACE) };
      const decoration = this.terminal.registerDecoration(place);
      // The mark goes with what it holds up.
      decoration?.onDispose(() => marker.dispose());
      if (decoration !== undefined) this.decorations.push(decoration);
    }
  }

  private undecorate(): void {
    for (const decoration of this.decorations) decoration.dispose();
    this.decorations = [];
    this.shown = "";
  }
}
