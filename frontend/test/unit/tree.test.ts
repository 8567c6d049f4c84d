// The tree of panes: its changes one by one, and in long random rows.

import { expect, test } from "vitest";
import type { Layout } from "../../src/gen/Layout";
import type { Node } from "../../src/gen/Node";
import type { Part } from "../../src/gen/Part";
import { boxesOf, half, nearestSide, neighbour } from "../../src/layout/boxes";
import * as tree from "../../src/layout/tree";
import { random } from "./random";

const pane = (process: number): Node => ({ pane: process });
const split = (direction: "row" | "column", ...parts: [number, Node][]): Node => ({
  split: { direction, parts: parts.map(([weight, node]) => ({ weight, node })) },
});
const tabs = (...nodes: Node[]): Layout => ({ tabs: nodes });

test("a pane is split, in its own direction and across it", () => {
  const one = tree.place(tabs(pane(1), pane(2)), 2, { beside: 1, side: "right" });
  expect(one).toEqual(tabs(split("row", [5000, pane(1)], [5000, pane(2)])));
  const two = tree.place(tabs(...one.tabs, pane(3)), 3, { beside: 2, side: "left" });
  expect(two).toEqual(tabs(split("row", [5000, pane(1)], [2500, pane(3)], [2500, pane(2)])));
  const three = tree.place(tabs(...one.tabs, pane(3)), 3, { beside: 2, side: "up" });
  const right = split("column", [5000, pane(3)], [5000, pane(2)]);
  expect(three).toEqual(tabs(split("row", [5000, pane(1)], [5000, right])));
});

test("what is left alone in a split takes its place", () => {
  const inner = split("column", [5000, pane(2)], [5000, pane(3)]);
  const layout = tabs(split("row", [5000, pane(1)], [5000, inner]));
  expect(tree.remove(layout, 3)).toEqual(tabs(split("row", [5000, pane(1)], [5000, pane(2)])));
  expect(tree.remove(tree.remove(layout, 3), 1)).toEqual(tabs(pane(2)));
  expect(tree.remove(tabs(pane(1)), 1)).toEqual(tabs());
});

test("a split within a split of the same direction becomes one", () => {
  const inner = split("row", [2500, pane(2)], [7500, pane(3)]);
  const layout = tabs(split("column", [5000, pane(4)], [5000, inner]), pane(1));
  const moved = tree.place(tree.remove(layout, 4), 1, { beside: 2, side: "left" });
  expect(moved).toEqual(tabs(split("row", [1250, pane(1)], [1250, pane(2)], [7500, pane(3)])));
});

test("tabs are put before others and at the end", () => {
  const layout = tabs(pane(1), split("row", [1, pane(2)], [1, pane(3)]), pane(4));
  expect(tree.allPanes(tree.moveTab(layout, 3, 1))).toEqual([2, 3, 1, 4]);
  expect(tree.allPanes(tree.moveTab(layout, 1, null))).toEqual([2, 3, 4, 1]);
  expect(tree.place(layout, 3, { before: 1 }).tabs).toEqual([pane(3), pane(1), pane(2), pane(4)]);
  expect(tree.place(layout, 2, { before: null }).tabs).toEqual([
    pane(1),
    pane(3),
    pane(4),
    pane(2),
  ]);
  expect(tree.replace(layout, 2, 4).tabs).toEqual([
    pane(1),
    split("row", [1, pane(4)], [1, pane(3)]),
  ]);
});

test("a line between two parts stops before either is gone", () => {
  const layout = tabs(split("row", [2000, pane(1)], [5000, pane(2)], [3000, pane(3)]));
  const parts = tree.splitAt(layout, [0])?.parts ?? [];
  expect(tree.shifted(parts, 0, 0.1)).toEqual([3000, 4000, 3000]);
  expect(tree.shifted(parts, 0, 0.9)).toEqual([6500, 500, 3000]);
  expect(tree.shifted(parts, 1, -0.9)).toEqual([2000, 500, 7500]);
  const wider = tree.weigh(layout, [0], [3000, 4000, 3000]);
  expect(tree.splitAt(wider, [0])?.parts.map((part) => part.weight)).toEqual([3000, 4000, 3000]);
  expect(tree.weigh(layout, [0, 1], [1, 1])).toBe(layout);
  expect(tree.weigh(layout, [0], [1, 1])).toBe(layout);
});

test("any tree becomes one of the processes that there are", () => {
  const layout = tabs(split("row", [1, pane(1)], [1, pane(9)]), pane(1), pane(2));
  expect(tree.normalise(layout, [1, 2, 3])).toEqual(tabs(pane(1), pane(2), pane(3)));
});

test("neighbours are found by what they share of a side", () => {
  const right = split("column", [3000, pane(2)], [7000, pane(3)]);
  const boxes = boxesOf(split("row", [5000, pane(1)], [5000, right]), 0);
  expect(neighbour(boxes, 1, "right")).toBe(3);
  expect(neighbour(boxes, 2, "left")).toBe(1);
  expect(neighbour(boxes, 2, "down")).toBe(3);
  expect(neighbour(boxes, 3, "right")).toBe(null);
  expect(boxes.lines.map((line) => line.path).toSorted()).toEqual([[0], [0, 1]]);
});

test("a point lands on the side that it is nearest to", () => {
  expect(nearestSide(0.1, 0.5)).toBe("left");
  expect(nearestSide(0.6, 0.95)).toBe("down");
  const room = { left: 0, top: 0, width: 1, height: 0.5 };
  expect(half(room, "right")).toEqual({ left: 0.5, top: 0, width: 0.5, height: 0.5 });
});

/** What the server would refuse, and what nobody could see. Plain code: it runs a hundred thousand times. */
function sound(layout: Layout, processes: readonly number[]): boolean {
  const seen = tree.allPanes(layout).toSorted((a, b) => a - b);
  const look = (node: Node, deep: number): boolean => {
    if ("pane" in node) return true;
    const { direction, parts } = node.split;
    const good = ({ weight, node: inner }: Part) =>
      Number.isInteger(weight) &&
      weight >= 1 &&
      weight <= 10_000 &&
      ("pane" in inner || inner.split.direction !== direction) &&
      look(inner, deep + 1);
    return deep < 8 && parts.length > 1 && parts.every(good);
  };
  const whole = layout.tabs.every((tab, number) => {
    let area = 0;
    for (const box of boxesOf(tab, number).panes.values()) area += box.width * box.height;
    return Math.abs(area - 1) < 1e-6 && look(tab, 0);
  });
  return whole && String(seen) === String(processes.toSorted((a, b) => a - b));
}

test("no row of changes makes a tree that is none", () => {
  const sides = ["left", "right", "up", "down"] as const;
  for (let seed = 1; seed <= 300; seed++) {
    const dice = random(seed);
    let layout = tabs(pane(1));
    const processes = [1];
    for (let step = 0; step < 60; step++) {
      const any = () => processes[dice(processes.length)] ?? 1;
      const side = sides[dice(4)] ?? "left";
      const [one, other] = [any(), any()];
      const kind = dice(6);
      if (kind === 0 && processes.length < 24) {
        const next = Math.max(...processes) + 1;
        processes.push(next);
        layout = tree.normalise(layout, processes);
        layout = tree.place(layout, next, { beside: one, side });
      } else if (kind === 1 && processes.length > 1) {
        processes.splice(processes.indexOf(one), 1);
        layout = tree.remove(layout, one);
      } else if (kind === 2) layout = tree.place(layout, one, { before: other });
      else if (kind === 3) {
        const path = [dice(layout.tabs.length), ...(dice(2) === 0 ? [] : [dice(3)])];
        const parts = tree.splitAt(layout, path)?.parts ?? [];
        const share = (dice(2001) - 1000) / 1000;
        if (parts.length > 1) {
          const weights = tree.shifted(parts, dice(parts.length - 1), share);
          layout = tree.weigh(layout, path, weights);
        }
      } else if (kind === 4) layout = tree.moveTab(layout, one, other);
      else {
        const edit = (from: Layout) => tree.place(from, one, { beside: other, side });
        layout = edit(layout);
        if (!tree.same(edit(layout), layout)) throw new Error(`seed ${seed}: not the same twice`);
      }
      if (!sound(layout, processes)) throw new Error(`seed ${seed}: ${JSON.stringify(layout)}`);
    }
  }
});
