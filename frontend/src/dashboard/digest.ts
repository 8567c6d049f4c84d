// A screen at a glance, as the server tells it (src/model/screen/digest.rs): a grid of blocks, each
// with how much ink it has and in which colour.

/** The version that is understood. */
const VERSION = 1;

/** Bytes before the grid. */
const HEAD = 8;

/** Where no cursor is shown. */
const NOWHERE = 255;

/** A block full of ink. */
export const FULL = 7;

/** A screen, coarsely. */
export interface Digest {
  cols: number;
  rows: number;
  cursor: { col: number; row: number } | null;
  /** Row by row: see `inkOf` and `colourOf`. */
  blocks: Uint8Array;
}

/** Reads one; `null` if it is of another kind. */
export function decodeDigest(bytes: ArrayBuffer): Digest | null {
  const all = new Uint8Array(bytes);
  const [version, cols = 0, rows = 0, col = NOWHERE, row = NOWHERE] = all;
  if (version !== VERSION || cols === 0 || rows === 0) return null;
  if (all.length !== HEAD + cols * rows) return null;
  const cursor = col < cols && row < rows ? { col, row } : null;
  return { cols, rows, cursor, blocks: all.subarray(HEAD) };
}

/** How much ink a block has, 0 to `FULL`. */
export function inkOf(block: number): number {
  return (block >> 4) & 7;
}

/** The colour of most of it, as the terminal's palette numbers it. */
export function colourOf(block: number): number {
  return block & 15;
}
