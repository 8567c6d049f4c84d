// Makes a picture of every state of the page, at three sizes, light and dark, from the real binary:
// `AWP_BIN=... npm run states -- --out DIR [--scene NAME] [--device NAME]`.
// With `--forced` they are in the system's few colours.
// With `--sheets` the pictures of a state are put together on one as well.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Visit } from "./browser/visit";
import { DEVICES, inBothColours } from "./states/look";
import { SCENES } from "./states/scenes";

/** CSS pixels of a sheet, and of the pictures on it: all of a state are seen at once. */
const SHEET = { width: 1600, picture: 430 };

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    out: { type: "string", default: "states" },
    scene: { type: "string", multiple: true },
    device: { type: "string", multiple: true },
    forced: { type: "boolean", default: false },
    sheets: { type: "boolean", default: false },
  },
});

const chosen = (wanted: string[] | undefined, name: string) => wanted?.includes(name) ?? true;

async function pictures(folder: string): Promise<void> {
  for (const device of DEVICES.filter(({ name }) => chosen(values.device, name))) {
    for (const [name, scene] of Object.entries(SCENES)) {
      if (!chosen(values.scene, name)) continue;
      console.info(`${device.name}: ${name}`);
      const look = (visit: Visit, state: string) =>
        inBothColours(visit, async (scheme) => {
          const path = join(folder, `${state}-${device.name}-${scheme}.png`);
          await visit.page.screenshot({ path });
        });
      await scene({ device, look, options: { forcedColors: values.forced } }).catch(
        (error: unknown) => {
          console.error(error);
          process.exitCode = 1;
        },
      );
    }
  }
}

/** Puts the pictures of each state on one sheet. */
async function sheets(folder: string): Promise<void> {
  const states = new Map<string, string[]>();
  for (const file of readdirSync(folder).sort()) {
    const state = /^(.*)-(phone|tablet|desktop)-(dark|light)\.png$/.exec(file)?.[1];
    if (state !== undefined) states.set(state, [...(states.get(state) ?? []), file]);
  }
  const page = join(folder, "sheet.html");
  writeFileSync(page, "<!doctype html>");
  const visit = await Visit.to(pathToFileURL(page).href, { width: SHEET.width, height: 400 });
  for (const [state, files] of states) {
    const html = files.map((file) => `<img src="${file}" height="${SHEET.picture}">`).join(" ");
    writeFileSync(page, `<!doctype html><body style="margin:4px;background:#808">${html}`);
    await visit.page.reload({ waitUntil: "load" });
    await visit.page.screenshot({ path: join(folder, `sheet-${state}.png`), fullPage: true });
  }
  await visit.end();
}

const folder = resolve(values.out);
mkdirSync(folder, { recursive: true });
await pictures(folder);
if (values.sheets) await sheets(folder);
// A scene that failed has left its browser and its server behind.
process.exit();
