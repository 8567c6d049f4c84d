// The languages of the page: the same words in each, chosen as the person wants, and none beside them.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseAst } from "vite";
import { afterEach, describe, expect, test } from "vitest";
import { age } from "../../src/dashboard/age";
import { languageOf } from "../../src/language";
import * as german from "../../src/languages/german";
import { mirrored } from "../../src/languages/mirrored";
import { allWords, count, inDigits, say, speak } from "../../src/strings";

const SOURCE = join(import.meta.dirname, "../../src");

const files = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(SOURCE, join(entry.parentPath, entry.name)));

/** Every table of words, also of the parts that are loaded later. */
async function allTables(): Promise<ReadonlyMap<string, string>> {
  for (const file of files.filter((name) => name.endsWith("strings.ts"))) {
    await import(join(SOURCE, file));
  }
  return allWords();
}

const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

afterEach(() => speak("en", (_, english) => english));

describe("German", () => {
  const words = german.WORDS;

  test("has every word, and no other", async () => {
    const english = await allTables();
    expect(english.size).toBeGreaterThan(300);
    expect([...words.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test("leaves the same blanks", async () => {
    for (const [key, text] of await allTables()) {
      expect(blanks(words.get(key) ?? ""), key).toEqual(blanks(text));
    }
  });

  test("is spoken with its own numbers, plurals and ages", () => {
    german.start();
    expect(say("dash.title")).toBe("Sitzungen");
    expect(count("dash.all", 1)).toBe("1 Sitzung");
    expect(count("dash.all", 12_345)).toBe("12.345 Sitzungen");
    expect(inDigits(1.5)).toBe("1,5");
    expect(age(3 * 86_400, "long")).toBe("vor 3 Tagen");
    expect(age(2 * 86_400, "narrow")).toBe("2 T");
  });
});

describe("the mirrored language", () => {
  test("keeps blanks, and lengthens and turns what is said", () => {
    expect(mirrored("end")).toBe("\u202eendd\u202c");
    for (const text of ["{name} is about to be ended.", "Close {title}?", "{count} of {all}"]) {
      expect(blanks(mirrored(text))).toEqual(blanks(text));
      expect(mirrored(text).length).toBeGreaterThanOrEqual(text.length + 3);
    }
  });
});

describe("the language", () => {
  test("is the chosen one, else the first that the browser asks for and the page has", () => {
    expect(languageOf([null, "de-AT", "en"])).toBe("de");
    expect(languageOf(["en", "de"])).toBe("en");
    expect(languageOf([null, "fr-FR", "en-GB", "de"])).toBe("en");
    expect(languageOf([null, "fr", "ja"])).toBe("en");
    expect(languageOf([null])).toBe("en");
    expect(languageOf(["de"])).toBe("de");
    expect(languageOf(["constructor", "de"])).toBe("de");
  });

  test("mirrored is spoken only where it is asked for by its whole name", () => {
    expect(languageOf(["ar-XB", "de"])).toBe("ar-XB");
    expect(languageOf([null, "ar", "ar-EG"])).toBe("en");
  });
});

/** Attributes that people read or hear. */
const READ = new Set(["aria-label", "aria-description", "title", "placeholder", "alt", "label"]);

/** What is called the same in each language. */
const NAMES = /\b(awp|stdout|stderr)\b/g;

/** Letters, and so a word. */
const isWord = (text: string) => /\p{L}{2}/u.test(text.replace(NAMES, ""));

type Found = { type?: string; [part: string]: unknown };

/** What is written into the page as it is, wherever in the tree. */
function literal(node: unknown, found: string[]): string[] {
  if (Array.isArray(node)) for (const one of node) literal(one, found);
  if (typeof node !== "object" || node === null || Array.isArray(node)) return found;
  const here = node as Found;
  if (here.type === "JSXText") found.push(String(here["value"]).trim());
  if (here.type === "JSXElement") {
    const { name } = (here["openingElement"] as Found)["name"] as Found;
    // What is typed into a shell is no word of a language.
    if (name === "code") return found;
  }
  if (here.type === "JSXAttribute") {
    const { name } = here["name"] as Found;
    const value = here["value"] as Found | null;
    if (READ.has(String(name)) && value?.type === "Literal") found.push(String(value["value"]));
  }
  // A sentence in any other place: error messages are for those who read logs.
  if (here.type === "NewExpression") return found;
  const sentence = /^\p{Lu}\p{Ll}+ (\p{Ll}+ ?)+/u;
  if (here.type === "Literal" && sentence.test(String(here["value"]))) {
    found.push(String(here["value"]));
  }
  if (here.type === "TemplateElement") {
    const { raw } = here["value"] as { raw: string };
    if (sentence.test(raw)) found.push(raw);
  }
  for (const part of Object.values(here)) literal(part, found);
  return found;
}

test("no word stands in the code beside the tables", async () => {
  const known = await allTables();
  const guilty = files
    .filter((file) => !/strings\.ts$|^languages\/|^gen\//.test(file))
    .flatMap((file) => {
      const lang = file.endsWith("x") ? "tsx" : "ts";
      const tree = parseAst(readFileSync(join(SOURCE, file), "utf8"), { lang });
      return literal(tree, [])
        .filter((text) => isWord(text) && !known.has(text))
        .map((text) => `${file}: ${text}`);
    });
  expect(guilty).toEqual([]);
});
