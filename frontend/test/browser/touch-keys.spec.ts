// The key row and the compose bar on a phone.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ABOVE_KEYBOARD, Phone } from "./phone";
import { Server } from "./server";
import { Visit } from "./visit";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

const inTerminal = () => document.activeElement?.hasAttribute("data-terminal-input") === true;

test("keys of the row reach the program and leave the focus where it is", async () => {
  const phone = await Phone.to(server.open);
  const wanted = "\x1b\t\x1b[D\x1b[B\x1b[A\x1b[C/~|\x03\x1b[24~\x1b[H";
  await phone.recordBytes(wanted.length);
  for (const name of ["Esc", "Tab", "Left", "Down", "Up", "Right", "/", "~", "|"]) {
    await phone.key(name);
    expect(await phone.visit.page.evaluate(inTerminal), name).toBe(true);
  }
  for (const name of ["^C", "F12", "Home"]) await phone.key(name);
  expect((await phone.bytes()).toString()).toBe(wanted);
  await phone.end();
});

test("Ctrl is held for one key, then locked, then let go", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  const pressed = (name: string) =>
    page.getByRole("button", { name, exact: true }).getAttribute("aria-pressed");
  const wanted = "\x01b\x03\x04e\x1bf\x1b[1;5D\x1b\x07h\x1a";
  await phone.recordBytes(wanted.length);
  expect(await pressed("Ctrl")).toBe("false");
  await phone.key("Ctrl");
  expect(await pressed("Ctrl")).toBe("true");
  await phone.insert("a");
  expect(await pressed("Ctrl")).toBe("false");
  await phone.insert("b");
  await phone.key("Ctrl");
  await phone.key("Ctrl");
  await page.keyboard.press("c");
  await phone.insert("d");
  expect(await pressed("Ctrl")).toBe("true");
  await phone.key("Ctrl");
  expect(await pressed("Ctrl")).toBe("false");
  await phone.insert("e");
  await phone.key("Alt");
  await phone.insert("f");
  await phone.key("Ctrl");
  await phone.key("Left");
  await phone.key("Ctrl");
  await phone.key("Alt");
  await phone.insert("g");
  await phone.insert("h");
  // A keyboard that composes even single letters.
  await phone.key("Ctrl");
  await phone.compose("z");
  expect((await phone.bytes()).toString()).toBe(wanted);
  await phone.end();
});

test("an arrow repeats while a finger rests on it", async () => {
  const phone = await Phone.to(server.open);
  await phone.recordBytes(12);
  const box = await phone.visit.page.getByRole("button", { name: "Up", exact: true }).boundingBox();
  if (box === null) throw new Error("there is no key");
  await phone.touch("touchStart", [[box.x + 20, box.y + 20]]);
  expect((await phone.bytes()).toString()).toBe("\x1b[A".repeat(4));
  await phone.touch("touchEnd");
  await phone.end();
});

test("a long press offers variants, to tap or to slide to", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await phone.recordBytes(5);
  const hold = async (name: string) => {
    const box = await page.getByRole("button", { name, exact: true }).boundingBox();
    if (box === null) throw new Error("there is no key");
    await phone.touch("touchStart", [[box.x + 20, box.y + 20]]);
    await page.getByRole("group", { name: `Variants of ${name}` }).waitFor();
  };
  await hold("Tab");
  await phone.touch("touchEnd");
  await phone.key("Shift Tab");
  await hold("|");
  const semicolon = await page.getByRole("button", { name: ";", exact: true }).boundingBox();
  if (semicolon === null) throw new Error("there is no variant");
  await phone.touch("touchMove", [[semicolon.x + 20, semicolon.y + 20]]);
  await phone.touch("touchEnd", []);
  await phone.key("-");
  expect((await phone.bytes()).toString()).toBe("\x1b[Z;-");
  expect(await page.evaluate(inTerminal)).toBe(true);
  await phone.end();
});

test("the pages of keys are swiped and turned", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  const key = page.getByRole("button", { name: "^Z", exact: true });
  const inView = () =>
    key.evaluate((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left >= 0 && right <= innerWidth;
    });
  expect(await inView()).toBe(false);
  const box = await page.getByRole("button", { name: "_", exact: true }).boundingBox();
  if (box === null) throw new Error("there is no key");
  await phone.swipe([box.x + 20, box.y + 20], [20, box.y + 20]);
  await expect.poll(inView, { timeout: 10_000 }).toBe(true);
  await phone.key("More keys");
  await expect.poll(inView, { timeout: 10_000 }).toBe(false);
  expect(await page.evaluate(inTerminal)).toBe(true);
  await phone.end();
});

test("every button is large enough for a finger", async () => {
  for (const [width, height] of [
    [360, 640],
    [390, 844],
    [820, 1180],
  ] as const) {
    const phone = await Phone.to(server.open, { width, height });
    await phone.key("Compose");
    const small = await phone.visit.page.evaluate(() =>
      [...document.querySelectorAll("button")]
        .map((button) => ({
          name: button.ariaLabel ?? button.innerText,
          box: button.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
        .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
    );
    expect(small).toEqual([]);
    await phone.end();
  }
});

test("the compose bar sends what was written, as a paste where the program wants one", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  const wanted = "\x1b[200~one two\rthree\x1b[201~\rfour";
  await phone.recordBytes(wanted.length, true);
  await phone.key("Compose");
  const box = page.getByRole("textbox", { name: /compose/i });
  await phone.visit.until("the focus", () => document.activeElement?.closest(".compose") !== null);
  await phone.insert("one two");
  await page.keyboard.press("Enter");
  await phone.insert("three");
  await phone.key("Send");
  expect(await box.inputValue()).toBe("");
  expect(await phone.visit.page.evaluate(inTerminal)).toBe(false);
  await phone.key("Compose");
  expect(await box.count()).toBe(0);
  await phone.visit.until("the focus back", inTerminal);
  await phone.insert("four");
  expect((await phone.bytes()).toString()).toBe(wanted);
  await phone.end();
});

test("what was composed is run by Send and only written by Insert", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await phone.key("Compose");
  const box = page.getByRole("textbox", { name: /compose/i });
  await box.fill("echo in-$((40 + 2))");
  await phone.key("Insert");
  await phone.visit.sees("echo in-$((40 + 2))");
  await box.fill("; echo out-$((50 + 2))");
  await phone.key("Send");
  await phone.row("in-42");
  await phone.row("out-52");
  await phone.end();
});

test("a macro is made, types, and stays", async () => {
  const phone = await Phone.to(server.open);
  const { page } = phone.visit;
  await phone.key("Edit macros");
  await page.getByLabel("Name").fill("six");
  await page.getByLabel("What it types").fill("echo $((2 * 3))-six\\n");
  await phone.key("Add");
  await phone.key("Close");
  await phone.key("six");
  await phone.row("6-six");
  await page.reload();
  await phone.visit.live();
  await phone.key("six");
  await phone.visit.until("it typed again", () => {
    const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
    return awp.screenText(0).filter((row) => row === "6-six").length === 2;
  });
  await phone.end();
});

test("the keyboard's coming and going is one change of size each", async () => {
  const phone = await Phone.to(server.open);
  const { visit } = phone;
  const program =
    'perl -e \'$| = 1; $SIG{WINCH} = sub { print "winch ", ++$n, "\\n" }; print "rea", "dy\\n";' +
    ' while (1) { print "key\\n" if sysread(STDIN, $b, 1) }\'';
  await visit.line(`clear; stty -icanon -echo; ${program}`);
  await visit.sees("ready");
  const tall = (await visit.pane()).rows;
  await phone.slide(ABOVE_KEYBOARD);
  await visit.sees("winch 1");
  expect((await visit.pane()).rows).toBeLessThan(tall);
  await phone.slide(844);
  await visit.sees("winch 2");
  expect((await visit.pane()).rows).toBe(tall);
  await phone.insert("x");
  await visit.sees("key");
  expect((await visit.screen()).join("\n")).not.toContain("winch 3");
  await phone.end();
});

test("where there are no fingers none of this is loaded", async () => {
  const visit = await Visit.to(server.open);
  const loaded: string[] = [];
  visit.page.on("request", (request) => loaded.push(request.url()));
  await visit.page.reload();
  await visit.live();
  await visit.page.waitForLoadState("networkidle");
  expect(loaded.filter((url) => url.includes("surface"))).toEqual([]);
  expect(loaded.some((url) => url.includes("main"))).toBe(true);
  expect(await visit.page.getByRole("toolbar").count()).toBe(0);
  await visit.end();
});

test("a kiosk has the typing and none of the keys", async () => {
  const phone = await Phone.to(`${server.url}kiosk/default?keyboard=off`);
  await phone.insert("echo k");
  await phone.insert("iosk-$((1 + 1))");
  await phone.visit.page.keyboard.press("Enter");
  await phone.row("kiosk-2");
  expect(await phone.visit.page.getByRole("toolbar").count()).toBe(0);
  expect(await phone.visit.page.getByRole("button").count()).toBe(0);
  await phone.end();
});
