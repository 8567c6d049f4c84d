// The keys of a command as a person reads them on the own keyboard.

import { chordNames, type KeyCommand } from "../keymap";
import { say } from "../strings";

/** Whether this is one of Apple's systems, whose programs never see the Command key. */
export const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Keys whose names differ from language to language. */
const NAMED = ["Ctrl", "Alt", "Shift", "Space", "Enter"] as const;

/** The usual chord of a command; empty if it has none. */
export function keysOf(command: KeyCommand): string {
  const [chord = ""] = chordNames(command, apple);
  const parts = chord.split("+").map((part) => {
    const named = NAMED.find((name) => name === part);
    return named === undefined ? part : say(`chord.${named}`);
  });
  return parts.join("+");
}
