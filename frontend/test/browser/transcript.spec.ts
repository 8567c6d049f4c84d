// The text of a terminal, read line by line and reached by keyboard alone.

import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

function lines(visit: Visit): Promise<string[]> {
  return visit.page.locator(".transcript p").allTextContents();
}

/** Leaves the terminal backwards and presses what comes before it. */
async function open(visit: Visit): Promise<void> {
  await press(visit, "M");
  await visit.page.keyboard.press("Shift+Tab");
  await visit.until("the way to the text", () => {
    return document.activeElement?.matches(".to-text") === true;
  });
  await visit.page.keyboard.press("Enter");
  await visit.until("the text", () => document.activeElement?.matches(".transcript") === true);
}

test("every line is there, as it was written, and the newest is in view", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const wide = "x".repeat(400);
  await visit.line(
    `clear; seq -f 'line %g' 300; printf 'x%.0s' {1..400}; echo; echo '  in''dented'`,
  );
  await visit.sees("  indented");
  await open(visit);
  const all = await lines(visit);
  const first = all.indexOf("line 1");
  expect(first).toBeGreaterThanOrEqual(0);
  const wanted = Array.from({ length: 300 }, (_, index) => `line ${index + 1}`);
  expect(all.slice(first, first + 302)).toEqual([...wanted, wide, "  indented"]);
  const seen = await visit.page.locator(".transcript p", { hasText: "  indented" }).last();
  expect(await seen.evaluate((line) => line.getBoundingClientRect().bottom)).toBeLessThan(800);
  await expectAccessible(visit, "the text of a terminal");

  // It stands still while the program writes on, and is read anew when that is asked for.
  const other = await come(visit.page.url());
  await hasKeyboard(other);
  await other.line("echo af''ter");
  await other.sees("after");
  await visit.sees("after");
  expect((await lines(visit)).includes("after")).toBe(false);
  await visit.page.getByRole("button", { name: "Read anew" }).click();
  await visit.until("the new line", () => {
    return [...document.querySelectorAll(".transcript p")].some((p) => p.textContent === "after");
  });
  await other.end();
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.end();
});

test("what a program shows on the whole screen is there too, behind what was before", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line(
    "clear; echo be''fore; printf '\\033[?1049h\\033[2J\\033[3;5Hon the whole'; cat",
  );
  await visit.sees("on the whole");
  await open(visit);
  const all = await lines(visit);
  const before = all.indexOf("before");
  expect(before).toBeGreaterThanOrEqual(0);
  expect(all.indexOf("    on the whole")).toBeGreaterThan(before);
  await visit.end();
});
