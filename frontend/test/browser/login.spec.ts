// The ways in: the link that opens the page once, the token, and what is said without either.

import { createHmac } from "node:crypto";
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

/** The code of about now of an address for authenticators, by RFC 6238. */
function codeOf(url: string): string {
  const base32 = new URL(url).searchParams.get("secret") ?? "";
  const bits = [...base32].map((c) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"),
  );
  const bytes =
    bits
      .join("")
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", Buffer.from(bytes)).update(count).digest();
  const number = hash.readUInt32BE((hash[19] ?? 0) & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("a user with a second device is asked for its code in a second step", async () => {
  server.verb(["user", "add", "ann", "--role", "owner", "--password-stdin"], "open sesame\n");
  const device = server.verb(["user", "totp", "ann"]).trim();
  const visit = await Visit.to(`${server.url}new/default`);
  await visit.page.getByLabel("Name, if you have one").fill("ann");
  await visit.page.getByLabel("Password").fill("open sesame");
  await visit.page.keyboard.press("Enter");
  await visit.says("code that your second device shows");
  expect(await visit.page.getByLabel("Password").count()).toBe(0);
  await visit.page.getByLabel("Code").fill("no code");
  await visit.page.keyboard.press("Enter");
  await visit.says("not its code");
  await visit.page.getByLabel("Code").fill(codeOf(device));
  await visit.page.keyboard.press("Enter");
  await visit.live();
  await visit.end();
});
