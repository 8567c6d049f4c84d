// The states that fingers lead to: keys, the compose bar, a selection, sheets.

import { ABOVE_KEYBOARD, Phone } from "../browser/phone";
import { Server } from "../browser/server";
import { type Looked, optionsOf } from "./look";

export async function fingers(looked: Looked): Promise<void> {
  if (!looked.device.touch) return;
  const server = await Server.start({ flags: ["--no-auth"] });
  const phone = await Phone.to(server.open, { ...optionsOf(looked), scale: 1 });
  const { visit } = phone;
  const { page } = visit;
  const look = (state: string) => looked.look(visit, state);
  await visit.line("clear; seq -f 'line %g' 1 60; echo 'alpha beta/gam''ma delta'");
  await phone.find("gamma");
  await phone.key("Ctrl");
  await phone.key("Ctrl");
  await look("keys");
  await phone.key("Ctrl");
  await page.locator(".strip").evaluate((strip) => strip.scrollTo({ left: strip.clientWidth * 4 }));
  await look("keys-last");
  await page.locator(".strip").evaluate((strip) => strip.scrollTo({ left: 0 }));
  const slash = await page.getByRole("button", { name: "/", exact: true }).boundingBox();
  if (slash === null) throw new Error("there is no key");
  await phone.touch("touchStart", [[slash.x + 10, slash.y + 10]]);
  await page.locator(".variants").waitFor();
  await look("keys-variants");
  await phone.touch("touchEnd", []);
  await page.locator(".variants button").first().tap();
  await page.keyboard.press("Backspace");
  await phone.press(await phone.find("gamma"));
  await look("selection");
  await phone.key("As text");
  await page.getByRole("dialog").waitFor();
  await look("text-sheet");
  await phone.key("Close");
  await phone.key("Compose");
  await page.keyboard.type("a sentence that is written in peace");
  await look("compose");
  await phone.key("Compose");
  if (looked.device.width < 600) {
    await phone.slide(ABOVE_KEYBOARD);
    await visit.live();
    await look("above-keyboard");
    await phone.slide(looked.device.height);
  }
  await page.locator(".strip").evaluate((strip) => strip.scrollTo({ left: strip.scrollWidth }));
  await page.getByRole("button", { name: "Edit macros" }).tap();
  await page.getByLabel("Name").fill("deploy");
  await page.getByLabel("What it types").fill("make deploy\\n");
  await page.getByRole("button", { name: "Add" }).tap();
  await look("macros");
  await phone.end();
  await server.stop();
}
