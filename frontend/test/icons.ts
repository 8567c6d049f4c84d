// Draws the icons of an installed page from src/icon.svg: `npm run icons`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const SOURCE = join(import.meta.dirname, "../src");

/** The files: their size in pixels, and how much of it the drawing takes; a mask may cut the rest. */
const ICONS = [
  { file: "icon-192.png", size: 192, part: 1 },
  { file: "icon-512.png", size: 512, part: 1 },
  { file: "maskable-512.png", size: 512, part: 0.72 },
];

/** The ground of the drawing, which goes to the edges of a mask. */
const GROUND = "#15191f";

const drawing = readFileSync(join(SOURCE, "icon.svg"), "utf8");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const { file, size, part } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const ground = part < 1 ? GROUND : "transparent";
  const side = size * part;
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground}">
     <div style="width:${side}px;height:${side}px">${drawing}</div>`,
  );
  await page.screenshot({ path: join(SOURCE, "icons", file), omitBackground: true });
}
await browser.close();
