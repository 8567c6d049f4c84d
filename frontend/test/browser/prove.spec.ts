// Before a session that somebody else made is ended, an old login is asked again who is there: in the
// overview and on the session's own page.

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { press } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

const PASSWORD = "correct-horse-battery-1190";
const CONFIG = `[app.shared]
command = ["cat"]
access = "users"
on_disconnect = "keep"
`;

let server: Server;
beforeAll(async () => {
  server = await Server.start({ config: CONFIG, flags: ["--fresh-login", "1s"] });
  for (const [name, role] of [
    ["ann", "owner"],
    ["bob", "write"],
  ] as const) {
    server.verb(["user", "add", name, "--role", role, "--password-stdin"], `${PASSWORD}\n`);
  }
});
afterAll(() => server.stop());

const owner = () => ({ authorization: `Bearer ${server.token()}` });

async function ids(): Promise<string[]> {
  const answer = await fetch(`${server.url}api/v1/sessions`, { headers: owner() });
  const all = (await answer.json()) as { id: string; state: string }[];
  return all.filter(({ state }) => state === "running").map(({ id }) => id);
}

/** A session that bob made. */
async function bobs(): Promise<string> {
  const origin = new URL(server.url).origin;
  const json = { "content-type": "application/json", origin };
  const body = JSON.stringify({ user: "bob", password: PASSWORD });
  const login = await fetch(`${server.url}api/v1/login`, { method: "POST", headers: json, body });
  const { page_key } = (await login.json()) as { page_key: string };
  const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const made = await fetch(`${server.url}api/v1/sessions`, {
    method: "POST",
    headers: { ...json, cookie, "x-awp-page-key": page_key },
    body: JSON.stringify({ app: "shared" }),
  });
  expect(made.status).toBe(201);
  return ((await made.json()) as { id: string }).id;
}

/** A page of ann's, whose login has grown old. */
async function old(path: string): Promise<Visit> {
  const visit = await Visit.to(`${server.url}${path}`);
  const { page } = visit;
  await page.getByLabel("Name, if you have one").fill("ann");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByLabel("Password").waitFor({ state: "detached" });
  const [session] = await ids();
  const key = await page.evaluate(() => sessionStorage.getItem("awp.page-key") ?? "");
  const headers = { origin: new URL(server.url).origin, "x-awp-page-key": key };
  // Old is what the server takes for old: it is asked until it says so.
  await vi.waitFor(
    async () => {
      const share = `${server.url}api/v1/sessions/${session}/share`;
      const answer = await page.request.post(share, { headers, data: { write: true } });
      expect(answer.status()).toBe(403);
    },
    { timeout: 30_000, interval: 100 },
  );
  return visit;
}

/** Shows who is there. */
async function prove({ page }: Visit): Promise<void> {
  await page.getByRole("heading", { name: "Log in again" }).waitFor();
  await page.getByLabel("Name, if you have one").fill("ann");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in and end it" }).click();
}

const ended = (id: string) =>
  vi.waitFor(async () => expect(await ids()).not.toContain(id), { timeout: 30_000 });

test("the overview asks, and ends it then", async () => {
  const id = await bobs();
  const visit = await old("");
  await visit.page.getByRole("button", { name: /^End / }).first().click();
  await visit.page.getByRole("heading", { name: "Log in again" }).waitFor();
  expect(await ids()).toContain(id);
  await visit.page.getByRole("button", { name: "Cancel" }).click();
  await visit.page.getByRole("heading", { name: "Log in again" }).waitFor({ state: "detached" });
  expect(await ids()).toContain(id);
  await visit.page.getByRole("button", { name: /^End / }).first().click();
  await prove(visit);
  await ended(id);
  await visit.end();
});

test("the session's page asks, and ends it then", async () => {
  const id = await bobs();
  const visit = await old(`s/${id}`);
  await visit.live();
  await press(visit, "Space");
  await visit.page.locator(".palette").waitFor();
  await visit.page.keyboard.type("end session");
  await visit.page.keyboard.press("Enter");
  await visit.page.getByRole("button", { name: "End session" }).click();
  await prove(visit);
  await ended(id);
  await visit.end();
});
