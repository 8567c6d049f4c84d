// Logins by a provider of OpenID Connect, in a browser that goes there and comes back.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

const SECRET = "a-secret-of-the-client-5b1e";

let provider: ChildProcess;
let issuer: string;
let folder: string;
let server: Server;

beforeAll(async () => {
  const python = process.env["OIDC_PYTHON"];
  if (python === undefined) throw new Error("OIDC_PYTHON names the Python that has the provider");
  const script = join(import.meta.dirname, "../../../tests/oidc/provider.py");
  provider = spawn(python, [script, "awp"], { stdio: ["pipe", "pipe", "ignore"] });
  process.once("exit", () => provider.kill());
  provider.stdin?.end(`${SECRET}\n`);
  for await (const line of createInterface({ input: provider.stdout as NodeJS.ReadableStream })) {
    issuer = `http://127.0.0.1:${line}`;
    break;
  }
  const claims = { preferred_username: "ann", groups: ["ops"] };
  await fetch(`${issuer}/users/u1`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(claims),
  });
  folder = mkdtempSync(join(tmpdir(), "awp-provider-"));
  const secret = join(folder, "secret");
  writeFileSync(secret, SECRET, { mode: 0o600 });
  const config = `[oidc]
issuer = "${issuer}"
client_id = "awp"
client_secret_file = "${secret}"
name = "Example & Sons"
roles = { ops = "owner" }
`;
  server = await Server.start({ config });
});

afterAll(() => {
  server.stop();
  provider.kill();
  rmSync(folder, { recursive: true });
});

/** Goes to the provider. Its page is not ours, and neither are its faults. */
async function sets(visit: Visit): Promise<void> {
  const { page } = visit;
  await page.route(
    ({ hostname }) => hostname !== "127.0.0.1",
    (route) => route.fulfill({ body: "" }),
  );
  await page.getByRole("link", { name: "Log in with Example & Sons" }).click();
  await page.waitForURL(`${issuer}/**`);
}

test("somebody comes back from the provider to where the login was asked for", async () => {
  const visit = await Visit.to(`${server.url}new/default`);
  await visit.says("you are not logged in");
  const { page } = visit;
  await sets(visit);
  await page.locator('input[name="sub"]').fill("u1");
  await page.getByRole("button", { name: "Authorize" }).click();
  await visit.live();
  visit.faults.length = 0;
  expect(page.url().startsWith(`${server.url}s/`)).toBe(true);
  await visit.line("echo 'by the ''provider'");
  await visit.sees("by the provider");
  const kept = await page.context().cookies();
  expect(kept.map(({ sameSite, httpOnly }) => [sameSite, httpOnly])).toEqual([["Strict", true]]);
  await visit.end();
});

test("in German, and only where there is a provider", async () => {
  const visit = await Visit.to(server.url, { locale: "de-DE" });
  await visit.page.getByRole("link", { name: "Mit Example & Sons anmelden" }).waitFor();
  await visit.end();

  const plain = await Server.start();
  const without = await Visit.to(`${plain.url}new/default`);
  await without.says("you are not logged in");
  await without.page.getByLabel("Token").waitFor();
  expect(await without.page.getByRole("link", { name: "Log in with" }).count()).toBe(0);
  await without.end();
  plain.stop();
});

test("who says no there is told here, and may try again", async () => {
  const visit = await Visit.to(server.url);
  const { page } = visit;
  await sets(visit);
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("heading", { name: "You are not logged in" }).waitFor();
  visit.faults.length = 0;
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("link", { name: "Log in with Example & Sons" }).waitFor();
  await visit.end();
});
