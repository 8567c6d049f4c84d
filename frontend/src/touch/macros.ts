// Keys that a person makes: a name and what it types.

export interface Macro {
  name: string;
  /** As written: with escapes. */
  text: string;
}

/** Macros of one device: four pages of keys. */
export const MAX_MACROS = 28;

/** Characters of a name, which has to fit on a key, and of what a macro types. */
export const MAX_NAME = 12;
export const MAX_TEXT = 1024;

const ESCAPES: Readonly<Record<string, string>> = { n: "\r", t: "\t", e: "\x1b", "\\": "\\" };

/** What a macro types: `\n`, `\t`, `\e`, `\\` and `^C` mean keys. */
export function typedBy(text: string): string {
  return text.replace(/\\([nte\\])|\^([@-_a-z])/g, (_, escaped?: string, letter?: string) =>
    escaped === undefined
      ? String.fromCharCode((letter ?? "@").charCodeAt(0) & 0x1f)
      : (ESCAPES[escaped] ?? ""),
  );
}

/** Reads macros back from where they were kept; what is no macro is left out. */
export function parseMacros(kept: string | null): Macro[] {
  let found: unknown;
  try {
    found = JSON.parse(kept ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  return found.filter(isMacro).slice(0, MAX_MACROS);
}

function isMacro(value: unknown): value is Macro {
  const { name, text } = (value ?? {}) as Partial<Macro>;
  return (
    typeof name === "string" &&
    typeof text === "string" &&
    name !== "" &&
    name.length <= MAX_NAME &&
    text.length <= MAX_TEXT
  );
}
