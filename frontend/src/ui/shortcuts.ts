// The keys of the page: the same wherever the focus is. Never a plain Ctrl, Alt or function key:
// those belong to the program.

import type { Side } from "../layout/tree";
import type { Page } from "../page";
import { closePane } from "./actions";

const ARROWS: Readonly<Record<string, Side>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What a chord does; false where it is the program's. */
function act(page: Page, event: KeyboardEvent): boolean {
  const { desk } = page;
  const { code } = event;
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  const arrow = ARROWS[code];
  if (arrow !== undefined) {
    const chord = apple ? event.metaKey && event.altKey : event.ctrlKey && event.shiftKey;
    return chord && desk.go(arrow);
  }
  if (apple && event.metaKey && !event.ctrlKey && !event.altKey) {
    if (code === "Enter") event.shiftKey ? desk.zoom() : void desk.newTab();
    else if (code === "KeyD") void desk.split(event.shiftKey ? "down" : "right");
    else if (code === "KeyX" && event.shiftKey) closePane(page, desk.focused.value);
    else if (digit !== undefined && event.shiftKey) desk.showTab(Number(digit) - 1);
    else return false;
    return true;
  }
  if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return false;
  if (code === "Enter") void desk.newTab();
  else if (code === "KeyD") void desk.split("right");
  else if (code === "KeyE") void desk.split("down");
  else if (code === "KeyZ") desk.zoom();
  else if (code === "KeyX") closePane(page, desk.focused.value);
  else if (digit !== undefined) desk.showTab(Number(digit) - 1);
  else return false;
  return true;
}

/** Installs them. Returns how to take them away. */
export function installShortcuts(page: Page): () => void {
  const pressed = (event: KeyboardEvent) => {
    // While a word is being composed every key belongs to the input method.
    if (event.isComposing || event.keyCode === 229 || page.panes.value.length === 0) return;
    if (document.querySelector("dialog[open]") !== null || !act(page, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("keydown", pressed, { capture: true });
  return () => removeEventListener("keydown", pressed, { capture: true });
}
