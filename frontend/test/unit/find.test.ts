// Searching lines: what a pattern is, and where it is found.

import { expect, test } from "vitest";
import { countBefore, findIn, MATCHES_MAX, patternOf } from "../../src/find/matches";

const LINES = ["one two one", "", "Twelve 12345 a.b", "aaaa (one)"];

function found(text: string, { exact = false, regex = false } = {}): string[] {
  const pattern = patternOf({ text, exact, regex });
  if (!(pattern instanceof RegExp)) throw new Error(String(pattern));
  return findIn(LINES, pattern).matches.map(({ line, start, end }) => {
    return `${line}:${start} ${LINES[line]?.slice(start, end)}`;
  });
}

test("a text is found as it stands, whatever its characters mean elsewhere", () => {
  expect(found("one")).toEqual(["0:0 one", "0:8 one", "3:6 one"]);
  expect(found("a.b")).toEqual(["2:13 a.b"]);
  expect(found("(one)")).toEqual(["3:5 (one)"]);
  for (const sign of "\\^$.*+?()[]{}|/-") {
    const pattern = patternOf({ text: sign, exact: true, regex: false }) as RegExp;
    expect(findIn([`x${sign}y`], pattern).matches, sign).toEqual([{ line: 0, start: 1, end: 2 }]);
  }
});

test("capital letters count when they are to", () => {
  expect(found("tw")).toEqual(["0:4 tw", "2:0 Tw"]);
  expect(found("Tw", { exact: true })).toEqual(["2:0 Tw"]);
});

test("a regular expression is found once where it is, and its anchors hold", () => {
  expect(found("\\d+", { regex: true })).toEqual(["2:7 12345"]);
  expect(found("^a", { regex: true })).toEqual(["3:0 a"]);
  expect(found("b$", { regex: true })).toEqual(["2:15 b"]);
  expect(found("aa", { regex: true })).toEqual(["3:0 aa", "3:2 aa"]);
  // What may be empty is not found where it is.
  expect(found("x*", { regex: true })).toEqual([]);
});

test("what is no pattern is told, and nothing is nothing", () => {
  expect(patternOf({ text: "(", exact: false, regex: true })).toBeInstanceOf(Error);
  expect(patternOf({ text: "[z-a]", exact: false, regex: true })).toBeInstanceOf(Error);
  expect(patternOf({ text: "", exact: false, regex: true })).toBeNull();
});

test("there is an end to what is kept", () => {
  const line = "x".repeat(MATCHES_MAX);
  const pattern = /x/g;
  expect(findIn([line], pattern)).toMatchObject({ more: false });
  const { matches, more } = findIn([line, "x"], pattern);
  expect(matches).toHaveLength(MATCHES_MAX);
  expect(more).toBe(true);
  // The newest are nearest.
  expect(matches[0]).toEqual({ line: 0, start: 1, end: 2 });
  expect(matches.at(-1)).toEqual({ line: 1, start: 0, end: 1 });
});

test("places are counted up to a place", () => {
  const { matches } = findIn(LINES, /one/g);
  expect(countBefore(matches, 4, 0)).toBe(3);
  expect(countBefore(matches, 3, 6)).toBe(2);
  expect(countBefore(matches, 3, 7)).toBe(3);
  expect(countBefore(matches, 0, 0)).toBe(0);
  expect(countBefore([], 0, 0)).toBe(0);
});
