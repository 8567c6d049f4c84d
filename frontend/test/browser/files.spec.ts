// Files: dropped on a pane, seen on their way, found in its folder, and taken out of it again.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial, type Server as Listener } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

const MIB = 1024 * 1024;

let server: Server;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "awp-files-"));
  server = await Server.start({ flags: ["--no-auth", "--cwd", folder] });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251));
}

/** Drags files of these sizes over the pane; lets them go there if it is said. */
async function drag(visit: Visit, sizes: Record<string, number>, fall: boolean): Promise<void> {
  const taken = await visit.page.evaluate(
    ({ files, drop }) => {
      const data = new DataTransfer();
      for (const [name, size] of Object.entries(files)) {
        const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251);
        data.items.add(new File([bytes], name));
      }
      const pane = document.querySelector("[data-pane] .xterm-screen");
      const events = drop ? ["dragenter", "dragover", "drop"] : ["dragenter", "dragover"];
      return events.map((type) => {
        const options = { bubbles: true, cancelable: true, dataTransfer: data };
        return pane?.dispatchEvent(new DragEvent(type, options)) === false;
      });
    },
    { files: sizes, drop: fall },
  );
  // What the page does not take would make the browser leave it.
  expect(taken.every((one) => one)).toBe(true);
}

/** A way to the server on which the connection that has carried so much is cut, once. */
async function cutting(
  limit: number,
): Promise<{ listener: Listener; port: number; cuts: number[] }> {
  const cuts: number[] = [];
  const listener = createServer((client) => {
    const upstream = dial(Number(new URL(server.url).port), "127.0.0.1");
    let carried = 0;
    client.on("data", (bytes) => {
      carried += bytes.length;
      if (carried < limit || cuts.length > 0) return;
      cuts.push(carried);
      client.destroy();
      upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { listener, port: address.port, cuts };
}

test("what is dropped on a pane goes to the folder of its program", async () => {
  // With a login, whose page key each request has to show.
  const door = await Server.start({ flags: ["--cwd", folder] });
  const visit = await come(door.open);
  await hasKeyboard(visit);
  await drag(visit, { "a.bin": 5 }, false);
  await visit.says(`drop to upload to the folder of`);
  await visit.page.evaluate(() => dispatchEvent(new DragEvent("dragleave")));
  await visit.until("no offer", () => document.querySelector(".drop-here") === null);

  await drag(visit, { "big.bin": 20 * MIB, "small.bin": 1000, "empty.bin": 0 }, true);
  for (const name of ["big.bin", "small.bin", "empty.bin"]) {
    await visit.says(`uploaded to ${at(name)}`);
  }
  await expectAccessible(visit, "files that were uploaded");
  expect(readFileSync(at("big.bin")).equals(pattern(20 * MIB))).toBe(true);
  expect(readFileSync(at("small.bin")).equals(pattern(1000))).toBe(true);
  expect(readFileSync(at("empty.bin")).length).toBe(0);
  await visit.line("ls -s small.bin && echo fo''und");
  await visit.sees("found");

  await visit.page.getByRole("button", { name: "Clear" }).click();
  await visit.until("no list", () => document.querySelector(".files") === null);
  await hasKeyboard(visit);
  await drag(visit, { "small.bin": 10 }, true);
  await visit.says("there is a file of this name");
  await expectAccessible(visit, "a file that would be replaced");
  expect(readFileSync(at("small.bin")).length).toBe(1000);
  await visit.page.getByRole("button", { name: "Replace it" }).click();
  await visit.says(`uploaded to ${at("small.bin")}`);
  expect(readFileSync(at("small.bin")).length).toBe(10);
  expect(readdirSync(folder).sort()).toEqual(["big.bin", "empty.bin", "small.bin"]);
  await visit.end();
  await door.stop();
});

test("an upload that is cut goes on where it was", async () => {
  const { listener, port, cuts } = await cutting(10 * MIB);
  const visit = await come(`http://127.0.0.1:${port}/new/default`);
  await hasKeyboard(visit);
  await drag(visit, { "cut.bin": 24 * MIB }, true);
  await visit.until("progress", () => document.querySelector(".files progress") !== null);
  await visit.says(`uploaded to ${at("cut.bin")}`);
  expect(cuts.length).toBe(1);
  expect(readFileSync(at("cut.bin")).equals(pattern(24 * MIB))).toBe(true);
  await visit.end();
  listener.close();
});

test("an upload that is cancelled leaves nothing", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  // The first request is held back, so that there is time to cancel.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await visit.page.context().route("**/files?*upload=*", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await drag(visit, { "never.bin": 3 * MIB }, true);
  await visit.page.getByRole("button", { name: "Cancel never.bin" }).click();
  await visit.until("no list", () => document.querySelector(".files") === null);
  release();
  await hasKeyboard(visit);
  await expect
    .poll(() => readdirSync(folder).filter((name) => name.startsWith(".awp")), { timeout: 10_000 })
    .toEqual([]);
  expect(existsSync(at("never.bin"))).toBe(false);
  await visit.end();
});

test("files of the device are chosen where nothing can be dropped", async () => {
  const visit = await come(server.open, { width: 390, height: 844, touch: true });
  const { page } = visit;
  await page.locator(".session-name summary").click();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Upload files" }).click(),
  ]);
  expect(chooser.isMultiple()).toBe(true);
  const file = (name: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
  await chooser.setFiles([file("one.txt"), file("\u202etwo.txt")]);
  await visit.says(`uploaded to ${at("one.txt")}`);
  await visit.says(`uploaded to ${at("two.txt")}`);
  expect(readFileSync(at("one.txt"), "utf8")).toBe("one.txt");
  const small = await page
    .locator(".files button")
    .evaluateAll((buttons) =>
      buttons.map((button) => button.getBoundingClientRect()).filter(({ height }) => height < 44),
    );
  expect(small).toEqual([]);
  await expectAccessible(visit, "files on a phone");
  await visit.end();
});

test("a file is downloaded by its path, and by a path in the terminal", async () => {
  writeFileSync(at("report <1>.html"), "<script>alert(1)</script>");
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const { page } = visit;
  await page.locator("summary", { hasText: "s-" }).click();
  await page.getByRole("button", { name: "Download a file" }).click();
  await page.getByLabel("Path of the file").fill("report <1>.html");
  await expectAccessible(visit, "the question which file");
  const [first] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(readFileSync((await first.path()) ?? "", "utf8")).toBe("<script>alert(1)</script>");
  await visit.says("downloaded");
  await hasKeyboard(visit);

  await visit.line("mkdir -p sub; echo inside >sub/there.txt; echo; echo ./sub/there.txt:7: se''e");
  await visit.sees("there.txt:7: see");
  const rows = await visit.screen();
  const row = rows.findIndex((text) => text.startsWith("./sub/there.txt:7"));
  const box = await page.locator(".xterm-screen").boundingBox();
  if (box === null) throw new Error("no terminal");
  const place = { x: box.x + 40, y: box.y + ((row + 0.5) * box.height) / rows.length };
  const asked = page.getByLabel("Path of the file");
  await page.mouse.move(place.x, place.y);
  await page.mouse.move(place.x + 4, place.y);
  // Without the key a click is the terminal's.
  await page.mouse.click(place.x + 4, place.y);
  expect(await asked.count()).toBe(0);
  await page.keyboard.down("Control");
  await page.mouse.click(place.x + 4, place.y);
  await page.keyboard.up("Control");
  await asked.waitFor();
  expect(await asked.inputValue()).toBe("./sub/there.txt");
  const [second] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download", exact: true }).click(),
  ]);
  expect(second.suggestedFilename()).toBe("there.txt");
  expect(readFileSync((await second.path()) ?? "", "utf8")).toBe("inside\n");

  await page.locator("summary", { hasText: "s-" }).click();
  await page.getByRole("button", { name: "Download a file" }).click();
  await asked.fill("../etc/nosuch");
  await page.keyboard.press("Enter");
  await visit.says("that failed: the path must stay below");
  await visit.end();
});

test("who only watches moves no files", async () => {
  const visit = await come(server.open, {
    before: () => {
      const Real = window.WebSocket;
      window.WebSocket = class extends Real {
        constructor(url: string | URL, protocols?: string | string[]) {
          const address = new URL(url, location.href);
          address.searchParams.set("role", "watch");
          super(address.href.replace(/^http/, "ws"), protocols);
        }
      };
    },
  });
  await visit.says("watching, read-only");
  await drag(visit, { "watched.bin": 10 }, true);
  await visit.says("files are for those who may type");
  expect(await visit.page.locator(".files").count()).toBe(0);
  expect(existsSync(at("watched.bin"))).toBe(false);
  await visit.end();
});
