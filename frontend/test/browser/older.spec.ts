// Lines that the server keeps and the page does not: whoever scrolls to the top gets them, in place.

import { afterAll, beforeAll, expect, test } from "vitest";
import { sessions, type } from "./api";
import { come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

type Surface = Window & {
  awp: { screenText(pane: number): string[]; scrollbackLength(pane: number): number };
};

const held = (visit: Visit) =>
  visit.page.evaluate(() => (window as unknown as Surface).awp.scrollbackLength(0));

const top = (visit: Visit) =>
  visit.page.evaluate(() => (window as unknown as Surface).awp.screenText(0)[0] ?? "");

async function holds(visit: Visit, rows: number): Promise<void> {
  await visit.until(
    `${rows} rows above the screen`,
    (least) => (window as unknown as Surface).awp.scrollbackLength(0) >= least,
    rows,
  );
}

/** Pages of the screen up, as many as so many rows take. */
async function up(visit: Visit, rows: number): Promise<void> {
  for (let left = rows; left > 0; left -= 40) await visit.page.keyboard.press("Shift+PageUp");
}

/** How often the server has drawn what a terminal shows. */
async function snapshots(): Promise<number> {
  const text = await (await fetch(`${server.url}metrics`)).text();
  return Number(/^awp_screen_snapshots_total (\d+)$/m.exec(text)?.[1]);
}

/** The session that the page shows. */
async function idOf(visit: Visit): Promise<string> {
  const found = await sessions(server);
  return found.find(({ id }) => visit.page.url().endsWith(id))?.id ?? "";
}

/** Every line that the page holds, as text. */
async function everything(visit: Visit): Promise<string[]> {
  await press(visit, "M");
  await visit.page.keyboard.press("Shift+Tab");
  await visit.page.keyboard.press("Enter");
  await visit.until("the text", () => document.activeElement?.matches(".transcript") === true);
  const lines = await visit.page.locator(".transcript p").allTextContents();
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  return lines;
}

const numbered = (lines: string[]) => lines.filter((line) => /^\d+$/.test(line)).map(Number);

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test("older lines come where somebody reads, and none is missing or twice", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; seq 9000; ec''ho end");
  await visit.sees("end");
  await visit.page.reload();
  await visit.live();
  await visit.sees("end");
  expect(await held(visit)).toBeLessThan(6000);
  await up(visit, await held(visit));
  await holds(visit, 8900);
  const before = Number(await top(visit));
  // The line that was at the top still is: it has not jumped to the first one of all.
  expect(before).toBeGreaterThan(3000);
  await up(visit, await held(visit));
  await expect.poll(() => top(visit), { timeout: 10_000 }).toBe("1");
  expect(numbered(await everything(visit))).toEqual(upTo(9000));
  await visit.end();
});

test("what the program writes meanwhile is behind them", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const more = "while [ $i -lt 9000 ]; do i=$((i+1)); echo $i; done; ec''ho end";
  await visit.line(`clear; seq 7000; read go; i=7000; ${more}`);
  await holds(visit, 5000);
  await up(visit, await held(visit));
  await type(server, await idOf(visit), "\n");
  await holds(visit, 8900);
  const reads = Number(await top(visit));
  expect(reads).toBeGreaterThan(1000);
  expect(reads).toBeLessThan(3000);
  await visit.line("");
  await visit.sees("end");
  expect(numbered(await everything(visit))).toEqual(upTo(9000));
  await visit.end();
});

test("a narrower window keeps them, and the place", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; seq 9000");
  await holds(visit, 5000);
  await up(visit, await held(visit));
  await holds(visit, 8900);
  const reads = await top(visit);
  const drawn = await snapshots();
  await visit.page.setViewportSize({ width: 900, height: 800 });
  await expect.poll(snapshots, { timeout: 10_000 }).toBeGreaterThan(drawn);
  // What the program writes now comes behind it.
  const before = await held(visit);
  await type(server, await idOf(visit), "\n\n");
  await holds(visit, before + 1);
  expect(await top(visit)).toBe(reads);
  expect(numbered(await everything(visit))).toEqual(upTo(9000));
  await visit.end();
});

test("nobody is asked where all of it is on the page", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; seq 500; ec''ho end");
  await visit.sees("end");
  const before = await snapshots();
  await up(visit, 600);
  await expect.poll(() => top(visit), { timeout: 10_000 }).toBe("1");
  // The answer to a line comes behind whatever was asked before it.
  await visit.line("ec''ho after");
  await visit.sees("after");
  expect(await snapshots()).toBe(before);
  await visit.end();
});
