// The words of the page, one key each: a second language is a second table of this shape.

export const ENGLISH = {
  "dash.title": "Sessions",
  "dash.search": "Search sessions",
  "dash.searchHint": "Search by name, app or title  ( / )",
  "dash.new": "New session",
  "dash.newShort": "New",
  "dash.list": "Sessions",
  "dash.found": "{count} of {all} sessions",
  "dash.all.one": "1 session",
  "dash.all.other": "{count} sessions",
  "dash.none": "No session is running.",
  "dash.noneHint": "Start one, here or with awp new; it is listed here as long as it lives.",
  "dash.noMatch": "No session matches “{query}”.",
  "dash.clear": "Clear the search",
  "dash.gone": "The server does not answer.",
  "dash.goneHint": "What is shown is how it was last. Trying again by itself.",
  "dash.busy": "The server has too much to do right now. Trying again by itself.",
  "dash.loading": "Looking for sessions…",
  "dash.link": "All sessions",
  "dash.keys": "Arrow keys move, Enter opens, F2 renames, Delete ends, / searches.",
  "card.processes.one": "1 process",
  "card.processes.other": "{count} processes",
  "card.viewers.one": "1 viewer",
  "card.viewers.other": "{count} viewers",
  "card.unseen": "nobody looks",
  "card.running": "running",
  "card.ending": "ending",
  "card.ended": "ended",
  "card.code": "exit status {code}",
  "card.signal": "signal {signal}",
  "card.age": "started {age} ago",
  "card.rename": "Rename {name}",
  "card.end": "End {name}",
  "card.remove": "Remove {name}",
  "card.renameShort": "Rename",
  "card.endShort": "End",
  "card.removeShort": "Remove",
  "card.newName": "New name of {name}",
  "card.pipes": "no screen: its output is text",
  "toast.ending": "{name} is about to be ended.",
  "toast.removing": "{name} is about to be removed.",
  "toast.undo": "Undo",
  "toast.close": "Close",
  "toast.failed": "{name} could not be ended: {why}",
  "toast.unreachable": "the server does not answer",
  "new.title": "New session",
  "new.app": "App",
  "new.name": "Name (may be empty)",
  "new.start": "Start",
  "new.cancel": "Cancel",
  "new.unreachable": "The server does not answer.",
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

/** The keys of which there is one form for each number that the language tells apart. */
type Counted<K> = K extends `${infer Stem}.other` ? Stem : never;

const plural = new Intl.PluralRules("en");

/** The form of a text that fits this number, which stands at `{count}`. */
export function sayCount(stem: Counted<StringKey>, count: number): string {
  const form = `${stem}.${plural.select(count)}`;
  const key = form in ENGLISH ? (form as StringKey) : (`${stem}.other` as StringKey);
  return say(key, { count: String(count) });
}
