// The words of the page, one key each: a second language is a second table of this shape.

export const ENGLISH = {
  "keys.row": "Keys",
  "keys.more": "More keys",
  "keys.of": "Variants of {key}",
  "keys.locked": "locked",
  "key.esc": "Esc",
  "key.tab": "Tab",
  "key.backtab": "Shift Tab",
  "key.ctrl": "Ctrl",
  "key.alt": "Alt",
  "key.left": "Left",
  "key.down": "Down",
  "key.up": "Up",
  "key.right": "Right",
  "key.home": "Home",
  "key.end": "End",
  "key.pageUp": "Page up",
  "key.pageDown": "Page down",
  "key.insert": "Insert key",
  "key.delete": "Delete",
  "key.enter": "Enter",
  "key.compose": "Compose",
  "key.keyboard": "Keyboard",
  "key.paste": "Paste",
  "key.macros": "Edit macros",
  "compose.box": "Compose text",
  "compose.hint": "Write here",
  "compose.send": "Send",
  "compose.insert": "Insert",
  "select.bar": "Selection",
  "select.copy": "Copy",
  "select.copied": "Copied",
  "select.text": "As text",
  "select.all": "Copy all",
  "select.done": "Done",
  "select.start": "Start of the selection",
  "select.end": "End of the selection",
  "sheet.title": "Text of the terminal",
  "sheet.close": "Close",
  "macros.title": "Macros",
  "macros.help": "\\n is Enter, \\t Tab, \\e Escape, ^C is Ctrl C. They stay on this device.",
  "macros.label": "Name",
  "macros.text": "What it types",
  "macros.add": "Add",
  "macros.remove": "Remove {key}",
  "macros.full": "There is no room for more macros.",
} as const;

export type StringKey = keyof typeof ENGLISH;

/** A text of the page, with its blanks filled in. */
export function say(key: StringKey, values: Readonly<Record<string, string>> = {}): string {
  return ENGLISH[key].replace(/\{(\w+)\}/g, (blank, name: string) => values[name] ?? blank);
}
