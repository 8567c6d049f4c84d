// Draws a screen at a glance: lines of text as lines of ink, bars as bars.

import { theme } from "../term/theme";
import { colourOf, decodeDigest, FULL, inkOf } from "./digest";

/** Height of a cell for one of its width, as terminals have it. */
const CELL = 2;

/** How much of its row a line of text takes; bars take all of it. */
const LINE = 0.62;

/** How strong the faintest ink is, 0 to 1: a dot is to be seen. */
const FAINT = 0.3;

/** CSS pixels around it. */
const MARGIN = 6;

/** Text without a colour of its own. */
const TEXT = 7;

function palette(): string[] {
  const { value: now } = theme;
  const { black, red, green, yellow, blue, magenta, cyan } = now;
  const { brightBlack, brightRed, brightGreen, brightYellow } = now;
  const { brightBlue, brightMagenta, brightCyan, brightWhite, foreground } = now;
  const dark = [black, red, green, yellow, blue, magenta, cyan, foreground];
  const bright = [brightBlack, brightRed, brightGreen, brightYellow];
  const rest = [brightBlue, brightMagenta, brightCyan, brightWhite];
  return [...dark, ...bright, ...rest].map((colour) => colour ?? "gray");
}

/** Draws a digest into a place of a canvas. */
export function drawDigest(
  context: CanvasRenderingContext2D,
  place: DOMRect,
  bytes: ArrayBuffer,
): void {
  const digest = decodeDigest(bytes);
  if (digest === null) return;
  const { cols, rows, blocks, cursor } = digest;
  const colours = palette();
  const width = Math.min(
    (place.width - 2 * MARGIN) / cols,
    (place.height - 2 * MARGIN) / rows / CELL,
  );
  const height = width * CELL;
  const left = place.x + (place.width - cols * width) / 2;
  const top = place.y + (place.height - rows * height) / 2;
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at] ?? 0;
    const ink = inkOf(block);
    if (ink === 0) continue;
    const high = ink === FULL ? height : height * LINE;
    const y = top + Math.floor(at / cols) * height + (height - high) / 2;
    context.globalAlpha = FAINT + ((1 - FAINT) * ink) / FULL;
    context.fillStyle = colours[colourOf(block)] ?? colours[TEXT] ?? "gray";
    // A little wider than the block, so that no seam shows where two meet.
    context.fillRect(left + (at % cols) * width, y, width + 0.3, high);
  }
  context.globalAlpha = 1;
  if (cursor === null) return;
  context.fillStyle = theme.value.cursor ?? "gray";
  context.fillRect(left + cursor.col * width, top + cursor.row * height, width * 1.2, height);
}
