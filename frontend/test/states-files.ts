// Shows the states of files on their way, in two sizes, light and dark:
// `AWP_BIN=... node test/run.mjs test/states-files.ts FOLDER`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { come, hasKeyboard } from "./browser/desk";
import { Server } from "./browser/server";
import type { Visit, VisitOptions } from "./browser/visit";

const FOLDER = process.argv[3] ?? "states";

const WINDOWS: Readonly<Record<string, VisitOptions>> = {
  "wide-dark": { width: 1280, height: 800, colorScheme: "dark" },
  "wide-light": { width: 1280, height: 800, colorScheme: "light" },
  "phone-dark": { width: 390, height: 844, colorScheme: "dark", touch: true },
  "phone-light": { width: 390, height: 844, colorScheme: "light", touch: true },
};

function drop(visit: Visit, names: readonly string[], types: readonly string[]): Promise<void> {
  return visit.page.evaluate(
    ({ files, events }) => {
      const data = new DataTransfer();
      for (const name of files) data.items.add(new File([new Uint8Array(5_000_000)], name));
      const pane = document.querySelector("[data-pane] .screen");
      for (const type of events) {
        const options = { bubbles: true, cancelable: true, dataTransfer: data };
        pane?.dispatchEvent(new DragEvent(type, options));
      }
    },
    { files: names, events: types },
  );
}

async function states(name: string, options: VisitOptions): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "work-"));
  writeFileSync(join(work, "notes.txt"), "old");
  const server = await Server.start({ flags: ["--no-auth", "--cwd", work] });
  const visit = await come(server.open, options);
  const shot = (state: string) =>
    visit.page.screenshot({ path: join(FOLDER, `files-${state}-${name}.png`) });
  await visit.line("clear; ls -la /usr; echo rea''dy");
  await visit.sees("ready");
  await drop(visit, ["photo.jpg"], ["dragenter", "dragover"]);
  await visit.says("drop to upload");
  await shot("drop");
  await visit.page.evaluate(() => dispatchEvent(new DragEvent("dragleave")));
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await visit.page.context().route("**/files?*path=video*", async (route) => {
    const range = (await route.request().headerValue("content-range")) ?? "";
    if (!range.includes("*")) await held;
    await route.continue().catch(() => {});
  });
  const names = [
    "a-rather-long-name-of-a-file-that-fits-nowhere.tar.gz",
    "notes.txt",
    "x".repeat(300),
  ];
  await drop(visit, names, ["dragenter", "dragover", "drop"]);
  await visit.says("uploaded to");
  await visit.says("there is a file");
  await visit.until("the failure", () => document.querySelector(".files .failed") !== null);
  await drop(visit, ["video.mp4"], ["dragenter", "dragover", "drop"]);
  await visit.until("the bar", () => document.querySelector(".files progress") !== null);
  await shot("list");
  release();
  await visit.until("the end", () => document.querySelector(".files progress") === null);
  if (options.touch !== true) await hasKeyboard(visit);
  const menu = visit.page.locator(".session-name summary");
  if ((await menu.count()) > 0) {
    await menu.click();
    await shot("menu");
    await visit.page.getByRole("button", { name: "Download a file" }).click();
    await visit.page.getByLabel("Path of the file").waitFor();
    await shot("which");
  }
  await visit.page.keyboard.press("Escape");
  await menu.click();
  await visit.page.getByRole("button", { name: "Read as text" }).click();
  await visit.page.locator(".transcript").waitFor();
  await shot("transcript");
  await visit.end();
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

mkdirSync(FOLDER, { recursive: true });
for (const [name, options] of Object.entries(WINDOWS)) await states(name, options);
