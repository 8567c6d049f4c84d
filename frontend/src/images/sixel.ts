// Sixel images: a control string of a terminal becomes pixels. Format: DEC STD 070, chapter 9, and the
// VT330/VT340 programmer's reference. How tall an image is, the server's model finds alike
// (model/screen/sixel.rs), since the cursor goes by it.

/** Pixels of a band: one sixel is six pixels, one above the other. */
const BAND = 6;

/** Bands at most, and pixels from left to right: as the server tells programs that ask. */
const MAX_BANDS = Math.floor(4096 / BAND);
const MAX_WIDTH = 4096;

/** Pixels of an image: 32 MiB as a canvas has them. A larger one is not drawn. */
const MAX_AREA = 8 * 1024 * 1024;

/** How often each pixel is painted, on average: once but for images that paint over themselves. A
 * short text can ask for so much painting that the page would stand still. */
const MAX_COATS = 8;

/** Colours at most; greater numbers begin again at 0. */
const COLORS = 256;

/** The first colours of a VT340, in percent. */
const FIRST_COLORS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [20, 20, 80],
  [80, 13, 13],
  [20, 80, 20],
  [80, 20, 80],
  [20, 80, 80],
  [80, 80, 20],
  [53, 53, 53],
  [26, 26, 26],
  [33, 33, 60],
  [60, 26, 26],
  [33, 60, 33],
  [60, 33, 60],
  [33, 60, 60],
  [60, 60, 33],
  [80, 80, 80],
];

/** A decoded image: red, green, blue and alpha of each pixel, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Width and height in pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** What a control string does, one step after the other. */
interface Painter {
  /** Sets the pixels of a sixel, so many times from `x` on. */
  draw(bits: number, x: number, count: number, band: number): void;
  color(number: number, definition: readonly number[]): void;
}

function code(character: string): number {
  return character.charCodeAt(0);
}

const FIRST_SIXEL = code("?");
const LAST_SIXEL = code("~");
const REPEAT = code("!");
const COLOR = code("#");
const RASTER = code('"');
const RETURN = code("$");
const NEXT = code("-");
const ZERO = code("0");
const SEMICOLON = code(";");

/** Reads numbers from a place on. */
class Numbers {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The numbers after a sign, as many as anything takes; the place is behind them. */
  list(): number[] {
    const found = [0];
    for (; this.at < this.text.length; this.at += 1) {
      const byte = this.text.charCodeAt(this.at);
      if (byte === SEMICOLON) {
        found.push(0);
        if (found.length > 8) found.pop();
      } else if (byte >= ZERO && byte <= ZERO + 9) {
        const last = found.length - 1;
        found[last] = Math.min((found[last] ?? 0) * 10 + byte - ZERO, 99_999);
      } else break;
    }
    return found;
  }
}

/** Walks through the string once. Gives how far it was drawn, and what the image says of itself. */
function walk(text: string, painter: Painter): Extent & { bands: number } {
  const numbers = new Numbers(text);
  let [x, widest, band, bands, width, height] = [0, 0, 0, 0, 0, 0];
  let count = 1;
  while (numbers.at < text.length) {
    const byte = text.charCodeAt(numbers.at);
    numbers.at += 1;
    if (byte >= FIRST_SIXEL && byte <= LAST_SIXEL) {
      painter.draw(byte - FIRST_SIXEL, x, count, band);
      x = Math.min(x + count, MAX_WIDTH);
      widest = Math.max(widest, x);
      bands = band + 1;
      count = 1;
    } else if (byte === REPEAT) {
      count = Math.max(numbers.list()[0] ?? 1, 1);
    } else if (byte === COLOR) {
      const [number = 0, ...definition] = numbers.list();
      painter.color(number % COLORS, definition);
    } else if (byte === RETURN) {
      x = 0;
    } else if (byte === NEXT) {
      x = 0;
      band = Math.min(band + 1, MAX_BANDS - 1);
    } else if (byte === RASTER && bands === 0 && height === 0) {
      const raster = numbers.list();
      width = Math.min(raster[2] ?? 0, MAX_WIDTH);
      height = Math.min(raster[3] ?? 0, MAX_BANDS * BAND);
    }
  }
  return { width: Math.max(widest, bands > 0 ? width : 0), height, bands };
}

function heightOf({ bands, height }: Extent & { bands: number }): number {
  const drawn = bands * BAND;
  return height > drawn - BAND && height < drawn ? height : drawn;
}

/** How large the image of a control string is, after its `q`. */
export function extentOf(text: string): Extent {
  const walked = walk(text, { draw: () => {}, color: () => {} });
  return { width: walked.width, height: heightOf(walked) };
}

function opaque(red: number, green: number, blue: number): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const fromPercent = (percent: number) => Math.round((Math.min(percent, 100) * 255) / 100);

/** A colour of hue, lightness and saturation; DEC's hues begin at blue. */
function ofHue(hue: number, lightness: number, saturation: number): number {
  const light = Math.min(lightness, 100) / 100;
  const amount = (Math.min(saturation, 100) / 100) * Math.min(light, 1 - light);
  const part = (offset: number) => {
    const at = (offset + ((hue + 240) % 360) / 30) % 12;
    return Math.round(255 * (light - amount * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return opaque(part(0), part(8), part(4));
}

class Canvas implements Painter {
  readonly pixels: Uint32Array<ArrayBuffer>;
  private readonly extent: Extent;
  private readonly palette = new Uint32Array(COLORS);
  private ink: number;
  private left: number;

  constructor(extent: Extent, ground: number) {
    this.extent = extent;
    this.pixels = new Uint32Array(extent.width * extent.height).fill(ground);
    this.left = this.pixels.length * MAX_COATS;
    this.palette.fill(opaque(0, 0, 0));
    FIRST_COLORS.forEach(([red, green, blue], index) => {
      this.palette[index] = opaque(fromPercent(red), fromPercent(green), fromPercent(blue));
    });
    this.ink = this.palette[0] ?? 0;
  }

  color(number: number, [system, first = 0, second = 0, third = 0]: readonly number[]): void {
    if (system === 1) this.palette[number] = ofHue(first, second, third);
    if (system === 2)
      this.palette[number] = opaque(fromPercent(first), fromPercent(second), fromPercent(third));
    this.ink = this.palette[number] ?? 0;
  }

  draw(bits: number, x: number, count: number, band: number): void {
    const { width, height } = this.extent;
    const end = Math.min(x + count, width);
    for (let row = 0; row < BAND; row += 1) {
      const y = band * BAND + row;
      if ((bits & (1 << row)) === 0 || y >= height || this.left <= 0) continue;
      this.left -= end - x;
      this.pixels.fill(this.ink, y * width + x, y * width + end);
    }
  }
}

/**
 * The image of a control string, after its `q`, whose extent is known; null if that is nothing or too
 * large. `ground` is what is behind it, in the order of bytes of a canvas: red first.
 */
export function decode(text: string, extent: Extent, ground: number): Pixels | null {
  const area = extent.width * extent.height;
  if (area === 0 || area > MAX_AREA) return null;
  const canvas = new Canvas(extent, ground);
  walk(text, canvas);
  return { ...extent, data: new Uint8ClampedArray(canvas.pixels.buffer) };
}
