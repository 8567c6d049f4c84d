// Every state of a session's page, held against the rules of accessibility: light and dark, on a
// desk and on a phone.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, panes, press, shows } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

/** Keeps the page's sockets where the test can reach them, and opens new ones only when told. */
function keepSockets(): void {
  const sockets: WebSocket[] = [];
  Object.assign(window, { sockets, cut: false });
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
      if ((window as never as { cut: boolean }).cut) this.close();
    }
  };
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`states, ${colorScheme}, ${width} wide`, async () => {
      const options = { colorScheme, width, height: width === 390 ? 844 : 800 };
      const visit = await come(server.open, { ...options, before: keepSockets });
      await hasKeyboard(visit);
      await accessible(visit, "one terminal");
      await press(visit, "D");
      await shows(visit, width === 390 ? [2] : [1, 2], 2);
      await accessible(visit, "a split");
      await visit.page.locator(".session-name summary").click();
      await accessible(visit, "the menu");
      await visit.page.getByRole("button", { name: "Rename session" }).click();
      await accessible(visit, "the name");
      await visit.page.keyboard.press("Escape");
      await visit.page.locator(".xterm:visible").first().click();
      await hasKeyboard(visit);
      // What is typed while there is no connection is counted, and arrives.
      await visit.page.evaluate(() => {
        const reach = window as never as { sockets: WebSocket[]; cut: boolean };
        reach.cut = true;
        reach.sockets.at(-1)?.close();
      });
      await visit.says("trying again");
      await visit.page.keyboard.type("echo kept");
      await visit.says("bytes unsent");
      await accessible(visit, "reconnecting");
      await visit.page.evaluate(() => {
        (window as never as { cut: boolean }).cut = false;
      });
      await visit.page.getByRole("button", { name: "Try now" }).click();
      await visit.until("nothing unsent", () => document.querySelector(".unsent") === null);
      await visit.until("nothing to say", () => document.querySelector(".banner") === null);
      // One that was behind is brought to live by a snapshot, which takes a moment to draw.
      const states = async () => (await panes(visit)).map(({ state }) => state);
      await expect.poll(states, { timeout: 10_000 }).toEqual(["live", "live"]);
      // The browser itself reports each socket that was closed before it was open.
      visit.faults.splice(
        0,
        visit.faults.length,
        ...visit.faults.filter((fault) => !fault.includes("WebSocket")),
      );
      await visit.end();
    });
  }
}

test("pages without a session are accessible too", async () => {
  const door = await Server.start();
  const stranger = await Visit.to(door.url, { colorScheme: "light" });
  await stranger.says("not logged in");
  await accessible(stranger, "the login");
  await stranger.end();
  await door.stop();
  const lost = await Visit.to(`${server.url}s/s-0000000000`);
  await lost.says("no such session");
  await accessible(lost, "an unknown session");
  lost.faults.length = 0;
  await lost.end();
});
