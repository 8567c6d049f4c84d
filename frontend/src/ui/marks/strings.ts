// The words of the marks of a shell's commands.

import { words } from "../../strings";

const MARKS = {
  "marks.previous": "Previous command",
  "marks.next": "Next command",
  "marks.copy": "Copy the output of {command}",
  "marks.select": "Select the output of {command}",
  "marks.unnamed": "this command",
  "marks.running": "running",
  "marks.done": "done",
  "marks.status": "exit status {status}",
  "marks.took": "{command}: {how}, {duration}",
  "marks.plain": "{command}: {how}",
  "marks.go": "Go to the command: {command}",
  "marks.none": "There is no other command in this direction.",
  "marks.noOutput": "That command has no output here.",
  "marks.copied.one": "{count} line copied.",
  "marks.copied.other": "{count} lines copied.",
  "marks.cut": "{copied} The beginning of the output is no longer in this page.",
  "marks.failed": "The browser does not let the page copy.",
  "time.milliseconds": "{count} ms",
  "time.seconds": "{count} s",
  "time.minutes": "{minutes} min {seconds} s",
  "time.hours": "{hours} h {minutes} min",
} as const;

export const say = words(MARKS);
