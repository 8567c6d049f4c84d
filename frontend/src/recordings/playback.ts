// Plays a recording: which of its events are due, as time goes by or is moved. It knows neither the
// terminal nor the browser's clock.

import { computed, signal } from "@preact/signals";
import type { Clock } from "../session/ports";
import type { Size } from "../term/guess";
import type { Cast, Event } from "./cast";

/** Seconds to which a pause is shortened, unless all of it is wanted. */
const PAUSE = 2;

/** Milliseconds between two looks at the clock: often enough for a bar that moves. */
const TICK = 50;

/** Characters that are given to the screen at once: it then tells when it has dealt with them. */
const PIECE = 256 * 1024;

/** The speeds to choose from. */
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4, 8];

/** What shows it. */
export interface Screen {
  /** Forgets everything, in this size. */
  begin(size: Size): void;
  resize(size: Size): void;
  /** Resolves once it is on the screen. */
  write(text: string): Promise<void>;
}

/** A place in it that somebody marked. */
export interface Mark {
  at: number;
  label: string;
}

export class Playback {
  readonly playing = signal(false);
  readonly speed = signal(1);
  /** Whether pauses are shortened. */
  readonly shortened = signal(true);
  /** How far it is, in seconds. */
  readonly at = signal(0);
  private readonly times = computed(() => timesOf(this.cast.events, this.shortened.value));
  /** Its length in seconds. */
  readonly duration = computed(() => this.times.value.at(-1) ?? 0);
  readonly marks = computed(() => marksOf(this.cast.events, this.times.value));
  /** Whether everything was shown. */
  readonly over = computed(() => this.at.value >= this.duration.value);
  private readonly cast: Cast;
  private readonly screen: Screen;
  private readonly clock: Clock;
  /** The first event that was not shown. */
  private next = 0;
  /** Counts the beginnings, so that what was under way at the last one ends. */
  private beginnings = 0;
  private busy = false;
  private last = 0;
  private cancel: () => void = () => {};

  constructor(cast: Cast, screen: Screen, clock: Clock) {
    this.cast = cast;
    this.screen = screen;
    this.clock = clock;
    this.begin();
    void this.pump();
  }

  play(): void {
    if (this.playing.value) return;
    if (this.over.value) this.seek(0);
    this.playing.value = true;
    this.last = this.clock.now();
    this.tick();
  }

  pause(): void {
    this.cancel();
    this.playing.value = false;
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else this.play();
  }

  /** Shows the screen as it was then. */
  seek(seconds: number): void {
    const at = Math.min(Math.max(seconds, 0), this.duration.value);
    const back = at < this.at.value;
    this.at.value = at;
    if (back && this.next > 0) this.begin();
    void this.pump();
  }

  /** The next speed, or the one before. */
  faster(steps: 1 | -1): void {
    const now = SPEEDS.indexOf(this.speed.value);
    this.speed.value = SPEEDS[now + steps] ?? this.speed.value;
  }

  /** Whether pauses are shortened from now on; what is shown stays. */
  shorten(on: boolean): void {
    this.shortened.value = on;
    this.at.value = this.times.value[this.next - 1] ?? 0;
  }

  /** The next mark, or the last one before. */
  toMark(steps: 1 | -1): void {
    const { value: at } = this.at;
    const marks = this.marks.value;
    const mark =
      steps > 0 ? marks.find((it) => it.at > at) : marks.findLast((it) => it.at < at - 1);
    if (mark !== undefined) this.seek(mark.at);
  }

  dispose(): void {
    this.pause();
    this.beginnings += 1;
  }

  private begin(): void {
    this.beginnings += 1;
    this.busy = false;
    this.next = 0;
    this.screen.begin(this.cast.size);
  }

  private tick(): void {
    const now = this.clock.now();
    // A screen that cannot follow holds the time up, and not the other way round.
    if (!this.busy) {
      const passed = ((now - this.last) / 1000) * this.speed.value;
      this.at.value = Math.min(this.at.value + passed, this.duration.value);
    }
    this.last = now;
    void this.pump();
    if (this.over.value && !this.busy) {
      this.playing.value = false;
      return;
    }
    this.cancel = this.clock.after(TICK, () => this.tick());
  }

  /** Shows what is due. */
  private async pump(): Promise<void> {
    if (this.busy) return;
    const begun = this.beginnings;
    this.busy = true;
    while (begun === this.beginnings) {
      const text = this.take();
      if (text === null) break;
      await this.screen.write(text);
    }
    if (begun === this.beginnings) this.busy = false;
  }

  /** The next output that is due, of as many events as belong together; null once there is none. */
  private take(): string | null {
    const { events } = this.cast;
    const { value: times } = this.times;
    const parts: string[] = [];
    let length = 0;
    for (; this.next < events.length && length < PIECE; this.next += 1) {
      const event = events[this.next];
      if (event === undefined || (times[this.next] ?? 0) > this.at.value) break;
      if (event.kind === "resize") {
        // What was written before it was written for the size before.
        if (length > 0) break;
        this.screen.resize(event.size);
      } else if (event.kind === "output") {
        parts.push(event.text);
        length += event.text.length;
      }
    }
    return length > 0 ? parts.join("") : null;
  }
}

/** When each event is shown, in seconds. */
function timesOf(events: readonly Event[], shortened: boolean): Float64Array {
  const times = new Float64Array(events.length);
  let now = 0;
  let before = 0;
  for (const [index, { at }] of events.entries()) {
    const pause = at - before;
    now += shortened ? Math.min(pause, PAUSE) : pause;
    before = at;
    times[index] = now;
  }
  return times;
}

function marksOf(events: readonly Event[], times: Float64Array): readonly Mark[] {
  const marks: Mark[] = [];
  for (const [index, event] of events.entries()) {
    if (event.kind === "mark") marks.push({ at: times[index] ?? 0, label: event.label });
  }
  return marks;
}
