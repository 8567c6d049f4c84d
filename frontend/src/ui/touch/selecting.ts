// A selection made by fingers: begun by a long press, changed by dragging on or by its handles.

import { signal } from "@preact/signals";
import type { TouchTerminal } from "../../term/touch-terminal";
import type { Point } from "../../touch/gesture";
import { joined, moved, type Span, wordAt } from "../../touch/words";

/** Milliseconds between two lines while a finger rests at the edge. */
const EDGE_STEP = 60;

/** The selection that is shown with handles. */
export interface Selected {
  terminal: TouchTerminal;
  span: Span;
  /** It is being changed: what is done with it comes after. */
  dragging: boolean;
}

export const selected = signal<Selected | null>(null);

/** A finger that changes a selection. */
export interface Selecting {
  dragTo(at: Point): void;
  drop(): void;
}

/** Begins a selection with the word at a point. */
export function select(terminal: TouchTerminal, at: Point): Selecting | null {
  const place = terminal.placeAt(at);
  const word = wordAt(terminal.text, place);
  if (word === null) return null;
  navigator.vibrate?.(10);
  show(terminal, word, true);
  return dragging(terminal, (to) => {
    const place = terminal.placeAt(to);
    const other = wordAt(terminal.text, place) ?? { start: place, end: place };
    show(terminal, joined(word, other), true);
  });
}

/** Takes a selection by one of its handles. */
export function takeHandle(which: "start" | "end"): Selecting | null {
  const now = selected.value;
  if (now === null) return null;
  const { terminal } = now;
  let [span, end] = [now.span, which];
  return dragging(terminal, (to) => {
    [span, end] = moved(span, end, terminal.placeAt(to));
    show(terminal, span, true);
  });
}

/** Ends it. */
export function unselect(): void {
  const now = selected.value;
  selected.value = null;
  now?.terminal.terminal.clearSelection();
}

function show(terminal: TouchTerminal, span: Span, changing: boolean): void {
  selected.value = { terminal, span, dragging: changing };
  terminal.select(span);
}

function dragging(terminal: TouchTerminal, moveTo: (at: Point) => void): Selecting {
  let last: Point | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const edge = (at: Point) => {
    const { top, bottom } = terminal.box;
    const { height } = terminal.cellSize;
    if (at.y < top + height / 2) return -1;
    return at.y > bottom - height / 2 ? 1 : 0;
  };
  const scroll = () => {
    const lines = last === null ? 0 : edge(last);
    if (last === null || lines === 0 || terminal.terminal.buffer.active.type !== "normal") return;
    terminal.terminal.scrollLines(lines);
    moveTo(last);
  };
  return {
    dragTo: (at) => {
      last = at;
      moveTo(at);
      if (edge(at) !== 0) timer ??= setInterval(scroll, EDGE_STEP);
      else {
        clearInterval(timer);
        timer = undefined;
      }
    },
    drop: () => {
      clearInterval(timer);
      const now = selected.value;
      if (now !== null) selected.value = { ...now, dragging: false };
    },
  };
}
