// Makes the pictures of docs from the real page: `AWP_BIN=... npm run screenshot [folder]`. With a folder
// it also shows the states that the picture does not.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create } from "./browser/api";
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

const SHELL = ["bash", "--norc"];

/** Lines of numbers, each in a colour. */
const COLOURED =
  "clear; seq 12 | awk '{ printf \"\\033[3%dm%4d %8d\\033[0m\\n\", $1 % 7 + 1, $1, $1 ^ 4 }'";

/** What runs in the sessions of the overview: screens that differ. */
const OVERVIEW = [
  {
    name: "build",
    command: ["bash", "-c", "seq -f '\x1b[32m   Compiling\x1b[0m crate-%g' 40; cat"],
  },
  {
    name: "colours",
    command: [
      "bash",
      "-c",
      "for r in $(seq 20); do for i in $(seq 0 39); do printf '\\e[48;5;%dm  ' $(( (r * 12 + i) % 216 + 16 )); done; printf '\\e[0m\\n'; done; cat",
    ],
  },
  { name: "top", command: ["top"] },
  { name: "shell", command: SHELL },
  { name: "tests", command: ["bash", "-c", "echo 'test result: FAILED'; exit 3"] },
  { name: "logs", command: ["cat"], mode: "pipe" },
];

type Surface = {
  panes(): { process: number; focused: boolean }[];
  screenText(pane: number): string[];
};

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

/** Types a line into the pane of a process that has the keyboard, and waits for what it shows. */
async function runs(visit: Visit, process: number, line: string, shown: string): Promise<void> {
  await visit.until(
    `process ${process} with the keyboard and a prompt`,
    (wanted) => {
      const { awp } = window as never as { awp: Surface };
      const index = awp.panes().findIndex((pane) => pane.process === wanted);
      const focused = awp.panes()[index]?.focused === true;
      return focused && awp.screenText(index).some((row) => /\$ ?$/.test(row));
    },
    process,
  );
  await visit.line(line);
  await visit.until(
    `"${shown}" in process ${process}`,
    (wanted) => {
      const { awp } = window as never as { awp: Surface };
      const index = awp.panes().findIndex((pane) => pane.process === wanted.process);
      return index !== -1 && awp.screenText(index).some((row) => row.includes(wanted.shown));
    },
    { process, shown },
  );
}

/** Three programs in one session, side by side. */
async function split(file: string): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth", "--env", "PS1=$ "], command: SHELL });
  const visit = await Visit.to(server.open, { width: 1200, height: 680, scale: 2 });
  await visit.live();
  for (const line of SCREEN.slice(0, -1)) await runs(visit, 1, line, "$");
  await runs(visit, 1, "colours", "37 bold");
  await visit.page.keyboard.press("Control+Shift+D");
  await runs(visit, 2, "exec top -d 2", "PID");
  await visit.page.keyboard.press("Control+Shift+E");
  await runs(visit, 3, COLOURED, "20736");
  await visit.until("the round trip", () => document.querySelector(".delay") !== null);
  await visit.page.screenshot({ path: file });
  await visit.end();
  await server.stop();
}

/** All sessions at a glance. */
async function overview(file: string): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  for (const session of OVERVIEW) await create(server, session);
  const visit = await Visit.to(server.url, { width: 1200, height: 640, scale: 2 });
  await visit.says("exit status 3");
  await visit.page.waitForLoadState("networkidle").catch(() => {});
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
await split(join(DOCS, "page.png"));
await overview(join(DOCS, "dashboard.png"));
await terminal(join(DOCS, "phone.png"), { width: 390, height: 780, scale: 2, touch: true });
const folder = process.argv[3];
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  await terminal(join(folder, "light.png"), { width: 1000, height: 560, colorScheme: "light" });
  await others(folder);
}
