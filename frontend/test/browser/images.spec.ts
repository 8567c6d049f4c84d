// Images that programs draw in a terminal: sixels, and files in iTerm's form.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PaneReport } from "../../src/surface";
import { sessions } from "./api";
import { come, hasKeyboard } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

let server: Server;
let visit: Visit;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth", "--on-disconnect", "keep=5m"] });
});
afterEach(() => visit.end());
afterAll(() => server.stop());

type Surface = Window & { awp: { panes(): PaneReport[]; screenText(pane: number): string[] } };

/** A rectangle of one colour as sixels, in the pixels of images: eight by sixteen are a cell. */
function sixels(width: number, bands: number, color = "2;100;0;0"): string {
  const rows = Array.from({ length: bands }, () => `#1!${width}~`);
  return `\x1bPq#1;${color}${rows.join("-")}\x1b\\`;
}

/** The same in a file, in iTerm's form. */
async function file(width: number, height: number, more = ""): Promise<string> {
  const data = await visit.page.evaluate(
    async ([width = 0, height = 0]) => {
      const canvas = new OffscreenCanvas(width, height);
      const pen = canvas.getContext("2d");
      if (pen === null) return "";
      pen.fillStyle = "#00ff00";
      pen.fillRect(0, 0, width, height);
      const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      return btoa(String.fromCharCode(...bytes));
    },
    [width, height],
  );
  return `\x1b]1337;File=inline=1${more}:${data}\x07`;
}

/** Has a program print something on a screen that is empty but for it. */
async function print(text: string): Promise<void> {
  const path = join(mkdtempSync(join(tmpdir(), "awp-images-")), "print");
  writeFileSync(path, text);
  await visit.line(`clear; cat ${path}`);
}

/** Waits until a cell of the screen is drawn in a colour of the images, or in none. */
async function drawn(column: number, row: number, wanted: "red" | "green" | "nothing") {
  await visit.until(
    `${wanted} at ${column}, ${row}`,
    ({ column, row, wanted }) => {
      const canvas = document.querySelector<HTMLCanvasElement>("canvas.images");
      const pane = (window as unknown as Surface).awp.panes()[0];
      if (canvas === null || pane === undefined) return false;
      const x = Math.floor(((column + 0.5) / pane.cols) * canvas.width);
      const y = Math.floor(((row + 0.5) / pane.rows) * canvas.height);
      const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      copy?.drawImage(canvas, -x, -y);
      const pixel = copy?.getImageData(0, 0, 1, 1).data;
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixel ?? [];
      if (wanted === "nothing") return alpha === 0;
      const [most, least] = wanted === "red" ? [red, green] : [green, red];
      return alpha > 250 && most > 250 && least < 5 && blue < 5;
    },
    { column, row, wanted },
  );
}

/** What the server takes the screen for. */
async function served(): Promise<string[]> {
  const all = await sessions(server);
  const id = all.find(({ id }) => visit.page.url().endsWith(id))?.id ?? "";
  const text = await (await fetch(`${server.url}api/v1/sessions/${id}/screen`)).text();
  return text.trimEnd().split("\n");
}

/** Waits until a text is in this row and column, for the page and for the server. */
async function stands(text: string, row: number, column: number): Promise<void> {
  const line = " ".repeat(column) + text;
  await visit.until(
    `"${line}" in row ${row}`,
    ({ line, row }) => (window as unknown as Surface).awp.screenText(0)[row]?.trimEnd() === line,
    { line, row },
  );
  expect((await served())[row]).toBe(line);
}

test("sixels are drawn, and text goes on in their last row", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  // Ten columns, and 18 pixels are two rows.
  await print(`ab${sixels(80, 3)}cd\nnext\n`);
  await stands("next", 2, 0);
  expect((await served()).slice(0, 2)).toEqual(["ab", "  cd"]);
  await drawn(2, 0, "red");
  await drawn(11, 0, "red");
  await drawn(12, 0, "nothing");
  await drawn(1, 0, "nothing");
  // What was written over it is not covered.
  await drawn(2, 1, "nothing");
});

test("a file is drawn as large as its command says, and text goes on beside it", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  await print(`${await file(64, 64)}beside\n`);
  await stands("beside", 3, 8);
  await drawn(0, 0, "green");
  await drawn(7, 3, "green");
  await drawn(8, 0, "nothing");
  await print(`${await file(64, 64, ";width=20")}wide\n`);
  await stands("wide", 9, 20);
  await drawn(19, 9, "green");
  await print(`${await file(64, 64, ";width=4;height=4;preserveAspectRatio=0")}small\n`);
  await stands("small", 3, 4);
  await drawn(3, 3, "green");
  // One that is to be kept rather than shown, and one that is none.
  await print(`\x1b]1337;File=name=eA==:eA==\x07\x1b]1337;File=inline=1:eA==\x07none\n`);
  await stands("none", 0, 0);
  await drawn(0, 0, "nothing");
});

test("images scroll, are covered by others, and go with what erases them", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  await print(`\n\n${sixels(80, 8)}\r\n${"\n".repeat(41)}end\n`);
  await stands("end", 42, 0);
  // Only its last row has not scrolled out of the screen.
  await drawn(0, 0, "red");
  await drawn(0, 1, "nothing");
  await visit.page.keyboard.press("Shift+PageUp");
  await drawn(0, 2, "red");
  await drawn(0, 5, "nothing");
  await print(`${sixels(80, 8)}\x1b[H${sixels(80, 8, "2;0;100;0")}\x1b[2;3H\x1b[K\x1b[5Hend\n`);
  await stands("end", 4, 0);
  await drawn(0, 0, "green");
  await drawn(1, 1, "green");
  await drawn(2, 1, "nothing");
  await drawn(2, 2, "green");
  await visit.line("clear; ec''ho over");
  await stands("over", 0, 0);
  await drawn(0, 0, "nothing");
  await drawn(2, 2, "nothing");
});

test("a program that takes the whole screen has images of its own", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  await print(`${sixels(80, 8)}\n\x1b[?1049h\x1b[H\n\n\n${sixels(80, 3, "2;0;100;0")}`);
  await drawn(0, 3, "green");
  await drawn(0, 0, "nothing");
  await visit.line("printf '\\e[?1049l'");
  await drawn(0, 0, "red");
  await drawn(0, 3, "nothing");
});

test("an image stays where it is in a smaller window", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  await print(`${sixels(80, 8)}\nnext\n`);
  await stands("next", 3, 0);
  await drawn(9, 2, "red");
  await visit.page.setViewportSize({ width: 1000, height: 700 });
  await drawn(9, 2, "red");
  await drawn(10, 2, "nothing");
});

test("a program that asks is told that images can be drawn", async () => {
  visit = await come(server.open);
  await hasKeyboard(visit);
  const ask = (question: string, end: string) =>
    `clear; printf '\\e[${question}'; read -rsd ${end} answer; echo "<\${answer#?}>"`;
  await visit.line(ask("c", "c"));
  await visit.sees("<[?62;4;22>");
  await visit.line(ask("?2;1;0S", "S"));
  await visit.sees("<[?2;0;4096;4096>");
  await visit.line(ask("16t", "t"));
  await visit.sees("<[6;16;8>");
});
