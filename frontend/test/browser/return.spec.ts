// Coming back: after a lost connection and after a reload everything is where it was.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

/** Lets the test cut the connection of the page. */
function keepSockets(): void {
  const sockets: WebSocket[] = [];
  Object.assign(window, { sockets });
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  };
}

/** A numbered stream that stops by itself. */
const COUNT = "for i in $(seq 1 30000); do echo line $i; done; echo coun''ted";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

test("a lost connection loses and repeats nothing", async () => {
  const visit = await Visit.to(server.open, { before: keepSockets });
  await visit.live();
  await visit.line(COUNT);
  for (let cut = 1; cut <= 3; cut++) {
    await visit.sees("line ");
    await visit.page.evaluate(() => {
      (window as never as { sockets: WebSocket[] }).sockets.at(-1)?.close();
    });
    await visit.until(
      "the connection is back",
      (wanted) => {
        const { awp } = window as never as {
          awp: { stats(): { reconnects: number }; panes(): { state: string }[] };
        };
        return awp.stats().reconnects === wanted && awp.panes()[0]?.state === "live";
      },
      cut,
    );
  }
  await visit.sees("counted");
  const lines = (await visit.screen()).filter((line) => line.startsWith("line "));
  expect(lines.at(-1)).toBe("line 30000");
  const numbers = lines.map((line) => Number(line.slice(5)));
  expect(numbers).toEqual(numbers.map((_, index) => 30_000 - numbers.length + 1 + index));
  const { snapshots } = await visit.stats();
  // Without a snapshot every line that was printed was seen, and those above are still there.
  const kept = await visit.page.evaluate(() => {
    return (
      window as never as { awp: { scrollbackLength(pane: number): number } }
    ).awp.scrollbackLength(0);
  });
  if (snapshots === 0) expect(kept).toBe(5000);
  await visit.end();
});

test("what is typed while the connection is lost arrives once", async () => {
  const visit = await Visit.to(server.open, { before: keepSockets });
  await visit.live();
  await visit.page.evaluate(() => {
    (window as never as { sockets: WebSocket[] }).sockets.at(-1)?.close();
  });
  await visit.line("echo typed $((20 + 3)) times");
  await visit.sees("typed 23 times");
  const screen = await visit.screen();
  expect(screen.filter((line) => line === "typed 23 times").length).toBe(1);
  await visit.end();
});

test("a reload shows the same session", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("export KEPT=still; echo be''fore");
  await visit.sees("before");
  const { session } = await visit.pane();
  await visit.page.reload();
  await visit.live();
  expect((await visit.pane()).session).toBe(session);
  await visit.sees("before");
  await visit.line("echo $KEPT here");
  await visit.sees("still here");
  await visit.end();
});
