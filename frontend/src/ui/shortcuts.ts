// The keys of the page: the same wherever the focus is. What does what is in keymap.ts.

import { commandOf, type KeyCommand } from "../keymap";
import type { Side } from "../layout/tree";
import type { Page } from "../page";
import { closePane } from "./actions";
import { apple } from "./chords";
import { openFind } from "./find/open";
import { goToCommand } from "./marks/open";
import { openPalette, openSettings } from "./overlay";

const SIDES: Readonly<Record<string, Side>> = {
  focusLeft: "left",
  focusRight: "right",
  focusUp: "up",
  focusDown: "down",
};

/** Does it; false where the key is the program's, or the terminal's own. */
function act(page: Page, command: KeyCommand): boolean {
  const { desk } = page;
  const side = SIDES[command];
  if (side !== undefined) return desk.go(side);
  if (command.startsWith("tab") && command !== "tabMoves") {
    desk.showTab(Number(command.slice("tab".length)) - 1);
    return true;
  }
  switch (command) {
    case "palette":
      void openPalette();
      return true;
    case "sessions":
      void openPalette("sessions");
      return true;
    case "newTab":
      void desk.newTab();
      return true;
    case "splitRight":
      void desk.split("right");
      return true;
    case "splitDown":
      void desk.split("down");
      return true;
    case "zoom":
      desk.zoom();
      return true;
    case "closePane":
      closePane(page, desk.focused.value);
      return true;
    case "settings":
      void openSettings();
      return true;
    case "find":
      return openFind(page);
    case "previousCommand":
      return goToCommand(page, -1);
    case "nextCommand":
      return goToCommand(page, 1);
    default:
      return false;
  }
}

/** Installs them. Returns how to take them away. */
export function installShortcuts(page: Page): () => void {
  const pressed = (event: KeyboardEvent) => {
    // While a word is being composed every key belongs to the input method.
    if (event.isComposing || event.keyCode === 229 || page.panes.value.length === 0) return;
    const command = commandOf(event, apple);
    if (command === null || document.querySelector("dialog[open]") !== null) return;
    if (!act(page, command)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("keydown", pressed, { capture: true });
  return () => removeEventListener("keydown", pressed, { capture: true });
}
