// The house's rules that a machine can check: tests wait for conditions and never for time, files
// stay short.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** Lines of a file, and of one that draws something. */
const LIMITS = { file: 400, view: 250 };

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const text = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("no test waits for time", () => {
  // Put together here, so that this file does not hold the words itself.
  const waits = new RegExp(
    ["wait", "ForTimeout|set", "Timeout|set", "Interval|\\bsl", "eep\\("].join(""),
  );
  const guilty = files("test").filter((file) => waits.test(text(file)));
  expect(guilty).toEqual([]);
});

test("files are short and say what they are", () => {
  for (const file of [...files("src"), ...files("test")]) {
    if (file.startsWith("src/gen")) continue;
    const limit = /src\/(ui|term)\//.test(file) ? LIMITS.view : LIMITS.file;
    expect(text(file).split("\n").length, file).toBeLessThanOrEqual(
      file.endsWith(".css") ? 500 : limit,
    );
    if (!file.endsWith(".css")) expect(text(file), file).toMatch(/^\/\/ /);
  }
});
