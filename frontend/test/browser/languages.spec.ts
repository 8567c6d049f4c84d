// The languages of the page: as the browser asks, or as somebody has chosen; right to left as well.

import { afterAll, beforeAll, expect, test } from "vitest";
import { create } from "./api";
import { come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

const loaded = (visit: Visit) =>
  visit.page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
  );

const language = (visit: Visit) =>
  visit.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

test("English loads no words besides, German loads its own before any is shown", async () => {
  const english = await come(server.open);
  expect(await language(english)).toEqual(["en", ""]);
  expect((await loaded(english)).filter((path) => /german|mirrored/.test(path))).toEqual([]);
  await english.page.getByRole("button", { name: "New tab" }).waitFor();
  await english.end();

  const german = await come(server.open, { locale: "de-AT" });
  expect(await language(german)).toEqual(["de", "ltr"]);
  expect((await loaded(german)).filter((path) => /german/.test(path))).toHaveLength(1);
  await german.page.getByRole("button", { name: "Neuer Tab" }).waitFor();
  await german.says("verbunden");
  await german.end();
});

test("the overview and the login speak it too", async () => {
  await create(server, { name: "bau", command: ["cat"] });
  const visit = await Visit.to(server.url, { locale: "de" });
  await visit.page.getByRole("button", { name: "bau beenden" }).waitFor();
  await visit.says("läuft");
  await visit.end();
  const door = await Server.start();
  const stranger = await Visit.to(door.url, { locale: "de" });
  await stranger.says("Sie sind hier nicht angemeldet");
  await stranger.page.getByLabel("Token").waitFor();
  await stranger.end();
  await door.stop();
});

test("a language that the page does not have is English, and the palette chooses", async () => {
  const visit = await come(server.open, { locale: "fr" });
  expect(await language(visit)).toEqual(["en", ""]);
  const choose = async (letters: string) => {
    await hasKeyboard(visit);
    await press(visit, "Space");
    await visit.until("the palette", () => document.querySelector(".choices div") !== null);
    await visit.page.keyboard.type(letters);
    const [reloaded] = await Promise.all([
      visit.page.waitForEvent("load"),
      visit.page.keyboard.press("Enter"),
    ]);
    expect(reloaded).toBeDefined();
    await visit.live();
  };
  const { session } = await visit.pane();
  await choose("deutsch");
  expect(await language(visit)).toEqual(["de", "ltr"]);
  expect((await visit.pane()).session).toBe(session);
  await choose("sprache: wie der");
  expect(await language(visit)).toEqual(["en", ""]);
  await visit.end();
});
