// What the accessibility checker finds on the page as it is now.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { expect } from "vitest";
import type { Visit } from "./visit";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails if there is anything to find. */
export async function expectAccessible(visit: Visit, state: string): Promise<void> {
  // As a string it is run by the debugger, which the page's policy does not bind.
  await visit.page.evaluate(SOURCE);
  const results = (await visit.page.evaluate("axe.run()")) as AxeResults;
  const found = results.violations.map(({ id, nodes }) => {
    return `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`;
  });
  expect(found, state).toEqual([]);
}
