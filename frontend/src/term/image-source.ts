// What images are drawn from: pixels that were decoded here, and files that the browser decodes.

import type { Inline } from "../images/inline";
import type { Pixels } from "../images/sixel";

/** Pixels of one file, as in a sixel image. */
const MAX_FILE_AREA = 8 * 1024 * 1024;

/** A colour of a theme, `#rrggbb`, in the order of bytes of a canvas. */
export function packed(color = "#000000"): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    return Number.parseInt(color.slice(at, at + 2), 16);
  });
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The bytes of a text in base64; throws if it is none. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The image in a file; throws if there is none, or one that is too large. */
export async function bitmapOf({ data, natural }: Inline): Promise<ImageBitmap> {
  if (natural === null || natural.width * natural.height > MAX_FILE_AREA) throw new RangeError();
  return createImageBitmap(new Blob([bytesOf(data)]));
}

/** Pixels as something to draw. */
export function canvasOf({ data, width, height }: Pixels): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(new ImageData(data, width), 0, 0);
  return canvas;
}
