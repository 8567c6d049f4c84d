// Tells when nobody has used the kiosk for a while. One timer, not one for each touch: it looks when
// it fires whether somebody was there since.

import type { Clock } from "../session/ports";

export class Idle {
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly idle: () => void;
  private last = 0;
  private cancel: (() => void) | null = null;

  constructor(clock: Clock, limit: number, idle: () => void) {
    this.clock = clock;
    this.limit = limit;
    this.idle = idle;
  }

  /** Somebody is there. From the first touch on the time counts: a fresh program needs no reset. */
  used(): void {
    this.last = this.clock.now();
    if (this.cancel === null) this.wait(this.limit);
  }

  /** The program is fresh. */
  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private wait(delay: number): void {
    this.cancel = this.clock.after(delay, () => {
      const left = this.last + this.limit - this.clock.now();
      if (left > 0) {
        this.wait(left);
        return;
      }
      this.cancel = null;
      this.idle();
    });
  }
}
