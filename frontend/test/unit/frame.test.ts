// The golden frames: what they mean, and that they are written as they are read. The server's tests
// read the same files.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Bytes,
  decode,
  encode,
  type Frame,
  FrameError,
  MAX_FRAME,
} from "../../src/wire/frame";

interface Golden {
  name: string;
  hex: string;
  frame?: Record<string, unknown>;
  error?: string;
}

const FOLDER = join(import.meta.dirname, "../../../tests/fixtures/wire");

const golden = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Golden);

const fromHex = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function readable(frame: Frame): Record<string, unknown> {
  return "bytes" in frame ? { ...frame, bytes: toHex(frame.bytes) } : { ...frame };
}

describe("golden frames", () => {
  test("there are some of every kind", () => {
    const kinds = new Set(golden.map(({ frame }) => frame?.["kind"]).filter(Boolean));
    expect(kinds.size).toBe(10);
  });

  test.each(golden.filter(({ frame }) => frame !== undefined))("$name", ({ hex, frame }) => {
    const read = decode(fromHex(hex));
    expect(readable(read)).toEqual(frame);
    // JSON may be written in several ways; every other frame in one.
    if (read.kind === "control") expect(decode(encode(read))).toEqual(read);
    else expect(toHex(encode(read))).toBe(hex);
  });

  test.each(golden.filter(({ error }) => error !== undefined))("$name", ({ hex, error }) => {
    expect(() => decode(fromHex(hex))).toThrow(new FrameError(error));
  });
});

test("a frame over the limit is refused", () => {
  expect(() => decode(new Uint8Array(MAX_FRAME + 1))).toThrow("the frame is too long");
});

test("a control message that is no JSON is refused", () => {
  expect(() => decode(fromHex("00000000ff"))).toThrow(FrameError);
});
