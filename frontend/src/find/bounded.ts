// Searches by a pattern that a person wrote, for as long as anybody waits for it.

import { trustedScriptUrl } from "../trusted";
import type { findIn } from "./matches";
import type { Search } from "./searcher";
import searcherUrl from "./searcher?worker&url";

/** Milliseconds that a search may take: the most lines that a page holds take a tenth of it. */
const LONGEST = 2000;

/** What came of it; null where it took too long. */
type Found = ReturnType<typeof findIn> | null;

export class Bounded {
  private worker: Worker | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  /** Searches; what was searched before and has not come yet never comes. */
  search(lines: readonly string[], pattern: RegExp, found: (found: Found) => void): void {
    if (this.waiting !== undefined) this.stop();
    this.worker ??= new Worker(trustedScriptUrl(searcherUrl), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<NonNullable<Found>>) => {
      clearTimeout(this.waiting);
      this.waiting = undefined;
      found(data);
    };
    this.waiting = setTimeout(() => {
      this.stop();
      found(null);
    }, LONGEST);
    this.worker.postMessage({ lines, pattern } satisfies Search);
  }

  /** Ends it, whatever it is at. */
  stop(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.worker?.terminate();
    this.worker = null;
  }
}
