// The way to the commands of a terminal's shell: nothing is loaded until a shell has told of some.

import type { Page } from "../../page";
import type { Shell } from "../../term/shell";
import { focused } from "../model";

/** The commands in the pane that has the keyboard. */
export function shellOf(page: Page): Shell | null {
  const process = focused.value;
  const pane = page.panes.value.find(({ model }) => model.process === process);
  const shell = pane?.shell ?? null;
  return shell?.knows() === true ? shell : null;
}

/** Goes to the command before or behind; false where there are no commands. */
export function goToCommand(page: Page, step: 1 | -1): boolean {
  const shell = shellOf(page);
  if (shell === null) return false;
  void import("./actions").then(({ jump }) => jump(shell, step));
  return true;
}
