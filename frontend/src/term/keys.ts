// The keys that the page keeps for itself. Never a plain Ctrl, Alt or function key: those belong to
// the program.

import type { Terminal } from "@xterm/xterm";

/** What the keys of the page do. */
export interface KeyActions {
  copied(): void;
  tabMoves(on: boolean): void;
}

async function copy(terminal: Terminal): Promise<void> {
  const text = terminal.getSelection();
  if (text === "") return;
  // Without a secure origin there is no clipboard; the terminal answers the copy event instead.
  if (navigator.clipboard === undefined) document.execCommand("copy");
  else await navigator.clipboard.writeText(text);
}

/** Tab goes on to the next part of the page: past each terminal, or one would be a trap. */
let tabMoves = false;

/** Installs them. */
export function installKeys(terminal: Terminal, actions: KeyActions): void {
  terminal.attachCustomKeyEventHandler((event) => {
    // While a word is being composed every key belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return true;
    if (event.key === "Tab" && tabMoves) return false;
    const ours = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    if (!ours) return true;
    switch (event.code) {
      case "KeyC":
        event.preventDefault();
        if (event.type === "keydown") {
          void copy(terminal).then(actions.copied, () => {});
        }
        return false;
      case "KeyV":
        // The browser pastes by itself, which needs nobody's permission.
        return false;
      case "KeyM":
        event.preventDefault();
        if (event.type === "keydown") {
          tabMoves = !tabMoves;
          actions.tabMoves(tabMoves);
        }
        return false;
      default:
        return true;
    }
  });
}
