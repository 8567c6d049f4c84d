// Where the panes of a tab lie, in shares of its room; which pane lies beside which; where something
// that is dragged would land.

import type { Direction } from "../gen/Direction";
import type { Node } from "../gen/Node";
import type { Path, Side } from "./tree";

/** A part of a room, in shares of it. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A line between two parts of a split. */
export interface Line {
  path: Path;
  /** The part before it. */
  index: number;
  direction: Direction;
  /** The split that it is in. */
  within: Box;
  /** Where it is: the far edge of the part before it, as a share of the split. */
  at: number;
}

/** What a tab shows where. */
export interface Boxes {
  panes: Map<number, Box>;
  lines: Line[];
}

const ROOM: Box = { left: 0, top: 0, width: 1, height: 1 };

/** Lays a tab out. */
export function boxesOf(tab: Node, number: number): Boxes {
  const boxes: Boxes = { panes: new Map(), lines: [] };
  fill(boxes, tab, [number], ROOM);
  return boxes;
}

function fill(boxes: Boxes, node: Node, path: Path, box: Box): void {
  if ("pane" in node) {
    boxes.panes.set(node.pane, box);
    return;
  }
  const { direction, parts } = node.split;
  const sum = parts.reduce((total, part) => total + part.weight, 0);
  let before = 0;
  parts.forEach((part, index) => {
    const share = part.weight / sum;
    const inner =
      direction === "row"
        ? { ...box, left: box.left + before * box.width, width: share * box.width }
        : { ...box, top: box.top + before * box.height, height: share * box.height };
    fill(boxes, part.node, [...path, index], inner);
    before += share;
    if (index < parts.length - 1) {
      boxes.lines.push({ path, index, direction, within: box, at: before });
    }
  });
}

/** How far rounding may put two edges apart that are one. */
const SLACK = 1e-6;

/** The pane at a side of another: among those that touch it, the one with the most of that side. */
export function neighbour(boxes: Boxes, process: number, side: Side): number | null {
  const from = boxes.panes.get(process);
  if (from === undefined) return null;
  let best: number | null = null;
  let most = SLACK;
  for (const [other, box] of boxes.panes) {
    if (other === process || !touches(from, box, side)) continue;
    const shared =
      side === "left" || side === "right"
        ? overlap(from.top, from.height, box.top, box.height)
        : overlap(from.left, from.width, box.left, box.width);
    if (shared > most) {
      most = shared;
      best = other;
    }
  }
  return best;
}

function touches(from: Box, to: Box, side: Side): boolean {
  const apart = {
    left: from.left - (to.left + to.width),
    right: to.left - (from.left + from.width),
    up: from.top - (to.top + to.height),
    down: to.top - (from.top + from.height),
  }[side];
  return Math.abs(apart) < SLACK;
}

function overlap(from: number, length: number, other: number, otherLength: number): number {
  return Math.min(from + length, other + otherLength) - Math.max(from, other);
}

/** The side of a box that a point in it is nearest to; the point is in shares of the box. */
export function nearestSide(x: number, y: number): Side {
  const away: [Side, number][] = [
    ["left", x],
    ["right", 1 - x],
    ["up", y],
    ["down", 1 - y],
  ];
  return away.reduce((best, next) => (next[1] < best[1] ? next : best))[0];
}

/** The half of a box at one side. */
export function half(box: Box, side: Side): Box {
  const { left, top, width, height } = box;
  switch (side) {
    case "left":
      return { ...box, width: width / 2 };
    case "right":
      return { ...box, left: left + width / 2, width: width / 2 };
    case "up":
      return { ...box, height: height / 2 };
    case "down":
      return { ...box, top: top + height / 2, height: height / 2 };
  }
}
