// The ways in: the link that opens the page once, the token, and what is said without either.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server.stop());

test("the printed link opens a terminal, once", async () => {
  const visit = await Visit.to(server.printed);
  await visit.live();
  expect(visit.page.url()).not.toContain("launch");
  await visit.line("echo 'let ''in'");
  await visit.sees("let in");
  await visit.end();

  const second = await Visit.to(server.printed);
  await second.says("used already");
  expect(second.page.url()).not.toContain("launch");
  await second.end();
});

test("without a login the token is asked for, and opens", async () => {
  const visit = await Visit.to(`${server.url}new/default`);
  await visit.says("you are not logged in");
  await visit.page.getByLabel("Token").fill("not the token");
  await visit.page.keyboard.press("Enter");
  await visit.says("not the server's token");
  await visit.page.getByLabel("Token").fill(server.token());
  await visit.page.keyboard.press("Enter");
  await visit.live();
  await visit.line("echo 'token ''works'");
  await visit.sees("token works");
  await visit.end();
});
