// The states of the overview, and of the login in its place.

import { create, endAll } from "../browser/api";
import { Server } from "../browser/server";
import type { Visit } from "../browser/visit";
import { endLost, type Looked, visitTo } from "./look";

const CONFIG = "[app.top]\ncommand = ['top', '-d', '1']\n[app.shell]\ncommand = ['bash', '-l']\n";

/** What the sessions run: screens that differ. */
const SESSIONS = [
  {
    name: "build",
    command: [
      "bash",
      "-c",
      "for i in $(seq 40); do printf '\\e[32m   Compiling\\e[0m crate-%d v1.0.%d\\n' $i $i; done; cat",
    ],
  },
  {
    name: "colours",
    command: [
      "bash",
      "-c",
      "for r in $(seq 20); do for i in $(seq 0 39); do printf '\\e[48;5;%dm  ' $(( (r * 12 + i) % 256 )); done; printf '\\e[0m\\n'; done; cat",
    ],
  },
  { name: "top", command: ["top", "-d", "1"] },
  { command: ["bash", "--norc"] },
  { name: "a-name-as-long-as-a-name-may-be-and-so-it-fits-nowhere-at-all", command: ["cat"] },
  { name: "tests", command: ["bash", "-c", "echo 'test result: FAILED'; exit 3"] },
  { name: "killed", command: ["bash", "-c", "kill -9 $$"] },
  { name: "done", command: ["true"] },
  { name: "logs", command: ["cat"], mode: "pipe" },
];

/** Does something while the page's clock goes on by a millisecond for each way there and back. */
async function slowly({ page }: Visit, act: () => Promise<void>): Promise<void> {
  await page.clock.pauseAt(Date.now() + 100);
  let over = false;
  const ticking = async () => {
    while (!over) await page.clock.runFor(1);
  };
  const ticked = ticking();
  await act().finally(() => {
    over = true;
  });
  await ticked;
  await page.clock.resume();
}

/** All that the overview shows while there is a server, and then without one. */
export async function overview(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"], config: CONFIG });
  for (const session of SESSIONS) await create(server, { ...session, cols: 80, rows: 24 });
  const visit = await visitTo(looked, server.url);
  const { page } = visit;
  const look = (state: string) => looked.look(visit, state);
  await visit.says("exit status 3");
  await visit.until("a thumbnail", () => {
    const canvas = document.querySelector<HTMLCanvasElement>(".thumbnails");
    return canvas !== null && canvas.width > 0;
  });
  await look("overview");
  await page.getByRole("searchbox").fill("buil");
  await look("overview-search");
  await page.getByRole("searchbox").fill("nothing like this");
  await visit.says("no session matches");
  await look("overview-no-match");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "New session" }).click();
  await page.getByRole("dialog").waitFor();
  await look("overview-new");
  await page.getByLabel(/^Name/).fill("build");
  await page.keyboard.press("Enter");
  await visit.says("exists");
  await look("overview-new-refused");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // What can be taken back goes by itself: its time goes slowly while it is looked at.
  await page.clock.install();
  await page.getByRole("button", { name: "End build" }).click();
  await visit.says("about to be ended");
  await page.getByRole("button", { name: "Remove tests" }).click();
  await visit.says("about to be removed");
  await slowly(visit, async () => {
    await look("overview-undo");
    await page.locator(".ending button").first().click();
    await page.locator(".ending").nth(1).waitFor({ state: "detached" });
    await page.locator(".ending button").first().click();
  });
  await page.getByRole("button", { name: "Rename top" }).click();
  await page.keyboard.type("colours");
  await page.keyboard.press("Enter");
  await visit.says("exists");
  await look("overview-rename");
  await page.keyboard.press("Escape");
  await page.route("**/api/v1/sessions/*", (route) => route.abort());
  await page.getByRole("button", { name: "Remove done" }).click();
  await page.clock.fastForward("00:06");
  await visit.says("could not be ended");
  await look("overview-failure");
  await page.unroute("**/api/v1/sessions/*");
  await page.getByRole("button", { name: "Close" }).click();
  await server.stop();
  await visit.says("does not answer");
  await look("overview-gone");
  const again = await Server.start({ flags: ["--no-auth"], listen: new URL(server.url).host });
  await visit.says("no session is running");
  await look("overview-empty");
  // What the browser has kept of the page opens without a server.
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await again.stop();
  await page.reload();
  await visit.says("does not answer");
  await look("offline");
  await endLost(visit);
}

/** Many cards, which have to be scrolled. */
export async function crowd(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  for (let number = 1; number <= 40; number += 1) {
    await create(server, { name: `job-${number}`, command: ["cat"], mode: "pipe" });
  }
  const visit = await visitTo(looked, server.url);
  await visit.says("40 sessions");
  await looked.look(visit, "overview-many");
  await visit.end();
  await endAll(server);
  await server.stop();
}

/** The ways to be without a login. */
export async function login(looked: Looked): Promise<void> {
  const server = await Server.start();
  const used = await visitTo(looked, server.printed);
  await used.live();
  await used.end();
  const late = await visitTo(looked, server.printed);
  await late.says("used already");
  await looked.look(late, "login-used");
  await late.end();
  const visit = await visitTo(looked, server.url);
  await visit.says("not logged in");
  await looked.look(visit, "login");
  await visit.page.getByLabel("Token").fill("not the token");
  await visit.page.keyboard.press("Enter");
  await visit.says("not the server's token");
  await looked.look(visit, "login-wrong");
  await visit.end();
  await server.stop();
}
