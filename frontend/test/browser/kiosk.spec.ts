// A kiosk: one program and nothing else, whatever happens to it.

import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { endAll, sessions } from "./api";
import { expectAccessible } from "./axe";
import { Server } from "./server";
import { Visit } from "./visit";

/** Milliseconds until the server must be as expected. */
const DEADLINE = { timeout: 30_000, interval: 50 };

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterEach(() => endAll(server));
afterAll(() => server.stop());

/** Waits for another session than this one. */
async function another(visit: Visit, session: string): Promise<void> {
  await visit.until(
    "another session",
    (old) => {
      const { awp } = window as never as { awp: { panes(): { session: string; state: string }[] } };
      const [pane] = awp.panes();
      return pane?.state === "live" && pane.session !== old;
    },
    session,
  );
  await visit.live();
}

test("there is nothing but the program", async () => {
  const visit = await Visit.to(`${server.url}kiosk/default`);
  await visit.live();
  const share = await visit.page.evaluate(() => {
    const box = document.querySelector(".xterm")?.getBoundingClientRect() ?? new DOMRect();
    return (box.width * box.height) / (innerWidth * innerHeight);
  });
  expect(share).toBeGreaterThan(0.85);
  const others = "nav, header, footer, a, dialog, button, [role=tab], [role=toolbar]";
  expect(await visit.page.locator(others).count()).toBe(0);
  await visit.line("clear; echo see http://127.0.0.1:9/else; echo done");
  await visit.sees("done");
  const text = visit.page.locator(".xterm-screen");
  await text.dblclick({ position: { x: 90, y: 8 } });
  await text.click({ position: { x: 90, y: 8 }, modifiers: ["ControlOrMeta"] });
  const refused = await visit.page.evaluate(() => {
    const menu = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
    return !document.querySelector(".xterm")?.dispatchEvent(menu);
  });
  expect(refused).toBe(true);
  // What the page does for others with these keys it does not do here.
  for (const key of ["Control+Shift+KeyM", "Control+Shift+KeyP", "F1"]) {
    await visit.page.keyboard.press(key);
  }
  await visit.page.keyboard.press("Control+KeyC");
  await visit.line("echo st''ill");
  await visit.sees("still");
  expect(await visit.page.locator(others).count()).toBe(0);
  expect(visit.page.context().pages()).toHaveLength(1);
  await visit.end();
});

test("a program that ends is started again, and leaves nothing", async () => {
  const visit = await Visit.to(`${server.url}kiosk/default`);
  await visit.live();
  const { session } = await visit.pane();
  await visit.line("echo be''fore; exit 3");
  await another(visit, session);
  expect((await visit.screen()).join("\n")).not.toContain("before");
  await visit.line("echo af''ter");
  await visit.sees("after");
  await vi.waitFor(async () => expect(await sessions(server)).toHaveLength(1), DEADLINE);
  expect(visit.page.url()).toBe(`${server.url}kiosk/default`);
  await visit.end();
});

test("a reload comes back to the same program", async () => {
  const visit = await Visit.to(`${server.url}kiosk/default`);
  await visit.live();
  const { session } = await visit.pane();
  await visit.line("echo he''re");
  await visit.sees("here");
  await visit.page.reload();
  await visit.live();
  expect((await visit.pane()).session).toBe(session);
  await visit.sees("here");
  await visit.end();
});

test("it waits for a server that went away, however long", async () => {
  const flags = ["--no-auth"];
  const first = await Server.start({ flags });
  const visit = await Visit.to(`${first.url}kiosk/default`);
  await visit.live();
  const { session } = await visit.pane();
  await first.stop();
  await visit.says("the connection is lost");
  expect(await visit.page.locator(".kiosk-dot").count()).toBe(1);
  expect(await visit.page.locator("button, a, .card, .banner").count()).toBe(0);
  const second = await Server.start({ flags, listen: new URL(first.url).host });
  await another(visit, session);
  await visit.line("echo ba''ck");
  await visit.sees("back");
  expect(await visit.page.locator(".kiosk-dot").count()).toBe(0);
  // A browser reports each try that nobody answered.
  const others = visit.faults.filter((fault) => !/WebSocket connection|ERR_CONNECTION/.test(fault));
  expect(others).toEqual([]);
  visit.faults.length = 0;
  await visit.end();
  await second.stop();
});

test("without a person it begins afresh", async () => {
  const visit = await Visit.to("about:blank");
  await visit.page.clock.install();
  await visit.page.goto(`${server.url}kiosk/default?idle=5m`);
  await visit.live();
  const { session } = await visit.pane();
  await visit.line("echo se''cret");
  await visit.sees("secret");
  await visit.page.clock.fastForward("04:00");
  await visit.page.keyboard.press("Space");
  await visit.page.clock.fastForward("04:00");
  await visit.line("echo st''ill");
  await visit.sees("still");
  expect((await visit.pane()).session).toBe(session);
  await visit.page.clock.fastForward("05:01");
  await another(visit, session);
  expect((await visit.screen()).join("\n")).not.toContain("secret");
  await vi.waitFor(async () => {
    expect((await sessions(server)).map(({ id }) => id)).not.toContain(session);
  }, DEADLINE);
  await visit.end();
});

test("fingers get a keyboard, which a real one puts away", async () => {
  const visit = await Visit.to(`${server.url}kiosk/default`, {
    width: 820,
    height: 1180,
    touch: true,
  });
  await visit.live();
  const key = (name: string) => visit.page.getByRole("button", { name, exact: true });
  const tap = async (...names: string[]) => {
    for (const name of names) await key(name).tap();
  };
  await key("q").waitFor();
  for (const box of await visit.page.locator(".osk-key").all()) {
    const { height = 0, width = 0 } = (await box.boundingBox()) ?? {};
    expect(Math.min(height, width)).toBeGreaterThanOrEqual(44);
  }
  await expectAccessible(visit, "keyboard");
  await tap(
    "e",
    "c",
    "h",
    "o",
    "Space",
    "Shift",
    "a",
    "b",
    "Shift",
    "Shift",
    "c",
    "d",
    "Shift",
    "e",
  );
  await tap("Enter");
  await visit.until("what was typed", () => {
    const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
    return awp.screenText(0).includes("AbCDe");
  });
  await tap("x", "y", "Backspace", "z", "Left", "w");
  await visit.sees("xwz");
  await tap("Ctrl", "c");
  await visit.sees("^C");
  // The system's own keyboard is not asked for.
  const mode = () => document.querySelector<HTMLElement>(".xterm textarea")?.inputMode;
  expect(await visit.page.evaluate(mode)).toBe("none");
  await visit.page.keyboard.press("Enter");
  await key("q").waitFor({ state: "detached" });
  await visit.end();
});
