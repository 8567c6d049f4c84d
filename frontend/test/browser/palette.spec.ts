// The palette: everything that the page can do, by keyboard and by mouse.

import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard, press, shows } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

async function open(visit: Visit, key = "Space"): Promise<void> {
  await press(visit, key);
  await visit.until(
    "the palette",
    () => document.activeElement?.matches(".palette input") === true,
  );
}

function marked(visit: Visit): Promise<string | null> {
  return visit.page.locator('.choices [aria-selected="true"] .title').textContent();
}

test("commands are found by letters and done by Enter or a click", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await open(visit);
  await visit.page.keyboard.type("sr");
  expect(await marked(visit)).toBe("Split right");
  await visit.page.keyboard.press("Enter");
  await shows(visit, [1, 2], 2);
  await hasKeyboard(visit);

  // What was typed in the palette has not reached the program, and what comes now does.
  await visit.line("echo to''gether");
  await visit.until("the program's answer", () => {
    const { awp } = window as unknown as { awp: { screenText(pane: number): string[] } };
    return awp.screenText(1).some((line) => line.startsWith("together"));
  });
  const text = await visit.page.evaluate(() => {
    return (window as unknown as { awp: { screenText(pane: number): string[] } }).awp.screenText(1);
  });
  expect(text.filter((line) => /\bsr\b/.test(line))).toEqual([]);

  await open(visit);
  await visit.page.locator(".choices [role=option]", { hasText: "Go to" }).first().click();
  await shows(visit, [1, 2], 1);
  await open(visit, "KeyP");
  await visit.page.keyboard.type("zoom");
  await visit.page.keyboard.press("Enter");
  await shows(visit, [1], 1);

  // Nothing fits: nothing is done. Escape gives the keyboard back.
  await open(visit);
  await visit.page.keyboard.type("qqqq");
  await visit.says("Nothing is called like that");
  await visit.page.keyboard.press("Enter");
  await expectAccessible(visit, "the palette without a match");
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.end();
});

test("arrows go round the list, and the question of a command comes after it", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await open(visit);
  const first = await marked(visit);
  await visit.page.keyboard.press("ArrowDown");
  expect(await marked(visit)).not.toBe(first);
  await visit.page.keyboard.press("ArrowUp");
  expect(await marked(visit)).toBe(first);
  await visit.page.keyboard.type("end session");
  await visit.page.keyboard.press("Enter");
  await visit.says("End this session?");
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.end();
});

test("another session is one chord away", async () => {
  const one = await come(server.open);
  const there = new URL(one.page.url()).pathname;
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const here = visit.page.url();
  await open(visit, "KeyS");
  await visit.until("the other sessions", () => document.querySelector(".choices .title") !== null);
  const names = await visit.page.locator(".choices .title").allTextContents();
  expect(names.every((name) => name.startsWith("Session: "))).toBe(true);
  await visit.page.keyboard.press("Enter");
  await visit.page.waitForURL((url) => url.href !== here);
  await visit.live();
  expect(new URL(visit.page.url()).pathname.split("/")[1]).toBe(there.split("/")[1]);
  await visit.end();
  await one.end();
});
