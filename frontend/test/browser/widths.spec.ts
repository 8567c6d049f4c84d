// Characters are as wide in the page as in the server's model and in the program's own reckoning.

import { expect, test } from "vitest";
import { come, hasKeyboard } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

/** The column of the cursor, as it is drawn. */
function column(visit: Visit): Promise<number> {
  return visit.page.evaluate(() => {
    const cursor = document.querySelector(".xterm-cursor")?.getBoundingClientRect();
    const screen = document.querySelector(".xterm-screen")?.getBoundingClientRect();
    const { awp } = window as unknown as { awp: { panes(): { cols: number }[] } };
    const cols = awp.panes()[0]?.cols ?? 1;
    if (cursor === undefined || screen === undefined) return -1;
    return Math.round(((cursor.left - screen.left) * cols) / screen.width);
  });
}

test("wide characters, emoji and marks take the same cells everywhere", async () => {
  const server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const loaded: string[] = [];
  visit.page.on("request", (request) => loaded.push(request.url()));
  await visit.line("clear; echo pl''ain");
  await visit.sees("plain");
  expect(loaded.filter((url) => url.includes("widths"))).toEqual([]);

  // Three wide ones, one with a mark, one with a soft hyphen before it, a dash and a stroke.
  const text = "日👍🫠e\u0301\u00ad─|";
  const cells = 9;
  await visit.line(`clear; printf '%s' $'${text}'; cat`);
  await visit.sees("|");
  await expect.poll(() => column(visit), { timeout: 10_000 }).toBe(cells);
  expect(loaded.some((url) => url.includes("widths"))).toBe(true);

  // After a reload the server has drawn it: the same.
  await visit.page.reload();
  await visit.live();
  await visit.sees("|");
  await expect.poll(() => column(visit), { timeout: 10_000 }).toBe(cells);
  expect((await visit.screen())[0]).toContain("日👍🫠");
  await visit.end();
  await server.stop();
});
