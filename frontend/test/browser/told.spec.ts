// What programs tell the page over their control socket: shown in the page's own frame, done only by
// the person's hand.

import { expect, test } from "vitest";
import { accessible, come } from "./desk";
import { Server } from "./server";

test("notices, links and texts are shown, and nothing happens without a click", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open);
  const { page } = visit;
  const awp = process.env["AWP_BIN"] ?? "";
  const run = async (line: string) => {
    await page.keyboard.type(`${awp} ${line}; echo "done"; clear\n`);
  };
  await run("notify 'the build is done' --title make");
  const made = page.getByRole("region", { name: "make" });
  await made.getByText("the build is done").waitFor();
  await accessible(visit, "a notice");
  await made.getByRole("button", { name: "Dismiss" }).click();
  await made.waitFor({ state: "detached" });

  const address = `${server.url}healthz?code=<b>1</b>`;
  await page.locator(".xterm").first().click();
  await run(`open '${address}'`);
  const link = page.getByRole("region", { name: "wants to open a link" });
  await link.getByText(address).waitFor();
  expect(page.context().pages()).toHaveLength(1);
  await accessible(visit, "a link");
  const opened = page.context().waitForEvent("page");
  await link.getByRole("link", { name: "Open" }).click();
  expect(new URL((await opened).url()).pathname).toBe("/healthz");
  await (await opened).close();

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator(".xterm").first().click();
  await run("clip 'copied by awp'");
  const clip = page.getByRole("region", { name: "wants to copy this" });
  await clip.getByRole("button", { name: "Copy" }).click();
  await clip.waitFor({ state: "detached" });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("copied by awp");

  await page.locator(".xterm").first().click();
  await run("progress 40 --text 'copying files'");
  const bar = page.getByRole("progressbar", { name: "copying files" });
  await bar.waitFor();
  expect(await bar.getAttribute("value")).toBe("40");
  await accessible(visit, "progress");
  await run("progress 41 --text 'still copying'");
  await page.getByRole("progressbar", { name: "still copying" }).waitFor();
  expect(await page.getByRole("progressbar").count()).toBe(1);
  await run("title nightly");
  await visit.says("nightly");
  await visit.end();
  await server.stop();
});
