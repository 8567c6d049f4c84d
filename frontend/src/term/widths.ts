// The widths of characters, the same as the server's model has them. They come with the first text
// that needs them: most terminals show nothing but ASCII for long.

import type { IUnicodeVersionProvider, Terminal } from "@xterm/xterm";
import { MARKS, WIDE } from "./widths-table";

type Width = 0 | 1 | 2;

/** Runs of characters, in order: first and behind the last, one after the other. */
function edgesOf(runs: string): Uint32Array {
  let at = 0x80;
  const edges = runs.split(" ").flatMap((run) => {
    const [gap = 0, length = 0] = run.split("+").map((digits) => Number.parseInt(digits, 16));
    const from = at + gap;
    at = from + length;
    return [from, at];
  });
  return Uint32Array.from(edges);
}

/** Whether a character is in one of the runs. */
function within(edges: Uint32Array, code: number): boolean {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= code) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

const marks = edgesOf(MARKS);
const wide = edgesOf(WIDE);

/** Cells of a character. */
export function widthOf(code: number): Width {
  if (code < 0x80) return code < 0x20 || code === 0x7f ? 0 : 1;
  if (within(marks, code)) return 0;
  return within(wide, code) ? 2 : 1;
}

/** In the form of the emulator: the width in two bits, and whether it joins the character before. */
const provider: IUnicodeVersionProvider = {
  version: "awp",
  wcwidth: widthOf,
  charProperties(code, before) {
    const width = widthOf(code);
    const cells = (before >> 1) & 3;
    return width === 0 && cells > 0 ? (cells << 1) | 1 : width << 1;
  },
};

/** Has a terminal use them from now on. */
export function useWidths(terminal: Terminal): void {
  // The emulator has not yet promised to keep this part of its interface.
  terminal.options.allowProposedApi = true;
  terminal.unicode.register(provider);
  terminal.unicode.activeVersion = provider.version;
}
