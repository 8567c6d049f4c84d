// What is read from right to left lies the other way round: styles say start and end, not left and
// right, except where something lies on a terminal, which is never mirrored.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../../src");

const PHYSICAL = [
  /^(margin|padding|border|scroll-margin|scroll-padding)-(left|right)\b/,
  /^(left|right)\s*:/,
  /^border-(top|bottom)-(left|right)-radius/,
  /^(text-align|float|clear)\s*:\s*(left|right)/,
  /translateX\(-50%\)/,
];

/** Values of a shorthand, where a function is one. */
function parts(value: string): string[] {
  return value.match(/[\w.%-]+\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s]+/g) ?? [];
}

/** Whether a shorthand has one left and another right. A notch is where it is. */
function lopsided(declaration: string): boolean {
  const [, value = ""] =
    /^(?:margin|padding|inset|border-width)\s*:\s*(.+);/.exec(declaration) ?? [];
  const [, right, , left] = parts(value);
  return left !== undefined && right !== left && !value.includes("safe-area-inset");
}

function physical(css: string): string[] {
  return css
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => PHYSICAL.some((rule) => rule.test(line)) || lopsided(line));
}

test("the rule finds what it is for", () => {
  const bad = ["left: 0;", "margin-left: 2px;", "padding: 0 1px 0 calc(2px + 1px);"];
  expect(physical(bad.join("\n"))).toEqual(bad);
  expect(physical("padding: 0 1px 2px 1px;\nmargin-inline: 1px 2px;\ninset: 0;")).toEqual([]);
});

test("no style sheet says left or right", () => {
  const sheets = readdirSync(join(SOURCE, "style")).filter((file) => file.endsWith(".css"));
  expect(sheets.length).toBeGreaterThan(5);
  for (const sheet of sheets) {
    expect(physical(readFileSync(join(SOURCE, "style", sheet), "utf8")), sheet).toEqual([]);
  }
});
