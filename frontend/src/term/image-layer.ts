// Draws the images of a terminal over its text, on a canvas of its own. Decoding is in `images`; the
// canvas scrolls with the rows, and what is written over an image takes its place.

import type { IDisposable, ITerminalAddon, Terminal } from "@xterm/xterm";
import { CELL } from "../images/cell";
import { type Cells, inlineOf } from "../images/inline";
import { decode, type Extent, extentOf } from "../images/sixel";
import { bitmapOf, bytesOf, canvasOf, packed } from "./image-source";
import { ShownImage, type Source } from "./shown-image";

/** Pixels of all images of a terminal: 64 MiB as canvases have them. The oldest go first. */
const MAX_AREA = 16 * 1024 * 1024;

/** Images of a terminal, however small: each is looked at when the terminal is drawn. */
const MAX_IMAGES = 500;

/** What the emulator has no public name for: going down a row as a line feed does, and to the right. */
interface Mover {
  lineFeed(): boolean;
  cursorForward(parameters: { params: number[] }): boolean;
}

function moverOf(terminal: Terminal): Mover {
  return (terminal as unknown as { _core: { _inputHandler: Mover } })._core._inputHandler;
}

export class ImageLayer implements ITerminalAddon {
  private readonly terminal: Terminal;
  private readonly canvas = document.createElement("canvas");
  private readonly observer = new ResizeObserver(() => {
    this.place = null;
    this.draw();
  });
  private readonly handlers: IDisposable[];
  private shown: ShownImage[] = [];
  /** The screen's size in CSS pixels, and how many pixels of the device one is. */
  private place: (Extent & { scale: number }) | null = null;
  private blank = true;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.canvas.className = "images";
    this.canvas.setAttribute("aria-hidden", "true");
    // Above the text and the selection, below links and what the emulator hears keys with.
    Object.assign(this.canvas.style, { zIndex: "1", pointerEvents: "none" });
    const { parser } = terminal;
    const erases = (final: string, act: (how: number) => void) =>
      ["", "?"].map((prefix) =>
        parser.registerCsiHandler({ final, ...(prefix && { prefix }) }, ([first]) => {
          if (this.shown.length > 0) act(typeof first === "number" ? first : 0);
          return false;
        }),
      );
    this.handlers = [
      terminal.onRender(() => this.draw()),
      ...erases("J", (how) => this.eraseDisplay(how)),
      ...erases("K", (how) => this.eraseLine(how)),
      ...erases("X", (count) => this.eraseCells(Math.max(count, 1))),
      parser.registerEscHandler({ final: "c" }, () => {
        this.keep(() => false);
        return false;
      }),
    ];
    terminal.loadAddon(this);
  }

  activate(): void {}

  dispose(): void {
    for (const handler of this.handlers) handler.dispose();
    this.observer.disconnect();
    this.canvas.remove();
    this.keep(() => false);
  }

  /** An image in sixels: what stands behind the `q`, and the numbers before it. */
  sixels(text: string, parameters: readonly (number | number[])[]): void {
    const extent = extentOf(text);
    const { width, height } = extent;
    const ground = parameters[1] === 1 ? 0 : packed(this.terminal.options.theme?.background);
    const pixels = decode(text, extent, ground);
    const rows = Math.ceil(height / CELL[1]);
    const image = this.insert({ cols: Math.ceil(width / CELL[0]), rows }, extent);
    if (image === null || pixels === null) return;
    this.decoded(image, canvasOf(pixels));
  }

  /** An image in a file: what stands behind the number of the command. */
  file(text: string): void {
    const { cols, rows } = this.terminal;
    const inline = inlineOf(text, { cols, rows }, CELL, bytesOf);
    if (inline === null) return;
    const { cells, keepsAspect } = inline;
    const box = { width: cells.cols * CELL[0], height: cells.rows * CELL[1] };
    const image = this.insert(cells, box);
    moverOf(this.terminal).cursorForward({ params: [cells.cols] });
    if (image === null) return;
    bitmapOf(inline).then(
      (bitmap) => {
        const fit = Math.min(box.width / bitmap.width, box.height / bitmap.height);
        if (keepsAspect) {
          image.extent = { width: bitmap.width * fit, height: bitmap.height * fit };
        }
        this.decoded(image, bitmap);
      },
      // It stays a frame.
      () => this.draw(),
    );
  }

  /** Makes place for an image at the cursor, which goes to its last row. */
  private insert(cells: Cells, extent: Extent): ShownImage | null {
    const { terminal } = this;
    const { active } = terminal.buffer;
    const column = Math.min(active.cursorX, terminal.cols - 1);
    const marker = terminal.registerMarker(0);
    const mover = moverOf(terminal);
    for (let row = 1; row < cells.rows; row += 1) mover.lineFeed();
    if (marker === undefined || cells.rows === 0) return null;
    const cols = Math.min(cells.cols, terminal.cols - column);
    const spot = { marker, column, cells: { cols, rows: cells.rows }, type: active.type };
    const image = new ShownImage(spot, extent, active);
    this.keep((before) => !before.over && !before.isBehind(image));
    this.shown.push(image);
    if (this.shown.length > MAX_IMAGES) this.keep((it) => it !== this.shown[0]);
    return image;
  }

  private decoded(image: ShownImage, source: Source): void {
    image.source = source;
    const areaOf = ({ source }: ShownImage) => (source?.width ?? 0) * (source?.height ?? 0);
    let area = 0;
    const newest = [...this.shown].reverse().filter((it) => {
      area += areaOf(it);
      return area <= MAX_AREA;
    });
    this.keep((it) => newest.includes(it));
    this.draw();
  }

  private keep(wanted: (image: ShownImage) => boolean): void {
    for (const image of this.shown.filter((it) => !wanted(it))) {
      image.spot.marker.dispose();
      if (image.source instanceof ImageBitmap) image.source.close();
    }
    this.shown = this.shown.filter(wanted);
  }

  private erase(first: number, last: number, from: number, to: number): void {
    const { type } = this.terminal.buffer.active;
    for (const image of this.shown) {
      if (image.spot.type === type) image.erase(first, last, from, to);
    }
  }

  private eraseDisplay(how: number): void {
    const { terminal } = this;
    const { baseY, cursorY } = terminal.buffer.active;
    const row = baseY + cursorY;
    if (how === 0) this.erase(row + 1, baseY + terminal.rows - 1, 0, terminal.cols);
    if (how === 1) this.erase(baseY, row - 1, 0, terminal.cols);
    if (how === 2) this.erase(baseY, baseY + terminal.rows - 1, 0, terminal.cols);
    if (how < 2) this.eraseLine(how);
  }

  private eraseLine(how: number): void {
    const { baseY, cursorX, cursorY } = this.terminal.buffer.active;
    const row = baseY + cursorY;
    const [from, to] = [how === 0 ? cursorX : 0, how === 1 ? cursorX : this.terminal.cols];
    if (how <= 2) this.erase(row, row, from, to);
  }

  private eraseCells(count: number): void {
    const { baseY, cursorX, cursorY } = this.terminal.buffer.active;
    this.erase(baseY + cursorY, baseY + cursorY, cursorX, cursorX + count - 1);
  }

  /** Draws what is in view now. */
  private draw(): void {
    const { terminal } = this;
    const { active } = terminal.buffer;
    const first = active.viewportY;
    this.keep((it) => !it.over);
    const inView = this.shown.filter(({ spot, top }) => {
      const { rows } = spot.cells;
      return spot.type === active.type && top < first + terminal.rows && top + rows > first;
    });
    if (inView.length === 0 && this.blank) return;
    const place = this.measure();
    const pen = this.canvas.getContext("2d");
    if (place === null || pen === null) return;
    const cell = { width: place.width / terminal.cols, height: place.height / terminal.rows };
    pen.setTransform(place.scale, 0, 0, place.scale, 0, 0);
    pen.clearRect(0, 0, place.width, place.height);
    pen.imageSmoothingQuality = "high";
    pen.strokeStyle = terminal.options.theme?.foreground ?? "#808080";
    for (const image of inView) {
      const top = Math.max(first - image.top, 0);
      const bottom = Math.min(first + terminal.rows - image.top, image.spot.cells.rows) - 1;
      image.compare(active, top, bottom);
      this.paint(pen, image, { top, bottom, first }, cell);
    }
    this.blank = inView.length === 0;
  }

  private paint(
    pen: CanvasRenderingContext2D,
    image: ShownImage,
    view: { top: number; bottom: number; first: number },
    cell: Extent,
  ): void {
    const { spot, source, extent } = image;
    const left = spot.column * cell.width;
    const top = (image.top - view.first) * cell.height;
    const width = (extent.width / CELL[0]) * cell.width;
    const height = (extent.height / CELL[1]) * cell.height;
    pen.save();
    pen.beginPath();
    for (const { row, from, to } of image.runs(view.top, view.bottom)) {
      const long = (to - from) * cell.width;
      pen.rect(left + from * cell.width, top + row * cell.height, long, cell.height);
    }
    pen.clip();
    if (source === null) pen.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    else pen.drawImage(source, left, top, width, height);
    pen.restore();
  }

  private measure(): (Extent & { scale: number }) | null {
    const screen = this.terminal.element?.querySelector(".xterm-screen");
    if (screen == null) return null;
    if (!this.canvas.isConnected) {
      screen.append(this.canvas);
      this.observer.observe(screen);
    }
    if (this.place !== null) return this.place;
    const { width, height } = screen.getBoundingClientRect();
    if (width === 0 || height === 0) return null;
    const scale = devicePixelRatio;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.place = { width, height, scale };
    return this.place;
  }
}
