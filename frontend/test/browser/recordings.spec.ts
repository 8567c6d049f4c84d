// Recordings in the page: who sees their list, how one is played, and that it can be deleted.

import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { SPEEDS } from "../../src/recordings/playback";
import { Server } from "./server";
import { Visit } from "./visit";

const PASSWORD = "correct-horse-battery-1190";

/** It shows a word, one more when it is told to, and ends. */
const CONFIG = `[app.orders]
command = ["sh", "-c", "stty -echo; printf 'first\\\\r\\\\n'; read x; clear; printf 'second \\\\033[31mred\\\\033[m'; exit 3"]
record = true
`;

/** One that takes its time, as written by another program; a pause in it is long. */
const LONG = `{"version":3,"term":{"cols":60,"rows":12},"timestamp":1700000000,"title":"build"}
[0,"o","one "]
[1,"o","\\u001b[1mtwo\\u001b[m "]
[1,"m","tests begin"]
[0,"o","three "]
[60,"r","40x8"]
[0,"o","four"]
[1,"x","0"]
`;

const PATIENCE = { timeout: 30_000 };

type Listed = { id: string; app: string; live: boolean };

/** Asks as the owner does, with the token. */
async function call(server: Server, method: string, part: string, body?: string) {
  const headers: Record<string, string> = { authorization: `Bearer ${server.token()}` };
  if (part === "sessions") headers["content-type"] = "application/json";
  const path = `${server.url}api/v1/${part}`;
  const answer = await fetch(path, { method, headers, body: body ?? null });
  if (!answer.ok) throw new Error(`${method} ${part}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

async function listed(server: Server): Promise<Listed[]> {
  return JSON.parse(await call(server, "GET", "recordings")) as Listed[];
}

/** Records one whole session; the recording's name. */
async function recorded(server: Server): Promise<string> {
  const wanted = JSON.stringify({ app: "orders", on_disconnect: "keep" });
  const made = JSON.parse(await call(server, "POST", "sessions", wanted)) as { id: string };
  const session = `sessions/${made.id}`;
  await vi.waitFor(async () => {
    expect(await call(server, "GET", `${session}/screen?format=text`)).toContain("first");
  }, PATIENCE);
  await call(server, "POST", `${session}/input`, "\n");
  return vi.waitFor(async () => {
    const [newest] = await listed(server);
    expect(newest?.live).toBe(false);
    return newest?.id ?? "";
  }, PATIENCE);
}

test("a recording is found, played, moved and deleted", async () => {
  const server = await Server.start({ config: CONFIG });
  const id = await recorded(server);
  const visit = await Visit.to(server.printed);
  const { page } = visit;
  await page.getByRole("link", { name: "1 recording" }).click();
  await page.getByRole("link", { name: "orders" }).click();
  expect(new URL(page.url()).pathname).toBe(`/recordings/${id}`);
  await visit.sees("second red");
  await page.getByRole("button", { name: "Play again" }).waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the file" }).click();
  expect((await saved).suggestedFilename()).toBe(`${id}.cast`);

  await page.getByRole("link", { name: "All recordings" }).click();
  await page.getByRole("button", { name: /^Delete the recording of orders/ }).click();
  await page.getByRole("button", { name: "Keep" }).click();
  expect(await listed(server)).toHaveLength(1);
  await page.getByRole("button", { name: /^Delete the recording of orders/ }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("heading", { name: "Nothing is recorded" }).waitFor();
  expect(await listed(server)).toEqual([]);
  await visit.end();
  await server.stop();
});

test("a recording is moved by its bar and by keys, and its pauses are shortened", async () => {
  const server = await Server.start();
  mkdirSync(server.state("recordings"), { mode: 0o700 });
  writeFileSync(server.state("recordings/r-0123456789ab.cast"), LONG);
  const visit = await Visit.to(server.printed.replace("#", "recordings/r-0123456789ab#"));
  const { page } = visit;
  await page.getByRole("button", { name: "Pause" }).click();
  const bar = page.getByRole("slider", { name: "Place in the recording" });
  const screen = async () => (await visit.screen()).join("\n").trimEnd();
  // 60 seconds of silence are two here.
  expect(await bar.getAttribute("aria-valuetext")).toMatch(/of 0:05$/);
  await bar.focus();
  await page.keyboard.press("Home");
  await expect.poll(screen).toBe("one");
  await page.keyboard.press("End");
  await expect.poll(screen).toBe("one two three four");
  expect(await visit.screen()).toHaveLength(8);
  await page.getByRole("button", { name: "Mark: tests begin" }).click();
  await expect.poll(screen).toBe("one two three");
  expect(await visit.screen()).toHaveLength(12);
  await page.getByLabel("Shorten pauses").uncheck();
  expect(await bar.getAttribute("aria-valuetext")).toBe("0:02 of 1:03");

  // With the keys of the command line's player, where no field has the keyboard.
  await page.getByLabel("Shorten pauses").blur();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(screen).toBe("one");
  await page.keyboard.press("]");
  await expect.poll(screen).toBe("one two three");
  for (const _ of SPEEDS) await page.keyboard.press("+");
  expect(await page.getByRole("combobox", { name: "Speed" }).inputValue()).toBe("8");
  await page.getByLabel("Shorten pauses").check();
  await page.getByLabel("Shorten pauses").blur();
  await page.keyboard.press("Space");
  await expect.poll(screen, PATIENCE).toBe("one two three four");
  await visit.end();
  await server.stop();
});

test("an old login is asked again, and who is no owner sees nothing", async () => {
  const server = await Server.start({ config: CONFIG, flags: ["--fresh-login", "1s"] });
  for (const [name, role] of [
    ["ann", "owner"],
    ["bob", "write"],
  ] as const) {
    server.verb(["user", "add", name, "--role", role, "--password-stdin"], `${PASSWORD}\n`);
  }
  const id = await recorded(server);
  const enter = async (name: string) => {
    const visit = await Visit.to(`${server.url}recordings`);
    await visit.page.getByLabel("Name, if you have one").fill(name);
    await visit.page.getByLabel("Password").fill(PASSWORD);
    await visit.page.keyboard.press("Enter");
    return visit;
  };
  const bob = await enter("bob");
  await bob.page.getByText("Recordings are for owners alone").waitFor();
  await bob.end();

  const ann = await enter("ann");
  const { page } = ann;
  await page.getByRole("link", { name: "orders" }).waitFor();
  await vi.waitFor(async () => {
    await page.goto(`${server.url}recordings/${id}`);
    await page.getByRole("heading", { name: "Log in again" }).waitFor({ timeout: 500 });
  }, PATIENCE);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name, if you have one").fill("ann");
  await dialog.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await ann.sees("second red");
  await ann.end();
  await server.stop();
});
