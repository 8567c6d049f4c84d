// The settings of a device: they hold at once, for all terminals, and on the next visit; a file of them
// goes to another device.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard, press, seesIn, shows, sized } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
let folder: string;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
  folder = mkdtempSync(join(tmpdir(), "awp-settings-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const dialog = (visit: Visit) => visit.page.getByRole("dialog", { name: "Settings" });

async function open(visit: Visit): Promise<void> {
  await press(visit, "Comma");
  await dialog(visit).waitFor();
}

async function close(visit: Visit): Promise<void> {
  await visit.page.keyboard.press("Escape");
  await dialog(visit).waitFor({ state: "detached" });
  await hasKeyboard(visit);
}

/** Writes into a field and leaves it. */
async function write(visit: Visit, label: string, value: string): Promise<void> {
  await dialog(visit).getByLabel(label).fill(value);
  await visit.page.keyboard.press("Tab");
}

function style(visit: Visit, selector: string, property: string): Promise<string> {
  return visit.page.evaluate(
    ([of, name]) => {
      const element = document.querySelector(of);
      return element === null ? "" : getComputedStyle(element).getPropertyValue(name);
    },
    [selector, property] as const,
  );
}

async function size(visit: Visit): Promise<{ cols: number; rows: number }> {
  const { cols, rows } = await visit.pane();
  return { cols, rows };
}

test("letters change in every pane and for the program, and stay", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  await hasKeyboard(visit);
  const before = await size(visit);
  await open(visit);
  await write(visit, "Size of letters", "20");
  await visit.until(
    "fewer columns",
    (cols) => {
      const { awp } = window as unknown as { awp: { panes(): { cols: number }[] } };
      return awp.panes().every((pane) => pane.cols < cols * 0.75);
    },
    before.cols,
  );
  const larger = await size(visit);
  await write(visit, "Height of lines", "1.5");
  await visit.until(
    "fewer rows",
    (rows) => {
      const { awp } = window as unknown as { awp: { panes(): { rows: number }[] } };
      return awp.panes().every((pane) => pane.rows < rows * 0.8);
    },
    larger.rows,
  );
  // What cannot be is told and not taken.
  await write(visit, "Size of letters", "99");
  await dialog(visit).getByText("From 8 to 32.").waitFor();
  await write(visit, "Font", "No Such Font Anywhere");
  await dialog(visit).getByText("no font of that name").waitFor();
  await write(visit, "Font", "DejaVu Sans Mono");
  await dialog(visit).getByText("no font of that name").waitFor({ state: "detached" });
  await close(visit);
  const chosen = await visit.pane();
  await visit.page.reload();
  await visit.live();
  await sized(visit, 1, chosen.cols, chosen.rows);
  await visit.line("clear; stty size");
  await seesIn(visit, 2, `${chosen.rows} `);
  await visit.end();
});

test("a theme colours the terminals and the page around them, whatever the system wants", async () => {
  const visit = await come(server.open, { colorScheme: "dark" });
  await hasKeyboard(visit);
  await visit.line("clear; printf '\\033[31mred\\033[0m\\n'");
  await visit.sees("red");
  await open(visit);
  for (const [theme, screen, page] of [
    ["Solarized light", "rgb(253, 246, 227)", "rgb(251, 251, 249)"],
    ["Gruvbox", "rgb(40, 40, 40)", "rgb(18, 22, 28)"],
    ["High contrast", "rgb(0, 0, 0)", "rgb(18, 22, 28)"],
    ["Light", "rgb(251, 251, 249)", "rgb(251, 251, 249)"],
    ["System", "rgb(18, 22, 28)", "rgb(18, 22, 28)"],
    ["Nord", "rgb(46, 52, 64)", "rgb(18, 22, 28)"],
  ] as const) {
    await dialog(visit).getByLabel("Theme").selectOption({ label: theme });
    await expect
      .poll(() => style(visit, ".pane", "background-color"), { timeout: 10_000 })
      .toBe(screen);
    await expect
      .poll(() => style(visit, ".xterm-viewport", "background-color"), { timeout: 10_000 })
      .toBe(screen);
    expect(await style(visit, "body", "background-color"), theme).toBe(page);
  }
  await close(visit);
  await visit.page.reload();
  await visit.live();
  await expect
    .poll(() => style(visit, ".pane", "background-color"), { timeout: 10_000 })
    .toBe("rgb(46, 52, 64)");
  // The overview goes with it.
  await visit.page.goto(`${server.url}`);
  await visit.page.getByRole("searchbox").waitFor();
  expect(await visit.page.locator("html").getAttribute("data-scheme")).toBe("dark");
  await visit.end();
});

test("contrast, cursor and lines above the screen", async () => {
  const visit = await come(server.open, { colorScheme: "dark" });
  await hasKeyboard(visit);
  await visit.line("clear; printf '\\033[38;2;30;30;40mfaint\\033[0m\\n'");
  await visit.sees("faint");
  const colour = () =>
    visit.page.evaluate(() => {
      const cells = [...document.querySelectorAll(".xterm-rows span")];
      const cell = cells.findLast((span) => span.textContent === "faint");
      return cell === undefined ? "" : getComputedStyle(cell).color;
    });
  // On a dark page nobody could read it, so it is moved, until somebody wants colours as they are.
  await expect.poll(colour, { timeout: 10_000 }).toMatch(/^rgb/);
  const legible = await colour();
  expect(legible).not.toBe("rgb(30, 30, 40)");
  await open(visit);
  const contrast = dialog(visit).getByLabel("Least contrast");
  await contrast.selectOption({ label: "Unchanged" });
  await expect.poll(colour, { timeout: 10_000 }).toBe("rgb(30, 30, 40)");
  await contrast.selectOption({ label: "7 : 1" });
  await expect.poll(colour, { timeout: 10_000 }).not.toBe("rgb(30, 30, 40)");
  expect(await colour()).not.toBe(legible);
  await dialog(visit)
    .getByLabel(/^Cursor/)
    .selectOption({ label: "Underline" });
  await write(visit, "Lines kept above the screen", "50");
  await close(visit);
  await visit.until("the cursor", () => document.querySelector(".xterm-cursor-underline") !== null);
  await visit.line("seq 400; ec''ho end");
  await visit.sees("end");
  const kept = await visit.page.evaluate(() => {
    const { awp } = window as unknown as { awp: { scrollbackLength(pane: number): number } };
    return awp.scrollbackLength(0);
  });
  expect(kept).toBe(50);
  await visit.end();
});

test("the bell is a flash for those who want one", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.page.evaluate(() => {
    const flashes = window as unknown as { flashes: number };
    flashes.flashes = 0;
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...how: Parameters<Element["animate"]>) {
      if (this.matches(".xterm")) flashes.flashes += 1;
      return animate.apply(this, how);
    };
  });
  const flashes = () =>
    visit.page.evaluate(() => (window as unknown as { flashes: number }).flashes);
  await visit.line("clear; printf '\\a'; ec''ho rung");
  await visit.sees("rung");
  expect(await flashes()).toBe(0);
  await open(visit);
  await dialog(visit).getByLabel("Bell").selectOption({ label: "A flash" });
  await close(visit);
  // One that rings without end does not dazzle.
  await visit.line("clear; printf '\\a\\a\\a\\a\\a\\a'; ec''ho again");
  await visit.sees("again");
  await visit.until("a flash", () => (window as unknown as { flashes: number }).flashes > 0);
  expect(await flashes()).toBe(1);
  await visit.end();
});

test("a file goes to another device, and one that is none changes nothing", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await open(visit);
  await dialog(visit).getByLabel("Theme").selectOption({ label: "Nord" });
  await write(visit, "Size of letters", "17");
  const saving = visit.page.waitForEvent("download");
  await dialog(visit).getByRole("button", { name: "Save as a file" }).click();
  const saved = join(folder, "mine.json");
  await (await saving).saveAs(saved);
  expect(JSON.parse(readFileSync(saved, "utf8"))).toMatchObject({
    awp: "settings",
    version: 1,
    settings: { theme: "nord", fontSize: 17 },
  });
  await dialog(visit).getByRole("button", { name: "As they were at first" }).click();
  expect(await dialog(visit).getByLabel("Size of letters").inputValue()).toBe("14");
  await visit.end();

  const other = await come(server.open);
  await hasKeyboard(other);
  await open(other);
  const file = dialog(other).locator("input[type=file]");
  const broken = join(folder, "broken.json");
  for (const [text, told] of [
    ["{", "is no file of settings"],
    ['{"awp":"settings","version":9,"settings":{}}', "is of version 9"],
    [
      '{"awp":"settings","version":1,"settings":{"theme":"dark","fontSize":99}}',
      "fontSize in broken.json",
    ],
    [`{"awp":"settings","x":"${"x".repeat(70_000)}"}`, "is no file of settings"],
  ] as const) {
    writeFileSync(broken, text);
    await file.setInputFiles(broken);
    await dialog(other).getByText(told).waitFor();
    await dialog(other).getByText("Nothing was changed").waitFor();
    expect(await dialog(other).getByLabel("Theme").inputValue()).toBe("system");
  }
  await file.setInputFiles(saved);
  await dialog(other).getByText("The settings of mine.json were taken.").waitFor();
  expect(await dialog(other).getByLabel("Theme").inputValue()).toBe("nord");
  expect(await dialog(other).getByLabel("Size of letters").inputValue()).toBe("17");
  await close(other);
  await other.end();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`accessible, ${colorScheme}, ${width} wide, from the palette`, async () => {
      const visit = await come(server.open, { colorScheme, width, touch: width === 390 });
      await hasKeyboard(visit);
      await press(visit, "Space");
      await visit.until("the palette", () => document.querySelector(".choices div") !== null);
      await visit.page.keyboard.type("settings");
      await visit.page.keyboard.press("Enter");
      await dialog(visit).waitFor();
      await expectAccessible(visit, "the settings");
      const shots = process.env["AWP_SHOTS"];
      const shot = async (name: string) => {
        if (shots === undefined) return;
        await visit.page.screenshot({ path: `${shots}/${name}-${colorScheme}-${width}.png` });
      };
      await shot("settings");
      await write(visit, "Size of letters", "1");
      await dialog(visit).getByText("From 8 to 32.").waitFor();
      await expectAccessible(visit, "a setting that cannot be");
      await dialog(visit).getByRole("button", { name: "Close" }).scrollIntoViewIfNeeded();
      await shot("settings-end");
      await visit.end();
    });
  }
}
