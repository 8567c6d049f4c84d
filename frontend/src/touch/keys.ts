// The bytes of keys that an on-screen keyboard lacks, as a terminal sends them.

/** Keys that are held while another is pressed. */
export interface Modifiers {
  ctrl: boolean;
  alt: boolean;
  shift?: boolean;
}

export type KeyName = keyof typeof PLAIN | keyof typeof LETTER | keyof typeof NUMBER;

const PLAIN = { esc: "\x1b", tab: "\t", enter: "\r", backspace: "\x7f" } as const;

/** Keys whose sequence ends with a letter: cursor and first function keys. */
const LETTER = {
  up: "A",
  down: "B",
  right: "C",
  left: "D",
  home: "H",
  end: "F",
  f1: "P",
  f2: "Q",
  f3: "R",
  f4: "S",
} as const;

/** Keys whose sequence is a number. */
const NUMBER = {
  insert: 2,
  delete: 3,
  pageUp: 5,
  pageDown: 6,
  f5: 15,
  f6: 17,
  f7: 18,
  f8: 19,
  f9: 20,
  f10: 21,
  f11: 23,
  f12: 24,
} as const;

/** What Ctrl makes of keys that are no letter. */
const CONTROL: Readonly<Record<string, string>> = {
  " ": "\0",
  "@": "\0",
  "2": "\0",
  "[": "\x1b",
  "3": "\x1b",
  "\\": "\x1c",
  "4": "\x1c",
  "]": "\x1d",
  "5": "\x1d",
  "^": "\x1e",
  "6": "\x1e",
  _: "\x1f",
  "-": "\x1f",
  "/": "\x1f",
  "7": "\x1f",
  "?": "\x7f",
  "8": "\x7f",
};

function has<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name);
}

/** The bytes of a named key. */
export function keySequence(name: KeyName, held: Modifiers, applicationCursor: boolean): string {
  const shift = held.shift === true;
  const modifier = 1 + (shift ? 1 : 0) + (held.alt ? 2 : 0) + (held.ctrl ? 4 : 0);
  if (has(PLAIN, name)) {
    if (name === "tab" && shift) return held.alt ? "\x1b\x1b[Z" : "\x1b[Z";
    const plain = name === "backspace" && held.ctrl ? "\b" : PLAIN[name];
    return held.alt ? `\x1b${plain}` : plain;
  }
  if (has(NUMBER, name)) {
    return modifier === 1 ? `\x1b[${NUMBER[name]}~` : `\x1b[${NUMBER[name]};${modifier}~`;
  }
  const letter = LETTER[name];
  if (modifier !== 1) return `\x1b[1;${modifier}${letter}`;
  return applicationCursor || /^f\d/.test(name) ? `\x1bO${letter}` : `\x1b[${letter}`;
}

/** The bytes of one typed character with keys held: what has no such form stays as it is. */
export function withModifiers(character: string, held: Modifiers): string {
  const lower = character.toLowerCase();
  const control = /^[a-z]$/.test(lower)
    ? String.fromCharCode(lower.charCodeAt(0) & 0x1f)
    : CONTROL[character];
  const typed = held.ctrl ? (control ?? character) : character;
  return held.alt ? `\x1b${typed}` : typed;
}
