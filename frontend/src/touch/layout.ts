// The keys of the row above an on-screen keyboard: which there are, page by page.

import type { StringKey } from "../strings";
import type { KeyName } from "./keys";

/** What a key does. */
export type Act =
  | { key: KeyName; shift?: boolean }
  | { text: string }
  | { bytes: string }
  | { hold: "ctrl" | "alt" }
  | { do: "compose" | "keyboard" | "paste" | "macros" };

export interface Key {
  /** What stands on it. */
  label: string;
  /** The same, where it is another word in another language. */
  cap?: StringKey;
  /** A picture in its place. */
  icon?: "pen" | "keyboard" | "paste";
  /** How it is called, where the label does not say it. */
  name?: StringKey;
  act: Act;
  /** It is pressed again and again for as long as a finger rests on it. */
  repeats?: boolean;
  /** What a long press offers. */
  variants?: readonly Key[];
}

const text = (label: string, ...variants: string[]): Key => ({
  label,
  act: { text: label },
  ...(variants.length > 0 && { variants: variants.map((other) => text(other)) }),
});

const control = (letter: string): Key => ({
  label: `^${letter}`,
  act: { bytes: String.fromCharCode(letter.charCodeAt(0) & 0x1f) },
});

const arrow = (label: string, key: "left" | "down" | "up" | "right"): Key => ({
  label,
  name: `key.${key}`,
  act: { key },
  repeats: true,
});

const named = (label: string, key: "home" | "end" | "pageUp" | "pageDown" | "delete"): Key => ({
  label,
  name: `key.${key}`,
  cap: `cap.${key}`,
  act: { key },
  repeats: key !== "home" && key !== "end",
});

const f = (number: number): Key => ({ label: `F${number}`, act: { key: `f${number}` as KeyName } });

/** The row that is always there. */
export const FIRST_ROW: readonly Key[] = [
  { label: "Esc", name: "key.esc", act: { key: "esc" } },
  {
    label: "Tab",
    name: "key.tab",
    act: { key: "tab" },
    variants: [{ label: "⇤", name: "key.backtab", act: { key: "tab", shift: true } }],
  },
  { label: "Ctrl", name: "key.ctrl", cap: "cap.ctrl", act: { hold: "ctrl" } },
  { label: "Alt", name: "key.alt", act: { hold: "alt" } },
  arrow("←", "left"),
  arrow("↓", "down"),
  arrow("↑", "up"),
  arrow("→", "right"),
];

/** Keys of one page: as many as the narrowest phone shows at 44 pixels each, with one to turn it. */
export const PAGE_KEYS = 7;

/** The pages of the second row. */
export const PAGES: readonly (readonly Key[])[] = [
  [
    text("/", "\\", "*"),
    text("-", "+", "="),
    text("|", "&", ";", ">"),
    text("~", "`", "$", "^"),
    text("_", "#", '"', "'"),
    { label: "", icon: "pen", name: "key.compose", act: { do: "compose" } },
    { label: "", icon: "keyboard", name: "key.keyboard", act: { do: "keyboard" } },
  ],
  ["C", "D", "Z", "R", "L", "W", "T"].map(control),
  [1, 2, 3, 4, 5, 6, 7].map(f),
  [8, 9, 10, 11, 12].map(f),
  [
    named("Home", "home"),
    named("End", "end"),
    named("PgUp", "pageUp"),
    named("PgDn", "pageDown"),
    named("Del", "delete"),
    { label: "Ins", name: "key.insert", cap: "cap.insert", act: { key: "insert" } },
    { label: "", icon: "paste", name: "key.paste", act: { do: "paste" } },
  ],
];
