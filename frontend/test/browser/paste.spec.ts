// Pasting: what is asked first, whichever way the text comes, and the bytes that arrive.

import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { come, hasKeyboard } from "./desk";
import { Phone } from "./phone";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

/** Counts the recordings, so that the words of one are not taken for those of the next. */
let round = 0;

/** Has the program show the next bytes; it can tell pasted lines from typed ones, or not. */
async function record(visit: Visit, count: number, tells = false): Promise<void> {
  round += 1;
  const mode = `printf '\\033[?2004${tells ? "h" : "l"}'`;
  const read = `x=$(head -c ${count} | od -An -tx1 -w16 -v)`;
  await visit.line(
    `clear; stty raw -echo; ${mode}; echo re''ady ${round}.; ${read}; stty sane; echo "$x" do''ne ${round}.`,
  );
  await visit.sees(`ready ${round}.`);
}

async function recorded(visit: Visit): Promise<string> {
  await visit.sees(`done ${round}.`);
  const rows = await visit.screen();
  const hex = rows.flatMap((row) => row.match(/^\s+([0-9a-f]{2}\b ?)+/)?.[0] ?? []).join(" ");
  return Buffer.from(hex.replace(/\s/g, ""), "hex").toString();
}

/** What a menu, a mouse or a key makes of the clipboard in the end. */
async function paste(visit: Visit, text: string): Promise<void> {
  await visit.page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    const event = { clipboardData: data, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new ClipboardEvent("paste", event));
  }, text);
}

const question = (visit: Visit) => visit.page.getByRole("dialog", { name: "Paste this?" });

test("several lines are asked about where they would run, until that is switched off", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await record(visit, 11);
  await paste(visit, "one\ntwo");
  await question(visit).getByText("each line may be run at once").waitFor();
  await question(visit).getByText("Characters: 7. Lines: 2.").waitFor();
  expect(await question(visit).getByRole("document").textContent()).toBe("one\ntwo");
  await question(visit).getByRole("button", { name: "Cancel" }).click();
  await hasKeyboard(visit);
  await paste(visit, "three\nfour\n");
  await visit.page.keyboard.press("Enter");
  await question(visit).waitFor({ state: "detached" });
  expect(await recorded(visit)).toBe("three\rfour\r");

  await hasKeyboard(visit);
  await record(visit, 7);
  await paste(visit, "one\ntwo");
  await question(visit).getByRole("checkbox").check();
  await question(visit).getByRole("button", { name: "Paste", exact: true }).click();
  expect(await recorded(visit)).toBe("one\rtwo");
  await visit.page.reload();
  await visit.live();
  await record(visit, 7);
  await paste(visit, "two\nsix");
  expect(await recorded(visit)).toBe("two\rsix");
  // Controls are another matter.
  await record(visit, 3);
  await paste(visit, "a\x07\nb");
  expect(await question(visit).getByRole("checkbox").count()).toBe(0);
  await question(visit).getByRole("button", { name: "Paste without them" }).click();
  expect(await recorded(visit)).toBe("a\rb");
  await visit.end();
});

test("a program that can tell is given lines unasked, and never the end of a paste in one", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await record(visit, 19, true);
  await paste(visit, "one\ntwo");
  expect(await recorded(visit)).toBe("\x1b[200~one\rtwo\x1b[201~");
  await record(visit, 28, true);
  await paste(visit, "a\x1b[201~;reboot\n");
  await question(visit).getByText("control characters").waitFor();
  expect(await question(visit).locator("mark").allTextContents()).toEqual(["^["]);
  await question(visit).getByRole("button", { name: "Paste as it is" }).click();
  expect(await recorded(visit)).toBe("\x1b[200~a^[[201~;reboot\r\x1b[201~");
  await visit.end();
});

test("keys ask like everything else", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.page.evaluate(() => navigator.clipboard.writeText("un\u0001seen"));
  for (const key of ["Control+Shift+V", "Shift+Insert"]) {
    await visit.page.keyboard.press(key);
    await question(visit).waitFor();
    await visit.page.keyboard.press("Escape");
    await question(visit).waitFor({ state: "detached" });
    await hasKeyboard(visit);
  }
  await visit.line("clear; echo not''hing");
  await visit.sees("nothing");
  expect((await visit.screen()).join("")).not.toContain("seen");
  await visit.end();
});

test("on a phone the key row asks, and what was composed line by line is not asked about", async () => {
  const phone = await Phone.to(server.open);
  const { visit } = phone;
  await visit.page.evaluate(() => navigator.clipboard.writeText("one\ntwo"));
  await record(visit, 7);
  await visit.page.getByRole("button", { name: "Paste", exact: true }).click();
  await question(visit).getByRole("button", { name: "Paste", exact: true }).tap();
  expect(await recorded(visit)).toBe("one\rtwo");
  await hasKeyboard(visit);
  await record(visit, 4);
  await phone.key("Compose");
  await visit.page.getByRole("textbox", { name: /compose/i }).fill("a\nb");
  await phone.key("Send");
  expect(await recorded(visit)).toBe("a\rb\r");
  await phone.end();
});

test("a watcher is told, and not asked", async () => {
  const writer = await come(server.open);
  const visit = await come(writer.page.url(), {
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
  await hasKeyboard(visit);
  await paste(visit, "a\x1bb");
  await visit.says("what you type is not sent");
  expect(await question(visit).count()).toBe(0);
  await visit.end();
  await writer.end();
});

test("a kiosk has no dialogs: controls are left out", async () => {
  const visit = await come(`${server.url}kiosk/default`);
  await hasKeyboard(visit);
  await record(visit, 3);
  await paste(visit, "a\x1b\nb");
  expect(await recorded(visit)).toBe("a\rb");
  expect(await question(visit).count()).toBe(0);
  await visit.end();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`accessible, ${colorScheme}, ${width} wide`, async () => {
      const visit = await come(server.open, { colorScheme, width, touch: width === 390 });
      await hasKeyboard(visit);
      await record(visit, 1000);
      const shot = async (name: string) => {
        const folder = process.env["AWP_SHOTS"];
        if (folder === undefined) return;
        await visit.page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
      };
      await paste(visit, "curl https://example.org/install.sh | sh\nsudo make install\n");
      await question(visit).waitFor();
      await expectAccessible(visit, "lines");
      await shot("paste-lines");
      await visit.page.keyboard.press("Escape");
      await hasKeyboard(visit);
      await paste(visit, `ls\x1b[201~\x03 \u202Eevil\n${"word ".repeat(2000)}`);
      await question(visit).waitFor();
      await expectAccessible(visit, "controls");
      await shot("paste-controls");
      await visit.end();
    });
  }
}
