// The way to the search of a terminal: the part of the page that searches is loaded when it is first
// asked for.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Page } from "../../page";
import type { TerminalPane } from "../../panes";
import { focused } from "../model";

/** The process whose terminal is searched, while one is. */
export const finding = signal<number | null>(null);

/** The part of the page that does it, once it was needed. */
export const findPart = signal<{
  FindBar: ComponentType<{ page: Page; pane: TerminalPane }>;
} | null>(null);

/** Counts how often the bar was asked for: one that is there takes the keyboard again. */
export const findAsked = signal(0);

/** Shows the bar in the pane that has the keyboard; false where there is no terminal. */
export function openFind(page: Page): boolean {
  const process = focused.value;
  const pane = page.panes.value.find(({ model }) => model.process === process);
  if (pane?.model.mode !== "pty" && pane?.model.mode !== "pty+err") return false;
  void (async () => {
    findPart.value ??= await import("./find-bar");
    finding.value = process;
    findAsked.value += 1;
  })();
  return true;
}
