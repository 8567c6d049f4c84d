// The links of a session: what they hand over is said first, they open what they say, and revoked
// they open nothing.

import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

// What a server says to open lets one person in, so each test has a server of its own.
let server: Server;
beforeEach(async () => {
  server = await Server.start({ flags: ["--on-disconnect", "keep=5m"] });
});
afterEach(() => server.stop());

/** Opens the dialog by keyboard alone. */
async function open(visit: Visit): Promise<void> {
  await hasKeyboard(visit);
  await press(visit, "Space");
  await visit.until("the palette", () => document.querySelector(".palette") !== null);
  await visit.page.keyboard.type("share");
  await visit.page.keyboard.press("Enter");
  await visit.says("There is no link to this session");
}

async function make(visit: Visit): Promise<string> {
  await visit.page.getByRole("button", { name: "Make the link" }).press("Enter");
  await visit.until("the link", () => document.querySelector(".made input") !== null);
  await visit.until("its row", () => document.querySelector(".share li") !== null);
  return visit.page.getByLabel("The link, shown this once").inputValue();
}

test("a link to watch shows the session and lets nobody type, until it is revoked", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("echo for ev''erybody");
  await visit.sees("for everybody");
  await open(visit);
  const url = await make(visit);
  const row = visit.page.locator(".share li");
  expect(await row.textContent()).toMatch(/^Watch, until/);
  await visit.page.getByRole("button", { name: "Copy" }).click();
  await visit.says("Copied");
  expect(await visit.page.evaluate(() => navigator.clipboard.readText())).toBe(url);

  const guest = await Visit.to(url);
  await guest.sees("for everybody");
  await guest.says("watching, read-only");
  await visit.page.getByRole("button", { name: "Revoke" }).click();
  await visit.says("There is no link to this session");
  expect(await visit.page.locator(".made").count()).toBe(0);
  await guest.until("the end of the guest's login", () => {
    const { awp } = window as unknown as { awp: { panes(): { state: string }[] } };
    return awp.panes()[0]?.state === "lost";
  });
  await guest.end();
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.end();
});

test("what a link that may type hands over is said before there is one", async () => {
  const visit = await come(server.open);
  await open(visit);
  expect(await visit.page.locator(".share .warning").count()).toBe(0);
  await visit.page.getByLabel("Watch and type").press("Space");
  await visit.says("can read and do all that its account can");
  expect(await visit.page.locator(".share li").count()).toBe(0);
  await visit.page.getByLabel("It can be used once only").press("Space");
  const url = await make(visit);
  expect(await visit.page.locator(".share li").textContent()).toMatch(/once only/);
  const guest = await Visit.to(url);
  await guest.live();
  await guest.line("echo from the gu''est");
  await visit.sees("from the guest");
  await guest.end();
  const late = await Visit.to(url);
  await late.until("a refusal", () => document.querySelector(".card") !== null);
  await late.end();
  await visit.end();
});

test("a link that may type asks an old login to show again who it is", async () => {
  await server.stop();
  server = await Server.start({ flags: ["--on-disconnect", "keep=5m", "--fresh-login", "3s"] });
  const visit = await come(server.open);
  await hasKeyboard(visit);
  // Old is what the server takes for old: it is asked until it says so.
  const key = await visit.page.evaluate(() => sessionStorage.getItem("awp.page-key") ?? "");
  const headers = { origin: new URL(server.url).origin, "x-awp-page-key": key };
  const session = new URL(visit.page.url()).pathname.replace("/s/", "");
  const share = `${server.url}api/v1/sessions/${session}/share`;
  const { request } = visit.page;
  for (;;) {
    const answer = await request.post(share, { headers, data: { write: true } });
    const told = await answer.json();
    if (answer.status() !== 201) {
      expect(told.error.code).toBe("fresh_login_needed");
      break;
    }
    await request.delete(`${server.url}api/v1/shares/${told.id}`, { headers });
  }
  await press(visit, "Space");
  await visit.until("the palette", () => document.querySelector(".palette") !== null);
  await visit.page.keyboard.type("share");
  await visit.page.keyboard.press("Enter");
  await visit.page.getByLabel("Watch and type").press("Space");
  await visit.page.getByRole("button", { name: "Make the link" }).press("Enter");
  await visit.says("show again who you are");
  await expectAccessible(visit, "prove");
  await visit.page.getByLabel("Token").fill("not the token");
  await visit.page.keyboard.press("Enter");
  await visit.says("not the server's token");
  await visit.page.getByLabel("Token").fill(server.token());
  await visit.page.keyboard.press("Enter");
  await visit.until("the link", () => document.querySelector(".made input") !== null);
  const url = await visit.page.getByLabel("The link, shown this once").inputValue();
  const guest = await Visit.to(url);
  await guest.live();
  await guest.end();
  await visit.end();
});
