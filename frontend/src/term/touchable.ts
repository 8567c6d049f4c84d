// The terminals that fingers can reach: each one on the page offers itself here, and the part of
// the page that is loaded for touch alone takes it from here.

import { signal } from "@preact/signals";
import type { Terminal } from "@xterm/xterm";
import type { Paste } from "./pasting";

/** What a terminal gives to the touch part of the page. */
export interface Touchable {
  readonly terminal: Terminal;
  readonly paste: Paste;
}

export const touchables = signal<readonly Touchable[]>([]);

/** Offers a terminal that is in the document. Returns how to take it back. */
export function offerTouch(touchable: Touchable): () => void {
  touchables.value = [...touchables.value, touchable];
  return () => {
    touchables.value = touchables.value.filter((other) => other !== touchable);
  };
}
