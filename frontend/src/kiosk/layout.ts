// The keys of the kiosk's own keyboard, row by row, and what they type.

import { type KeyName, keySequence, type Modifiers, withModifiers } from "../touch/keys";

/** A key: a character with its shifted one, a named key, or one that is held. */
export type Key =
  | { kind: "character"; plain: string; shifted: string }
  | { kind: "named"; name: KeyName; wide?: number }
  | { kind: "held"; name: "shift" | "ctrl" | "alt"; wide?: number };

const characters = (plain: string, shifted: string): Key[] =>
  Array.from(plain, (character, index) => ({
    kind: "character",
    plain: character,
    shifted: shifted[index] ?? character,
  }));

/** All rows, as on the keyboards that people know. */
export const ROWS: readonly (readonly Key[])[] = [
  [
    { kind: "named", name: "esc" },
    ...characters("1234567890-=", "!@#$%^&*()_+"),
    { kind: "named", name: "backspace", wide: 2 },
  ],
  [{ kind: "named", name: "tab", wide: 1.5 }, ...characters("qwertyuiop[]\\", "QWERTYUIOP{}|")],
  [
    { kind: "held", name: "ctrl", wide: 1.5 },
    ...characters("asdfghjkl;'", 'ASDFGHJKL:"'),
    { kind: "named", name: "enter", wide: 2 },
  ],
  [
    { kind: "held", name: "shift", wide: 2 },
    ...characters("zxcvbnm,./`", "ZXCVBNM<>?~"),
    { kind: "named", name: "up" },
  ],
  [
    { kind: "held", name: "alt", wide: 1.5 },
    { kind: "character", plain: " ", shifted: " " },
    { kind: "named", name: "left" },
    { kind: "named", name: "down" },
    { kind: "named", name: "right" },
  ],
];

/** What a key types while these are held. */
export function typed(key: Key, held: Modifiers, applicationCursor: boolean): string {
  if (key.kind === "named") return keySequence(key.name, held, applicationCursor);
  if (key.kind === "held") return "";
  const character = held.shift === true ? key.shifted : key.plain;
  return withModifiers(character, held);
}
