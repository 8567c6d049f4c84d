// Which language the page speaks: the one that was chosen here, else the first that the browser asks
// for and the page has. English is in the page itself; any other is loaded before a word is shown.

/** Where the choice of this device is kept. */
const KEY = "awp.language";

/** The languages to choose from. */
export const LANGUAGES = ["en", "de"] as const;

/** Those and one for tests: English mirrored, which is read from right to left. */
const KNOWN = [...LANGUAGES, "ar-XB"] as const;

export type Language = (typeof KNOWN)[number];

/** The choice of this device; null where there is none. */
export function languageChosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Speaks a language from now on, or what the browser asks for. */
export function chooseLanguage(language: Language | null): void {
  try {
    if (language === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, language);
  } catch {
    return;
  }
  location.reload();
}

/** What a language calls itself. */
export function languageName(language: Language): string {
  return new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
}

/** The first of these tags that the page has, in any of its regions. */
export function languageOf(tags: readonly (string | null)[]): Language {
  for (const tag of tags) {
    const whole = KNOWN.find((known) => known === tag);
    const found = whole ?? LANGUAGES.find((known) => known === tag?.split("-")[0]);
    if (found !== undefined) return found;
  }
  return "en";
}

/** Makes the page speak, and read in the right direction. */
export async function speakLanguage(): Promise<void> {
  const language = languageOf([languageChosen(), ...navigator.languages]);
  if (language === "en") return;
  try {
    const spoken =
      language === "de" ? import("./languages/german") : import("./languages/mirrored");
    (await spoken).start();
  } catch {
    // Better English than nothing.
    return;
  }
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar-XB" ? "rtl" : "ltr";
}
