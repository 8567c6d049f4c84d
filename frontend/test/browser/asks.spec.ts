// What programs ask of the person in front of the page: asked in the page's own frame, answered by
// hand, and seen nowhere else.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accessible, come, hasKeyboard } from "./desk";
import { Server } from "./server";

const SECRET = "correct horse";

/** More than one part of an upload, and more than one piece of a download. */
const SIZE = 9 * 1024 * 1024 + 7;

test("a large file goes both ways, on a phone, and replaces nothing unasked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "awp-asks-"));
  const server = await Server.start({ flags: ["--no-auth", "--cwd", folder] });
  const phone = { width: 390, height: 844, touch: true, language: "de" };
  const visit = await come(server.open, phone);
  const { page } = visit;
  const awp = process.env["AWP_BIN"] ?? "";
  const run = async (line: string) => {
    await page.locator(".xterm").first().click();
    await hasKeyboard(visit);
    await page.keyboard.type(`clear; ${awp} ${line}; echo "ended with $?"\n`);
  };
  const bytes = Buffer.from(Uint8Array.from({ length: SIZE }, (_, index) => (index * 7) % 251));
  writeFileSync(join(folder, "kept.bin"), "kept");

  await run("upload --to .");
  const asked = page.getByRole("region", { name: "bittet um eine Datei" });
  await asked.getByText(`Sie kommt nach ${folder}`).waitFor();
  await accessible(visit, "a file that is asked for on a phone");
  for (const button of await asked.getByRole("button").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  const choose = async (name: string) => {
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      asked.getByRole("button", { name: "Datei auswählen" }).click(),
    ]);
    await chooser.setFiles([{ name, mimeType: "text/plain", buffer: bytes }]);
  };
  await choose("kept.bin");
  await page.locator(".files li.asking").waitFor();
  await page.locator(".files li.asking").getByRole("button", { name: "Ersetzen" }).click();
  await page.locator(".files li.failed").waitFor();
  expect(readFileSync(join(folder, "kept.bin"), "utf8")).toBe("kept");
  // The program still waits: another one will do.
  await choose("own.bin");
  await visit.sees("ended with 0");
  expect(readFileSync(join(folder, "own.bin")).equals(bytes)).toBe(true);
  await asked.waitFor({ state: "detached" });

  await run("download own.bin");
  const offered = page.getByRole("region", { name: "hat eine Datei für Sie" });
  const [taken] = await Promise.all([
    page.waitForEvent("download"),
    offered.getByRole("button", { name: "Sichern" }).click(),
  ]);
  expect(readFileSync(await taken.path()).equals(bytes)).toBe(true);
  await visit.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a secret, yes or no and files are asked for and given by hand", async () => {
  const folder = mkdtempSync(join(tmpdir(), "awp-asks-"));
  const server = await Server.start({ flags: ["--no-auth", "--cwd", folder] });
  const visit = await come(server.open);
  const { page } = visit;
  const awp = process.env["AWP_BIN"] ?? "";
  const type = (line: string) => page.keyboard.type(`clear; ${line}\n`);
  const toast = (name: string) => page.getByRole("region", { name });
  const gone = (name: string) => toast(name).waitFor({ state: "detached" });

  await type(`${awp} askpass 'Password for ada:' > secret; echo "status $?"`);
  const secret = toast("asks for a secret");
  await secret.getByText("Password for ada:").waitFor();
  // Whoever typed the command goes on typing: the keyboard is in the question.
  await visit.until("the keyboard in the question", () => {
    return document.activeElement instanceof HTMLInputElement;
  });
  await accessible(visit, "a secret that is asked for");
  const box = secret.getByLabel("Password for ada:");
  expect(await box.getAttribute("type")).toBe("password");
  await secret.getByLabel("Show what is typed").check();
  expect(await box.getAttribute("type")).toBe("text");
  await box.fill(SECRET);
  await box.press("Enter");
  await visit.sees("status 0");
  await gone("asks for a secret");
  expect(readFileSync(join(folder, "secret"), "utf8")).toBe(`${SECRET}\n`);
  expect((await visit.screen()).join("\n")).not.toContain(SECRET);
  await hasKeyboard(visit);

  await type(`${awp} confirm 'Delete it?' && echo "it is" gone || echo "it is" kept`);
  await toast("asks").getByText("Delete it?").waitFor();
  await accessible(visit, "yes or no");
  await toast("asks").getByRole("button", { name: "No" }).click();
  await visit.sees("it is kept");
  await hasKeyboard(visit);

  await type(`cat "$(${awp} upload 'the orders' --accept .csv)"; echo "re"ad`);
  const file = toast("asks for a file");
  await file.getByText("the orders").waitFor();
  await accessible(visit, "a file that is asked for");
  const chooser = page.waitForEvent("filechooser");
  await file.getByRole("button", { name: "Choose a file" }).click();
  const content = { name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from("bolts,7\n") };
  await (await chooser).setFiles(content);
  await visit.sees("bolts,7");
  await gone("asks for a file");

  writeFileSync(join(folder, "report.txt"), "all is well");
  await page.locator(".xterm").first().click();
  await type(`${awp} download report.txt; rm report.txt`);
  const offer = toast("has a file for you");
  await offer.getByText("report.txt, 11 B").waitFor();
  await accessible(visit, "a file that is offered");
  const download = page.waitForEvent("download");
  await offer.getByRole("button", { name: "Save" }).click();
  const kept = await download;
  expect(kept.suggestedFilename()).toBe("report.txt");
  expect(readFileSync(await kept.path(), "utf8")).toBe("all is well");

  // A question waits for whoever comes: it is there again after a reload, and goes with its program.
  await page.locator(".xterm").first().click();
  await type(`${awp} askpass 'Again:'; echo "status $?"`);
  await toast("asks for a secret").getByText("Again:").waitFor();
  await page.reload();
  await toast("asks for a secret").getByText("Again:").waitFor();
  await page.locator(".xterm").first().click();
  await page.keyboard.press("Control+c");
  await gone("asks for a secret");
  await visit.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
