// The overview: what it shows, that it stays true, and what can be done on it.

import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { create, end, endAll, sessions, type } from "./api";
import { Server } from "./server";
import { Visit } from "./visit";

/** Milliseconds until the server must be as expected. */
const DEADLINE = { timeout: 30_000, interval: 50 };

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--max-sessions", "600"] });
});
afterEach(() => endAll(server));
afterAll(() => server.stop());

const link = (visit: Visit, name: string) => visit.page.getByRole("link", { name });
const button = (visit: Visit, name: string) => visit.page.getByRole("button", { name });

/** The sessions whose screens are asked for, one entry for each question. */
function thumbnailsOf(visit: Visit): string[] {
  const looked: string[] = [];
  visit.page.context().on("request", (request) => {
    const [, session] = /sessions\/([^/]+)\/thumbnail/.exec(request.url()) ?? [];
    if (session !== undefined) looked.push(session);
  });
  return looked;
}

/** The names on the cards, in order. */
async function cards(visit: Visit): Promise<string[]> {
  return visit.page.locator(".tile-name").allInnerTexts();
}

test("without a session the page starts one, with one it shows them all", async () => {
  await vi.waitFor(async () => expect(await sessions(server)).toEqual([]), DEADLINE);
  const visit = await Visit.to(server.printed);
  await visit.live();
  const { session } = await visit.pane();
  expect(visit.page.url()).toContain(`/s/${session}`);
  await visit.page.goto(server.url);
  await link(visit, session).waitFor();
  expect(await visit.page.locator(".xterm").count()).toBe(0);
  expect(await sessions(server)).toHaveLength(1);
  await link(visit, session).click();
  await visit.live();
  expect((await visit.pane()).session).toBe(session);
  await visit.page.goto(`${server.url}new/default`);
  await visit.live();
  expect((await visit.pane()).session).not.toBe(session);
  await visit.end();
});

test("a card tells what its session is, and stays true by itself", async () => {
  const made = await create(server, { name: "work", command: ["cat"] });
  const visit = await Visit.to(server.url);
  const card = visit.page.getByRole("listitem").filter({ hasText: "work" });
  await card.waitFor();
  const text = await card.innerText();
  for (const said of [made.id, "running", "default", "1 process", "0 viewers"]) {
    expect(text).toContain(said);
  }
  const other = await Visit.to(`${server.url}s/${made.id}`);
  await other.live();
  await card.getByText("1 viewer").waitFor();
  await create(server, { name: "later", command: ["cat"] });
  await link(visit, "later").waitFor();
  await create(server, { name: "failed", command: ["sh", "-c", "exit 3"] });
  await visit.says("exit status 3");
  await end(server, made.id);
  await card.getByText("running").waitFor({ state: "detached" });
  await other.end();
  await visit.end();
});

test("a card shows its session's screen, as long as somebody looks", async () => {
  const program =
    "printf '\\033[41m%80s\\033[m' ''; read line; printf '\\033[2J\\033[44m%1920s' ''; cat";
  const made = await create(server, { name: "flag", command: ["bash", "-c", program] });
  const visit = await Visit.to("about:blank");
  const looked = thumbnailsOf(visit);
  await visit.page.clock.install();
  await visit.page.goto(server.url);
  const drawn = (least: number) =>
    visit.until(
      `${least} pixels of ink`,
      (wanted) => {
        const canvas = document.querySelector("canvas");
        const { width = 0, height = 0 } = canvas ?? {};
        if (canvas === null || width * height === 0) return false;
        // A copy is read: reading the canvas itself again and again would change how it is kept.
        const copy = new OffscreenCanvas(width, height).getContext("2d");
        copy?.drawImage(canvas, 0, 0);
        const pixels = copy?.getImageData(0, 0, width, height).data ?? [];
        let ink = 0;
        for (let at = 3; at < pixels.length; at += 4) ink += (pixels[at] ?? 0) > 128 ? 1 : 0;
        return ink >= wanted;
      },
      least,
    );
  // One row of the screen, then all of it.
  await drawn(600);
  await type(server, made.id, "\n");
  await drawn(20_000);
  await visit.page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const before = looked.length;
  expect(before).toBeGreaterThan(1);
  await visit.page.clock.fastForward("01:00");
  // One question may have been on its way.
  expect(looked.length).toBeLessThanOrEqual(before + 1);
  await visit.end();
});

test("a search keeps the cards that hold every word of it", async () => {
  await create(server, { name: "build-red", command: ["cat"] });
  await create(server, { name: "build-blue", command: ["cat"] });
  await create(server, { name: "notes", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await link(visit, "notes").waitFor();
  await visit.page.keyboard.press("/");
  await visit.page.keyboard.type("BUILD red");
  await visit.says("1 of 3 sessions");
  expect(await cards(visit)).toEqual(["build-red"]);
  await visit.page.keyboard.type("xyz");
  await visit.says("no session matches");
  await visit.page.keyboard.press("Escape");
  await visit.says("3 sessions");
  expect((await cards(visit)).sort()).toEqual(["build-blue", "build-red", "notes"]);
  await visit.page.keyboard.type("notes");
  await visit.page.keyboard.press("Enter");
  await visit.live();
  await visit.end();
});

test("the keyboard alone reaches every card", async () => {
  for (const name of ["one", "two", "three", "four", "five"])
    await create(server, { name, command: ["cat"] });
  const visit = await Visit.to(server.url, { width: 1000, height: 700 });
  await link(visit, "three").waitFor();
  await visit.says("5 sessions");
  const order = await cards(visit);
  const at = () => visit.page.evaluate(() => document.activeElement?.textContent?.split(" ")[0]);
  const steps: [string, number][] = [
    ["ArrowDown", 0],
    ["ArrowRight", 1],
    ["ArrowDown", 4],
    ["ArrowUp", 1],
    ["End", 4],
    ["ArrowRight", 4],
    ["Home", 0],
  ];
  for (const [key, index] of steps) {
    await visit.page.keyboard.press(key);
    expect(await at(), key).toBe(order[index]);
  }
  // One card is one stop, with its two buttons.
  for (const name of ["Rename", "End"]) {
    await visit.page.keyboard.press("Tab");
    expect(await at()).toBe(name);
  }
  await visit.page.keyboard.press("Shift+Tab");
  await visit.page.keyboard.press("Shift+Tab");
  await visit.page.keyboard.press("Enter");
  await visit.live();
  await visit.end();
});

test("a session is renamed in its place", async () => {
  const made = await create(server, { name: "old", command: ["cat"] });
  await create(server, { name: "taken", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await link(visit, "old").focus();
  await visit.page.keyboard.press("F2");
  const box = visit.page.getByRole("textbox", { name: "New name of old" });
  await box.waitFor();
  await visit.page.keyboard.type("taken");
  await visit.page.keyboard.press("Enter");
  await visit.says("a session named taken exists");
  await visit.page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await button(visit, "Rename old").click();
  await visit.page.keyboard.type("new");
  await visit.page.keyboard.press("Enter");
  await link(visit, "new").waitFor();
  const all = await sessions(server);
  expect(all.find(({ id }) => id === made.id)?.name).toBe("new");
  await visit.until(
    "the focus is back",
    () => document.activeElement?.matches(".tile-open") === true,
  );
  await visit.end();
});

test("an end can be taken back until it has happened", async () => {
  const made = await create(server, { name: "precious", command: ["cat"] });
  await create(server, { name: "other", command: ["cat"] });
  const visit = await Visit.to("about:blank");
  await visit.page.clock.install();
  await visit.page.goto(server.url);
  const state = async () => (await sessions(server)).find(({ id }) => id === made.id)?.state;
  await button(visit, "End precious").click();
  await visit.says("about to be ended");
  await visit.page.clock.fastForward(4_000);
  await visit.page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await visit.page.clock.fastForward(20_000);
  await button(visit, "End precious").waitFor();
  expect(await state()).toBe("running");
  await button(visit, "End precious").click();
  await visit.says("about to be ended");
  await visit.page.clock.fastForward(6_000);
  await vi.waitFor(async () => expect(await state()).not.toBe("running"), DEADLINE);
  await visit.end();
});

test("an end that waits happens when the page is left", async () => {
  const made = await create(server, { name: "unloved", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await link(visit, "unloved").focus();
  await visit.page.keyboard.press("Delete");
  await visit.says("about to be ended");
  await visit.page.goto("about:blank");
  await vi.waitFor(async () => {
    const session = (await sessions(server)).find(({ id }) => id === made.id);
    expect(session?.state).not.toBe("running");
  }, DEADLINE);
  await visit.end();
});

test("what has ended shows how, and is removed", async () => {
  await create(server, { name: "fine", command: ["true"] });
  await create(server, { name: "killed", command: ["sh", "-c", "kill -9 $$"] });
  await create(server, { name: "alive", command: ["cat"] });
  const visit = await Visit.to("about:blank");
  await visit.page.clock.install();
  await visit.page.goto(server.url);
  await visit.says("exit status 0");
  await visit.says("signal KILL");
  expect((await cards(visit))[0]).toBe("alive");
  await button(visit, "Remove killed").click();
  await visit.says("about to be removed");
  await visit.page.clock.fastForward(6_000);
  await link(visit, "killed").waitFor({ state: "detached" });
  expect((await sessions(server)).some(({ name }) => name === "killed")).toBe(false);
  await visit.end();
});

test("a new session has the name it is given", async () => {
  await create(server, { name: "first", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await button(visit, "New session").click();
  await visit.page.keyboard.type("first");
  await visit.page.keyboard.press("Enter");
  await visit.says("a session named first exists");
  await visit.page.getByRole("textbox", { name: "Name" }).fill("second");
  await visit.page.keyboard.press("Enter");
  await visit.live();
  const { session } = await visit.pane();
  const made = (await sessions(server)).find(({ id }) => id === session);
  expect([made?.name, made?.app]).toEqual(["second", "default"]);
  await visit.end();
});

test("five hundred sessions are five hundred cards, of which those in view are looked at", async () => {
  const names = Array.from({ length: 500 }, (_, index) => `n${index}`);
  for (let at = 0; at < names.length; at += 25) {
    const some = names.slice(at, at + 25);
    await Promise.all(some.map((name) => create(server, { name, command: ["sleep", "1000"] })));
  }
  const visit = await Visit.to("about:blank");
  const looked = thumbnailsOf(visit);
  await visit.page.goto(server.url);
  await visit.says("500 sessions");
  expect(await visit.page.getByRole("listitem").count()).toBe(500);
  await vi.waitFor(() => expect(looked.length).toBeGreaterThan(0), DEADLINE);
  expect(new Set(looked).size).toBeLessThan(40);
  await visit.page.keyboard.press("/");
  await visit.page.keyboard.type("n499");
  await visit.says("1 of 500 sessions");
  await visit.page.keyboard.press("Escape");
  await visit.page.keyboard.press("ArrowDown");
  await visit.page.keyboard.press("End");
  await visit.until("the last card is in view", () => {
    const { top, bottom } = document.activeElement?.getBoundingClientRect() ?? new DOMRect();
    return (
      document.activeElement?.matches(".tile:last-child *") === true &&
      top >= 0 &&
      bottom <= innerHeight
    );
  });
  await visit.end();
});
