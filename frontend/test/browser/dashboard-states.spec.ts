// The overview's states: no login, no server, none that matches; each in words, each accessible.

import { expect, test } from "vitest";
import { create } from "./api";
import { expectAccessible } from "./axe";
import { Server } from "./server";
import { Visit, type VisitOptions } from "./visit";

const LOOKS: VisitOptions[] = [
  { colorScheme: "dark", width: 1280, height: 800 },
  { colorScheme: "light", width: 390, height: 844, touch: true, reducedMotion: true },
];

test("without a login the overview asks for one in its place", async () => {
  const server = await Server.start();
  const first = await Visit.to(server.printed);
  await first.live();
  const { session } = await first.pane();
  await first.end();
  for (const look of LOOKS) {
    const visit = await Visit.to(server.url, look);
    await visit.says("you are not logged in");
    await expectAccessible(visit, "login");
    await visit.page.getByLabel("Token").fill("not the token");
    await visit.page.keyboard.press("Enter");
    await visit.says("not the server's token");
    await visit.page.getByLabel("Token").fill(server.token());
    await visit.page.keyboard.press("Enter");
    await visit.page.getByRole("link", { name: session }).waitFor();
    expect(visit.page.url()).toBe(server.url);
    await visit.end();
  }
  await server.stop();
});

test("a login where nothing runs leads to a first session", async () => {
  const server = await Server.start();
  const visit = await Visit.to(server.url);
  await visit.page.getByLabel("Token").fill(server.token());
  await visit.page.keyboard.press("Enter");
  await visit.live();
  await visit.end();
  await server.stop();
});

test("every state is accessible, and a server that is gone is told", async () => {
  for (const look of LOOKS) {
    const server = await Server.start({ flags: ["--no-auth"] });
    const done = await create(server, { name: "done", command: ["true"] });
    await create(server, { name: "failed", command: ["false"] });
    await create(server, { name: "work", command: ["cat"] });
    await create(server, { name: "pipes", command: ["cat"], mode: "pipe" });
    const visit = await Visit.to(server.url, look);
    await visit.says("exit status 1");
    await expectAccessible(visit, "list");
    await visit.page.getByRole("button", { name: "New session" }).click();
    await visit.page.getByRole("dialog").waitFor();
    await expectAccessible(visit, "new");
    await visit.page.keyboard.press("Escape");
    await visit.page.getByRole("dialog").waitFor({ state: "detached" });
    await visit.page.getByRole("button", { name: "Rename work" }).click();
    await visit.page.getByRole("button", { name: "Remove done" }).click();
    await visit.says("about to be removed");
    await visit.page.getByRole("button", { name: "Rename work" }).click();
    await visit.page.keyboard.type("failed");
    await visit.page.keyboard.press("Enter");
    await visit.says("a session named failed exists");
    await expectAccessible(visit, "renaming and undo");
    await visit.page.getByRole("searchbox").fill("nothing like this");
    await visit.says("no session matches");
    await expectAccessible(visit, "no match");
    await visit.page.getByRole("button", { name: "Clear the search" }).click();
    await visit.page.getByRole("link", { name: "work" }).waitFor();
    const { url } = server;
    await server.stop();
    await visit.says("the server does not answer");
    // What was known stays to be looked at.
    expect(await visit.page.getByRole("link", { name: "work" }).count()).toBe(1);
    await expectAccessible(visit, "gone");
    const again = await Server.start({ flags: ["--no-auth"], listen: new URL(url).host });
    await visit.says("no session is running");
    expect(await visit.page.getByRole("link", { name: done.id }).count()).toBe(0);
    await expectAccessible(visit, "empty");
    await visit.end();
    await again.stop();
  }
});
