// The bytes of on-screen keys, the pages they are on, and what people make of their own.

import { describe, expect, test } from "vitest";
import { ENGLISH, say } from "../../src/strings";
import { type KeyName, keySequence, withModifiers } from "../../src/touch/keys";
import { FIRST_ROW, type Key, PAGE_KEYS, PAGES } from "../../src/touch/layout";
import { MAX_MACROS, parseMacros, typedBy } from "../../src/touch/macros";
import { tapped, used } from "../../src/touch/modifiers";

const NONE = { ctrl: false, alt: false };

describe("the bytes of keys", () => {
  test.each<[KeyName, string]>([
    ["esc", "\x1b"],
    ["tab", "\t"],
    ["up", "\x1b[A"],
    ["home", "\x1b[H"],
    ["pageUp", "\x1b[5~"],
    ["f1", "\x1bOP"],
    ["f5", "\x1b[15~"],
    ["f12", "\x1b[24~"],
  ])("%s", (name, bytes) => expect(keySequence(name, NONE, false)).toBe(bytes));

  test("cursor keys follow the program's mode, unless something is held", () => {
    expect(keySequence("left", NONE, true)).toBe("\x1bOD");
    expect(keySequence("left", { ctrl: true, alt: false }, true)).toBe("\x1b[1;5D");
    expect(keySequence("up", { ctrl: true, alt: true, shift: true }, false)).toBe("\x1b[1;8A");
    expect(keySequence("delete", { ctrl: false, alt: true }, false)).toBe("\x1b[3;3~");
    expect(keySequence("tab", { ...NONE, shift: true }, false)).toBe("\x1b[Z");
    expect(keySequence("enter", { ctrl: false, alt: true }, false)).toBe("\x1b\r");
  });

  test("Ctrl and Alt with what is typed", () => {
    const ctrl = { ctrl: true, alt: false };
    for (let code = 1; code <= 26; code += 1) {
      expect(withModifiers(String.fromCharCode(96 + code), ctrl)).toBe(String.fromCharCode(code));
      expect(withModifiers(String.fromCharCode(64 + code), ctrl)).toBe(String.fromCharCode(code));
    }
    expect(withModifiers(" ", ctrl)).toBe("\0");
    expect(withModifiers("[", ctrl)).toBe("\x1b");
    expect(withModifiers("/", ctrl)).toBe("\x1f");
    expect(withModifiers("é", ctrl)).toBe("é");
    expect(withModifiers("b", { ctrl: false, alt: true })).toBe("\x1bb");
    expect(withModifiers("c", { ctrl: true, alt: true })).toBe("\x1b\x03");
  });
});

test("a modifier is held once, then locked, then let go", () => {
  expect(tapped("off")).toBe("once");
  expect(used("once")).toBe("off");
  expect(tapped("once")).toBe("locked");
  expect(used("locked")).toBe("locked");
  expect(tapped("locked")).toBe("off");
});

describe("the key row", () => {
  const all = (keys: readonly Key[]): Key[] =>
    keys.flatMap((key) => [key, ...all(key.variants ?? [])]);

  test("no page is wider than the narrowest phone", () => {
    for (const page of PAGES) expect(page.length).toBeLessThanOrEqual(PAGE_KEYS);
    expect(FIRST_ROW.length).toBeLessThanOrEqual(PAGE_KEYS + 1);
  });

  test("each key has a name of its own", () => {
    const keys = all([...FIRST_ROW, ...PAGES.flat()]).filter(({ act }) => !("text" in act));
    const names = keys.map(({ name, label }) => (name === undefined ? label : say(name)));
    expect(new Set(names).size).toBe(names.length);
  });

  test("the control keys are what they say", () => {
    const control = PAGES[1]?.map(({ label, act }) => [label, "bytes" in act ? act.bytes : ""]);
    expect(control?.slice(0, 3)).toEqual([
      ["^C", "\x03"],
      ["^D", "\x04"],
      ["^Z", "\x1a"],
    ]);
    expect(control?.map(([label]) => label).join("")).toBe("^C^D^Z^R^L^W^T");
  });
});

describe("macros", () => {
  test("type text and keys", () => {
    expect(typedBy("ls\\n")).toBe("ls\r");
    expect(typedBy("^C\\e[A\\t")).toBe("\x03\x1b[A\t");
    expect(typedBy("a\\\\nb")).toBe("a\\nb");
    expect(typedBy("2^10")).toBe("2^10");
  });

  test("are read back without what is none", () => {
    const good = { name: "build", text: "make\\n" };
    expect(parseMacros(JSON.stringify([good, null, { name: "" }, { name: 1, text: "x" }]))).toEqual(
      [good],
    );
    expect(parseMacros("{")).toEqual([]);
    expect(parseMacros(null)).toEqual([]);
    expect(parseMacros(JSON.stringify(Array(100).fill(good)))).toHaveLength(MAX_MACROS);
  });
});

test("a text of the page has its blanks filled in", () => {
  expect(say("keys.of", { key: "Tab" })).toBe("Variants of Tab");
  for (const words of Object.values(ENGLISH)) expect(words.trim()).not.toBe("");
});
