// What a person has chosen for this device: its names, what each may be, and where it is kept. Free
// of the page, because the very first guess of the window's size needs the font.

/** How terminals look and behave on this device. */
export interface Settings {
  readonly theme: (typeof THEMES)[number];
  /** A font of this device; empty for the usual ones. */
  readonly fontFamily: string;
  /** CSS pixels. */
  readonly fontSize: number;
  /** Of the font's own height. */
  readonly lineHeight: number;
  readonly cursorStyle: (typeof CURSORS)[number];
  readonly cursorBlink: boolean;
  /** Lines kept above the screen. */
  readonly scrollback: number;
  readonly bell: (typeof BELLS)[number];
  /** The least contrast of text; 1 leaves colours as the program wants them. */
  readonly contrast: number;
  /** Ask before several lines are pasted into a program that cannot tell. */
  readonly askLines: boolean;
  /** What becomes of a program's wish to copy. */
  readonly programsCopy: (typeof COPIES)[number];
}

export const THEMES = [
  "system",
  "dark",
  "light",
  "contrast",
  "gruvbox",
  "nord",
  "solarized",
] as const;
export const CURSORS = ["block", "bar", "underline"] as const;
export const BELLS = ["off", "flash", "sound"] as const;
export const COPIES = ["ask", "never"] as const;

/** 14 pixels are what most editors and terminals use; 5,000 lines take 10 MB, and older ones are with
 * the server. Palettes are made for text on their background alone: programs that paint panels (mc,
 * htop) cannot be read on a light page without a least contrast. */
export const USUAL: Settings = {
  theme: "system",
  fontFamily: "",
  fontSize: 14,
  lineHeight: 1,
  cursorStyle: "block",
  cursorBlink: false,
  scrollback: 5000,
  bell: "off",
  contrast: 4.5,
  askLines: true,
  programsCopy: "ask",
};

/** CSS pixels of letters that can still be read, or of which a phone still shows a few columns. */
export const FONT_SIZES = [8, 32] as const;

type Rule = readonly [least: number, most: number] | readonly string[] | RegExp | null;

/** What each may be: a number between two, one of several, a text, or null for yes and
 * no. 50,000 lines take 100 MB. */
export const RULES: Readonly<Record<keyof Settings, Rule>> = {
  theme: THEMES,
  fontFamily: /^[^"'\\,;{}\p{Cc}]{0,100}$/u,
  fontSize: FONT_SIZES,
  lineHeight: [1, 2],
  cursorStyle: CURSORS,
  cursorBlink: null,
  scrollback: [0, 50_000],
  bell: BELLS,
  contrast: [1, 21],
  askLines: null,
  programsCopy: COPIES,
};

/** Whether a value may be that of a setting. */
export function allowed(name: keyof Settings, value: unknown): boolean {
  const rule = RULES[name];
  if (rule === null) return typeof value === "boolean";
  if (rule instanceof RegExp) return typeof value === "string" && rule.test(value);
  const [least, most] = rule;
  if (typeof least === "number" && typeof most === "number") {
    return typeof value === "number" && value >= least && value <= most;
  }
  return (rule as readonly unknown[]).includes(value);
}

const KEY = "awp.settings";

/** The form in which they are kept: another one is not read. */
export const VERSION = 1;

/** Where the size of letters alone was kept before there were settings. */
const OLD_FONT = "awp.touch.font";

/** What is kept; what is missing or cannot be is as usual. */
export function recall(): Settings {
  const found: Record<string, unknown> = {};
  try {
    const old = Number(localStorage.getItem(OLD_FONT));
    if (allowed("fontSize", old)) found["fontSize"] = old;
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Record<string, unknown> | null;
    if (kept?.["version"] === VERSION) {
      for (const name of Object.keys(USUAL) as (keyof Settings)[]) {
        if (Object.hasOwn(kept, name) && allowed(name, kept[name])) found[name] = kept[name];
      }
    }
  } catch {
    // Without storage, or with something else in it, everything is as usual.
  }
  return { ...USUAL, ...found };
}

/** Keeps them, where there is storage. */
export function keep(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, ...settings }));
    localStorage.removeItem(OLD_FONT);
  } catch {
    // They hold for this visit.
  }
}

/** Tells when another window of this device has changed them. */
export function onOthersChange(changed: () => void): void {
  addEventListener("storage", ({ key }) => {
    if (key === KEY || key === null) changed();
  });
}
