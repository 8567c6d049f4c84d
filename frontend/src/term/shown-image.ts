// One image in a terminal: where it is, and which of its cells are still its own. Whatever is written
// over a cell, or erases it, takes that part of the image away.

import type { IBuffer, IMarker } from "@xterm/xterm";
import type { Cells } from "../images/inline";
import type { Extent } from "../images/sixel";

/** What can be drawn. */
export type Source = HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

/** A run of cells in one row of an image. */
export interface Run {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** Where an image is, and how large. */
export interface Spot {
  /** The row that its top is in. */
  readonly marker: IMarker;
  readonly column: number;
  readonly cells: Cells;
  /** The buffer that it was drawn in. */
  readonly type: IBuffer["type"];
}

export class ShownImage {
  readonly spot: Spot;
  /** Null until it is decoded, and if it cannot be. */
  source: Source | null = null;
  /** What it is drawn as wide and high as, in the pixels of images. */
  extent: Extent;
  private readonly gone: Uint8Array;
  /** What stood in its cells when it came. */
  private readonly rows: { text: string; cells: string[] }[];

  constructor(spot: Spot, extent: Extent, buffer: IBuffer) {
    this.spot = spot;
    this.extent = extent;
    this.gone = new Uint8Array(spot.cells.cols * spot.cells.rows);
    this.rows = Array.from({ length: spot.cells.rows }, (_, row) => this.read(buffer, row));
  }

  get top(): number {
    return this.spot.marker.line;
  }

  /** Nothing of it is left. */
  get over(): boolean {
    return this.spot.marker.isDisposed || this.gone.every((it) => it === 1);
  }

  /** Whether another one lies over all of it. */
  isBehind({ spot }: ShownImage): boolean {
    const { column, cells, type } = this.spot;
    const down = this.top - spot.marker.line;
    return (
      spot.type === type &&
      spot.column <= column &&
      spot.column + spot.cells.cols >= column + cells.cols &&
      down >= 0 &&
      down + cells.rows <= spot.cells.rows
    );
  }

  /** Takes away what lies in these rows and columns of the buffer, the last ones included. */
  erase(first: number, last: number, from: number, to: number): void {
    const { column, cells } = this.spot;
    const [left, right] = [Math.max(from - column, 0), Math.min(to - column, cells.cols - 1)];
    const bottom = Math.min(last - this.top, cells.rows - 1);
    for (let row = Math.max(first - this.top, 0); row <= bottom; row += 1) {
      if (left <= right) this.gone.fill(1, row * cells.cols + left, row * cells.cols + right + 1);
    }
  }

  /** Takes away what was written over in these of its rows. */
  compare(buffer: IBuffer, first: number, last: number): void {
    const { cols } = this.spot.cells;
    for (let row = first; row <= last; row += 1) {
      const before = this.rows[row];
      if (before === undefined || this.textOf(buffer, row) === before.text) continue;
      const now = this.read(buffer, row);
      now.cells.forEach((character, column) => {
        if (character !== before.cells[column]) this.gone[row * cols + column] = 1;
      });
      before.text = now.text;
      before.cells = now.cells;
    }
  }

  /** What is left of these of its rows. */
  runs(first: number, last: number): Run[] {
    const { cols } = this.spot.cells;
    const found: Run[] = [];
    for (let row = first; row <= last; row += 1) {
      for (let from = 0; from < cols; from += 1) {
        if (this.gone[row * cols + from] === 1) continue;
        let to = from;
        while (to < cols && this.gone[row * cols + to] === 0) to += 1;
        found.push({ row, from, to });
        from = to;
      }
    }
    return found;
  }

  private textOf(buffer: IBuffer, row: number): string {
    const { column, cells } = this.spot;
    const line = buffer.getLine(this.top + row);
    return line?.translateToString(false, column, column + cells.cols) ?? "";
  }

  private read(buffer: IBuffer, row: number): { text: string; cells: string[] } {
    const { column, cells } = this.spot;
    const line = buffer.getLine(this.top + row);
    const all = Array.from({ length: cells.cols }, (_, at) => {
      return line?.getCell(column + at)?.getChars() ?? "";
    });
    return { text: this.textOf(buffer, row), cells: all };
  }
}
