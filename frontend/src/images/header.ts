// How large an image is, from the beginning of its file: the same files, read in the same way, as the
// server's model does it (model/screen/header.rs).

import type { Extent } from "./sixel";

/** The longest side that is believed, in pixels. */
const MAX_SIDE = 10_000;

/** A number of so many bytes; NaN beyond the end. */
type Read = (at: number, length: number) => number;

/** ITU-T T.81, annex B: segments up to the one that begins a frame. */
function ofJpeg(big: Read): [number, number] | null {
  let at = 2;
  for (;;) {
    const kind = big(at + 1, 1);
    if (big(at, 1) !== 0xff || Number.isNaN(kind)) return null;
    if (kind === 0xff) at += 1;
    else if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind)) {
      return [big(at + 7, 2), big(at + 5, 2)];
    } else if (kind === 1 || (kind >= 0xd0 && kind <= 0xd7)) at += 2;
    else at += 2 + big(at + 2, 2);
  }
}

/** RFC 9649, section 2: the first chunk says what kind it is. */
function ofWebp(big: Read, little: Read): [number, number] | null {
  if (big(8, 4) !== 0x57454250) return null;
  switch (big(12, 4)) {
    case 0x56503820:
      return [little(26, 2) & 0x3fff, little(28, 2) & 0x3fff];
    case 0x5650384c:
      return [(little(21, 2) & 0x3fff) + 1, ((little(21, 4) >>> 14) & 0x3fff) + 1];
    case 0x56503858:
      return [little(24, 3) + 1, little(27, 3) + 1];
    default:
      return null;
  }
}

/** The size of the image whose file begins so; null if that does not say. */
export function sizeOf(file: Uint8Array): Extent | null {
  const number = (bytes: Uint8Array, length: number) =>
    bytes.length < length ? Number.NaN : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const big: Read = (at, length) => number(file.subarray(at, at + length), length);
  const little: Read = (at, length) => number(file.slice(at, at + length).reverse(), length);
  let found: [number, number] | null = null;
  if (big(0, 4) === 0x89504e47) found = [big(16, 4), big(20, 4)];
  else if (big(0, 4) === 0x47494638) found = [little(6, 2), little(8, 2)];
  else if (big(0, 2) === 0xffd8) found = ofJpeg(big);
  else if (big(0, 4) === 0x52494646) found = ofWebp(big, little);
  if (found === null) return null;
  const [width, height] = found;
  const believed = (side: number) => side >= 1 && side <= MAX_SIDE;
  return believed(width) && believed(height) ? { width, height } : null;
}
