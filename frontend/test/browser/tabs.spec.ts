// Tabs: several processes in one session, in several pages at once.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, panes, press, seesIn, shows } from "./desk";
import { Server } from "./server";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

test("tabs are made, switched, seen by others, closed, and found again", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const { page } = visit;
  await visit.line("echo fi''rst");
  await visit.sees("first");
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  await hasKeyboard(visit);
  await visit.line("printf '\\033]2;second one\\007'; echo sec''ond");
  await seesIn(visit, 2, "second");
  await page.getByRole("tab", { name: "second one" }).waitFor();
  await accessible(visit, "two tabs");

  const other = await come(page.url());
  await other.page.getByRole("tab").nth(1).waitFor();
  await shows(other, [1], 1);

  await press(visit, "Digit1");
  await shows(visit, [1], 1);
  await page.getByRole("tab").first().focus();
  await page.keyboard.press("ArrowRight");
  await shows(visit, [2], 2);
  expect(await page.getByRole("tab").nth(1).getAttribute("aria-selected")).toBe("true");
  // The keyboard stays on the tabs until it is asked into the terminal.
  await page.keyboard.press("ArrowLeft");
  await shows(visit, [1], 1);
  await page.keyboard.press("ArrowRight");
  await shows(visit, [2], 2);
  await page.keyboard.press("Enter");
  await hasKeyboard(visit);

  await page.getByRole("button", { name: "New tab" }).click();
  await shows(visit, [3], 3);
  await press(visit, "Digit2");
  await shows(visit, [2], 2);
  await page.reload();
  await shows(visit, [2], 2);
  await seesIn(visit, 2, "second");
  await hasKeyboard(visit);

  await press(visit, "X");
  const question = page.getByRole("dialog");
  await question.waitFor();
  await accessible(visit, "a question");
  await page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await press(visit, "X");
  await question.waitFor();
  await page.keyboard.press("Enter");
  await visit.until("two tabs", () => document.querySelectorAll("[role=tab]").length === 2);
  await other.until("two tabs", () => document.querySelectorAll("[role=tab]").length === 2);
  expect((await panes(other)).map(({ process }) => process)).toEqual([1, 3]);
  await hasKeyboard(visit);
  await other.end();
  await visit.end();
});

test("a process that ended is restarted in its place, or closed", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  await hasKeyboard(visit);
  await visit.line("exit 5");
  await visit.says("exit status 5");
  await accessible(visit, "an ended process");
  await visit.page.getByRole("button", { name: "Restart" }).click();
  await shows(visit, [1, 3], 3);
  await hasKeyboard(visit);
  await visit.line("exit 6");
  await visit.says("exit status 6");
  await visit.page.getByRole("button", { name: "Close", exact: true }).click();
  await shows(visit, [1], 1);
  await visit.end();
});

test("a hidden terminal is given up, and comes back as it was", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const { page } = visit;
  await visit.line("PS1=; clear; seq 1 200; echo l''ast");
  await visit.sees("last");
  const before = await visit.screen();
  await page.clock.install();
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  expect((await panes(visit)).map(({ renderer }) => renderer)).toEqual(["dom", "dom"]);
  await page.clock.fastForward(31_000);
  await expect
    .poll(async () => (await panes(visit))[0]?.renderer, { timeout: 10_000 })
    .toBe("none");
  expect(await page.locator(".xterm").count()).toBe(1);
  await page.clock.resume();
  await press(visit, "Digit1");
  await seesIn(visit, 1, "last");
  expect(await visit.screen()).toEqual(before);
  const kept = () =>
    page.evaluate(() =>
      (window as never as { awp: { scrollbackLength(pane: number): number } }).awp.scrollbackLength(
        0,
      ),
    );
  expect(await kept()).toBeGreaterThan(100);
  await hasKeyboard(visit);
  await visit.line("echo a''gain");
  await seesIn(visit, 1, "again");
  await visit.end();
});

test("tabs are dragged to another place", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  const { page } = visit;
  await page.getByRole("tab").nth(1).waitFor();
  const from = await page.getByRole("tab").nth(1).boundingBox();
  const to = await page.getByRole("tab").first().boundingBox();
  if (from === null || to === null) throw new Error("no tabs");
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 40, to.y + 10, { steps: 4 });
  await page.mouse.move(to.x + 5, to.y + 10, { steps: 4 });
  await page.mouse.up();
  const order = async () => (await panes(visit)).map(({ process }) => process);
  await expect.poll(order, { timeout: 10_000 }).toEqual([2, 1]);
  // On a pane it becomes a part of that tab.
  await press(visit, "Digit2");
  await shows(visit, [1], 1);
  const tab = await page.getByRole("tab").first().boundingBox();
  if (tab === null) throw new Error("no tab");
  await page.mouse.move(tab.x + 20, tab.y + 10);
  await page.mouse.down();
  await page.mouse.move(1000, 300, { steps: 5 });
  await page.mouse.move(1200, 420, { steps: 5 });
  await page.locator(".zone").waitFor();
  await page.mouse.up();
  await shows(visit, [1, 2], 2);
  await visit.end();
});
