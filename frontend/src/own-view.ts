// What of a session's page is this viewer's own: which pane it looks at, what it zoomed. A reload
// of the tab finds it again, with the layout as it last was, so that nothing jumps.

import type { Layout } from "./gen/Layout";

const PREFIX = "awp.view.";

/** What is kept. */
export interface OwnView {
  /** Processes in the order in which they had the keyboard, the last one first. */
  recent: number[];
  zoomed: number | null;
  layout: Layout;
}

/** What this tab kept of a session. */
export function recallView(session: string): OwnView | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + session) ?? "null") as OwnView | null;
    return kept !== null && Array.isArray(kept.recent) && Array.isArray(kept.layout?.tabs)
      ? kept
      : null;
  } catch {
    return null;
  }
}

/** Keeps it. */
export function keepView(session: string, view: OwnView): void {
  try {
    sessionStorage.setItem(PREFIX + session, JSON.stringify(view));
  } catch {
    // Without storage a reload begins at the first tab.
  }
}
