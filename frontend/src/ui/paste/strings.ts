// The words of the question before a paste.

import { words } from "../../strings";

const PASTE = {
  "paste.title": "Paste this?",
  "paste.controls":
    "It has control characters, which a program may take for keys and commands. They are shown as signs.",
  "paste.lines":
    "The program does not tell pasted lines from typed ones: each line may be run at once.",
  "paste.text": "What is to be pasted",
  "paste.size": "Characters: {characters}. Lines: {lines}.",
  "paste.rest": "The first {shown} are shown.",
  "paste.yes": "Paste",
  "paste.clean": "Paste without them",
  "paste.raw": "Paste as it is",
  "paste.never": "Do not ask about lines again on this device",
  "paste.no": "Cancel",
} as const;

export const say = words(PASTE);
