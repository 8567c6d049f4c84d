// The states of programs on pipes, of files on their way, and of a kiosk.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { come, hasKeyboard } from "../browser/desk";
import { Server } from "../browser/server";
import type { Visit } from "../browser/visit";
import { endLost, type Looked, optionsOf, visitTo } from "./look";

const PROGRAM = `echo '{"level":"info","port":8080,"tags":["a","b"]}'; echo plain line
echo 'warning: something' >&2; echo more; echo 'error: else' >&2; cat; exit 4`;

/** A program on pipes. */
export async function pipes(looked: Looked): Promise<void> {
  const flags = ["--no-auth", "--mode", "pipe"];
  const quiet = await Server.start({ flags, command: ["cat"] });
  const silent = await visitTo(looked, quiet.open);
  await silent.page.locator(".text:empty").first().waitFor();
  await looked.look(silent, "pipe-empty");
  await silent.end();
  await quiet.stop();
  const server = await Server.start({ flags, command: ["bash", "-c", PROGRAM] });
  const visit = await visitTo(looked, server.open);
  const { page } = visit;
  await visit.says("error: else");
  await page.locator(".text summary").first().click();
  await looked.look(visit, "pipe");
  await page.getByRole("button", { name: "Merge outputs" }).click();
  await looked.look(visit, "pipe-merged");
  await page.getByRole("button", { name: "End input" }).click();
  await visit.says("exit status 4");
  await looked.look(visit, "pipe-ended");
  await visit.end();
  await server.stop();
}

/** Drags files over the pane; lets them go there if it is said. */
function drag(visit: Visit, names: readonly string[], fall: boolean): Promise<void> {
  return visit.page.evaluate(
    ({ files, drop }) => {
      const data = new DataTransfer();
      for (const name of files) data.items.add(new File([new Uint8Array(5_000_000)], name));
      const pane = document.querySelector("[data-pane] .screen");
      for (const type of drop ? ["dragenter", "dragover", "drop"] : ["dragenter", "dragover"]) {
        const options = { bubbles: true, cancelable: true, dataTransfer: data };
        pane?.dispatchEvent(new DragEvent(type, options));
      }
    },
    { files: names, drop: fall },
  );
}

/** Files that are on their way. */
export async function files(looked: Looked): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "work-"));
  writeFileSync(join(work, "notes.txt"), "old");
  const server = await Server.start({ flags: ["--no-auth", "--cwd", work] });
  const visit = await come(server.open, optionsOf(looked));
  const { page } = visit;
  await visit.line("clear; ls -la /usr; echo rea''dy");
  await visit.sees("ready");
  await drag(visit, ["photo.jpg"], false);
  await visit.says("drop to upload");
  await looked.look(visit, "files-drop");
  await page.evaluate(() => dispatchEvent(new DragEvent("dragleave")));
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.context().route("**/files?*path=video*", async (route) => {
    const range = (await route.request().headerValue("content-range")) ?? "";
    if (!range.includes("*")) await held;
    await route.continue().catch(() => {});
  });
  const names = ["a-rather-long-name-that-fits-nowhere.tar.gz", "notes.txt", "x".repeat(300)];
  await drag(visit, names, true);
  await visit.says("uploaded to");
  await visit.says("there is a file");
  await visit.until("the failure", () => document.querySelector(".files .failed") !== null);
  await drag(visit, ["video.mp4"], true);
  await visit.until("the bar", () => document.querySelector(".files progress") !== null);
  await looked.look(visit, "files");
  release();
  await visit.until("the end", () => document.querySelector(".files progress") === null);
  await page.locator(".session-name summary").click();
  await page.getByRole("button", { name: "Download a file" }).click();
  await page.getByLabel("Path of the file").waitFor();
  await looked.look(visit, "files-which");
  await page.keyboard.press("Escape");
  // A browser reports each request that was refused.
  await endLost(visit);
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

/** What marks a shell's commands, as it writes it: one that went well, and one that did not. */
const MARKED = [
  "\\033]133;A\\007> \\033]133;B\\007true\\n\\033]133;C\\007well\\n\\033]133;D;0\\007",
  "\\033]133;A\\007> \\033]133;B\\007false\\n\\033]133;C\\007no\\n\\033]133;D;1\\007",
].join("");

/** Commands with their marks, and how far a program is. */
export async function marks(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, optionsOf(looked));
  await hasKeyboard(visit);
  await visit.line(`printf '${MARKED}\\033]9;4;1;40\\007'`);
  await visit.page.locator(".command-mark.failed").waitFor();
  await visit.page.locator(".status .progress").waitFor();
  await looked.look(visit, "marks");
  await visit.line("printf '\\033]9;4;2;41\\007'");
  await visit.until("the failure", () => document.title.includes("41"));
  await looked.look(visit, "progress-failed");
  await visit.end();
  await server.stop();
}

/** A program and nothing else. */
export async function kiosk(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"], command: ["top", "-d", "1"] });
  const visit = await visitTo(looked, `${server.url}kiosk/default`);
  await visit.live();
  await visit.sees("PID");
  await looked.look(visit, "kiosk");
  await server.stop();
  await visit.says("the connection is lost");
  await looked.look(visit, "kiosk-lost");
  await endLost(visit);
  const shell = await Server.start({ flags: ["--no-auth"] });
  const keyed = await visitTo(looked, `${shell.url}kiosk/default?keyboard=on`);
  await keyed.live();
  await keyed.page.getByRole("button", { name: "Shift" }).click();
  await looked.look(keyed, "kiosk-keyboard");
  await keyed.end();
  await shell.stop();
  const command = ["bash", "-c", "echo out of order; exit 3"];
  const broken = await Server.start({ flags: ["--no-auth"], command });
  const again = await visitTo(looked, `${broken.url}kiosk/default?keyboard=on`);
  await again.sees("out of order");
  await looked.look(again, "kiosk-restart");
  await again.end();
  await broken.stop();
  const door = await Server.start();
  const stranger = await visitTo(looked, `${door.url}kiosk/default`);
  await stranger.says("not logged in");
  await looked.look(stranger, "kiosk-login");
  await stranger.end();
  await door.stop();
}
