// A server that has no room for another session: the page says so, and goes on once there is room.

import { expect, test } from "vitest";
import { endAll } from "./api";
import { expectAccessible } from "./axe";
import { come } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

test("a full server is told as one, and a place that is free is taken", async () => {
  const server = await Server.start({ flags: ["--no-auth", "--max-sessions", "1"] });
  const first = await come(server.open);
  const second = await Visit.to(`${server.url}new/default`, { width: 1280, height: 800 });
  await second.page.getByText("The server is full.").waitFor();
  await expectAccessible(second, "a full server");
  await first.end();
  await endAll(server);
  await second.live();
  await second.end();
  await server.stop();
});

test("an app that is not there is not asked for again and again", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await Visit.to(`${server.url}new/nowhere`, { width: 1280, height: 800 });
  await visit.page.getByRole("heading", { name: "There is no such app" }).waitFor();
  await visit.page.getByText("nowhere", { exact: true }).waitFor();
  expect(await visit.page.getByText("Trying again").count()).toBe(0);
  await visit.end();
  await server.stop();
});
