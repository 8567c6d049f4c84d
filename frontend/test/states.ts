// Shows the states of a session's page, each in two sizes, light and dark:
// `AWP_BIN=... node test/run.mjs test/states.ts FOLDER`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { come, hasKeyboard, press, seesIn, shows } from "./browser/desk";
import { Server } from "./browser/server";
import { Visit, type VisitOptions } from "./browser/visit";

const FOLDER = process.argv[3] ?? "states";

const WINDOWS: Readonly<Record<string, VisitOptions>> = {
  "wide-dark": { width: 1280, height: 800, colorScheme: "dark" },
  "wide-light": { width: 1280, height: 800, colorScheme: "light" },
  "phone-dark": { width: 390, height: 844, colorScheme: "dark" },
  "phone-light": { width: 390, height: 844, colorScheme: "light" },
};

const KEEP = ["--no-auth", "--on-disconnect", "keep=5m"];
const PROGRAM = `echo '{"level":"info","port":8080,"tags":["a","b"]}'; echo plain line
echo 'warning: something' >&2; echo more; echo 'error: else' >&2; cat`;

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

async function sessions(name: string, options: VisitOptions): Promise<void> {
  const shot = (visit: Visit, state: string) =>
    visit.page.screenshot({ path: join(FOLDER, `${state}-${name}.png`) });
  const server = await Server.start({ flags: KEEP });
  const visit = await come(server.open, options);
  await hasKeyboard(visit);
  await visit.line("clear; ls --color=always -C -w 40 -F /usr; echo re''ady");
  await visit.sees("ready");
  await shot(visit, "one");
  await press(visit, "D");
  await shows(visit, options.width === 390 ? [2] : [1, 2], 2);
  await hasKeyboard(visit);
  await visit.line("printf '\\033]2;cargo build: awp\\007'; echo bu''ild");
  await seesIn(visit, 2, "build");
  await press(visit, "E");
  await visit.until("three", () => {
    return (window as never as { awp: { panes(): unknown[] } }).awp.panes().length === 3;
  });
  await press(visit, "Enter");
  await visit.until("four", () => {
    return (window as never as { awp: { panes(): unknown[] } }).awp.panes().length === 4;
  });
  await press(visit, "Digit1");
  await shot(visit, "splits");
  const watcher = await come(visit.page.url(), { ...options, before: watchOnly });
  await watcher.says("watching, read-only");
  await watcher.page.locator(".xterm:visible").first().click();
  await watcher.page.keyboard.type("x");
  await watcher.says("what you type");
  await shot(watcher, "watch");
  await watcher.end();
  const size = options.width === 390 ? { width: 1280, height: 800 } : { width: 390, height: 844 };
  const other = await come(visit.page.url(), size);
  await hasKeyboard(other);
  await other.line("echo ot''her");
  await visit.says("sized by another");
  await shot(visit, "boxed");
  await visit.page.locator(".here summary").click();
  await shot(visit, "here");
  await visit.page.locator(".here summary").click();
  await other.end();
  await visit.page.locator(".session-name summary").click();
  await shot(visit, "menu");
  await visit.page.locator(".session-name summary").click();
  await visit.page.locator(".xterm:visible").first().click();
  await press(visit, "X");
  await visit.page.getByRole("dialog").waitFor();
  await shot(visit, "question");
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.line("exit 3");
  await visit.says("exit status 3");
  await shot(visit, "ended-pane");
  await server.stop();
  await visit.says("trying again");
  await visit.page.keyboard.type("abc");
  await shot(visit, "lost");
  visit.faults.length = 0;
  await visit.end();
}

async function pipes(name: string, options: VisitOptions): Promise<void> {
  const flags = ["--no-auth", "--mode", "pipe"];
  const server = await Server.start({ flags, command: ["bash", "-c", PROGRAM] });
  const visit = await Visit.to(server.open, options);
  await visit.says("error: else");
  await visit.page.locator("details.fold, .text summary").first().click();
  await visit.page.screenshot({ path: join(FOLDER, `pipe-${name}.png`) });
  await visit.page.getByRole("button", { name: "Merge outputs" }).click();
  await visit.page.screenshot({ path: join(FOLDER, `merged-${name}.png`) });
  await visit.end();
  await server.stop();
}

mkdirSync(FOLDER, { recursive: true });
for (const [name, options] of Object.entries(WINDOWS)) {
  await sessions(name, options);
  await pipes(name, options);
}
