// Fingers on the terminal: scrolling, selecting, pinching, links.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Phone, type Spot } from "./phone";
import { Server } from "./server";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

/** The number in the first row. */
async function topNumber(phone: Phone): Promise<number> {
  return Number.parseInt((await phone.visit.screen())[0] ?? "", 10);
}

async function manyLines(phone: Phone): Promise<void> {
  await phone.visit.line("clear; seq 1 500; echo en''d");
  await phone.visit.sees("end");
}

/** Two pictures later everything that was asked for has been drawn. */
const drawn = (phone: Phone) =>
  phone.visit.page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );

test("the text follows the finger, and goes on when it is let go", async () => {
  const phone = await Phone.to(server.open);
  await manyLines(phone);
  const end = await topNumber(phone);
  await phone.touch("touchStart", [[200, 100]], 0);
  await phone.touch("touchMove", [[200, 150]], 16);
  await phone.touch("touchMove", [[200, 200]], 32);
  const held = await topNumber(phone);
  expect(held).toBeLessThan(end - 3);
  expect(held).toBeGreaterThan(end - 9);
  await phone.touch("touchEnd", [], 36);
  const further = held - 20;
  await phone.visit.until(
    "the text going on",
    (wanted) => {
      const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
      return Number.parseInt(awp.screenText(0)[0] ?? "", 10) < wanted;
    },
    further,
  );
  await phone.end();
});

test("with reduced motion it stays where the finger left it", async () => {
  const phone = await Phone.to(server.open, { reducedMotion: true });
  await manyLines(phone);
  await phone.swipe([200, 100], [200, 200], 40);
  const left = await topNumber(phone);
  for (let picture = 0; picture < 10; picture += 1) await drawn(phone);
  expect(await topNumber(phone)).toBe(left);
  await phone.end();
});

test("a program with the whole screen gets cursor keys instead", async () => {
  const phone = await Phone.to(server.open, { reducedMotion: true });
  await phone.visit.line("printf '\\033[?1049h'");
  await phone.recordBytes(9);
  const rows = (await phone.visit.pane()).rows;
  const height = await phone.visit.page.evaluate(
    () => document.querySelector(".xterm-screen")?.getBoundingClientRect().height ?? 0,
  );
  await phone.swipe([200, 300], [200, 300 - (3.2 * height) / rows]);
  expect((await phone.bytes()).toString()).toBe("\x1b[B\x1b[B\x1b[B");
  await phone.end();
});

test("a program that follows the mouse gets a click", async () => {
  const phone = await Phone.to(server.open);
  await phone.visit.line("printf '\\033[?1000h\\033[?1006h'");
  await phone.recordBytes(18);
  const [x, y] = await phone.visit.page.evaluate(() => {
    const box = document.querySelector(".xterm-screen")?.getBoundingClientRect() ?? new DOMRect();
    const { awp } = window as never as { awp: { panes(): { cols: number; rows: number }[] } };
    const { cols, rows } = awp.panes()[0] ?? { cols: 1, rows: 1 };
    const [width, height] = [box.width / cols, box.height / rows];
    return [box.left + 2.5 * width, box.top + 4.5 * height] as const;
  });
  await phone.touch("touchStart", [[x, y]]);
  await phone.touch("touchEnd", []);
  expect((await phone.bytes()).toString()).toBe("\x1b[<0;3;5M\x1b[<0;3;5m");
  await phone.end();
});

test("a long press selects a word, its handles change that, and Copy copies it", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await phone.visit.line("clear; echo 'alpha beta/gam''ma delta'");
  const gamma = await phone.find("gamma");
  await phone.press(gamma);
  await phone.key("Copy");
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard, { timeout: 10_000 }).toBe("beta/gamma");
  const handle = await page.getByRole("img", { name: "End of the selection" }).boundingBox();
  if (handle === null) throw new Error("there is no handle");
  const from = [handle.x + 22, handle.y + 10] as const;
  const [deltaX] = await phone.find("delta");
  const [gammaX] = await phone.find("gamma");
  // From behind "gamma" to behind "delta".
  await phone.swipe(from, [from[0] + deltaX - gammaX, from[1]]);
  await phone.key("Copy");
  await page.getByRole("button", { name: "Copied" }).waitFor();
  await expect.poll(clipboard, { timeout: 10_000 }).toBe("beta/gamma delta");
  await phone.key("Done");
  expect(await page.getByRole("img").count()).toBe(0);
  await phone.end();
});

test("a selection goes on beyond the edge", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await manyLines(phone);
  const end = await topNumber(phone);
  const spot = await phone.find(String(end + 5));
  await phone.touch("touchStart", [spot]);
  await phone.visit.until("a selection", () => document.querySelector(".handle") !== null);
  await phone.touch("touchMove", [[spot[0], 9]]);
  await phone.visit.until(
    "lines from above",
    (wanted) => {
      const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
      return Number.parseInt(awp.screenText(0)[0] ?? "", 10) < wanted;
    },
    end - 10,
  );
  await phone.touch("touchEnd", []);
  await phone.key("Copy");
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await expect
    .poll(async () => (await clipboard()).split("\n").length, { timeout: 10_000 })
    .toBeGreaterThan(15);
  expect((await clipboard()).split("\n").at(-1)).toBe(String(end + 5));
  await phone.end();
});

test("the text sheet holds the terminal's text, scrolled out or not", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await manyLines(phone);
  await phone.press(await phone.find("end"));
  await phone.key("As text");
  const sheet = page.getByRole("dialog", { name: "Text of the terminal" });
  const text = (await sheet.locator("pre").textContent()) ?? "";
  expect(text).toContain("\n7\n8\n9\n");
  expect(text).toContain("\n500\nend\n");
  await phone.key("Close");
  expect(await sheet.count()).toBe(0);
  await phone.visit.live();
  await phone.end();
});

test("two fingers change the size of the text, and the program learns it once", async () => {
  const phone = await Phone.to(server.open);
  await manyLines(phone);
  const before = await phone.visit.pane();
  await phone.touch("touchStart", [[150, 200]]);
  for (let step = 0; step <= 5; step += 1) {
    const spread: Spot[] = [
      [150 - step * 5, 200],
      [250 + step * 5, 200],
    ];
    await phone.touch(step === 0 ? "touchStart" : "touchMove", spread);
  }
  expect((await phone.visit.pane()).cols).toBe(before.cols);
  await phone.touch("touchEnd", []);
  await phone.visit.until(
    "fewer columns",
    (cols) => {
      const { awp } = window as never as { awp: { panes(): { cols: number }[] } };
      return (awp.panes()[0]?.cols ?? cols) < cols;
    },
    before.cols,
  );
  const larger = await phone.visit.pane();
  expect(larger.rows).toBeLessThan(before.rows);
  // The next visit begins with it.
  await phone.visit.page.reload();
  await phone.visit.live();
  await phone.visit.until(
    "the same size",
    (cols) => {
      const { awp } = window as never as { awp: { panes(): { cols: number }[] } };
      return awp.panes()[0]?.cols === cols;
    },
    larger.cols,
  );
  await phone.end();
});

test("a tap opens a link, plain or marked, and any other tap brings the keyboard", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  const asked = page.evaluate(() => {
    const seen: string[] = [];
    window.open = (url) => {
      seen.push(String(url));
      return null;
    };
    (window as never as { opened: string[] }).opened = seen;
  });
  await asked;
  await phone.visit.line(
    "clear; echo http://127.0.0.1/pla''in; printf '\\033]8;;http://127.0.0.1/marked\\033\\\\ma''rk\\033]8;;\\033\\\\\\n'",
  );
  const opened = () => page.evaluate(() => (window as never as { opened: string[] }).opened);
  for (const text of ["/plain", "mark"]) {
    await phone.touch("touchStart", [await phone.find(text)]);
    await phone.touch("touchEnd", []);
  }
  expect(await opened()).toEqual(["http://127.0.0.1/plain", "http://127.0.0.1/marked"]);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await phone.touch("touchStart", [[200, 300]]);
  await phone.touch("touchEnd", []);
  expect(await opened()).toHaveLength(2);
  await phone.visit.live();
  await phone.end();
});
