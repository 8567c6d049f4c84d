// What a person does with the commands of a shell, and what is said of it.

import type { Page } from "../../page";
import type { Shell } from "../../term/shell";
import { keysOf } from "../chords";
import { remark } from "../model";
import type { Command } from "../palette/commands";
import { shellOf } from "./open";
import { say } from "./strings";
import { nameOf, sentenceOf } from "./words";

/** Goes to the command before or behind, and says which one it is. */
export function jump(shell: Shell, step: 1 | -1): void {
  const command = shell.jump(step);
  if (command !== null) remark.value = sentenceOf(command);
  else remark.value = step === 1 ? "" : say("marks.none");
}

/** Copies what the command in question printed. */
export async function copyOutput(shell: Shell): Promise<void> {
  const command = shell.subject();
  const output = command === null ? null : shell.output(command);
  if (command === null || output === null) {
    remark.value = say("marks.noOutput");
    return;
  }
  try {
    // Without a secure origin there is no clipboard; the terminal answers the copy event instead.
    if (navigator.clipboard !== undefined) await navigator.clipboard.writeText(output.text);
    else if (!shell.select(command) || !document.execCommand("copy")) throw new Error();
  } catch {
    remark.value = say("marks.failed");
    return;
  }
  const lines = output.text.replace(/\n$/, "").split("\n").length;
  const copied = say(lines === 1 ? "marks.copied.one" : "marks.copied.other", {
    count: String(lines),
  });
  remark.value = output.cut ? say("marks.cut", { copied }) : copied;
}

/** Selects it. */
export function selectOutput(shell: Shell): void {
  const command = shell.subject();
  const selected = command !== null && shell.select(command);
  remark.value = selected ? "" : say("marks.noOutput");
}

/** What the palette offers of it. */
export function markCommands(page: Page): Command[] {
  const shell = shellOf(page);
  if (shell === null) return [];
  const key = (of: "previousCommand" | "nextCommand") => keysOf(of);
  const subject = shell.subject();
  const command = subject === null ? "" : nameOf(subject);
  const moves = [
    {
      name: say("marks.previous"),
      keys: key("previousCommand"),
      run: () => jump(shell, -1),
    },
    { name: say("marks.next"), keys: key("nextCommand"), run: () => jump(shell, 1) },
  ];
  if (subject === null) return moves;
  return [
    ...moves,
    { name: say("marks.copy", { command }), keys: "", run: () => void copyOutput(shell) },
    { name: say("marks.select", { command }), keys: "", run: () => selectOutput(shell) },
  ];
}
