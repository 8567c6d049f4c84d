// How many cells characters take, and that text waits for that to be known.

import { expect, test } from "vitest";
import { beyondAscii } from "../../src/term/ascii";
import { Sequence } from "../../src/term/sequence";
import { widthOf } from "../../src/term/widths";

test("characters are as wide as programs take them for", () => {
  const cells = (text: string) => Array.from(text, (one) => widthOf(one.codePointAt(0) ?? 0));
  expect(cells("aé ~")).toEqual([1, 1, 1, 1]);
  expect(cells("日本한ｆ")).toEqual([2, 2, 2, 2]);
  expect(cells("👍😀🚀🫠")).toEqual([2, 2, 2, 2]);
  expect(cells("e\u0301\u200d\ufe0f")).toEqual([1, 0, 0, 0]);
  expect(cells("─│█▒→")).toEqual([1, 1, 1, 1, 1]);
  expect([0x07, 0x7f, 0x9b, 0x10ffff].map(widthOf)).toEqual([0, 0, 0, 1]);
});

test("text beyond ASCII is noticed wherever it begins", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const text of ["", "plain\x1b[0m\x7f", "\t~"]) expect(beyondAscii(bytes(text))).toBe(false);
  for (const text of ["é", "abc─", "👍x", "a\u00ad"]) expect(beyondAscii(bytes(text))).toBe(true);
  // The first part of a character that comes in two.
  expect(beyondAscii(bytes("日").subarray(0, 1))).toBe(true);
});

test("what comes after a wait stays in order and comes however it ends", async () => {
  for (const ends of [Promise.resolve(), Promise.reject(new Error("gone"))]) {
    const seen: string[] = [];
    const sequence = new Sequence({
      write: (bytes, parsed) => {
        seen.push(String(bytes[0]));
        parsed();
      },
    });
    sequence.write(Uint8Array.of(1), () => {});
    sequence.wait(ends);
    sequence.write(Uint8Array.of(2), () => {});
    sequence.afterwards(() => seen.push("act"));
    sequence.write(Uint8Array.of(3), () => {});
    expect(seen).toEqual(["1"]);
    await ends.catch(() => {});
    await Promise.resolve();
    expect(seen).toEqual(["1", "2", "act", "3"]);
  }
});
