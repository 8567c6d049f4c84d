// A terminal as fingers and on-screen keys see it: places under a finger, text, selection, links,
// scrolling, and what is typed.

import type { IBufferCell, ILink, Terminal } from "@xterm/xterm";
import { FONT_SIZES, USUAL } from "../settings/kept";
import type { Point } from "../touch/gesture";
import { type KeyName, keySequence, type Modifiers } from "../touch/keys";
import { cellsOf, type Place, type Span, type Text } from "../touch/words";
import type { Touchable } from "./touchable";

/** Lines of a sheet of text: what a browser lays out at once. */
const MAX_SHEET = 5000;

/** The parts of the emulator that its interface leaves out: who finds the links of a row. */
interface Inside {
  _core?: {
    _linkProviderService?: {
      linkProviders: {
        provideLinks(row: number, found: (links: ILink[] | undefined) => void): void;
      }[];
    };
  };
}

export class TouchTerminal {
  readonly element: HTMLElement;
  readonly area: HTMLTextAreaElement;
  readonly terminal: Terminal;
  readonly text: Text;
  private readonly touchable: Touchable;
  private readonly screen: HTMLElement;
  private cell: IBufferCell | undefined;

  private constructor(touchable: Touchable, element: HTMLElement, area: HTMLTextAreaElement) {
    this.touchable = touchable;
    this.terminal = touchable.terminal;
    this.element = element;
    this.area = area;
    this.screen = element.querySelector<HTMLElement>(".xterm-screen") ?? element;
    const { terminal } = this;
    this.text = {
      get cols() {
        return terminal.cols;
      },
      cell: (row, col) => this.shown(row, col),
      wraps: (row) => terminal.buffer.active.getLine(row)?.isWrapped === true,
    };
  }

  static of(touchable: Touchable): TouchTerminal | null {
    const { element, textarea } = touchable.terminal;
    if (element === undefined || textarea === undefined) return null;
    return new TouchTerminal(touchable, element, textarea);
  }

  /** Types text as it is. */
  send(text: string): void {
    if (text !== "") this.terminal.input(text, true);
  }

  key(name: KeyName, held: Modifiers): void {
    this.send(keySequence(name, held, this.terminal.modes.applicationCursorKeysMode));
  }

  /** Types a longer text the way the program wants to be given one, after what has to be asked. */
  paste(text: string, seen = false): void {
    this.touchable.paste(text, seen);
  }

  focus(): void {
    this.terminal.focus();
  }

  get tracksMouse(): boolean {
    return this.terminal.modes.mouseTrackingMode !== "none";
  }

  /** Scrolls by lines; a program that has the whole screen is told instead. */
  scroll(lines: number, at: Point): void {
    if (this.terminal.buffer.active.type === "normal" && !this.tracksMouse) {
      this.terminal.scrollLines(lines);
      return;
    }
    const wheel = {
      deltaY: Math.sign(lines),
      deltaMode: WheelEvent.DOM_DELTA_LINE,
      clientX: at.x,
      clientY: at.y,
      bubbles: true,
      cancelable: true,
    };
    for (let left = Math.abs(lines); left > 0; left -= 1) {
      this.element.dispatchEvent(new WheelEvent("wheel", wheel));
    }
  }

  /** A click for a program that follows the mouse. */
  click(at: Point): void {
    const how = { clientX: at.x, clientY: at.y, bubbles: true, cancelable: true, button: 0 };
    this.element.dispatchEvent(new MouseEvent("mousedown", { ...how, buttons: 1 }));
    this.element.dispatchEvent(new MouseEvent("mouseup", how));
  }

  get cellSize(): { width: number; height: number } {
    const { width, height } = this.screen.getBoundingClientRect();
    return { width: width / this.terminal.cols, height: height / this.terminal.rows };
  }

  /** The visible part of the terminal. */
  get box(): DOMRect {
    return this.screen.getBoundingClientRect();
  }

  /** The cell under a point, or the nearest one. */
  placeAt(point: Point): Place {
    const { left, top } = this.box;
    const { width, height } = this.cellSize;
    const inside = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
    const row = inside(Math.floor((point.y - top) / height), this.terminal.rows);
    const col = inside(Math.floor((point.x - left) / width), this.terminal.cols);
    return { row: row + this.terminal.buffer.active.viewportY, col };
  }

  /** The upper left corner of a cell in the window, and whether its row is in view. */
  pointOf(place: Place): Point & { shown: boolean } {
    const { left, top } = this.box;
    const { width, height } = this.cellSize;
    const row = place.row - this.terminal.buffer.active.viewportY;
    const shown = row >= 0 && row < this.terminal.rows;
    return { x: left + place.col * width, y: top + row * height, shown };
  }

  select(span: Span): void {
    this.terminal.select(span.start.col, span.start.row, cellsOf(span, this.terminal.cols));
  }

  get selected(): string {
    return this.terminal.getSelection();
  }

  /** The link under a place, if there is one. */
  linkAt({ row, col }: Place): ILink | null {
    const core = (this.terminal as unknown as Inside)._core;
    let hit: ILink | null = null;
    for (const provider of core?._linkProviderService?.linkProviders ?? []) {
      provider.provideLinks(row + 1, (links) => {
        hit ??= links?.find(({ range }) => this.holds(range, row + 1, col + 1)) ?? null;
      });
      if (hit !== null) break;
    }
    return hit;
  }

  /** Everything that is kept, as text: lines that were broken for the screen are whole again. */
  lines(): string {
    const buffer = this.terminal.buffer.active;
    const first = Math.max(0, buffer.length - MAX_SHEET);
    let all = "";
    for (let row = first; row < buffer.length; row += 1) {
      const line = buffer.getLine(row);
      const goesOn = buffer.getLine(row + 1)?.isWrapped === true;
      if (line !== undefined) all += line.translateToString(!goesOn) + (goesOn ? "" : "\n");
    }
    return all.trimEnd();
  }

  get fontSize(): number {
    return this.terminal.options.fontSize ?? USUAL.fontSize;
  }

  set fontSize(size: number) {
    const [least, most] = FONT_SIZES;
    this.terminal.options.fontSize = Math.min(Math.max(Math.round(size), least), most);
  }

  private holds(range: ILink["range"], y: number, x: number): boolean {
    const { cols } = this.terminal;
    const at = y * cols + x;
    return at >= range.start.y * cols + range.start.x && at <= range.end.y * cols + range.end.x;
  }

  private shown(row: number, col: number): string {
    const line = this.terminal.buffer.active.getLine(row);
    this.cell = line?.getCell(col, this.cell) ?? this.cell;
    if (line === undefined || this.cell === undefined) return " ";
    return this.cell.getWidth() === 0 ? "" : this.cell.getChars() || " ";
  }
}
