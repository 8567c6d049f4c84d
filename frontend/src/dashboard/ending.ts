// Sessions that are about to be ended: for a moment the person can take it back.

import type { Clock } from "../session/ports";

/** Milliseconds in which an end can be taken back. */
export const UNDO_TIME = 5_000;

/** Ends that wait at once: as many as are shown, and the oldest happens when another comes. */
export const MAX_WAITING = 3;

/** An end that waits. */
export interface Waiting {
  id: string;
  name: string;
  /** It has ended by itself; only its remains are removed. */
  over: boolean;
}

/** The ends that wait. */
export class Endings {
  private readonly clock: Clock;
  private readonly act: (ending: Waiting) => void;
  private readonly changed: (waiting: readonly Waiting[]) => void;
  private waiting: { ending: Waiting; cancel: () => void }[] = [];

  constructor(
    clock: Clock,
    act: (ending: Waiting) => void,
    changed: (waiting: readonly Waiting[]) => void,
  ) {
    this.clock = clock;
    this.act = act;
    this.changed = changed;
  }

  /** Ends it after a moment. */
  begin(ending: Waiting): void {
    if (this.waiting.some((other) => other.ending.id === ending.id)) return;
    const oldest = this.waiting[0];
    if (oldest !== undefined && this.waiting.length >= MAX_WAITING) this.happen(oldest.ending.id);
    const cancel = this.clock.after(UNDO_TIME, () => this.happen(ending.id));
    this.waiting.push({ ending, cancel });
    this.tell();
  }

  /** Does not end it after all. */
  undo(id: string): void {
    if (this.take(id) !== undefined) this.tell();
  }

  /** The page is left: what waits happens now. */
  finish(): void {
    for (const { ending } of [...this.waiting]) this.happen(ending.id);
  }

  private happen(id: string): void {
    const ending = this.take(id);
    if (ending === undefined) return;
    this.act(ending);
    this.tell();
  }

  private take(id: string): Waiting | undefined {
    const found = this.waiting.find(({ ending }) => ending.id === id);
    found?.cancel();
    this.waiting = this.waiting.filter((other) => other !== found);
    return found?.ending;
  }

  private tell(): void {
    this.changed(this.waiting.map(({ ending }) => ending));
  }
}
