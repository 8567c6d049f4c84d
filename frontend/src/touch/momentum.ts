// How a text goes on after the finger has left it: it slows down like something heavy, in steps of
// whole lines.

/** Milliseconds in which the speed falls to a third: what phones do. */
const SLOWING = 325;

/** Pixels per millisecond: slower is a finger that was put down to read. */
const LEAST = 0.15;

/** Pixels per millisecond: faster shows nothing any more. */
const MOST = 8;

/** Pixels of the way after which the rest is not seen. */
const REST = 1;

/** A text that goes on by itself. */
export class Momentum {
  private readonly reach: number;
  private readonly begin: number;
  private gone = 0;

  private constructor(speed: number, now: number) {
    this.reach = speed * SLOWING;
    this.begin = now;
  }

  /** None for a finger that was hardly moving. */
  static from(speed: number, now: number): Momentum | null {
    if (Math.abs(speed) < LEAST) return null;
    return new Momentum(Math.sign(speed) * Math.min(Math.abs(speed), MOST), now);
  }

  /** Pixels since the last look; `null` once it has come to rest. */
  step(now: number): number | null {
    const way = this.reach * (1 - Math.exp((this.begin - now) / SLOWING));
    const step = way - this.gone;
    this.gone = way;
    return Math.abs(this.reach - way) < REST ? null : step;
  }
}

/** Pixels added up to whole lines. */
export class Lines {
  private rest = 0;

  add(pixels: number, height: number): number {
    this.rest += pixels / height;
    const whole = Math.trunc(this.rest);
    this.rest -= whole;
    return whole;
  }

  clear(): void {
    this.rest = 0;
  }
}
