// How far a program is: on its tab, in the status line and in the page's title, whichever way it
// tells.

import { expect, test } from "vitest";
import { accessible, come, hasKeyboard, press, shows } from "./desk";
import { Server } from "./server";

test("progress is shown while there is some, and ends with its process", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open);
  await hasKeyboard(visit);
  const title = (wanted: string) =>
    visit.until(`the title "${wanted}"`, (text) => document.title.startsWith(text), wanted);
  const tell = (text: string) => visit.line(`printf '\\033]9;4;${text}\\007'`);
  await tell("1;40");
  await title("(40 %) ");
  const line = visit.page.locator(".status .progress");
  expect(await line.textContent()).toBe("40 %");
  const bar = visit.page.locator(".tab-progress");
  const width = () => bar.evaluate((shown) => (shown as HTMLElement).style.width);
  expect(await width()).toBe("40%");
  expect(await visit.page.getByRole("tab").textContent()).toContain("40 %");
  await accessible(visit, "progress in a tab");
  await tell("2;41");
  await title("(failed 41 %) ");
  await accessible(visit, "progress that failed");
  await tell("4;42");
  await title("(paused 42 %) ");
  await tell("3");
  await title("(working) ");
  await accessible(visit, "progress without an end");
  await tell("9;nonsense");
  await tell("0");
  await title("bash");
  expect(await bar.count()).toBe(0);

  // The same by the control socket.
  await visit.line(`${process.env["AWP_BIN"]} progress 70 --text 'copying'`);
  await title("(70 %) ");
  await visit.line(`${process.env["AWP_BIN"]} progress 100 --text 'copied'`);
  await title("bash");

  // One that ends in the middle of it makes no more.
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  await hasKeyboard(visit);
  await visit.line("printf '\\033]9;4;1;50\\007'");
  await title("(50 %) ");
  await visit.line("exit");
  await title("bash");
  await visit.end();
  await server.stop();
});
