// An amount of bytes in words.

import { inDigits } from "../strings";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytesInWords(count: number): string {
  const unit = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), UNITS.length - 1);
  const shown = count / 2 ** (10 * unit);
  const places = shown < 10 && unit > 0 ? 1 : 0;
  const options = { minimumFractionDigits: places, maximumFractionDigits: places };
  return `${inDigits(shown, options)} ${UNITS[unit]}`;
}
