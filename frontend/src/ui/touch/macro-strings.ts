// The words of the editor of macros.

import { words } from "../../strings";

export const sayMacro = words({
  "macros.title": "Macros",
  "macros.help": "\\n is Enter, \\t Tab, \\e Escape, ^C is Ctrl C. They stay on this device.",
  "macros.label": "Name",
  "macros.text": "What it types",
  "macros.add": "Add",
  "macros.remove": "Remove {key}",
  "macros.full": "There is no room for more macros.",
});
