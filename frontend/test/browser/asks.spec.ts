// What programs ask of the person in front of the page: asked in the page's own frame, answered by
// hand, and seen nowhere else.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accessible, come, hasKeyboard } from "./desk";
import { Server } from "./server";

const SECRET = "correct horse";

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
