// What fingers on a terminal mean: a tap, a long press, a drag after it, scrolling, a pinch. Told
// points and times; knows no page and no clock.

export interface Point {
  x: number;
  y: number;
}

/** What a gesture turns out to be. */
export interface GestureSink {
  touched(): void;
  tap(at: Point): void;
  hold(at: Point): void;
  drag(at: Point): void;
  dragged(): void;
  /** The text follows the finger by this many pixels; positive shows what lies further down. */
  scroll(pixels: number, at: Point): void;
  /** The finger left at this speed, in pixels per millisecond. */
  fling(speed: number, at: Point): void;
  pinch(scale: number): void;
  pinched(): void;
}

/** CSS pixels that a finger may tremble. */
const SLOP = 10;

/** Milliseconds of movement that the speed at the end is taken from. */
const LAST = 80;

/** Milliseconds of rest after which a movement has ended before the finger was lifted. */
const REST = 60;

type State = "idle" | "pressed" | "scrolling" | "holding" | "pinching" | "spent";

export class Gesture {
  private readonly sink: GestureSink;
  private state: State = "idle";
  private start: Point = { x: 0, y: 0 };
  private last: Point = { x: 0, y: 0 };
  private spread = 1;
  private trail: { y: number; at: number }[] = [];

  constructor(sink: GestureSink) {
    this.sink = sink;
  }

  /** Whether a finger rests that may yet become a long press. */
  get pressed(): boolean {
    return this.state === "pressed";
  }

  down(points: readonly Point[], at: number): void {
    const [first, second] = points;
    if (first === undefined) return;
    this.sink.touched();
    if (second !== undefined && points.length === 2 && this.state !== "holding") {
      this.state = "pinching";
      this.spread = Math.max(distance(first, second), 1);
      return;
    }
    if (points.length > 1) return;
    this.state = "pressed";
    this.start = this.last = first;
    this.trail = [{ y: first.y, at }];
  }

  move(points: readonly Point[], at: number): void {
    const [first, second] = points;
    if (first === undefined) return;
    if (this.state === "pinching") {
      if (second !== undefined) this.sink.pinch(distance(first, second) / this.spread);
      return;
    }
    if (this.state === "pressed" && distance(first, this.start) > SLOP) this.state = "scrolling";
    if (this.state === "scrolling") {
      this.trail.push({ y: first.y, at });
      this.sink.scroll(this.last.y - first.y, first);
    } else if (this.state === "holding") this.sink.drag(first);
    if (this.state !== "pressed") this.last = first;
  }

  /** The finger has rested long enough. */
  held(): void {
    if (this.state !== "pressed") return;
    this.state = "holding";
    this.sink.hold(this.start);
  }

  /** A finger was lifted; `left` others stay. */
  up(left: number, at: number): void {
    const state = this.state;
    // What the other finger does after a pinch means nothing.
    this.state = left > 0 ? (state === "holding" ? state : "spent") : "idle";
    if (state === "pinching") this.sink.pinched();
    if (left > 0) return;
    if (state === "pressed") this.sink.tap(this.start);
    if (state === "holding") this.sink.dragged();
    if (state === "scrolling") this.sink.fling(this.speed(at), this.last);
  }

  /** The system took the fingers away. */
  cancel(): void {
    if (this.state === "pinching") this.sink.pinched();
    if (this.state === "holding") this.sink.dragged();
    this.state = "idle";
  }

  private speed(at: number): number {
    const end = this.trail.at(-1);
    if (end === undefined || at - end.at > REST) return 0;
    const begin = this.trail.find((step) => end.at - step.at <= LAST) ?? end;
    return end.at === begin.at ? 0 : (begin.y - end.y) / (end.at - begin.at);
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
