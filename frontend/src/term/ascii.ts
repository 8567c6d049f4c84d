// Whether bytes of UTF-8 hold more than ASCII. A loop, because a flood passes through it: a function
// called for each byte takes fifteen times as long.

/** The least byte that begins a character outside ASCII. */
const FIRST_LEAD = 0xc2;

/** Whether there is a character outside ASCII in it. */
export function beyondAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    if ((bytes[at] as number) >= FIRST_LEAD) return true;
  }
  return false;
}
