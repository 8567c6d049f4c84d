// The worker that searches by a person's own pattern: some patterns take years for one line, and the
// page must go on. Whoever waits for it ends it; see bounded.ts.

import { findIn } from "./matches";

/** What is searched. */
export interface Search {
  readonly lines: readonly string[];
  readonly pattern: RegExp;
}

self.addEventListener("message", ({ data }: MessageEvent<Search>) => {
  self.postMessage(findIn(data.lines, data.pattern));
});
