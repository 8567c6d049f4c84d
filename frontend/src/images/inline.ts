// Images in iTerm's form, OSC 1337 ; File = arguments : base64. How many cells one takes, the server's
// model reckons alike (model/screen/inline.rs), since the cursor goes by it; a recording keeps both
// equal. Source of the form: iTerm2's documentation of inline images.

import { sizeOf } from "./header";
import type { Extent } from "./sixel";

/** Characters of a file that are looked at for its size, as on the server. */
const MAX_HEAD = 96 * 1024;

/** The largest number of cells, pixels or percent that is believed. */
const MAX_NUMBER = 10_000;

/** Columns and rows. */
export interface Cells {
  readonly cols: number;
  readonly rows: number;
}

/** An image as its command describes it. */
export interface Inline {
  /** What the file says of its own size. */
  readonly natural: Extent | null;
  /** Whether it is drawn in its own proportions. */
  readonly keepsAspect: boolean;
  /** The cells that it takes. */
  readonly cells: Cells;
  /** The file, in base64. */
  readonly data: string;
}

type Length = (terminal: number, cell: number) => number | null;

/** A width or height as it is written; null if it cannot be one. */
function lengthOf(text: string): Length | null {
  if (text === "auto") return () => null;
  const [, digits = "", unit] = /^([0-9]+)(px|%)?$/.exec(text) ?? [];
  const number = Number(digits);
  if (!(number >= 1 && number <= MAX_NUMBER)) return null;
  if (unit === "px") return () => number;
  if (unit === undefined) return (_, cell) => number * cell;
  return (terminal, cell) => Math.max(Math.floor((terminal * cell * number) / 100), 1);
}

const scaled = (length: number, by: number, of: number) =>
  Math.max(Math.floor((length * by) / of), 1);

/** What a text in base64 begins with, which may be cut anywhere. */
function headOf(data: string): string {
  const [clean = ""] = /^[A-Za-z0-9+/]*/.exec(data.slice(0, MAX_HEAD)) ?? [];
  return clean.slice(0, Math.floor(clean.length / 4) * 4);
}

function extentOf(
  wanted: readonly [number | null, number | null],
  natural: Extent | null,
  keepsAspect: boolean,
): Extent | null {
  const [width, height] = wanted;
  if (width !== null && height !== null) return { width, height };
  if (natural === null) return null;
  if (width !== null && keepsAspect) {
    return { width, height: scaled(natural.height, width, natural.width) };
  }
  if (height !== null && keepsAspect) {
    return { width: scaled(natural.width, height, natural.height), height };
  }
  return { width: width ?? natural.width, height: height ?? natural.height };
}

/**
 * Reads a command behind its number; null if it shows no image, or nobody can tell how large. It
 * becomes smaller where it does not fit into the terminal. `bytesOf` decodes base64.
 */
export function inlineOf(
  text: string,
  terminal: Cells,
  cell: readonly [number, number],
  bytesOf: (base64: string) => Uint8Array,
): Inline | null {
  const colon = text.indexOf(":");
  if (!text.startsWith("File=") || colon < 0) return null;
  const auto = lengthOf("auto");
  const pairs = text.slice("File=".length, colon).split(";");
  let [shown, keepsAspect] = [false, true];
  let lengths: [Length | null, Length | null] = [auto, auto];
  for (const pair of pairs.filter((it) => it.includes("="))) {
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(name.length + 1);
    if (name === "inline") shown = value === "1";
    if (name === "width") lengths = [lengthOf(value), lengths[1]];
    if (name === "height") lengths = [lengths[0], lengthOf(value)];
    if (name === "preserveAspectRatio") keepsAspect = value !== "0";
    if (lengths.includes(null)) return null;
  }
  if (!shown) return null;
  const data = text.slice(colon + 1);
  const natural = sizeOf(bytesOf(headOf(data)));
  const [widest, highest] = [terminal.cols * cell[0], terminal.rows * cell[1]];
  const wanted = [
    lengths[0]?.(terminal.cols, cell[0]) ?? null,
    lengths[1]?.(terminal.rows, cell[1]) ?? null,
  ] as const;
  let extent = extentOf(wanted, natural, keepsAspect);
  if (extent === null) return null;
  if (extent.width > widest) {
    extent = { width: widest, height: scaled(extent.height, widest, extent.width) };
  }
  if (extent.height > highest) {
    extent = { width: scaled(extent.width, highest, extent.height), height: highest };
  }
  const cells = {
    cols: Math.ceil(extent.width / cell[0]),
    rows: Math.ceil(extent.height / cell[1]),
  };
  return { natural, keepsAspect, cells, data };
}
