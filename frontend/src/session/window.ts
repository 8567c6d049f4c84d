// Acknowledgements of one output channel: what was received, what was consumed, what was told.

/** Bytes that the server sends beyond the last acknowledgement, as the protocol says. */
export const WINDOW = 256 * 1024;

/** Bytes after which an acknowledgement is owed, as the protocol says. */
const OWED = WINDOW / 8;

export class Window {
  /** The next byte that is expected; `null` until the stream has said where it begins. */
  private next: number | null = null;
  private done = 0;
  private told = 0;

  /** Where to go on after a loss: all that was received is going to be consumed. */
  get position(): number | null {
    return this.next;
  }

  /** The first byte that was not consumed. */
  get consumed(): number {
    return this.done;
  }

  /**
   * Takes in bytes that begin at `offset`. Says how many of them are repetitions, or `null` if
   * bytes before them are missing.
   */
  receive(offset: number, length: number): number | null {
    if (this.next === null) this.begin(offset);
    const expected = this.next ?? offset;
    if (offset > expected) return null;
    this.next = Math.max(expected, offset + length);
    return Math.min(length, expected - offset);
  }

  /** The stream goes on elsewhere, at its first byte held, after a gap or a snapshot. */
  jump(offset: number): void {
    if (this.next === null) this.begin(offset);
    this.next = offset;
  }

  /** Everything below `offset` was consumed. Returns what to tell at once, if anything. */
  consume(offset: number): number | null {
    this.done = Math.max(this.done, offset);
    return this.done - this.told >= OWED ? this.flush() : null;
  }

  /** What to tell after all, when nothing more comes. */
  flush(): number | null {
    if (this.done <= this.told) return null;
    this.told = this.done;
    return this.done;
  }

  private begin(offset: number): void {
    this.next = offset;
    this.done = offset;
    this.told = offset;
  }
}
