// The page in another language, found by what its parts are and not by what they are called.

import { create } from "../browser/api";
import { come, hasKeyboard, press, seesIn, shows } from "../browser/desk";
import { Server } from "../browser/server";
import { endLost, type Looked, optionsOf, visitTo } from "./look";

const CONFIG = "[app.top]\ncommand = ['top', '-d', '1']\n";

async function outside(looked: Looked, language: string): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"], config: CONFIG });
  await create(server, { name: "failed", command: ["false"] });
  await create(server, { name: "work", command: ["cat"] });
  await create(server, { name: "pipes", command: ["cat"], mode: "pipe" });
  const visit = await visitTo(looked, server.url, { language });
  const { page } = visit;
  await page.locator(".tile .mark.bad").waitFor();
  await looked.look(visit, `${language}-overview`);
  await page.locator(".dash-bar button").click();
  await page.getByRole("dialog").waitFor();
  await looked.look(visit, `${language}-new`);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("searchbox").fill("nothing like this");
  await page.locator(".dash-empty").waitFor();
  await looked.look(visit, `${language}-no-match`);
  await page.goto(`${server.url}s/pipes`);
  await page.locator(".input-line input").waitFor();
  await looked.look(visit, `${language}-pipe`);
  await visit.end();
  await server.stop();
  const door = await Server.start();
  const stranger = await visitTo(looked, door.url, { language });
  await stranger.page.locator("form.card").waitFor();
  await looked.look(stranger, `${language}-login`);
  await stranger.end();
  await door.stop();
}

async function inside(looked: Looked, language: string): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const narrow = looked.device.width < 600;
  const visit = await come(server.open, { ...optionsOf(looked), language });
  const { page } = visit;
  const look = (state: string) => looked.look(visit, `${language}-${state}`);
  await hasKeyboard(visit);
  await press(visit, "D");
  await shows(visit, narrow ? [2] : [1, 2], 2);
  await hasKeyboard(visit);
  await visit.line("clear; ls -w 30 /usr; echo re''ady");
  await seesIn(visit, 2, "ready");
  await look("splits");
  await press(visit, "Enter");
  await shows(visit, [3], 3);
  await hasKeyboard(visit);
  await visit.line("exit 3");
  await page.locator(".exit.bad:visible").waitFor();
  await look("tabs");
  await page.locator(".session-name summary").click();
  await look("menu");
  await page.locator(".session-name summary").click();
  await page.locator(".here summary").click();
  await look("viewers");
  await page.locator(".here summary").click();
  await press(visit, "Space");
  await page.locator(".choices [role=option]").first().waitFor();
  await look("palette");
  await page.keyboard.press("Escape");
  await press(visit, "Digit1");
  await hasKeyboard(visit);
  await press(visit, "F");
  await page.locator(".find input").fill("ready");
  await page.locator(".find p span").first().waitFor();
  await look("find");
  await page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await press(visit, "Comma");
  await page.locator("dialog.settings").waitFor();
  await look("settings");
  await page.keyboard.press("Escape");
  await hasKeyboard(visit);
  await press(visit, "X");
  await page.getByRole("dialog").waitFor();
  await look("question");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await server.stop();
  await page.locator(".banner").waitFor();
  await look("reconnecting");
  await endLost(visit);
}

/** A language's most important states. */
const tour = (language: string) => async (looked: Looked) => {
  await outside(looked, language);
  await inside(looked, language);
};

export const german = tour("de");
export const mirrored = tour("ar-XB");
