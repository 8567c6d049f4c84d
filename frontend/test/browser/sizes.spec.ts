// Sizes: one terminal, several windows. Who types decides; the others see it whole.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, panes, sized } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

/** The whole terminal can be seen in its place. */
async function fitsIn(visit: Visit): Promise<void> {
  await visit.until("the whole terminal in its place", () => {
    const place = document.querySelector(".screen")?.getBoundingClientRect();
    const screen = document.querySelector(".xterm-screen")?.getBoundingClientRect();
    if (place === undefined || screen === undefined) return false;
    const inside = screen.right <= place.right + 1 && screen.bottom <= place.bottom + 1;
    return inside && screen.left >= place.left - 1 && screen.top >= place.top - 1;
  });
}

test("the one who types decides, the other sees it letterboxed and takes over by typing", async () => {
  const large = await come(server.open);
  await hasKeyboard(large);
  await large.line("echo la''rge");
  await large.sees("large");
  const { cols, rows } = (await panes(large))[0] ?? { cols: 0, rows: 0 };
  const small = await come(large.page.url(), { width: 500, height: 420 });
  await small.says("sized by another viewer");
  await sized(small, 1, cols, rows);
  await fitsIn(small);
  await accessible(small, "letterboxed");
  await hasKeyboard(small);
  await small.line("clear; stty size");
  await small.until("a size of its own", () => document.querySelector(".whose") === null);
  const own = (await panes(small))[0] ?? { cols: 0, rows: 0 };
  expect(own.cols).toBeLessThan(cols);
  await sized(large, 1, own.cols, own.rows);
  await large.says("sized by another viewer");
  await fitsIn(large);
  await large.line("clear; stty size");
  await sized(large, 1, cols, rows);
  await large.sees(`${rows} ${cols}`);
  await large.until("no badge", () => document.querySelector(".whose") === null);
  const font = await large.page.evaluate(() => {
    const rowsOf = document.querySelector(".xterm-rows");
    return rowsOf === null ? "" : getComputedStyle(rowsOf).fontSize;
  });
  expect(font).toBe("14px");
  await small.end();
  await large.end();
});

test("the pointer finds its cell in a letterboxed terminal", async () => {
  const large = await come(server.open);
  await hasKeyboard(large);
  await large.line("PS1=; clear; echo; echo '          needle''point end'");
  await large.sees("needlepoint end");
  const small = await come(large.page.url(), { width: 520, height: 420 });
  await small.says("sized by another viewer");
  await small.sees("needlepoint end");
  await fitsIn(small);
  const row = (await small.screen()).findIndex((line) => line.includes("needlepoint"));
  const { cols, rows } = (await panes(small))[0] ?? { cols: 1, rows: 1 };
  const box = await small.page.locator(".xterm-screen").boundingBox();
  if (box === null) throw new Error("no screen");
  const x = box.x + (14.5 * box.width) / cols;
  const y = box.y + ((row + 0.5) * box.height) / rows;
  await small.page.mouse.dblclick(x, y);
  await small.page.keyboard.press("Control+Shift+C");
  const clipboard = () => small.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard, { timeout: 10_000 }).toBe("needlepoint");
  await small.end();
  await large.end();
});

test("a fixed size is the same in every window", async () => {
  const fixed = await Server.start({
    flags: ["--no-auth"],
    config: '[app.default]\nsize_policy = "fixed=60x20"\n',
  });
  const visit = await come(fixed.open);
  await visit.says("fixed size: 60×20");
  await sized(visit, 1, 60, 20);
  await fitsIn(visit);
  await visit.page.setViewportSize({ width: 390, height: 600 });
  await fitsIn(visit);
  await hasKeyboard(visit);
  await visit.line("stty size");
  await visit.sees("20 60");
  await visit.end();
  await fixed.stop();
});
