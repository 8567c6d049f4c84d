// Notices a dead connection: asks for an answer now and then and listens whether anything comes.

import type { Clock } from "./ports";

/** Milliseconds between two questions. */
const INTERVAL = 3000;

/** Milliseconds that an answer may take; with the interval it stays under the 8 s that the page promises. */
const PATIENCE = 4000;

export class Heartbeat {
  private readonly clock: Clock;
  private readonly ask: (id: number) => void;
  private readonly dead: () => void;
  private cancel: () => void = () => {};
  private id = 0;
  private asked: number | null = null;

  constructor(clock: Clock, ask: (id: number) => void, dead: () => void) {
    this.clock = clock;
    this.ask = ask;
    this.dead = dead;
  }

  /** Asks at once and goes on asking. */
  start(): void {
    this.stop();
    this.question();
  }

  stop(): void {
    this.cancel();
    this.asked = null;
  }

  /** Anything came: the line is alive. */
  heard(): void {
    if (this.asked === null) return;
    this.asked = null;
    this.later(INTERVAL, () => this.question());
  }

  private question(): void {
    this.id += 1;
    this.asked = this.clock.now();
    this.ask(this.id);
    this.later(PATIENCE, () => this.judge());
  }

  private judge(): void {
    // A page that was asleep wakes up to old timers before it gets its messages: ask once more.
    const overslept = this.asked !== null && this.clock.now() - this.asked > 2 * PATIENCE;
    if (overslept) this.question();
    else this.dead();
  }

  private later(delay: number, run: () => void): void {
    this.cancel();
    this.cancel = this.clock.after(delay, run);
  }
}
