// How the palette finds what is meant by a few letters.

import { expect, test } from "vitest";
import { fuzzy, ranked } from "../../src/palette/fuzzy";

const NAMES = [
  "Split right",
  "Split down",
  "New tab",
  "End session",
  "Read as text",
  "New session",
];
const find = (query: string) => ranked(query, NAMES, (name) => name);

test("without a query everything stays in its order", () => {
  expect(find("")).toEqual(NAMES);
  expect(find("  ")).toEqual(NAMES);
});

test("the starts of words are meant first", () => {
  expect(find("sr")[0]).toBe("Split right");
  expect(find("ns")[0]).toBe("New session");
  expect(find("SD")[0]).toBe("Split down");
});

test("words may come in any order, and all of them must be there", () => {
  expect(find("session end")).toEqual(["End session"]);
  expect(find("session split")).toEqual([]);
  expect(find("xyz")).toEqual([]);
});

test("one piece is better than many, and it is known which letters were meant", () => {
  expect(ranked("tab", ["stxaxb", "xxstab"], (name) => name)[0]).toBe("xxstab");
  expect(fuzzy("tab", "new tab")?.places).toEqual([4, 5, 6]);
  expect(fuzzy("bat", "tab")).toBeNull();
});

test("long names and queries take bounded work", () => {
  expect(fuzzy("a".repeat(10_000), "a".repeat(10_000))?.places.length).toBe(200);
});
