// Images of a terminal: how large they are, as the server reckons it, and what they show.

import { expect, test } from "vitest";
import recording from "../../../tests/fixtures/images.json" with { type: "json" };
import { CELL } from "../../src/images/cell";
import { sizeOf } from "../../src/images/header";
import { inlineOf } from "../../src/images/inline";
import { decode, extentOf } from "../../src/images/sixel";
import { random } from "./random";

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, "base64"));

/** The beginning of a GIF that says its size. */
function header(width: number, height: number): string {
  const bytes = [..."GIF89a"].map((character) => character.charCodeAt(0));
  for (const side of [width, height]) bytes.push(side & 255, side >> 8);
  return Buffer.from([...bytes, 0, 0]).toString("base64");
}

/** The colours of a picture, row by row, one letter for each pixel. */
function seen(text: string, ground = 0): string[] {
  const pixels = decode(text, extentOf(text), ground);
  if (pixels === null) return [];
  const { width, height, data } = pixels;
  const names = new Map([
    ["0,0,0,0", "."],
    ["255,0,0,255", "r"],
    ["0,255,0,255", "g"],
    ["0,0,255,255", "b"],
    ["0,0,0,255", "k"],
  ]);
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const at = (row * width + column) * 4;
      return names.get(data.slice(at, at + 4).join(",")) ?? "?";
    }).join(""),
  );
}

test("a file says how large its picture is", () => {
  for (const file of recording.files) {
    expect(sizeOf(bytesOf(file)), file).toEqual({ width: 5, height: 3 });
  }
  for (const file of recording.files) {
    const bytes = bytesOf(file);
    for (let length = 0; length < bytes.length; length += 1) sizeOf(bytes.subarray(0, length));
  }
});

test("a picture in a file takes the cells that the server reckons with", () => {
  for (const { arguments: text, own, cells } of recording.cells) {
    const data = own === null ? "" : header(own[0] ?? 0, own[1] ?? 0);
    const found = inlineOf(`File=${text}:${data}`, { cols: 80, rows: 24 }, CELL, bytesOf);
    const expected = cells === null ? null : { cols: cells[0], rows: cells[1] };
    expect(found?.cells ?? null, text).toEqual(expected);
  }
});

test("a picture in sixels is as high as the server reckons with", () => {
  for (const [text, height] of recording.sixels as [string, number | null][]) {
    if (height === null) continue;
    expect(extentOf(text.slice(text.indexOf("q") + 1)).height, text).toBe(height);
  }
});

test("sixels become pixels", () => {
  expect(seen("#1;2;100;0;0#1~")).toEqual(["r", "r", "r", "r", "r", "r"]);
  // Two colours over each other in one band, and a second band that what is declared cuts.
  const two = '"1;1;3;8#1;2;100;0;0#2;2;0;100;0#1@@?$#2AAA-#1!3~';
  expect(seen(two)).toEqual(["rr.", "ggg", "...", "...", "...", "...", "rrr", "rrr"]);
  // A hue of DEC begins at blue.
  expect(seen("#1;1;0;50;100#1@#2;1;120;50;100#2@#3;1;240;50;100#3@")[0]).toBe("brg");
  // Repeated beyond any width, and a colour beyond the last one.
  expect(seen("#257;2;100;0;0!9999999@")[0]).toBe("r".repeat(4096));
  expect(seen("#1;2;100;0;0#257@")[0]).toBe("r");
});

test("what is not drawn is what is behind it", () => {
  expect(seen("#1;2;100;0;0A")).toEqual([".", "r", ".", ".", ".", "."]);
  expect(seen("#1;2;100;0;0A", 0xff000000)).toEqual(["k", "r", "k", "k", "k", "k"]);
});

test("nothing is drawn where there is nothing, or far too much", () => {
  for (const text of ["", "-", "$", '"1;1;100;100', "#1;2;100;0;0"]) expect(seen(text)).toEqual([]);
  const large = "!4096~-".repeat(682);
  expect(extentOf(large)).toEqual({ width: 4096, height: 4092 });
  expect(decode(large, extentOf(large), 0)).toBeNull();
});

test("painting over and over ends", () => {
  const text = "!4096~$".repeat(100_000);
  const pixels = decode(text, extentOf(text), 0);
  expect(pixels?.height).toBe(6);
});

test("no text makes it fail, and none more than it may be", () => {
  const below = random(7);
  const signs = 'q#"!$-;0123456789?@ABCdefghij~\x07é';
  for (let round = 0; round < 500; round += 1) {
    const text = Array.from({ length: below(60) }, () => signs[below(signs.length)]).join("");
    const extent = extentOf(text);
    expect(extent.width).toBeLessThanOrEqual(4096);
    expect(extent.height).toBeLessThanOrEqual(4096);
    const pixels = decode(text, extent, 0);
    if (pixels !== null) expect(pixels.data.length).toBe(extent.width * extent.height * 4);
    inlineOf(`File=inline=1;${text}:${text}`, { cols: 80, rows: 24 }, CELL, bytesOf);
  }
});
