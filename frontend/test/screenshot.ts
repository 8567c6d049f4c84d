// Makes docs/page.png from the real page: `AWP_BIN=... npm run screenshot [folder]`. With a folder
// it also shows the states that the picture does not.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Server } from "./browser/server";
import { Visit, type VisitOptions } from "./browser/visit";

const DOCS = join(import.meta.dirname, "../../docs");

/** What is shown: a screen that says something, the same on each machine. */
const SCREEN = [
  "PS1='\\[\\033[1;32m\\]ada@host\\[\\033[0m\\]:\\[\\033[1;34m\\]~/src/awp\\[\\033[0m\\]$ '",
  "ls() { command ls --color=always -F -C ..; }",
  "recent() { git --no-pager log -9 --color=always --format='%C(yellow)%h%C(reset) %s'; }",
  "colours() { for i in 31 32 33 34 35 36 37; do printf '\\033[%sm  %s \\033[1m%s\\033[0m' $i $i bold; done; echo; }",
  "printf '\\033]2;bash: ~/src/awp\\007'; clear",
  "ls",
  "recent",
  "colours",
];

async function terminal(file: string, options: VisitOptions): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await Visit.to(server.open, options);
  await visit.live();
  for (const line of SCREEN) {
    await visit.line(line);
    // A key that comes while a program runs is echoed into its output.
    await visit.until("the prompt", () => {
      const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
      return /\$ ?$/.test(awp.screenText(0).findLast((row) => row !== "") ?? "");
    });
  }
  await visit.sees("37 bold");
  await visit.until("the round trip", () => document.querySelector(".delay") !== null);
  await visit.page.screenshot({ path: file });
  await visit.end();
  await server.stop();
}

async function others(folder: string): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=1m"] });
  const visit = await Visit.to(server.open, { width: 900, height: 520 });
  await visit.live();
  await visit.line("exit 3");
  await visit.says("exit status 3");
  await visit.page.screenshot({ path: join(folder, "ended.png") });
  await visit.page.goto(`${server.url}s/s-0000000000`);
  await visit.says("no such session");
  await visit.page.screenshot({ path: join(folder, "unknown.png") });
  await visit.page.goto(server.open);
  await visit.live();
  await server.stop();
  await visit.says("trying again");
  await visit.page.screenshot({ path: join(folder, "lost.png") });
  visit.faults.length = 0;
  await visit.end();

  const door = await Server.start();
  const stranger = await Visit.to(door.url, { width: 900, height: 520, colorScheme: "light" });
  await stranger.says("not logged in");
  await stranger.page.screenshot({ path: join(folder, "login.png") });
  await stranger.end();
  await door.stop();

  const program = "for i in 1 2 3 4 5; do echo line $i; echo warning $i >&2; done; cat";
  const flags = ["--no-auth", "--mode", "pipe"];
  const pipes = await Server.start({ flags, command: ["bash", "-c", program] });
  const pipe = await Visit.to(pipes.open, { width: 900, height: 520 });
  await pipe.says("warning 5");
  await pipe.page.screenshot({ path: join(folder, "pipe.png") });
  await pipe.end();
  await pipes.stop();
}

mkdirSync(DOCS, { recursive: true });
await terminal(join(DOCS, "page.png"), { width: 1000, height: 560, scale: 2 });
const folder = process.argv[3];
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  await terminal(join(folder, "light.png"), { width: 1000, height: 560, colorScheme: "light" });
  await terminal(join(folder, "phone.png"), { width: 390, height: 844, scale: 2 });
  await others(folder);
}
