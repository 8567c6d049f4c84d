// The states of a session's page with terminals: alone, among others, and when they end.

import { rmSync } from "node:fs";
import { sessions } from "../browser/api";
import { come, hasKeyboard, press, seesIn, shows } from "../browser/desk";
import { ownPage, renew } from "../browser/own-page";
import { Server } from "../browser/server";
import type { Visit } from "../browser/visit";
import { endLost, type Looked, optionsOf, visitTo } from "./look";

const KEEP = ["--no-auth", "--on-disconnect", "keep=5m"];

type Awp = { awp: { panes(): unknown[] } };

const paneCount = (visit: Visit, count: number) =>
  visit.until(
    `${count} panes`,
    (wanted) => (window as never as Awp).awp.panes().length === wanted,
    count,
  );

/** Makes the page's sockets those of a watcher. */
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

/** One terminal and then several. */
export async function desk(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: KEEP });
  const narrow = looked.device.width < 600;
  const visit = await come(server.open, optionsOf(looked));
  const { page } = visit;
  const look = (state: string) => looked.look(visit, state);
  await hasKeyboard(visit);
  await visit.line("clear; ls --color=always -C -w 40 -F /usr; echo re''ady");
  await visit.sees("ready");
  await visit.until("the round trip", () => document.querySelector(".delay") !== null);
  await look("session");
  await press(visit, "D");
  await shows(visit, narrow ? [2] : [1, 2], 2);
  await hasKeyboard(visit);
  await visit.line("printf '\\033]2;cargo build: a title that is far too long for it\\007'; top");
  await seesIn(visit, 2, "PID");
  await press(visit, "E");
  await paneCount(visit, 3);
  await shows(visit, narrow ? [3] : [1, 2, 3], 3);
  await look("splits");
  if (!narrow) {
    const box = await page.locator("[data-pane='1'] .pane-head").boundingBox();
    const aim = await page.locator("[data-pane='2']").boundingBox();
    if (box === null || aim === null) throw new Error("there is no pane");
    await page.mouse.move(box.x + 60, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(aim.x + aim.width / 2, aim.y + aim.height - 10, { steps: 4 });
    await page.locator(".zone").waitFor();
    await look("splits-drag");
    await page.keyboard.press("Escape");
    await page.mouse.up();
    await page.locator("[role=separator]").first().focus();
    await look("splits-divider");
    await press(visit, "Z");
    await shows(visit, [1]);
    await look("zoom");
    await press(visit, "Z");
  }
  await hasKeyboard(visit);
  for (const count of [4, 5, 6]) {
    await press(visit, "Enter");
    await paneCount(visit, count);
    await shows(visit, [count], count);
    await hasKeyboard(visit);
  }
  await visit.line("exit 1");
  await visit.says("exit status 1");
  await look("tabs");
  const menu = page.locator(".session-name summary");
  await menu.click();
  await look("menu");
  await page.getByRole("button", { name: "Rename session" }).click();
  await look("rename");
  await page
    .getByRole("textbox", { name: "Name of the session" })
    .fill("night-build-of-everything");
  await page.keyboard.press("Enter");
  await visit.says("night-build");
  await page.locator(".here summary").click();
  await look("viewers");
  await page.locator(".here summary").click();
  await press(visit, "Space");
  await page.locator(".choices [role=option]").first().waitFor();
  await look("palette");
  await page.keyboard.type("qqqq");
  await visit.says("nothing is called like that");
  await look("palette-none");
  await page.keyboard.press("Escape");
  await press(visit, "Digit2");
  await press(visit, "X");
  await page.getByRole("dialog").waitFor();
  await look("question");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // Shift+Tab from the terminal, once Tab moves the focus.
  await hasKeyboard(visit);
  await press(visit, "KeyM");
  await page.keyboard.press("Shift+Tab");
  await page.locator(".to-text:focus").waitFor();
  await look("to-text");
  await page.keyboard.press("Enter");
  await page.locator(".transcript").waitFor();
  await look("transcript");
  await page.keyboard.press("Escape");
  await visit.end();
  await server.stop();
}

/** Several viewers of one session. */
export async function others(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: KEEP });
  const visit = await come(server.open, optionsOf(looked));
  await hasKeyboard(visit);
  await visit.line("clear; ls --color=always -C -w 40 -F /usr; echo re''ady");
  await visit.sees("ready");
  const watcher = await visitTo(looked, visit.page.url(), { before: watchOnly });
  await watcher.says("watching, read-only");
  await watcher.sees("ready");
  await watcher.page.locator(".xterm:visible").first().click();
  await watcher.page.keyboard.type("x");
  await watcher.says("what you type");
  await looked.look(watcher, "watch");
  await watcher.end();
  const size =
    looked.device.width < 600 ? { width: 1280, height: 800 } : { width: 390, height: 844 };
  const other = await come(visit.page.url(), size);
  await hasKeyboard(other);
  await other.line("echo ot''her");
  await visit.says("sized by another");
  await looked.look(visit, "boxed");
  await visit.page.locator(".here summary").click();
  await looked.look(visit, "viewers-two");
  await other.end();
  await visit.end();
  await server.stop();
}

/** The connection goes, and so does the session. */
export async function ends(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: KEEP });
  const visit = await come(server.open, optionsOf(looked));
  await hasKeyboard(visit);
  await visit.line("exit 3");
  await visit.says("exit status 3");
  await looked.look(visit, "ended");
  await visit.page.goto(`${server.url}s/s-0000000000`);
  await visit.says("no such session");
  await looked.look(visit, "unknown");
  await visit.page.goto(server.open);
  await visit.live();
  await visit.line("clear; ls --color=always -C -w 40 -F /usr; echo re''ady");
  await visit.sees("ready");
  await server.stop();
  await visit.says("trying again");
  await visit.page.keyboard.type("abc");
  await looked.look(visit, "reconnecting");
  const again = await Server.start({ flags: KEEP, listen: new URL(server.url).host });
  await visit.says("the session is gone");
  await looked.look(visit, "gone");
  expectNone(await sessions(again));
  await again.stop();
  await endLost(visit);
}

function expectNone(found: readonly unknown[]): void {
  if (found.length > 0) throw new Error("a page that lost its session has made another");
}

/** The links of a session. */
export async function share(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--on-disconnect", "keep=5m"] });
  const visit = await come(server.open, optionsOf(looked));
  const { page } = visit;
  await page.locator(".session-name summary").click();
  await page.getByRole("button", { name: "Share" }).click();
  await visit.says("there is no link to this session");
  await looked.look(visit, "share");
  await page.getByLabel("Watch and type").click();
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.locator(".share li").waitFor();
  await page.locator(".made input").waitFor();
  await looked.look(visit, "share-made");
  await visit.end();
  await server.stop();
}

/** What is asked over a terminal: where something is, and whether to paste. */
export async function asked(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, optionsOf(looked));
  const { page } = visit;
  await hasKeyboard(visit);
  await visit.line("clear; seq -f 'line %g' 1 200; echo re''ady");
  await visit.sees("ready");
  await press(visit, "F");
  await page.locator(".find input").fill("line 19");
  await visit.says("1 of");
  await looked.look(visit, "find");
  await page.getByRole("button", { name: "Regular expression" }).click();
  await page.locator(".find input").fill("(");
  await visit.says("not a regular expression");
  await looked.look(visit, "find-wrong");
  await page.locator(".find input").press("Escape");
  await hasKeyboard(visit);
  const texts = [
    ["paste-controls", "echo one\u001b[31m\u0003 and some more\n"],
    ["paste-lines", "echo one\necho two\necho three\n"],
  ] as const;
  await visit.line("printf '\\033[?2004l'; cat");
  for (const [state, text] of texts) {
    await page.evaluate((words) => navigator.clipboard.writeText(words), text);
    await press(visit, "V");
    await page.getByRole("dialog").waitFor();
    await looked.look(visit, state);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await hasKeyboard(visit);
  }
  await visit.page.keyboard.press("Control+C");
  await visit.line("printf '\\033]52;c;%s\\007' $(seq 1 60 | base64 -w0)");
  await visit.says("wants to copy this");
  await looked.look(visit, "copy");
  await page.locator(".session-name summary").click();
  await page.getByRole("button", { name: "All commands" }).click();
  await page.locator(".palette input").fill("settings");
  await page.keyboard.press("Enter");
  await page.locator("dialog.settings").waitFor();
  await looked.look(visit, "settings");
  await page.getByLabel("Size of letters").fill("999");
  await page.keyboard.press("Tab");
  await looked.look(visit, "settings-wrong");
  await visit.end();
  await server.stop();
}

/** What programs tell whoever looks. */
export async function told(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, optionsOf(looked));
  const awp = process.env["AWP_BIN"] ?? "";
  const tells = [
    ["notify 'the build is done' --title make", "the build is done"],
    [`open '${server.url}healthz?a-long-address=${"x".repeat(90)}'`, "wants to open a link"],
    ["clip 'a text that a program would like to copy'", "wants to copy this"],
    ["progress 40 --text 'copying files'", "copying files"],
  ] as const;
  await hasKeyboard(visit);
  for (const [line, words] of tells) {
    await visit.line(`${awp} ${line}; clear`);
    await visit.says(words);
  }
  await looked.look(visit, "told");
  const dismiss = visit.page
    .locator(".toast button")
    .filter({ hasText: /Dismiss|Schließen|Verwerfen/ });
  for (let left = await dismiss.count(); left > 0; left -= 1) await dismiss.first().click();
  await visit.page
    .locator(".xterm")
    .first()
    .click({ position: { x: 8, y: 8 } });
  const asks = [
    ["askpass 'Password for ada@example.org:'", "asks for a secret"],
    ["confirm 'Delete the orders of last year?'", "Delete the orders"],
    ["upload 'the orders of today' --accept .csv", "asks for a file"],
  ] as const;
  for (const [line, words] of asks) {
    await visit.line(`(${awp} ${line} &); clear`);
    await visit.says(words);
    await visit.page
      .locator(".xterm")
      .first()
      .click({ position: { x: 8, y: 8 } });
  }
  await looked.look(visit, "asked-by-programs");
  await visit.end();
  await server.stop();
}

/** A newer page is there. */
export async function update(looked: Looked): Promise<void> {
  const folder = await ownPage();
  const server = await Server.start({ flags: ["--no-auth", "--ui-dir", folder] });
  const visit = await visitTo(looked, server.open);
  await visit.live();
  await visit.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  renew(folder);
  await visit.page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update();
  });
  await visit.says("there is a newer version");
  await looked.look(visit, "update");
  await visit.end();
  await server.stop();
  rmSync(folder, { recursive: true });
}
