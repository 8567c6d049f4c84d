// The line between two panes: pulled by hand or moved by arrow keys.

import type { RefObject } from "preact";
import type { Desk } from "../desk";
import type { Line } from "../layout/boxes";
import { shifted, splitAt, weigh } from "../layout/tree";
import { say } from "../strings";
import { role } from "./model";

/** The share of a split that an arrow key moves the line by. */
const KEY_STEP = 0.02;

interface Props {
  desk: Desk;
  line: Line;
  place: RefObject<HTMLElement | null>;
}

export function Divider({ desk, line, place }: Props) {
  const { path, index, direction, within, at } = line;
  const row = direction === "row";
  const weights = (share: number) =>
    shifted(splitAt(desk.layout.peek(), path)?.parts ?? [], index, share);
  const pull = (event: PointerEvent) => {
    if (event.button !== 0 || role.value === "watch" || place.current === null) return;
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    handle.focus();
    const { width, height } = place.current.getBoundingClientRect();
    const room = row ? width * within.width : height * within.height;
    const from = row ? event.clientX : event.clientY;
    const layout = desk.layout.peek();
    let now: number[] | null = null;
    const stop = new AbortController();
    const { signal } = stop;
    const end = (keep: boolean) => {
      stop.abort();
      const kept = now;
      desk.preview.value = null;
      if (keep && kept !== null) desk.edit((shared) => weigh(shared, path, kept));
    };
    const moved = (to: PointerEvent) => {
      const share = ((row ? to.clientX : to.clientY) - from) / room;
      now = shifted(splitAt(layout, path)?.parts ?? [], index, share);
      desk.preview.value = weigh(layout, path, now);
    };
    handle.addEventListener("pointermove", moved, { signal });
    handle.addEventListener("pointerup", () => end(true), { signal });
    handle.addEventListener("pointercancel", () => end(false), { signal });
  };
  const key = (event: KeyboardEvent) => {
    const by = {
      [row ? "ArrowLeft" : "ArrowUp"]: -KEY_STEP,
      [row ? "ArrowRight" : "ArrowDown"]: KEY_STEP,
      Home: -1,
      End: 1,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const wanted = weights(by);
    desk.edit((shared) => weigh(shared, path, wanted));
  };
  const edge = row
    ? {
        left: `${(within.left + at * within.width) * 100}%`,
        top: `${within.top * 100}%`,
        height: `${within.height * 100}%`,
      }
    : {
        top: `${(within.top + at * within.height) * 100}%`,
        left: `${within.left * 100}%`,
        width: `${within.width * 100}%`,
      };
  return (
    <div
      class={`divider ${direction}`}
      role="separator"
      tabIndex={0}
      aria-label={say("pane.line")}
      aria-orientation={row ? "vertical" : "horizontal"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at * 100)}
      style={edge}
      onPointerDown={pull}
      onKeyDown={key}
    />
  );
}
