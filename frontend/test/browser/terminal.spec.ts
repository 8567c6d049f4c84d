// A terminal in the page: typing, sizes, titles, the clipboard, reload and end.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

test("what is typed is seen", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("echo $((6 * 7)) $TERM");
  await visit.sees("42 xterm-256color");
  expect(visit.page.url()).toMatch(/\/s\/s-[0-9a-z]{10}$/);
  const pane = await visit.pane();
  expect(pane).toMatchObject({ process: 1, state: "live", renderer: "dom", focused: true });
  await visit.until("everything is acknowledged", () => {
    const { awp } = window as never as { awp: { stats(): { acks: number; rttMs: number | null } } };
    return awp.stats().acks > 0 && awp.stats().rttMs !== null;
  });
  await visit.end();
});

test("the page has its landmarks and names", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  const { page } = visit;
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  expect(await page.locator("h1").count()).toBe(1);
  expect(await page.locator("main").count()).toBe(1);
  expect(await page.locator("nav").count()).toBe(1);
  expect(await page.getByRole("status").textContent()).toBe("live");
  expect(await page.getByRole("group", { name: /bash/ }).locator(".xterm").count()).toBe(1);
  await visit.end();
});

test("the program has the window's size, at once and after each change", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  const first = await visit.pane();
  await visit.line("stty size");
  await visit.sees(`${first.rows} ${first.cols}`);
  await visit.page.setViewportSize({ width: 640, height: 400 });
  await visit.until("a smaller terminal", () => {
    const { awp } = window as never as { awp: { panes(): { cols: number }[] } };
    return (awp.panes()[0]?.cols ?? 0) < 90;
  });
  const second = await visit.pane();
  expect(second.rows).toBeLessThan(first.rows);
  await visit.line("clear; stty size");
  await visit.sees(`${second.rows} ${second.cols}`);
  await visit.end();
});

test("a program names its terminal, without tricks", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("printf '\\033]2;my <b>build\\342\\200\\256\\007'; cat");
  await visit.until("the title", () => document.title.startsWith("my <b>build"));
  expect((await visit.pane()).title).toBe("my <b>build");
  expect(await visit.page.getByRole("group", { name: "my <b>build" }).count()).toBe(1);
  await visit.end();
});

test("text is copied and pasted by keys", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("clear; echo 'needle''point'");
  await visit.sees("needlepoint");
  const row = (await visit.screen()).indexOf("needlepoint");
  const box = await visit.page.locator(".xterm-rows > div").nth(row).boundingBox();
  if (box === null) throw new Error("the row is not shown");
  await visit.page.mouse.dblclick(box.x + 20, box.y + box.height / 2);
  await visit.page.keyboard.press("Control+Shift+C");
  const clipboard = () => visit.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard, { timeout: 10_000 }).toBe("needlepoint");
  await visit.page.keyboard.type("echo pasted-");
  await visit.page.keyboard.press("Control+Shift+V");
  await visit.page.keyboard.press("Enter");
  await visit.until("what was pasted", () => {
    const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
    return awp.screenText(0).includes("pasted-needlepoint");
  });
  await visit.end();
});

test("a large paste arrives whole", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("stty raw -echo; echo re''ady; head -c 300000 | sha256sum; stty sane");
  await visit.sees("ready");
  const text = "0123456789abcdef".repeat(300_000 / 16);
  await visit.page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
    document.activeElement?.dispatchEvent(paste);
  }, text);
  await visit.sees(createHash("sha256").update(text).digest("hex").slice(0, 40));
  await visit.end();
});

test("colours of the program come through the policy", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("printf '\\033[38;2;1;200;3mgreen\\033[0m \\033[31mred\\033[0m\\n'");
  await visit.sees("green red");
  const colour = (text: string) =>
    visit.page.evaluate((wanted) => {
      const cells = [...document.querySelectorAll(".xterm-rows span")];
      const cell = cells.findLast((span) => span.textContent === wanted);
      return cell === undefined ? "" : getComputedStyle(cell).color;
    }, text);
  await expect.poll(() => colour("green"), { timeout: 10_000 }).toBe("rgb(1, 200, 3)");
  expect(await colour("red")).toBe("rgb(240, 134, 140)");
  await visit.end();
});

test("the exit status is told in words", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("echo last words; exit 3");
  await visit.says("exit status 3");
  await visit.sees("last words");
  expect((await visit.pane()).state).toBe("ended");
  await visit.end();
});

test("an unknown session is told in words", async () => {
  const visit = await Visit.to(`${server.url}s/s-0000000000`);
  await visit.says("no such session");
  await visit.says("s-0000000000");
  // The browser itself reports the refused socket.
  expect(visit.faults.filter((fault) => !fault.includes("WebSocket connection"))).toEqual([]);
  visit.faults.length = 0;
  await visit.end();
});
