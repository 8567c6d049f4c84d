// Numbered input: in order, within the window, nothing lost or repeated by a loss.

import { expect, test } from "vitest";
import { INPUT_WINDOW, InputStream } from "../../src/session/input";

function drain(input: InputStream): { from: number; to: number; bytes: number[] } {
  const bytes: number[] = [];
  let from = -1;
  let to = -1;
  for (let piece = input.next(); piece !== null; piece = input.next()) {
    if (from === -1) from = piece.seq;
    else expect(piece.seq).toBe(to);
    bytes.push(...piece.bytes);
    to = piece.seq + piece.bytes.length;
  }
  return { from, to, bytes };
}

const numbered = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

test("keys go out at once, with their positions", () => {
  const input = new InputStream();
  input.push(Uint8Array.of(1, 2));
  expect(drain(input)).toEqual({ from: 0, to: 2, bytes: [1, 2] });
  input.push(Uint8Array.of(3));
  expect(drain(input)).toEqual({ from: 2, to: 3, bytes: [3] });
});

test("a large paste waits for room, byte for byte", () => {
  const input = new InputStream();
  const paste = numbered(INPUT_WINDOW * 3 + 77);
  expect(input.push(paste)).toBe(true);
  const sent: number[] = [];
  while (sent.length < paste.length) {
    const part = drain(input);
    expect(part.to - (sent.length - 0)).toBeLessThanOrEqual(INPUT_WINDOW);
    sent.push(...part.bytes);
    input.acknowledge(part.to - (part.to < paste.length ? 1000 : 0));
  }
  expect(Uint8Array.from(sent)).toEqual(paste);
});

test("after a loss everything that was not accepted is sent again, once", () => {
  const input = new InputStream();
  input.push(numbered(1000));
  drain(input);
  input.acknowledge(300);
  input.resume(700);
  expect(drain(input)).toEqual({ from: 700, to: 1000, bytes: [...numbered(1000).slice(700)] });
  input.acknowledge(1000);
  expect(input.waiting).toBe(0);
});

test("a page that comes back under its name goes on where the server is", () => {
  const input = new InputStream();
  input.push(Uint8Array.of(9));
  input.resume(50);
  expect(drain(input)).toEqual({ from: 50, to: 51, bytes: [9] });
});

test("what waits is bounded", () => {
  const input = new InputStream();
  expect(input.push(new Uint8Array(32 * 1024 * 1024))).toBe(true);
  expect(input.push(new Uint8Array(1))).toBe(false);
});
