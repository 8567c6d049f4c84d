// The marks of a real shell: what is drawn beside the terminal, the way from command to command,
// their output.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, come, hasKeyboard, press } from "./desk";
import { Server } from "./server";
import type { Visit, VisitOptions } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterAll(() => server.stop());

type Surface = { awp: { screenText(pane: number): string[] } };

/** What the marks in view say, from the top. */
function marks(visit: Visit): Promise<string[]> {
  return visit.page.locator(".marks [role=img]").evaluateAll((all) =>
    all
      .map((mark) => ({ top: mark.getBoundingClientRect().top, said: mark.ariaLabel ?? "" }))
      .sort((one, other) => one.top - other.top)
      .map(({ said }) => said),
  );
}

/** Waits until the lowest mark says this and, unless it still runs, the prompt is there again. */
async function marked(visit: Visit, said: string): Promise<void> {
  await visit.until(
    `a mark "${said}"`,
    (wanted) => {
      const all = [...document.querySelectorAll(".marks [role=img]")];
      const low = (one: Element) => one.getBoundingClientRect().top;
      const { awp } = window as unknown as Surface;
      const last = awp.screenText(0).findLast((row) => row !== "");
      const prompt = last?.trim().endsWith("$") === true;
      const lowest = all.sort((one, other) => low(one) - low(other)).at(-1);
      const said = lowest?.ariaLabel?.startsWith(wanted) === true;
      return said && (prompt || wanted.endsWith("running"));
    },
    said,
  );
}

/** A shell that has read what `awp shell-integration` prints. */
async function shell(options: VisitOptions = {}): Promise<Visit> {
  const visit = await come(server.open, options);
  await hasKeyboard(visit);
  const awp = process.env["AWP_BIN"] ?? "";
  await visit.line(`PS1='$ '; eval "$(${awp} shell-integration bash)"; clear; echo re''ady`);
  await prompted(visit, "ready");
  return visit;
}

/** Waits until the prompt stands below this line. */
async function prompted(visit: Visit, last: string): Promise<void> {
  await visit.until(
    `a prompt below "${last}"`,
    (wanted) => {
      const { awp } = window as unknown as Surface;
      const rows = awp.screenText(0).filter((row) => row !== "");
      return rows.at(-1)?.trim() === "$" && rows.at(-2)?.trim() === wanted;
    },
    last,
  );
}

/** Does what the palette calls so. */
async function choose(visit: Visit, name: string): Promise<void> {
  await press(visit, "Space");
  await visit.until(
    "the palette",
    () => document.activeElement?.matches(".palette input") === true,
  );
  await visit.page.keyboard.type(name);
  await visit.page.keyboard.press("Enter");
  await hasKeyboard(visit);
}

function top(visit: Visit): Promise<string> {
  return visit.page.evaluate(() => {
    return (window as unknown as Surface).awp.screenText(0)[0] ?? "";
  });
}

async function topIs(visit: Visit, text: string): Promise<void> {
  await visit.until(
    `"${text}" at the top`,
    (wanted) => (window as unknown as Surface).awp.screenText(0)[0]?.startsWith(wanted) === true,
    text,
  );
}

test("each command has a mark with its status and its time", async () => {
  const visit = await shell();
  await visit.line("true");
  await marked(visit, "true: exit status 0, ");
  await visit.line("(exit 3)");
  await marked(visit, "(exit 3): exit status 3, ");
  await visit.line("read answer");
  await marked(visit, "read answer: running");
  await visit.page.keyboard.press("Control+c");
  await marked(visit, "read answer: exit status ");
  // A prompt at which nothing was run has no mark.
  await visit.line("");
  await prompted(visit, "$");
  await visit.line("echo th''ree");
  await marked(visit, "echo th''ree: exit status 0, ");
  const said = await marks(visit);
  expect(said.map((mark) => mark.split(":")[0])).toEqual([
    "true",
    "(exit 3)",
    "read answer",
    "echo th''ree",
  ]);
  // Told apart by more than a colour.
  const shape = (kind: string) =>
    visit.page
      .locator(`.command-mark.${kind}`)
      .first()
      .evaluate((mark) => getComputedStyle(mark, "::before").clipPath);
  expect(await shape("ok")).toBe("none");
  expect(await shape("failed")).toContain("polygon");
  await accessible(visit, "marks");

  // What the screen was before a program took it is there again behind it.
  await visit.line("printf '\\033[?1049hin''side'; read; printf '\\033[?1049l'");
  await visit.sees("inside");
  await expect.poll(() => marks(visit)).toEqual([]);
  await visit.line("");
  await marked(visit, "printf ");
  await expect.poll(() => marks(visit)).toHaveLength(5);

  // A snapshot cannot carry them: they are not there, and what comes is marked rightly.
  await visit.page.reload();
  await visit.sees("three");
  await hasKeyboard(visit);
  await visit.line("echo fo''ur");
  await prompted(visit, "four");
  await visit.line("false");
  await marked(visit, "false: exit status 1, ");
  expect((await marks(visit))[0]).not.toContain("true");
  await visit.end();
});

test("from command to command, with the one that is looked at in view", async () => {
  const visit = await shell();
  await visit.line("seq 1 70; false");
  await prompted(visit, "70");
  await visit.line("seq 101 170");
  await prompted(visit, "170");
  await press(visit, "BracketLeft");
  await topIs(visit, "$ seq 101 170");
  await visit.says("seq 101 170: exit status 0");
  expect(await visit.page.locator(".mark-row:visible").count()).toBe(1);
  await press(visit, "BracketLeft");
  await topIs(visit, "$ seq 1 70; false");
  await press(visit, "BracketRight");
  await topIs(visit, "$ seq 101 170");
  await press(visit, "BracketRight");
  await prompted(visit, "170");
  const sticky = visit.page.locator(".sticky-command");
  expect(await sticky.isVisible()).toBe(false);
  // Half a screen up, in the middle of an output: its command is said above it.
  await visit.page.keyboard.press("Shift+PageUp");
  await visit.page.keyboard.press("Shift+PageUp");
  await sticky.getByText("seq 1").waitFor();
  await accessible(visit, "the line of a command");
  const covered = await top(visit);
  const words = (await sticky.innerText()).split("\n");
  await sticky.click();
  await topIs(visit, `$ ${words[0]}`);
  expect(covered).not.toContain("seq");
  // Whoever types is back at the prompt.
  await visit.line("echo ba''ck");
  await visit.sees("back");
  expect(await sticky.isVisible()).toBe(false);
  await visit.end();
});

test("the output of a command is copied as it was printed", async () => {
  const visit = await shell();
  const clipboard = () => visit.page.evaluate(() => navigator.clipboard.readText());
  await visit.line("printf 'one\\n  two  x\\npart'");
  await marked(visit, "printf ");
  await choose(visit, "copy the output");
  await visit.says("3 lines copied");
  expect(await clipboard()).toBe("one\n  two  x\npart");

  await visit.line("");
  await visit.line(`printf '%0300d\\n' 7; echo end`);
  await prompted(visit, "end");
  await marked(visit, "printf '%0300d");
  await choose(visit, "copy the output");
  await visit.says("2 lines copied");
  expect(await clipboard()).toBe(`${"7".padStart(300, "0")}\nend\n`);

  await visit.line("true");
  await marked(visit, "true");
  await choose(visit, "copy the output");
  await visit.says("no output here");

  // Of the command that was gone to.
  await press(visit, "BracketLeft");
  await press(visit, "BracketLeft");
  await visit.says("printf '%0300d\\n' 7; echo end: exit status 0");
  await choose(visit, "select the output");
  await visit.page.evaluate(() => navigator.clipboard.writeText(""));
  await press(visit, "C");
  await expect.poll(clipboard).toMatch(/^0{299}7\s+end\s*$/);

  // More than the page holds: the rest, and it says so.
  await visit.line("seq 1 9000");
  await prompted(visit, "9000");
  await choose(visit, "copy the output of seq 1 9000");
  await visit.says("The beginning of the output is no longer in this page.");
  const rest = (await clipboard()).trimEnd().split("\n");
  expect(rest.at(-1)).toBe("9000");
  expect(rest.length).toBeGreaterThan(4000);
  expect(rest).toEqual(rest.map((_, at) => String(9000 - rest.length + 1 + at)));

  // What was wiped away is nobody's output.
  await visit.line("clear; printf '\\033[3J'");
  await choose(visit, "previous command");
  await visit.says("no other command");
  await visit.end();
});

test("hostile marks do no harm", async () => {
  const visit = await shell();
  await visit.line(
    `for i in $(seq 3000); do printf '\\033]133;A\\007\\033]133;B\\007x\\033]133;C\\007\\n\\033]133;D;%s\\007' $i; done; echo sur''vived`,
  );
  await visit.sees("survived");
  await visit.line(
    `printf '\\033]633;E;<img src=x onerror=alert(1)>\\033\\\\\\033]133;constructor\\007'`,
  );
  await visit.line("for i in $(seq 2000); do printf '\\033]9;flood %s\\007' $i; done; echo al''so");
  await visit.sees("also");
  expect(await visit.page.locator(".toast").count()).toBeLessThanOrEqual(4);
  await visit.end();
});

test("the folder is told where the process is", async () => {
  const visit = await shell();
  await visit.line("cd /usr/share");
  const tab = visit.page.getByRole("tab").first();
  await visit.until(
    "the folder",
    () =>
      document.querySelector("[role=tab]")?.getAttribute("title")?.includes("(/usr/share)") ===
      true,
  );
  // That of another host is not this one's.
  await visit.line("printf '\\033]7;file://elsewhere/tmp\\007'; echo sa''me");
  await visit.sees("same");
  expect(await tab.getAttribute("title")).toContain("(/usr/share)");
  await visit.end();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`accessible on a phone, ${colorScheme}`, async () => {
    const visit = await shell({ colorScheme, width: 390, height: 844 });
    await visit.line("seq 1 270; false");
    await prompted(visit, "270");
    await visit.page.keyboard.press("Shift+PageUp");
    await visit.page.locator(".sticky-command").getByText("seq 1 270").waitFor();
    await accessible(visit, "marks on a phone");
    await visit.end();
  });
}
