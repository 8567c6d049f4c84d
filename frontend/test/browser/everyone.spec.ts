// The page for everyone: large text, no motion, few colours, no mouse, and read from right to left.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create } from "./api";
import { accessible, come, hasKeyboard, press, shows } from "./desk";
import { expectFits } from "./fits";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

/** Opens the palette and does what these letters find. */
async function command(visit: Visit, letters: string): Promise<void> {
  await hasKeyboard(visit);
  await press(visit, "Space");
  await visit.until("the palette", () => document.querySelector(".choices div") !== null);
  await visit.page.keyboard.type(letters);
  await visit.page.keyboard.press("Enter");
}

/** What has the keyboard, in a few words. */
function holder(visit: Visit): Promise<string> {
  return visit.page.evaluate(() => {
    const at = document.activeElement;
    return `${at?.tagName} ${at?.className} ${at?.getAttribute("aria-label") ?? ""} ${at?.textContent?.slice(0, 40)}`;
  });
}

/** Goes round by Tab until it is where it began; returns all that it came by. */
async function walk(visit: Visit, key: "Tab" | "Shift+Tab"): Promise<string[]> {
  const met: string[] = [];
  /** Steps after which it counts as caught: there is not that much to go to. */
  const most = 60;
  for (let step = 0; step < most; step += 1) {
    await visit.page.keyboard.press(key);
    const now = await holder(visit);
    // Beyond the last there is the browser itself, which the document sees as its body.
    if (met.length > 2 && now === met[0]) return met;
    met.push(now);
  }
  throw new Error(`never came round: ${met.join("\n")}`);
}

describe("at a zoom of 200 %", () => {
  // A window of half the size in CSS pixels, at twice the pixels: what a browser's zoom makes of it.
  for (const [name, window] of Object.entries({
    desk: { width: 640, height: 400, scale: 2 },
    phone: { width: 320, height: 512, scale: 2, touch: true },
  })) {
    test(name, async () => {
      await create(server, { name: `work-${name}`, command: ["cat"] });
      const overview = await Visit.to(server.url, window);
      await overview.page.getByRole("link", { name: `work-${name}` }).waitFor();
      await expectFits(overview, "overview");
      await overview.page.getByRole("button", { name: "New session" }).click();
      await overview.page.getByRole("dialog").waitFor();
      await expectFits(overview, "new");
      await overview.page.getByRole("button", { name: "Start" }).click();
      await overview.live();
      await expectFits(overview, "session");
      for (const { letters, shown } of [
        { letters: "share", shown: "dialog.share" },
        { letters: "read as text", shown: "dialog.sheet" },
        { letters: "download", shown: "dialog.ask" },
      ]) {
        await command(overview, letters);
        await overview.page.locator(shown).waitFor();
        await expectFits(overview, letters);
        // Its last button can be reached, scrolled to if need be.
        await overview.page.locator(`${shown} button`).last().click({ trial: true });
        await overview.page.keyboard.press("Escape");
        await overview.page.locator(shown).waitFor({ state: "detached" });
      }
      await overview.end();
    });
  }
});

test("where less motion is asked for, nothing moves by itself", async () => {
  await create(server, { name: "slow", command: ["cat"] });
  const visit = await Visit.to(server.url, { reducedMotion: true });
  await visit.page.getByRole("button", { name: "End slow" }).first().click();
  await visit.says("about to be ended");
  const moving = () =>
    visit.page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === "running").length,
    );
  expect(await moving()).toBe(0);
  await visit.page.getByRole("button", { name: "Undo" }).first().click();
  await visit.page.goto(server.open);
  await visit.live();
  expect(await moving()).toBe(0);
  await visit.end();
});

test("with motion there is some, so that the test above means something", async () => {
  await create(server, { name: "swift", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await visit.page.getByRole("button", { name: "End swift" }).first().click();
  await visit.until("motion", () => document.getAnimations().length > 0);
  await visit.page.getByRole("button", { name: "Undo" }).first().click();
  await visit.end();
});

test("with forced colours what is chosen and what is live is told by more than colour", async () => {
  const visit = await come(server.open, { forcedColors: true });
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  await press(visit, "Enter");
  await shows(visit, [3], 3);
  await accessible(visit, "forced colours");
  const borders = await visit.page.evaluate(() =>
    [...document.querySelectorAll(".tab")].map((tab) => getComputedStyle(tab).borderTopWidth),
  );
  expect(new Set(borders).size).toBe(2);
  const adjusted = await visit.page.evaluate(
    () => getComputedStyle(document.querySelector(".xterm-screen") as Element).forcedColorAdjust,
  );
  // A terminal's cursor is a colour: it is to be seen.
  expect(adjusted).toBe("none");
  const dot = await visit.page.evaluate(() => {
    return getComputedStyle(document.querySelector(".status .dot") as Element).backgroundColor;
  });
  // A dot that is live is filled, one that is not is a ring.
  expect(dot).not.toBe(
    await visit.page.evaluate(
      () => getComputedStyle(document.querySelector(".status") as Element).backgroundColor,
    ),
  );
  await press(visit, "Space");
  await visit.until("the palette", () => document.querySelector(".choices div") !== null);
  const outlines = await visit.page.evaluate(() =>
    [...document.querySelectorAll(".choices > div")].map(
      (choice) => getComputedStyle(choice).outlineStyle,
    ),
  );
  expect(outlines[0]).toBe("solid");
  expect(outlines[1]).toBe("none");
  await visit.end();
});

test("a keyboard comes to everything of a session, and nowhere is a trap", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, [1, 2], 2);
  await hasKeyboard(visit);
  await press(visit, "M");
  await visit.says("Tab moves the focus");
  const met = (await walk(visit, "Tab")).join("\n");
  for (const part of [
    "All sessions",
    "Session:",
    "tab ",
    "New tab",
    "viewer",
    "Read bash as text",
  ]) {
    expect(met).toContain(part);
  }
  for (const part of ["separator", "Zoom", "Close", "New session in a new tab", "xterm"]) {
    expect(`${met} ${await separators(visit)}`).toContain(part);
  }
  await walk(visit, "Shift+Tab");
  await visit.end();
});

function separators(visit: Visit): Promise<string> {
  return visit.page.evaluate(() => {
    const line = document.querySelector<HTMLElement>("[role=separator]");
    line?.focus();
    return document.activeElement === line ? "separator" : "none";
  });
}

test("a keyboard comes into every dialog and out of it again", async () => {
  const visit = await come(server.open);
  for (const { letters, shown } of [
    { letters: "share", shown: "dialog.share" },
    { letters: "read as text", shown: "dialog.sheet" },
    { letters: "download", shown: "dialog.ask" },
    { letters: "end session", shown: "dialog.ask" },
  ]) {
    await command(visit, letters);
    await visit.page.locator(shown).waitFor();
    await visit.until(
      `the keyboard in ${shown}`,
      (selector) => document.activeElement?.closest(selector) != null,
      shown,
    );
    const met = await walk(visit, "Tab");
    const buttons = await visit.page.locator(`${shown} button`).allTextContents();
    for (const button of buttons) expect(met.join("\n"), letters).toContain(button);
    await visit.page.keyboard.press("Escape");
    await visit.page.locator(shown).waitFor({ state: "detached" });
    await hasKeyboard(visit);
  }
  await visit.end();
});

test("a keyboard does all on the overview", async () => {
  await create(server, { name: "one", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await visit.page.getByRole("link", { name: "one" }).first().waitFor();
  const met = (await walk(visit, "Tab")).join("\n");
  for (const part of ["Search sessions", "New session", "Rename", "End"]) {
    expect(met).toContain(part);
  }
  await visit.page.getByRole("button", { name: "New session" }).press("Enter");
  await visit.page.getByRole("dialog").waitFor();
  const inside = (await walk(visit, "Tab")).join("\n");
  expect(inside).toContain("Start");
  await visit.page.keyboard.press("Escape");
  await visit.page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await holder(visit)).toContain("New session");
  await visit.end();
});

test("read from right to left the page is mirrored, and terminals are not", async () => {
  const visit = await come(server.open, { language: "ar-XB" });
  const { page } = visit;
  await hasKeyboard(visit);
  expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
  const middle = async (selector: string) => {
    const box = await page.locator(selector).first().boundingBox();
    if (box === null) throw new Error(`there is no ${selector}`);
    return box.x + box.width / 2;
  };
  const width = page.viewportSize()?.width ?? 0;
  expect(await middle(".dash-link")).toBeGreaterThan(width * 0.9);
  expect(await middle(".here")).toBeLessThan(width * 0.1);
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  expect(await middle("[data-tab='2']")).toBeLessThan(await middle("[data-tab='1']"));
  // The next tab lies to the left, and so does its key.
  await page.locator("[data-tab='2']").focus();
  await page.keyboard.press("ArrowRight");
  await shows(visit, [1], 1);
  await visit.until("the keyboard on its tab", () => {
    return document.activeElement?.getAttribute("data-tab") === "1";
  });
  await page.keyboard.press("ArrowLeft");
  await shows(visit, [2], 2);
  await page.keyboard.press("Enter");
  await hasKeyboard(visit);
  // Panes lie where all viewers of the session see them.
  await press(visit, "D");
  await shows(visit, [2, 3], 3);
  expect(await middle("[data-pane='3']")).toBeGreaterThan(await middle("[data-pane='2']"));
  const direction = await page.evaluate(
    () => getComputedStyle(document.querySelector(".xterm") as Element).direction,
  );
  expect(direction).toBe("ltr");
  await visit.end();
});
