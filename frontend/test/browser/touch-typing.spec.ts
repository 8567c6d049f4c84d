// Typing on a phone: whatever its keyboard does to the text, the program gets the right bytes.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Phone } from "./phone";
import { Server } from "./server";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

/** Types on a phone and compares what the program was given, byte by byte. */
async function types(
  wanted: string,
  act: (phone: Phone) => Promise<void>,
  pastes = false,
): Promise<void> {
  const phone = await Phone.to(server.open);
  await phone.recordBytes(Buffer.byteLength(wanted), pastes);
  await act(phone);
  expect((await phone.bytes()).toString()).toBe(wanted);
  await phone.end();
}

const RUB = "\x7f";

test("plain keys, Enter and Backspace", () =>
  types(`ls -l${RUB}a\r${RUB}\t\x1b[A`, async ({ visit: { page } }) => {
    await page.keyboard.type("ls -l");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("a");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowUp");
  }));

test("a word that is corrected later", () =>
  types(`helo${RUB}lo there`, async (phone) => {
    for (const letter of "helo") await phone.insert(letter);
    await phone.replace(0, 4, "hello");
    await phone.insert(" there");
  }));

test("an earlier word that is corrected, and typing goes on at the end", () =>
  types(`teh cat${RUB.repeat(6)}he cat!`, async (phone) => {
    await phone.visit.page.keyboard.type("teh cat");
    await phone.replace(0, 3, "the");
    await phone.caret(7);
    await phone.insert("!");
  }));

test("two spaces that become a full stop", () =>
  types(`done ${RUB}. Next`, async (phone) => {
    await phone.visit.page.keyboard.type("done ");
    await phone.replace(4, 5, ". ");
    await phone.insert("Next");
  }));

test("swiped words and a dictated sentence", () =>
  types("git status now, it said", async (phone) => {
    await phone.insert("git");
    await phone.insert(" status");
    await phone.insert(" now, it said");
  }));

test("a word that grows while it is composed, then the next one key by key", () =>
  types(`echo w${RUB}hi`, async (phone) => {
    await phone.compose("e", "ec", "ech", "echo");
    await phone.insert("echo ");
    // This keyboard composes plain words: from now on each key is sent when it is pressed.
    await phone.compose("w");
    await phone.visit.until("nothing held", () => document.querySelector(".preedit") === null);
    await phone.compose("h", "hi");
    await phone.insert("hi");
  }));

test("pinyin is committed once, and shown until then", () =>
  types("你好吗", async (phone) => {
    await phone.compose("n", "ni", "ni'h", "ni'hao");
    await phone.visit.says("ni'hao");
    await phone.insert("你好");
    await phone.compose("m", "ma");
    await phone.insert("吗");
  }));

test("kana", () =>
  types("日本ご", async (phone) => {
    await phone.compose("n", "に", "にh", "にほ", "にほn", "にほん", "日本");
    await phone.insert("日本");
    await phone.compose("g", "ご");
    await phone.insert("ご");
  }));

test("hangul", () =>
  types("한글", async (phone) => {
    await phone.compose("ㅎ", "하", "한");
    await phone.insert("한");
    await phone.compose("ㄱ", "그", "글");
    await phone.insert("글");
  }));

test("a dead key", () =>
  types("é!", async (phone) => {
    await phone.compose("´");
    await phone.insert("é");
    await phone.insert("!");
  }));

test("a composition that a key of the row cuts short", () =>
  types("ech\to", async (phone) => {
    await phone.compose("e", "ec", "ech");
    await phone.key("Tab");
    await phone.insert("o");
  }));

test("a caret that the keyboard moves", () =>
  types("abcd\x1b[D\x1b[Dx\x1b[C\x1b[Cy", async (phone) => {
    await phone.insert("abcd");
    await phone.caret(2);
    await phone.insert("x");
    await phone.caret(5);
    await phone.insert("y");
  }));

test("several lines at once are a paste", () =>
  types("\x1b[200~one\rtwo\x1b[201~", (phone) => phone.insert("one\ntwo"), true));

test("what is being typed stays in the surface until the line ends", async () => {
  const phone = await Phone.to(server.open);
  await phone.insert("echo");
  await phone.insert(" word");
  const value = () =>
    phone.visit.page.evaluate(() => (document.activeElement as HTMLTextAreaElement).value);
  expect(await value()).toBe("echo word");
  await phone.visit.page.keyboard.press("Enter");
  expect(await value()).toBe("");
  await phone.row("word");
  await phone.end();
});

test("after a dialog what is typed still arrives", async () => {
  const phone = await Phone.to(server.open);
  const { visit } = phone;
  await visit.line("clear");
  await visit.page.keyboard.press("Control+Shift+Space");
  await visit.page.getByRole("dialog").waitFor();
  await visit.page.keyboard.press("Escape");
  await visit.page.getByRole("dialog").waitFor({ state: "detached" });
  await visit.live();
  await visit.line("echo ar''rived");
  await phone.row("arrived");
  await phone.end();
});
