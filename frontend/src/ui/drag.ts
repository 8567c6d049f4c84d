// A tab or a pane in the hand: where it would land is drawn, and where it is let go it lands.

import { signal } from "@preact/signals";
import { half, nearestSide } from "../layout/boxes";
import { moveTab, place, type Side } from "../layout/tree";
import type { Page } from "../page";
import { rightToLeft } from "./direction";
import { narrow, role } from "./model";

/** Where it would land: at a side of a pane, or before a tab. */
export type Landing = { beside: number; side: Side } | { before: number | null };

export const landing = signal<Landing | null>(null);
/** The process that is in the hand. */
export const dragged = signal<number | null>(null);

/** CSS pixels after which a press is a drag. */
const FAR = 6;

function landingAt(x: number, y: number): Landing | null {
  const under = document.elementFromPoint(x, y);
  const tab = under?.closest<HTMLElement>("[data-tab]");
  if (tab) {
    const { left, width } = tab.getBoundingClientRect();
    const next = tab.nextElementSibling as HTMLElement | null;
    const before = x < left + width / 2 !== rightToLeft();
    const target = before ? tab : next;
    return { before: Number(target?.dataset["tab"] ?? Number.NaN) || null };
  }
  if (under?.closest("[data-tabs]")) return { before: null };
  const pane = under?.closest<HTMLElement>("[data-pane]");
  if (!pane) return null;
  const { left, top, width, height } = pane.getBoundingClientRect();
  const side = nearestSide((x - left) / width, (y - top) / height);
  return { beside: Number(pane.dataset["pane"]), side };
}

/** Begins when a tab (all of it) or a pane is pressed. */
export function beginDrag(page: Page, event: PointerEvent, process: number, whole: boolean): void {
  if (event.button !== 0 || role.value === "watch" || narrow.value) return;
  const from = { x: event.clientX, y: event.clientY };
  const stop = new AbortController();
  const { signal: until } = stop;
  const end = () => {
    stop.abort();
    landing.value = null;
    dragged.value = null;
  };
  const moved = ({ clientX, clientY }: PointerEvent) => {
    if (dragged.value === null && Math.hypot(clientX - from.x, clientY - from.y) < FAR) return;
    dragged.value = process;
    landing.value = landingAt(clientX, clientY);
  };
  const dropped = () => {
    const { value: to } = landing;
    end();
    if (to !== null) drop(page, process, to, whole);
  };
  addEventListener("pointermove", moved, { signal: until });
  addEventListener("pointerup", dropped, { signal: until });
  addEventListener("pointercancel", end, { signal: until });
  const key = (pressed: KeyboardEvent) => {
    if (pressed.key !== "Escape" || dragged.value === null) return;
    pressed.stopPropagation();
    end();
  };
  addEventListener("keydown", key, { signal: until, capture: true });
}

function drop(page: Page, process: number, to: Landing, whole: boolean): void {
  if ("beside" in to && to.beside === process) return;
  page.desk.edit((layout) =>
    whole && "before" in to ? moveTab(layout, process, to.before) : place(layout, process, to),
  );
  page.desk.focus(process);
}

/** The half of a pane that would be taken, in per cent of it. */
export function zoneOf(process: number): Record<string, string> | null {
  const { value: to } = landing;
  if (to === null || !("beside" in to) || to.beside !== process) return null;
  if (dragged.value === process) return null;
  const { left, top, width, height } = half({ left: 0, top: 0, width: 1, height: 1 }, to.side);
  const share = (part: number) => `${part * 100}%`;
  return { left: share(left), top: share(top), width: share(width), height: share(height) };
}
