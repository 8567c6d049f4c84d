// Splits: made and walked by keyboard, zoomed, their lines moved by hand and by keys, shared.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, panes, press, seesIn, shows } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

const width = async (visit: Visit, process: number) => {
  const box = await visit.page.locator(`[data-pane="${process}"]`).boundingBox();
  return box?.width ?? 0;
};

test("panes are split, walked and zoomed by keys", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("cd /usr; echo th''ere");
  await visit.sees("there");
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  await press(visit, "E");
  await shows(visit, [1, 2, 3], 3);
  await hasKeyboard(visit);
  await visit.line("pwd; tty");
  await seesIn(visit, 3, "/dev/pts");
  await seesIn(visit, 3, "/usr");
  await accessible(visit, "a split in a split");

  await press(visit, "ArrowUp");
  await shows(visit, [1, 2, 3], 2);
  await press(visit, "ArrowLeft");
  await shows(visit, [1, 2, 3], 1);
  await visit.line("echo le''ft");
  await seesIn(visit, 1, "left");
  await press(visit, "Z");
  await shows(visit, [1], 1);
  await accessible(visit, "a zoomed pane");
  const all = await width(visit, 1);
  expect(all).toBe(1280);
  await visit.page.reload();
  await shows(visit, [1], 1);
  await press(visit, "Z");
  await shows(visit, [1, 2, 3], 1);
  await visit.end();
});

test("a line is moved by hand and by keys, and others see it move", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  const other = await come(visit.page.url());
  await shows(other, [1, 2]);
  const line = visit.page.getByRole("separator");
  const box = await line.boundingBox();
  if (box === null) throw new Error("no line");
  await visit.page.mouse.move(box.x + 4, 300);
  await visit.page.mouse.down();
  await visit.page.mouse.move(900, 300, { steps: 5 });
  await visit.page.mouse.up();
  await expect.poll(() => width(visit, 1), { timeout: 10_000 }).toBeGreaterThan(850);
  await expect.poll(() => width(other, 1), { timeout: 10_000 }).toBeGreaterThan(850);
  const before = Number(await line.getAttribute("aria-valuenow"));
  await line.focus();
  await visit.page.keyboard.press("ArrowLeft");
  await expect
    .poll(async () => Number(await line.getAttribute("aria-valuenow")), { timeout: 10_000 })
    .toBe(before - 2);
  // Both programs have heard of their new sizes.
  const wider = async () => {
    const [one, two] = await panes(visit);
    return (one?.cols ?? 0) - (two?.cols ?? 0);
  };
  await expect.poll(wider, { timeout: 10_000 }).toBeGreaterThan(40);
  await other.end();
  await visit.end();
});

test("two pages that change the layout at one moment come to see the same", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const other = await come(visit.page.url());
  await hasKeyboard(other);
  await Promise.all([press(visit, "D"), press(other, "E")]);
  const tree = (of: Visit) => async () => (await panes(of)).map(({ process }) => process);
  await expect.poll(async () => (await tree(visit)()).length, { timeout: 10_000 }).toBe(3);
  const alike = async () => `${await tree(other)()}` === `${await tree(visit)()}`;
  await expect.poll(alike, { timeout: 10_000 }).toBe(true);
  for (const one of [visit, other]) {
    await one.until("one tab", () => document.querySelectorAll("[role=tab]").length === 1);
    expect(await one.page.getByRole("separator").count()).toBe(2);
  }
  await other.end();
  await visit.end();
});
