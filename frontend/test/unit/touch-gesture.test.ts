// What fingers mean, how a text goes on by itself, and which word lies under a finger.

import { describe, expect, test } from "vitest";
import { Gesture, type Point } from "../../src/touch/gesture";
import { Lines, Momentum } from "../../src/touch/momentum";
import { cellsOf, joined, moved, type Text, wordAt } from "../../src/touch/words";

function record(): { gesture: Gesture; seen: string[] } {
  const seen: string[] = [];
  const at = ({ x, y }: Point) => `${x},${y}`;
  const gesture = new Gesture({
    touched: () => {},
    tap: (point) => seen.push(`tap ${at(point)}`),
    hold: (point) => seen.push(`hold ${at(point)}`),
    drag: (point) => seen.push(`drag ${at(point)}`),
    dragged: () => seen.push("dragged"),
    scroll: (pixels) => seen.push(`scroll ${pixels}`),
    fling: (speed) => seen.push(`fling ${speed}`),
    pinch: (scale) => seen.push(`pinch ${scale}`),
    pinched: () => seen.push("pinched"),
  });
  return { gesture, seen };
}

describe("a gesture", () => {
  test("that does not move is a tap", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 5, y: 5 }], 0);
    gesture.move([{ x: 8, y: 9 }], 20);
    gesture.up(0, 40);
    expect(seen).toEqual(["tap 5,5"]);
  });

  test("that rests is a long press, and drags from then on", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 5, y: 5 }], 0);
    gesture.held();
    gesture.move([{ x: 50, y: 5 }], 600);
    gesture.up(0, 700);
    expect(seen).toEqual(["hold 5,5", "drag 50,5", "dragged"]);
  });

  test("that moves scrolls, is no long press any more, and leaves with its speed", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 0, y: 100 }], 0);
    gesture.move([{ x: 0, y: 80 }], 10);
    gesture.held();
    gesture.move([{ x: 0, y: 60 }], 20);
    gesture.up(0, 25);
    expect(seen).toEqual(["scroll 20", "scroll 20", "fling 2"]);
  });

  test("that comes to rest leaves with none", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 0, y: 100 }], 0);
    gesture.move([{ x: 0, y: 60 }], 10);
    gesture.up(0, 500);
    expect(seen).toEqual(["scroll 40", "fling 0"]);
  });

  test("of two fingers is a pinch, and the finger that stays means nothing", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 0, y: 0 }], 0);
    gesture.down(
      [
        { x: 0, y: 0 },
        { x: 100, y: 0 },
      ],
      10,
    );
    gesture.move(
      [
        { x: 0, y: 0 },
        { x: 150, y: 0 },
      ],
      20,
    );
    gesture.up(1, 30);
    gesture.move([{ x: 0, y: 90 }], 40);
    gesture.up(0, 50);
    expect(seen).toEqual(["pinch 1.5", "pinched"]);
  });

  test("that the system takes away ends", () => {
    const { gesture, seen } = record();
    gesture.down([{ x: 0, y: 0 }], 0);
    gesture.cancel();
    gesture.up(0, 10);
    gesture.down([{ x: 0, y: 0 }], 20);
    gesture.held();
    gesture.cancel();
    expect(seen).toEqual(["hold 0,0", "dragged"]);
  });
});

describe("momentum", () => {
  test("goes on in the direction of the finger, ever slower, and comes to rest", () => {
    for (const speed of [2, -2]) {
      const momentum = Momentum.from(speed, 0);
      const steps: number[] = [];
      for (let now = 16; ; now += 16) {
        const step = momentum?.step(now) ?? null;
        if (step === null) break;
        steps.push(step);
      }
      expect(steps.length).toBeGreaterThan(20);
      expect(steps.every((step) => Math.sign(step) === Math.sign(speed))).toBe(true);
      const slower = steps.every(
        (step, at) => at === 0 || Math.abs(step) < Math.abs(steps[at - 1] ?? 0),
      );
      expect(slower).toBe(true);
    }
  });

  test("is none after a slow finger, and bounded after the fastest", () => {
    expect(Momentum.from(0.05, 0)).toBeNull();
    expect(Momentum.from(1e9, 0)?.step(16)).toBe(Momentum.from(1e6, 0)?.step(16));
  });

  test("lines add up to the way of the finger", () => {
    const lines = new Lines();
    let sum = 0;
    for (let step = 0; step < 100; step += 1) sum += lines.add(3.25, 16);
    expect(sum).toBe(20);
    lines.clear();
    expect(lines.add(-16, 16)).toBe(-1);
  });
});

/** A screen of rows; a row that is full goes on in the next. */
function screen(...rows: string[]): Text {
  return {
    cols: 10,
    cell: (row, col) => rows[row]?.padEnd(10)[col]?.replace("\0", "") ?? " ",
    wraps: (row) => row > 0 && rows[row - 1]?.length === 10 && rows[row] !== undefined,
  };
}

describe("a word", () => {
  const text = screen("ls src/a.c", "onfig (x)", "宽\0宽\0 end", "12345 (789", "");

  test.each([
    [0, 0, 0, 0, 0, 1],
    [0, 5, 0, 3, 1, 4],
    [1, 2, 0, 3, 1, 4],
    [1, 7, 1, 7, 1, 7],
    [2, 3, 2, 0, 2, 3],
    [3, 9, 3, 7, 3, 9],
  ])("at %i,%i", (row, col, startRow, startCol, endRow, endCol) => {
    expect(wordAt(text, { row, col })).toEqual({
      start: { row: startRow, col: startCol },
      end: { row: endRow, col: endCol },
    });
  });

  test("is none where nothing stands", () => {
    for (const place of [
      { row: 0, col: 2 },
      { row: 1, col: 6 },
      { row: 4, col: 0 },
      { row: 9, col: 0 },
    ]) {
      expect(wordAt(text, place)).toBeNull();
    }
  });

  test("grows, shrinks and turns around by its ends", () => {
    const span = { start: { row: 1, col: 3 }, end: { row: 2, col: 4 } };
    expect(cellsOf(span, 10)).toBe(12);
    expect(moved(span, "end", { row: 3, col: 0 })).toEqual([
      { ...span, end: { row: 3, col: 0 } },
      "end",
    ]);
    expect(moved(span, "end", { row: 0, col: 9 })).toEqual([
      { start: { row: 0, col: 9 }, end: { row: 1, col: 3 } },
      "start",
    ]);
    expect(joined(span, { start: { row: 0, col: 0 }, end: { row: 0, col: 5 } })).toEqual({
      start: { row: 0, col: 0 },
      end: { row: 2, col: 4 },
    });
  });
});
