// Fingers on a terminal: turns touch events into what a gesture means and does it.

import { change } from "../../settings/settings";
import type { TouchTerminal } from "../../term/touch-terminal";
import { Gesture, type Point } from "../../touch/gesture";
import { Lines, Momentum } from "../../touch/momentum";
import { type Selecting, select } from "./selecting";

/** Milliseconds that a finger rests before it is a long press: what phones do. */
const HOLD = 500;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Fingers {
  private readonly terminal: TouchTerminal;
  private readonly stop = new AbortController();
  private readonly gesture: Gesture;
  private readonly lines = new Lines();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private momentum: Momentum | null = null;
  private selecting: Selecting | null = null;
  private font = 0;

  constructor(terminal: TouchTerminal, selectable: boolean) {
    this.terminal = terminal;
    this.gesture = new Gesture({
      touched: () => this.touched(),
      tap: (at) => this.tap(at),
      hold: (at) => {
        if (selectable) this.selecting = select(terminal, at);
      },
      drag: (at) => this.selecting?.dragTo(at),
      dragged: () => {
        this.selecting?.drop();
        this.selecting = null;
      },
      scroll: (pixels, at) => this.scroll(pixels, at),
      fling: (speed, at) => this.fling(speed, at),
      pinch: (scale) => {
        this.font ||= terminal.fontSize;
        terminal.fontSize = this.font * scale;
      },
      pinched: () => this.pinched(),
    });
    this.listen();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.momentum = null;
    this.stop.abort();
  }

  private listen(): void {
    const { element } = this.terminal;
    const options = { capture: true, passive: false, signal: this.stop.signal };
    const mine = (act: (event: TouchEvent) => void) => (event: TouchEvent) => {
      if (event.cancelable) event.preventDefault();
      event.stopPropagation();
      act(event);
    };
    const down = mine(({ targetTouches, timeStamp }) => {
      clearTimeout(this.timer);
      this.gesture.down(points(targetTouches), timeStamp);
      if (this.gesture.pressed) this.timer = setTimeout(() => this.gesture.held(), HOLD);
    });
    const move = mine(({ targetTouches, timeStamp }) => {
      this.gesture.move(points(targetTouches), timeStamp);
    });
    const up = mine(({ targetTouches, timeStamp }) => {
      clearTimeout(this.timer);
      this.gesture.up(targetTouches.length, timeStamp);
    });
    const cancel = mine(() => {
      clearTimeout(this.timer);
      this.gesture.cancel();
    });
    element.addEventListener("touchstart", down, options);
    element.addEventListener("touchmove", move, options);
    element.addEventListener("touchend", up, options);
    element.addEventListener("touchcancel", cancel, options);
    const menu = (event: Event) => {
      // A long press asks for a menu that would write into the text field.
      if ((event as PointerEvent).pointerType !== "touch") return;
      event.preventDefault();
      event.stopPropagation();
    };
    element.addEventListener("contextmenu", menu, { capture: true, signal: this.stop.signal });
  }

  private touched(): void {
    this.momentum = null;
    this.lines.clear();
  }

  private tap(at: Point): void {
    const { terminal } = this;
    terminal.terminal.clearSelection();
    const link = terminal.linkAt(terminal.placeAt(at));
    if (link !== null) {
      const how = { clientX: at.x, clientY: at.y };
      link.activate(new MouseEvent("mouseup", how), link.text);
      return;
    }
    if (terminal.tracksMouse) terminal.click(at);
    terminal.focus();
  }

  private scroll(pixels: number, at: Point): void {
    const lines = this.lines.add(pixels, this.terminal.cellSize.height);
    if (lines !== 0) this.terminal.scroll(lines, at);
  }

  private fling(speed: number, at: Point): void {
    const momentum = calm.matches ? null : Momentum.from(speed, performance.now());
    this.momentum = momentum;
    const frame = (now: number) => {
      if (this.momentum !== momentum || momentum === null) return;
      const step = momentum.step(now);
      if (step === null) return;
      this.scroll(step, at);
      requestAnimationFrame(frame);
    };
    if (momentum !== null) requestAnimationFrame(frame);
  }

  private pinched(): void {
    this.font = 0;
    change({ fontSize: this.terminal.fontSize });
  }
}

function points(touches: TouchList): Point[] {
  return Array.from(touches, ({ clientX, clientY }) => ({ x: clientX, y: clientY }));
}
