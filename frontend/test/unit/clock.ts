// Time that passes when a test says so.

import type { Clock } from "../../src/session/ports";

export class ManualClock implements Clock {
  private time = 0;
  private waiting: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(delay: number, run: () => void): () => void {
    const entry = { at: this.time + delay, run };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  /** Lets time pass, and what is due happen in its order. */
  pass(delay: number): void {
    const end = this.time + delay;
    for (;;) {
      const due = this.waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.waiting = this.waiting.filter((other) => other !== due);
      this.time = due.at;
      due.run();
    }
    this.time = end;
  }
}
