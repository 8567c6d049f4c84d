// Who is here, what the session is called, and those who only watch.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, panes, press, shows } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

const counted = (visit: Visit, viewers: number) =>
  visit.until(
    `${viewers} viewers`,
    (wanted) => document.querySelector(".here summary span")?.textContent === String(wanted),
    viewers,
  );

test("who comes and goes is seen, by name of device", async () => {
  const visit = await come(server.open);
  await counted(visit, 1);
  const other = await come(visit.page.url());
  await counted(visit, 2);
  await counted(other, 2);
  await visit.page.locator(".here summary").click();
  await visit.says("chromium on linux (you)");
  await visit.says("who is here");
  await accessible(visit, "who is here");
  await other.end();
  await counted(visit, 1);
  await visit.end();
});

test("a session is named, and ended after a question", async () => {
  const visit = await come(server.open);
  const other = await come(visit.page.url());
  const { page } = visit;
  const menu = page.locator(".session-name summary");
  await menu.click();
  await page.getByRole("button", { name: "Rename session" }).click();
  const name = page.getByRole("textbox", { name: "Name of the session" });
  await name.fill("night-build");
  await name.press("Enter");
  await other.says("night-build");
  await visit.says("night-build");
  await accessible(visit, "a named session");
  await menu.click();
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Enter");
  for (const one of [visit, other]) {
    await one.until("the end", () => {
      const { awp } = window as never as { awp: { panes(): { state: string }[] } };
      return awp.panes().every(({ state }) => state === "ended");
    });
  }
  await accessible(visit, "an ended session");
  await other.end();
  await visit.end();
});

/** Makes the page's sockets those of a watcher. */
function watchOnly(): void {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(url: string | URL, protocols?: string | string[]) {
      const address = new URL(url, location.href);
      address.searchParams.set("role", "watch");
      super(address.href.replace(/^http/, "ws"), protocols);
    }
  };
}

test("who only watches is told so, and changes nothing", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("echo wa''tched");
  await visit.sees("watched");
  const { cols, rows } = (await panes(visit))[0] ?? { cols: 0, rows: 0 };
  const watcher = await come(visit.page.url(), { before: watchOnly, width: 700, height: 500 });
  await watcher.says("watching, read-only");
  await watcher.sees("watched");
  await watcher.page.locator(".xterm").click();
  await watcher.page.keyboard.type("x");
  await watcher.says("what you type is not sent");
  await accessible(watcher, "watching");
  expect(await watcher.page.getByRole("button", { name: "New tab" }).count()).toBe(0);
  await press(watcher, "D");
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  await press(visit, "Digit1");
  await watcher.until("the new tab", () => document.querySelectorAll("[role=tab]").length === 2);
  expect((await panes(visit)).length).toBe(2);
  expect((await panes(watcher))[0]).toMatchObject({ cols, rows, role: "watch" });
  await watcher.end();
  await visit.end();
});
