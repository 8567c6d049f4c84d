// When a program that has ended is started again: soon, unless it ends again and again.

/** Milliseconds before the first start. */
export const SHORTEST = 1_000;

/** Milliseconds before a start at most: nobody stands in front of a dark kiosk for longer. */
export const LONGEST = 30_000;

/** Milliseconds that a program has to live for its end to be no failure to start. */
export const LIVED = 10_000;

export class Restarts {
  private delay = SHORTEST;
  private started = 0;

  /** It was started now. */
  begin(now: number): void {
    this.started = now;
  }

  /** It has ended now: how long to wait. */
  next(now: number): number {
    if (now - this.started >= LIVED) this.delay = SHORTEST;
    const delay = this.delay;
    this.delay = Math.min(delay * 2, LONGEST);
    return delay;
  }
}
