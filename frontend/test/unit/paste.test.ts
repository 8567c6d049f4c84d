// What is asked before a paste, what of a text is made harmless, and how it is shown.

import { expect, test } from "vitest";
import { concernOf } from "../../src/paste/doubt";
import { linesOf, SHOWN, visible, withoutControls, withoutMarkers } from "../../src/paste/text";

test("plain text is no concern, one line with its end neither", () => {
  for (const text of ["", "ls -la", "tab\there", "ls\n", "ls\r\n", "日本 é 👩‍👩‍👧 “x”"]) {
    expect(concernOf(text, true), text).toBeNull();
  }
});

test("lines are a concern where they are dangerous, controls always", () => {
  for (const text of ["a\nb", "a\r\nb\r\n", "\n\nrm", "a\rb"]) {
    expect(concernOf(text, true), text).toBe("lines");
    expect(concernOf(text, false), text).toBeNull();
  }
  const controls = ["\x00", "\x03", "\x08", "\x1b[A", "\x7f", "\x85", "\x9b1m", "\u202e", "\u2028"];
  for (const control of controls) {
    for (const text of [control, `a\n${control}b`, `x${control}`]) {
      expect(concernOf(text, true), JSON.stringify(text)).toBe("controls");
      expect(concernOf(text, false), JSON.stringify(text)).toBe("controls");
    }
    expect(withoutControls(`a\t${control}b\r\n`)).not.toContain(control[0]);
  }
  expect(withoutControls("a\t\x1bb\r\n\u202ec")).toBe("a\tb\r\nc");
});

test("no text can end its own paste, whatever is nested in it", () => {
  const evil = [
    "\x1b[201~rm",
    "\x9b201~rm",
    "\x1b[20\x1b[201~1~rm",
    "\x1b\x1b[201~[201~",
    "\x1b[200~x",
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  const marker = /(\x1b\[|\x9b)20[01]~/;
  for (const text of evil) {
    expect(withoutMarkers(text), JSON.stringify(text)).not.toMatch(marker);
    expect(withoutMarkers(withoutMarkers(text))).toBe(withoutMarkers(text));
  }
  // Other sequences are the person's own, once they have said so.
  expect(withoutMarkers("\x1b[31mred\x1b[0m")).toBe("\x1b[31mred\x1b[0m");
});

test("controls are shown as signs apart from the text", () => {
  expect(visible("a\x1b[0mb\x00\x7f\x9b\u202ec\n\t^[")).toEqual([
    { text: "a", sign: false },
    { text: "^[", sign: true },
    { text: "[0mb", sign: false },
    { text: "^@", sign: true },
    { text: "^?", sign: true },
    { text: "U+009B", sign: true },
    { text: "U+202E", sign: true },
    { text: "c\n\t^[", sign: false },
  ]);
  expect(visible("x".repeat(SHOWN + 1))).toEqual([{ text: "x".repeat(SHOWN), sign: false }]);
});

test("lines are counted as a person does", () => {
  expect(linesOf("a")).toBe(1);
  expect(linesOf("a\n")).toBe(1);
  expect(linesOf("a\r\nb\rc\nd\n")).toBe(4);
});
