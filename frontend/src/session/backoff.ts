// How long to wait before the next attempt to connect.

/** Milliseconds: short at first, since most losses are short; the last one is kept. */
const DELAYS = [100, 300, 1000, 2000, 5000];

/** Each wait is between three and five quarters of its delay, so that a crowd comes back spread out. */
const SPREAD = { least: 0.75, width: 0.5 };

export class Backoff {
  private attempt = 0;
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const delay = DELAYS[Math.min(this.attempt, DELAYS.length - 1)] ?? 0;
    this.attempt += 1;
    return delay * (SPREAD.least + SPREAD.width * this.random());
  }

  /** The connection works again. */
  reset(): void {
    this.attempt = 0;
  }
}
