// The keys of the overview. Arrows go from card to card as they lie; no key is taken while a text is
// being written.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Overview } from "../../dashboard/overview";
import { alongRow } from "../direction";

function link(id: string): HTMLElement | null {
  return document.getElementById(`open-${id}`);
}

/** Gives a card the keyboard, once it is there. */
export function focusTile(id: string): void {
  requestAnimationFrame(() => link(id)?.focus());
}

/** How many cards lie beside each other. */
function columns(): number {
  const tiles = document.getElementById("tiles");
  return tiles === null ? 1 : getComputedStyle(tiles).gridTemplateColumns.split(" ").length;
}

/** Where a key leads from the card at this place; `null` if it leads nowhere. */
export function target(key: string, from: number, count: number, across: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -across,
    ArrowDown: across,
    Home: -from,
    End: count - 1 - from,
  };
  const step = steps[key];
  if (step === undefined) return null;
  const to = from + step;
  // From above a last row that is short, down is to its last card.
  const beyond = key === "ArrowDown" && to >= count;
  const lastRow = Math.floor((count - 1) / across);
  if (beyond && Math.floor(from / across) < lastRow) return count - 1;
  return to >= 0 && to < count ? to : null;
}

/** Does what a key says. */
export function onKey(overview: Overview, event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const at = event.target as HTMLElement;
  const handled =
    at.id === "search"
      ? inSearch(overview, event)
      : at.matches("input, select, textarea")
        ? false
        : inTiles(overview, event, at);
  if (handled) event.preventDefault();
}

function inSearch(overview: Overview, { key }: KeyboardEvent): boolean {
  const [first] = overview.list.shown.value;
  if (key === "Escape") {
    overview.list.query.value = "";
    return true;
  }
  if (first === undefined || (key !== "ArrowDown" && key !== "Enter")) return false;
  if (key === "Enter") link(first)?.click();
  else link(first)?.focus();
  return true;
}

function inTiles(overview: Overview, { key }: KeyboardEvent, at: HTMLElement): boolean {
  if (key === "/") {
    document.getElementById("search")?.focus();
    return true;
  }
  const ids = overview.list.shown.value;
  const tile = at.closest(".tile");
  const current = overview.current.value;
  const from = current === null || tile === null ? -1 : ids.indexOf(current);
  const id = ids[from];
  if (id === undefined) {
    if (!/^(Arrow|Home|End)/.test(key) || ids[0] === undefined) return false;
    link(ids[0])?.focus();
    return true;
  }
  if (overview.owner.value && key === "F2") overview.renamed.value = id;
  else if (overview.owner.value && key === "Delete") overview.endSoon(id);
  else {
    const to = target(alongRow(key), from, ids.length, columns());
    if (to === null) return key.startsWith("Arrow");
    link(ids[to] ?? id)?.focus();
  }
  return true;
}

/** When the card that has the keyboard goes, the one in its place gets it. */
export function useFocusKept(overview: Overview, ids: readonly string[]): void {
  const place = useRef(0);
  useLayoutEffect(() => {
    const current = overview.current.value;
    if (current === null) return;
    const index = ids.indexOf(current);
    if (index >= 0) {
      place.current = index;
      return;
    }
    const next = ids[Math.min(place.current, ids.length - 1)];
    overview.current.value = next ?? null;
    if (next !== undefined && document.activeElement === document.body) focusTile(next);
  }, [ids, overview]);
}
