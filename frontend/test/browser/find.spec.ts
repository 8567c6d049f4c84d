// Searching a terminal: what is found, where it is shown, and what was not reached.

import { afterAll, beforeAll, expect, test } from "vitest";
import { sessions, type } from "./api";
import { expectAccessible } from "./axe";
import { come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

async function open(visit: Visit): Promise<void> {
  await press(visit, "F");
  await visit.until("the search", () => document.activeElement?.matches(".find input") === true);
}

async function told(visit: Visit, text: string): Promise<void> {
  await visit.until(
    `the search says "${text}"`,
    (wanted) =>
      document.querySelector(".find [role=status]")?.textContent?.includes(wanted) === true,
    text,
  );
}

/** Texts on the ground of a colour, row by row, as the terminal draws them. */
function marked(visit: Visit, colour: string): Promise<string[]> {
  return visit.page.evaluate((ground) => {
    const rows = [...document.querySelectorAll(".xterm-rows > div")];
    const on = (row: Element) =>
      [...row.querySelectorAll("span")]
        .filter((span) => getComputedStyle(span).backgroundColor === ground)
        .map((span) => span.textContent)
        .join("");
    return rows.map(on).filter((text) => text !== "");
  }, colour);
}

const PLACE = "rgb(242, 210, 122)";
const CURRENT = "rgb(255, 154, 61)";

test("every place is counted and marked, upwards by Enter, and Escape gives the keyboard back", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; seq -f 'line %g' 300; echo Line ends");
  await visit.sees("Line ends");
  await open(visit);
  await visit.page.keyboard.type("line 29");
  // 29 and 290 to 299.
  await told(visit, "11 of 11");
  await expect.poll(() => marked(visit, CURRENT)).toEqual(["line 29"]);
  expect(await marked(visit, PLACE)).toHaveLength(9);
  await visit.page.keyboard.press("Enter");
  await told(visit, "10 of 11");
  await visit.page.keyboard.press("Shift+Enter");
  await visit.page.keyboard.press("Shift+Enter");
  // Round the end: the first one is far above.
  await told(visit, "1 of 11");
  await visit.sees("line 29");
  await expect.poll(() => marked(visit, CURRENT)).toEqual(["line 29"]);
  expect((await visit.screen()).includes("line 30")).toBe(true);

  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await expect.poll(() => marked(visit, CURRENT)).toEqual([]);
  // What was found is selected, and nothing of what was typed reached the program.
  await press(visit, "C");
  const clipboard = () => visit.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard, { timeout: 10_000 }).toBe("line 29");
  await visit.line("echo af''ter");
  await visit.sees("after");
  expect((await visit.screen()).filter((line) => line.includes("$ line"))).toEqual([]);
  await visit.end();
});

test("capital letters, regular expressions, and one that is none", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; echo one ONE 12345; ec''ho end");
  await visit.sees("end");
  await open(visit);
  await visit.page.keyboard.type("ONE");
  await told(visit, "2 of 2");
  await visit.page.getByRole("button", { name: "Match case" }).click();
  await told(visit, "1 of 1");
  await visit.page.getByRole("button", { name: "Regular expression" }).click();
  await visit.page.locator(".find input").fill("^one ONE (\\d+)$");
  await told(visit, "1 of 1");
  await expect.poll(() => marked(visit, CURRENT)).toEqual(["one ONE 12345"]);
  await visit.page.locator(".find input").fill("(");
  await told(visit, "Not a regular expression");
  expect(await visit.page.locator(".find input").getAttribute("aria-invalid")).toBe("true");
  expect(await marked(visit, PLACE)).toEqual([]);
  await visit.page.locator(".find input").fill("nowhere to be");
  await told(visit, "No match");
  await visit.page.getByRole("button", { name: "Close the search" }).click();
  await hasKeyboard(visit);
  await visit.end();
});

test("an expression that takes for ever is given up, and the page goes on meanwhile", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line(`clear; echo ${"a".repeat(60)}b; ec''ho end`);
  await visit.sees("end");
  await open(visit);
  await visit.page.getByRole("button", { name: "Regular expression" }).click();
  await visit.page.locator(".find input").fill("^(a+)+$");
  // What is written while it is searched is on the screen.
  const found = await sessions(server);
  const id = found.find(({ id: one }) => visit.page.url().endsWith(one))?.id ?? "";
  await type(server, id, "echo still''here\n");
  await visit.sees("stillhere");
  await told(visit, "takes too long");
  expect(await visit.page.locator(".find input").getAttribute("aria-invalid")).toBe("true");
  await visit.page.locator(".find input").fill("^a+b$");
  await told(visit, "1 of 1");
  await visit.end();
});

test("wrapped lines, wide characters and new output", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const { cols } = await visit.pane();
  const blanks = cols - 3;
  await visit.line(`clear; printf '%${blanks}s日本needle日本\\n' ''; ec''ho end`);
  await visit.sees("end");
  await open(visit);
  await visit.page.keyboard.type("本needle日");
  await told(visit, "1 of 1");
  await expect.poll(async () => (await marked(visit, CURRENT)).join("")).toBe("本needle日");
  // What comes later is found by itself, and the place in hand stays the same.
  const other = await come(visit.page.url());
  await hasKeyboard(other);
  await other.line("echo '本nee''dle日'");
  await told(visit, "1 of 2");
  await other.end();
  await visit.end();
});

test("what was not reached is said", async () => {
  const visit = await come(server.open);
  await hasKeyboard(visit);
  await visit.line("clear; seq -f 'row %g' 6000; ec''ho end");
  await visit.sees("end");
  await open(visit);
  await visit.page.keyboard.type("row 6000");
  await told(visit, "1 of 1");
  await told(visit, "Only the newest 5,0");
  await visit.page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await visit.line("printf '\\033[?1049h\\033[2J\\033[3;5Hon the whole'; cat");
  await visit.sees("on the whole");
  await open(visit);
  await visit.page.keyboard.type("row 1");
  await told(visit, "No match");
  await told(visit, "Only the screen that the program shows");
  await visit.page.locator(".find input").fill("whole");
  await expect.poll(() => marked(visit, CURRENT)).toEqual(["whole"]);
  await visit.end();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`accessible, ${colorScheme}, ${width} wide, from the palette`, async () => {
      const touch = width === 390;
      const visit = await come(server.open, { colorScheme, width, touch });
      await hasKeyboard(visit);
      await visit.line("clear; seq 3; ec''ho end");
      await visit.sees("end");
      await press(visit, "Space");
      await visit.until("the palette", () => document.querySelector(".choices div") !== null);
      await visit.page.keyboard.type("search in the");
      await visit.page.keyboard.press("Enter");
      await visit.until("the search", () => {
        return document.activeElement?.matches(".find input") === true;
      });
      await visit.page.keyboard.type("END");
      await told(visit, "1 of 1");
      await expectAccessible(visit, "the search");
      const over = await visit.page.locator(".find").boundingBox();
      const place = await visit.page.locator(".xterm-rows > div").nth(3).boundingBox();
      if (over === null || place === null) throw new Error("not shown");
      // On a phone the bar goes where the place is not; elsewhere it leaves most of the row free.
      const beside = place.x + 60 < over.x;
      expect(beside || place.y + place.height <= over.y, "the place can be seen").toBe(true);
      await visit.page.getByRole("button", { name: "Regular expression" }).click();
      await visit.page.locator(".find input").fill("[");
      await told(visit, "Not a regular");
      await expectAccessible(visit, "a pattern that is none");
      const folder = process.env["AWP_SHOTS"];
      if (folder !== undefined) {
        await visit.page.locator(".find input").fill("\\d");
        await told(visit, "of");
        await visit.page.screenshot({ path: `${folder}/find-${colorScheme}-${width}.png` });
      }
      await visit.end();
    });
  }
}
