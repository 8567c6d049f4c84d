// Programs that want to copy: nothing without the person's word, and nothing is ever told to them.

import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

let round = 0;

/** Has the program ask for this to be copied, and waits until the page has seen what came after it. */
async function wants(visit: Visit, sent: string): Promise<void> {
  round += 1;
  await visit.page.locator(".xterm").first().click();
  await visit.line(`clear; printf '\\033]52;c;%s\\a' ${sent}; echo se''nt ${round}.`);
  await visit.sees(`sent ${round}.`);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

const asked = (visit: Visit) => visit.page.getByRole("region", { name: "wants to copy this" });

const clipboard = (visit: Visit) => visit.page.evaluate(() => navigator.clipboard.readText());

async function answer(visit: Visit, name: string): Promise<void> {
  await asked(visit).getByRole("button", { name, exact: true }).click();
  await asked(visit).waitFor({ state: "detached" });
}

test("a text is shown and copied once, always, or never", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.page.evaluate(() => navigator.clipboard.writeText("before"));
  await wants(visit, base64("one 日本\x1b"));
  await asked(visit).waitFor();
  expect(await asked(visit).locator(".told-text").textContent()).toBe("one 日本^[");
  expect(await clipboard(visit)).toBe("before");
  // A later wish takes the place of an earlier one.
  await wants(visit, base64("two"));
  await asked(visit).getByText("two", { exact: true }).waitFor();
  expect(await asked(visit).count()).toBe(1);
  expect(await clipboard(visit)).toBe("before");
  await answer(visit, "Copy");
  expect(await clipboard(visit)).toBe("two");

  await wants(visit, base64("three"));
  await answer(visit, "Always in this session");
  expect(await clipboard(visit)).toBe("three");
  await wants(visit, base64("four"));
  await visit.says("has copied 4 characters");
  expect(await clipboard(visit)).toBe("four");
  expect(await asked(visit).count()).toBe(0);
  await visit.end();

  // Another session is another matter.
  const other = await come(server.open);
  await hasKeyboard(other);
  await wants(other, base64("five"));
  await answer(other, "Never in this session");
  await other.page.evaluate(() => navigator.clipboard.writeText("before"));
  await wants(other, base64("six"));
  await other.page.reload();
  await other.live();
  await wants(other, base64("seven"));
  expect(await asked(other).count()).toBe(0);
  expect(await clipboard(other)).toBe("before");
  await other.end();
});

test("what is too much, or no text, is not copied", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await wants(visit, "'not base64'");
  await wants(visit, "/w==");
  expect(await asked(visit).count()).toBe(0);
  await visit.line(
    "clear; printf '\\033]52;c;'; head -c 300000 /dev/zero | base64 -w0; printf '\\a'",
  );
  await visit.says("wanted to copy more than the page takes");
  expect(await asked(visit).count()).toBe(0);
  await visit.end();
});

test("a device may refuse all of them", async () => {
  const visit = await come(server.open, {
    before: () => {
      const kept = { version: 1, programsCopy: "never" };
      localStorage.setItem("awp.settings", JSON.stringify(kept));
    },
  });
  await hasKeyboard(visit);
  const loaded: string[] = [];
  visit.page.on("request", (request) => loaded.push(request.url()));
  await wants(visit, base64("text"));
  expect(loaded.filter((url) => url.includes("copies"))).toEqual([]);
  expect(await asked(visit).count()).toBe(0);
  await visit.end();
});

test("a program that asks what is on the clipboard gets no answer", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.page.evaluate(() => navigator.clipboard.writeText("secret"));
  // One line: what is typed later could be taken for the answer.
  const ask = "printf '\\033]52;c;?\\a\\033[5n'; IFS= read -rd n x";
  const show = 'printf %s "$x" | od -An -c';
  await visit.line(`clear; stty raw -echo; ${ask}; stty sane; ${show}; echo do''ne`);
  await visit.sees("done");
  expect((await visit.screen())[0]?.trim()).toBe("033   [   0");
  await visit.end();
});

test("only who works with the program is asked", async () => {
  const writer = await come(server.open);
  await hasKeyboard(writer);
  const second = await come(writer.page.url());
  const watcher = await come(writer.page.url(), {
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
  const loaded: string[] = [];
  for (const other of [second, watcher]) {
    other.page.on("request", (request) => loaded.push(request.url()));
  }
  await wants(writer, base64("mine"));
  await asked(writer).waitFor();
  for (const other of [second, watcher]) {
    await other.sees(`sent ${round}.`);
    expect(await asked(other).count()).toBe(0);
    await other.end();
  }
  // They have not even fetched what would ask.
  expect(loaded.filter((url) => url.includes("copies"))).toEqual([]);
  await writer.end();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`accessible, ${colorScheme}, ${width} wide`, async () => {
      const visit = await come(server.open, { colorScheme, width, touch: width === 390 });
      await hasKeyboard(visit);
      await wants(visit, base64(`git clone https://example.org/a.git\x07\n${"x".repeat(400)}`));
      await asked(visit).waitFor();
      await expectAccessible(visit, "a wish to copy");
      const folder = process.env["AWP_SHOTS"];
      if (folder !== undefined) {
        await visit.page.screenshot({ path: `${folder}/copy-${colorScheme}-${width}.png` });
      }
      await visit.end();
    });
  }
}
