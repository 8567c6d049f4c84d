// A text that is about to be pasted: made visible, and made harmless.

/** Every control, and every mark that turns text around; tabs and ends of lines are none. */
const CONTROLS = /[^\P{Cc}\t\r\n]|[\u2028-\u202e\u2066-\u2069]/gu;

/** What tells a program where a paste begins and ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const MARKERS = /(?:\x1b\[|\x9b)(?=20[01]~)/g;

/** Characters that are shown: more is not read, and a page that holds them all would be slow. */
export const SHOWN = 4000;

/** A stretch of text; controls stand as signs. */
export interface Part {
  readonly text: string;
  readonly sign: boolean;
}

/** Without controls. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, "");
}

/** With markers of a paste broken: a text must not end its own paste and go on as keys. */
export function withoutMarkers(text: string): string {
  // One pass is enough: what takes an escape's place is no part of another marker.
  return text.replace(MARKERS, "^[[");
}

/** How many lines there are. */
export function linesOf(text: string): number {
  return text.replace(/(?:\r\n?|\n)$/, "").split(/\r\n?|\n/).length;
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return `^${String.fromCodePoint(code + 0x40)}`;
  if (code === 0x7f) return "^?";
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The beginning of a text as it can be read, controls as signs. */
export function visible(text: string): Part[] {
  const parts: Part[] = [];
  const shown = text.slice(0, SHOWN);
  let plain = 0;
  for (const { index, 0: control } of shown.matchAll(CONTROLS)) {
    if (index > plain) parts.push({ text: shown.slice(plain, index), sign: false });
    parts.push({ text: signOf(control), sign: true });
    plain = index + control.length;
  }
  if (plain < shown.length) parts.push({ text: shown.slice(plain), sign: false });
  return parts;
}
