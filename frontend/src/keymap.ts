// Which keys do what: the one table that the page's shortcuts and its palette are made of. Never a
// plain Ctrl, Alt or function key: those belong to the program.

/** What the page can be told by a key. */
export type KeyCommand =
  | "palette"
  | "sessions"
  | "newTab"
  | "closePane"
  | "splitRight"
  | "splitDown"
  | "zoom"
  | "focusLeft"
  | "focusRight"
  | "focusUp"
  | "focusDown"
  | `tab${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | "find"
  | "settings"
  | "previousCommand"
  | "nextCommand"
  | "copy"
  | "paste"
  | "tabMoves";

/** What of a key event decides. */
export interface KeyPress {
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

type Table = readonly (readonly [KeyCommand, ...string[]])[];

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** Chords by the place of the key, so that they are the same on each keyboard layout. */
const KEYS: Table = [
  ["palette", "Ctrl+Shift+Space", "Ctrl+Shift+KeyP"],
  ["sessions", "Ctrl+Shift+KeyS"],
  ["newTab", "Ctrl+Shift+Enter"],
  ["closePane", "Ctrl+Shift+KeyX"],
  ["splitRight", "Ctrl+Shift+KeyD"],
  ["splitDown", "Ctrl+Shift+KeyE"],
  ["zoom", "Ctrl+Shift+KeyZ"],
  ["focusLeft", "Ctrl+Shift+ArrowLeft"],
  ["focusRight", "Ctrl+Shift+ArrowRight"],
  ["focusUp", "Ctrl+Shift+ArrowUp"],
  ["focusDown", "Ctrl+Shift+ArrowDown"],
  ...DIGITS.map((digit) => [`tab${digit}`, `Ctrl+Shift+Digit${digit}`] as const),
  ["find", "Ctrl+Shift+KeyF"],
  ["settings", "Ctrl+Shift+Comma"],
  ["previousCommand", "Ctrl+Shift+BracketLeft"],
  ["nextCommand", "Ctrl+Shift+BracketRight"],
  ["copy", "Ctrl+Shift+KeyC"],
  ["paste", "Ctrl+Shift+KeyV"],
  ["tabMoves", "Ctrl+Shift+KeyM"],
];

/** The same on macOS, whose programs never see the Command key. Other chords hold there too. */
const APPLE_KEYS: Table = [
  ["palette", "Shift+Meta+Space", "Shift+Meta+KeyP"],
  ["sessions", "Shift+Meta+KeyS"],
  ["newTab", "Meta+Enter"],
  ["closePane", "Shift+Meta+KeyX"],
  ["splitRight", "Meta+KeyD"],
  ["splitDown", "Shift+Meta+KeyD"],
  ["zoom", "Shift+Meta+Enter"],
  ["focusLeft", "Alt+Meta+ArrowLeft"],
  ["focusRight", "Alt+Meta+ArrowRight"],
  ["focusUp", "Alt+Meta+ArrowUp"],
  ["focusDown", "Alt+Meta+ArrowDown"],
  ...DIGITS.map((digit) => [`tab${digit}`, `Shift+Meta+Digit${digit}`] as const),
  ["find", "Meta+KeyF"],
  ["settings", "Shift+Meta+Comma"],
  ["previousCommand", "Meta+ArrowUp"],
  ["nextCommand", "Meta+ArrowDown"],
  ["copy", "Meta+KeyC"],
  ["paste", "Meta+KeyV"],
];

function indexed(...tables: Table[]): ReadonlyMap<string, KeyCommand> {
  return new Map(
    tables.flat().flatMap(([command, ...chords]) => chords.map((chord) => [chord, command])),
  );
}

const INDEX = indexed(KEYS);
const APPLE_INDEX = indexed(KEYS, APPLE_KEYS);

function chordOf(press: KeyPress): string {
  const held = [
    press.ctrlKey && "Ctrl+",
    press.altKey && "Alt+",
    press.shiftKey && "Shift+",
    press.metaKey && "Meta+",
  ];
  return held.filter(Boolean).join("") + press.code;
}

/** What a key does; null where it is the program's. */
export function commandOf(press: KeyPress, apple: boolean): KeyCommand | null {
  return (apple ? APPLE_INDEX : INDEX).get(chordOf(press)) ?? null;
}

/** The chords of a command as a person reads them, the usual one first. */
export function chordNames(command: KeyCommand, apple: boolean): string[] {
  const table = apple ? [...APPLE_KEYS, ...KEYS] : KEYS;
  const row = table.find(([of]) => of === command);
  return (row?.slice(1) ?? []).map((chord) => readable(chord, apple));
}

const NAMES: Readonly<Record<string, string>> = {
  Comma: ",",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  BracketLeft: "[",
  BracketRight: "]",
};

function readable(chord: string, apple: boolean): string {
  const parts = chord.split("+").map((part) => {
    if (part === "Meta") return apple ? "Cmd" : "Meta";
    return NAMES[part] ?? part.replace(/^(Key|Digit)/, "");
  });
  return parts.join("+");
}
