// The words of the page, one key each: a second language is a second table of this shape.

export const ENGLISH = {
  "tabs.list": "Tabs",
  "tabs.new": "New tab",
  "tabs.switch": "Show",
  "tabs.unnamed": "process {process}",
  "pane.terminal": "Terminal: {title}",
  "pane.pipes": "Pipes: {title}",
  "pane.zoom": "Zoom {title}",
  "pane.unzoom": "Show all panes again",
  "pane.close": "Close {title}",
  "pane.splitRight": "Split right",
  "pane.splitDown": "Split down",
  "pane.line": "Line between panes",
  "pane.exit.code": "{title} ended with exit status {status}.",
  "pane.exit.signal": "{title} was ended by signal {status}.",
  "pane.restart": "Restart",
  "pane.shut": "Close",
  "pane.newSession": "New session",
  "size.other": "Sized by another viewer: {size}. Type to take over.",
  "size.watch": "Sized by others: {size}",
  "size.fixed": "Fixed size: {size}",
  "size.shared": "Shared size: {size}",
  "close.title": "Close {title}?",
  "close.text": "It is still running and will be ended.",
  "close.yes": "Close",
  "end.title": "End this session?",
  "end.text": "Everything that runs in it will be ended, for everybody.",
  "end.yes": "End session",
  "dialog.no": "Cancel",
  "session.unnamed": "unnamed",
  "session.rename": "Rename session",
  "session.name": "Name of the session",
  "session.menu": "Session",
  "session.taken": "This name cannot be used: it is another session's, or no name.",
  "session.failed": "The server did not do that.",
  "here.one": "{count} viewer",
  "here.other": "{count} viewers",
  "here.title": "Who is here",
  "here.you": "you",
  "here.nameless": "viewer {viewer}",
  "role.watch": "watching",
  "role.write": "may type",
  "role.owner": "owner",
  "watch.banner": "Watching, read-only",
  "watch.refused": "You are watching: what you type is not sent.",
  "unsent.one": "{count} byte unsent",
  "unsent.other": "{count} bytes unsent",
  "pipe.lines.one": "{count} line",
  "pipe.lines.other": "{count} lines",
  "pipe.merge": "Merge outputs",
  "pipe.apart": "Show outputs apart",
  "pipe.merged": "stdout and errors",
  "pipe.input": "Line of input",
  "pipe.hint": "A line for the program",
  "pipe.enter": "Enter",
  "pipe.end": "End input",
  "pipe.ended": "The program's input has ended.",
} as const;

export type StringKey = keyof typeof ENGLISH;

/** A text of the page, with its blanks filled in. */
export function say(key: StringKey, values: Readonly<Record<string, string>> = {}): string {
  return ENGLISH[key].replace(/\{(\w+)\}/g, (blank, name: string) => values[name] ?? blank);
}

const plural = new Intl.PluralRules("en");
const digits = new Intl.NumberFormat("en");

type Counted<K = StringKey> = K extends `${infer Name}.other` ? Name : never;

/** A text with a number, in the form that the number asks for. */
export function count(key: Counted, number: number): string {
  const form = `${key}.${plural.select(number)}`;
  const known = form in ENGLISH ? form : `${key}.other`;
  return say(known as StringKey, { count: digits.format(number) });
}
