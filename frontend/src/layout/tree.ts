// The tree of a session's panes: tabs, and the splits within each. Pure: every change gives a new
// layout, and one that does not apply gives the old one.

import type { Direction } from "../gen/Direction";
import type { Layout } from "../gen/Layout";
import type { Node } from "../gen/Node";
import type { Part } from "../gen/Part";

/** The heaviest part, as the server has it. */
const MAX_WEIGHT = 10_000;

/** The weight of all parts together, as the page writes it: fine enough for any screen's pixels. */
export const WHOLE = 10_000;

/** The lightest part: less of a split is no longer a pane that can be seen. */
const MIN_WEIGHT = 500;

/** Splits within splits at most, as the server has it. */
const MAX_DEPTH = 8;

/** A side of a pane. */
export type Side = "left" | "right" | "up" | "down";

/** Where something is put: beside a pane, or in a tab of its own before the one that shows a process,
 * or after all. */
export type Target = { beside: number; side: Side } | { before: number | null };

/** The way to a split: the number of the tab, then of the part in each split. */
export type Path = readonly number[];

/** The processes of a node, in the order in which they are seen. */
export function panesOf(node: Node): number[] {
  return "pane" in node ? [node.pane] : node.split.parts.flatMap((part) => panesOf(part.node));
}

/** The processes of all tabs. */
export function allPanes(layout: Layout): number[] {
  return layout.tabs.flatMap(panesOf);
}

/** The number of the tab that shows a process, or -1. */
export function tabOf(layout: Layout, process: number): number {
  return layout.tabs.findIndex((tab) => panesOf(tab).includes(process));
}

/** Whether two layouts are the same. */
export function same(one: Layout, other: Layout): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The direction of a split that has something at this side of something else. */
export function directionOf(side: Side): Direction {
  return side === "left" || side === "right" ? "row" : "column";
}

function depth(node: Node): number {
  return "pane" in node ? 0 : 1 + Math.max(...node.split.parts.map((part) => depth(part.node)));
}

/** Weights in whole numbers that come to `WHOLE`, none of them less than the least. */
function weighed(parts: readonly Part[]): Part[] {
  const sum = parts.reduce((total, part) => total + part.weight, 0);
  const least = Math.min(MIN_WEIGHT, Math.floor(WHOLE / parts.length));
  const weights = parts.map(({ weight }) =>
    Math.max(least, Math.round((weight / (sum || 1)) * WHOLE)),
  );
  // What rounding took or gave, the heaviest gives or takes.
  const heaviest = weights.indexOf(Math.max(...weights));
  const rest = WHOLE - weights.reduce((total, weight) => total + weight, 0);
  return parts.map((part, index) => {
    const weight = (weights[index] ?? least) + (index === heaviest ? rest : 0);
    return { node: part.node, weight: Math.min(Math.max(weight, 1), MAX_WEIGHT) };
  });
}

/** A split without splits of its own direction in it, or the only thing that is left of it. */
function joined(direction: Direction, parts: readonly Part[]): Node | null {
  const flat = parts.flatMap((part): Part[] => {
    if ("pane" in part.node || part.node.split.direction !== direction) return [part];
    const inner = part.node.split.parts;
    const sum = inner.reduce((total, { weight }) => total + weight, 0);
    return inner.map(({ node, weight }) => ({ node, weight: (part.weight * weight) / sum }));
  });
  if (flat.length < 2) return flat[0]?.node ?? null;
  return { split: { direction, parts: weighed(flat) } };
}

function without(node: Node, process: number): Node | null {
  if ("pane" in node) return node.pane === process ? null : node;
  if (!panesOf(node).includes(process)) return node;
  const left = node.split.parts.flatMap(({ weight, node: inner }) => {
    const rest = without(inner, process);
    return rest === null ? [] : [{ weight, node: rest }];
  });
  return joined(node.split.direction, left);
}

/** Takes a process out. */
export function remove(layout: Layout, process: number): Layout {
  return { tabs: layout.tabs.flatMap((tab) => without(tab, process) ?? []) };
}

function besideIn(node: Node, process: number, at: number, side: Side): Node {
  const direction = directionOf(side);
  const first = side === "left" || side === "up";
  if ("pane" in node) {
    if (node.pane !== at) return node;
    const half = WHOLE / 2;
    const parts = [
      { weight: half, node },
      { weight: half, node: { pane: process } },
    ];
    return { split: { direction, parts: first ? parts.reverse() : parts } };
  }
  const parts = node.split.parts.map((part) => ({
    weight: part.weight,
    node: besideIn(part.node, process, at, side),
  }));
  return joined(node.split.direction, parts) ?? node;
}

/** Whether a node shows a process at this side of another, as two parts that follow each other. */
function follows(node: Node, process: number, at: number, side: Side): boolean {
  if ("pane" in node) return false;
  const { direction, parts } = node.split;
  const first = side === "left" || side === "up";
  const [one, two] = first ? [process, at] : [at, process];
  const here = parts.findIndex((part) => "pane" in part.node && part.node.pane === one);
  const next = here === -1 ? undefined : parts[here + 1]?.node;
  if (next !== undefined && "pane" in next && next.pane === two) {
    return direction === directionOf(side);
  }
  return parts.some((part) => follows(part.node, process, at, side));
}

/** Puts a process somewhere, taking it from where it was. */
export function place(layout: Layout, process: number, target: Target): Layout {
  if ("before" in target) {
    const rest = remove(layout, process);
    return inserted(rest, { pane: process }, target.before);
  }
  const { beside, side } = target;
  if (beside === process || tabOf(layout, beside) === -1) return layout;
  if (layout.tabs.some((tab) => follows(tab, process, beside, side))) return layout;
  const tabs = remove(layout, process).tabs.map((tab) => besideIn(tab, process, beside, side));
  return tabs.some((tab) => depth(tab) > MAX_DEPTH) ? layout : { tabs };
}

/** Moves the tab of a process before that of another, or to the end. */
export function moveTab(layout: Layout, process: number, before: number | null): Layout {
  const from = tabOf(layout, process);
  const tab = layout.tabs[from];
  if (tab === undefined || (before !== null && tabOf(layout, before) === from)) return layout;
  return inserted({ tabs: layout.tabs.toSpliced(from, 1) }, tab, before);
}

function inserted(layout: Layout, tab: Node, before: number | null): Layout {
  const found = before === null ? -1 : tabOf(layout, before);
  return { tabs: layout.tabs.toSpliced(found === -1 ? layout.tabs.length : found, 0, tab) };
}

/** Puts one process where another is, which goes. */
export function replace(layout: Layout, old: number, by: number): Layout {
  if (tabOf(layout, old) === -1) return layout;
  const swap = (node: Node): Node => {
    if ("pane" in node) return node.pane === old ? { pane: by } : node;
    const parts = node.split.parts.map((part) => ({ ...part, node: swap(part.node) }));
    return { split: { ...node.split, parts } };
  };
  return { tabs: remove(layout, by).tabs.map(swap) };
}

/** The split at the end of a way, if there is one. */
export function splitAt(layout: Layout, path: Path) {
  const [tab = -1, ...parts] = path;
  let node = layout.tabs[tab];
  for (const part of parts) {
    if (node === undefined || "pane" in node) return null;
    node = node.split.parts[part]?.node;
  }
  return node === undefined || "pane" in node ? null : node.split;
}

/** Gives a split's parts other weights. */
export function weigh(layout: Layout, path: Path, weights: readonly number[]): Layout {
  const split = splitAt(layout, path);
  if (split === null || split.parts.length !== weights.length) return layout;
  const parts = weighed(
    split.parts.map((part, index) => ({ node: part.node, weight: weights[index] ?? 1 })),
  );
  const [tab = -1, ...rest] = path;
  const put = (node: Node, way: Path): Node => {
    if ("pane" in node) return node;
    const [next, ...further] = way;
    if (next === undefined) return { split: { ...node.split, parts } };
    return {
      split: {
        ...node.split,
        parts: node.split.parts.map((part, index) =>
          index === next ? { ...part, node: put(part.node, further) } : part,
        ),
      },
    };
  };
  return { tabs: layout.tabs.map((node, index) => (index === tab ? put(node, rest) : node)) };
}

/** Moves the line after the part with this number, by a share of the split; its weights then. */
export function shifted(parts: readonly Part[], index: number, share: number): number[] {
  const weights = weighed(parts).map((part) => part.weight);
  const [here = 0, next = 0] = weights.slice(index, index + 2);
  const least = Math.min(MIN_WEIGHT, here, next);
  const by = Math.round(Math.min(Math.max(share * WHOLE, least - here), next - least));
  return weights.map((weight, part) =>
    part === index ? weight + by : part === index + 1 ? weight - by : weight,
  );
}

/**
 * The layout for these processes, in start order: others are left out, what stands in it twice
 * stands in it once, and what is missing gets a tab at the end.
 */
export function normalise(layout: Layout, processes: readonly number[]): Layout {
  const seen = new Set<number>();
  const clean = (node: Node): Node | null => {
    if ("pane" in node) {
      if (!processes.includes(node.pane) || seen.has(node.pane)) return null;
      seen.add(node.pane);
      return node;
    }
    const parts = node.split.parts.flatMap(({ weight, node: inner }) => {
      const kept = clean(inner);
      return kept === null ? [] : [{ weight, node: kept }];
    });
    if (parts.length === node.split.parts.length) return { split: { ...node.split, parts } };
    return joined(node.split.direction, parts);
  };
  const tabs = layout.tabs.flatMap((tab) => clean(tab) ?? []);
  const missing = processes.filter((process) => !seen.has(process));
  return { tabs: [...tabs, ...missing.map((pane) => ({ pane }))] };
}
