// The words of the page, one key each: a second language is a second table of this shape.

export const ENGLISH = {
  "progress.of": "{value} %",
  "progress.error": "failed",
  "progress.paused": "paused",
  "progress.working": "working",
  "dash.title": "Sessions",
  "dash.search": "Search sessions",
  "dash.searchHint": "Search by name, app or title  ( / )",
  "dash.new": "New session",
  "dash.newShort": "New",
  "dash.list": "Sessions",
  "dash.found": "{count} of {all} sessions",
  "dash.all.one": "1 session",
  "dash.all.other": "{count} sessions",
  "dash.recordings.one": "1 recording",
  "dash.recordings.other": "{count} recordings",
  "dash.none": "No session is running.",
  "dash.noneHint": "Start one, here or with awp new; it is listed here as long as it lives.",
  "dash.noMatch": "No session matches “{query}”.",
  "dash.clear": "Clear the search",
  "dash.gone": "The server does not answer.",
  "dash.goneHint": "What is shown is how it was last. Trying again by itself.",
  "dash.goneEmpty": "Trying again by itself.",
  "dash.away": "Once it does, the sessions are shown here.",
  "dash.busy": "The server has too much to do right now. Trying again by itself.",
  "dash.loading": "Looking for sessions…",
  "dash.link": "All sessions",
  "dash.keys": "Arrow keys move, Enter opens, F2 renames, Delete ends, / searches.",
  "card.processes.one": "1 process",
  "card.processes.other": "{count} processes",
  "card.viewers.one": "1 viewer",
  "card.viewers.other": "{count} viewers",
  "card.running": "running",
  "card.ending": "ending",
  "card.ended": "ended",
  "card.code": "exit status {code}",
  "card.signal": "signal {signal}",
  "age.long": "less than a minute ago",
  "age.narrow": "now",
  "card.age": "started {age}",
  "card.rename": "Rename {name}",
  "card.end": "End {name}",
  "card.remove": "Remove {name}",
  "card.renameShort": "Rename",
  "card.endShort": "End",
  "card.removeShort": "Remove",
  "card.newName": "New name of {name}",
  "card.login": "somebody has to log in to it",
  "card.pipes": "no screen: its output is text",
  "toast.ending": "{name} is about to be ended.",
  "toast.removing": "{name} is about to be removed.",
  "toast.undo": "Undo",
  "toast.close": "Close",
  "toast.failed": "{name} could not be ended: {why}",
  "toast.unreachable": "the server does not answer",
  "kiosk.lost": "The connection is lost. Trying again.",
  "kiosk.keyboard": "Keyboard",
  "kiosk.shift": "Shift",
  "kiosk.space": "Space",
  "kiosk.backspace": "Backspace",
  "update.there": "There is a newer version of this page.",
  "update.take": "Load it",
  "update.later": "Later",
  "new.title": "New session",
  "new.app": "App",
  "new.name": "Name (may be empty)",
  "new.start": "Start",
  "new.cancel": "Cancel",
  "new.unreachable": "The server does not answer.",
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
  "more.one": "and {count} more",
  "more.other": "and {count} more",
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
  "pipe.gap": "{count} bytes are no longer held",
  "pipe.nothing": "nothing yet",
  "pipe.input": "Line of input",
  "pipe.hint": "A line for the program",
  "pipe.enter": "Enter",
  "pipe.end": "End input",
  "pipe.ended": "The program's input has ended.",
  "files.upload": "Upload files…",
  "files.download": "Download a file",
  "files.drop": "Drop to upload to the folder of {title}",
  "files.watch": "You are watching: files are for those who may type.",
  "files.folders": "Folders are left out: drop the files in them.",
  "settings.open": "Settings…",
  "find.open": "Search in the terminal",
  "transcript.open": "Read as text",
  "transcript.of": "Read {title} as text",
  "transcript.title": "{title} as text",
  "transcript.text": "Lines of {title}, the newest last",
  "transcript.lines.one": "{count} line",
  "transcript.lines.other": "{count} lines",
  "transcript.again": "Read anew",
  "overlay.missing": "That part of the page could not be loaded.",
  "palette.open": "All commands…",
  "share.open": "Share…",
  "share.watch": "Watch",
  "share.write": "Watch and type",
  "share.halfHour": "30 minutes",
  "share.hour": "1 hour",
  "share.day": "1 day",
  "share.week": "7 days",
  "share.until": "{kind}, until {until}",
  "share.uses.one": "used {count} time",
  "share.uses.other": "used {count} times",
  "share.revokeOf": "Revoke: {name}",
  "keys.row": "Keys",
  "keys.more": "More keys",
  "keys.of": "Variants of {key}",
  "keys.locked": "locked",
  "cap.ctrl": "Ctrl",
  "cap.home": "Home",
  "cap.end": "End",
  "cap.pageUp": "PgUp",
  "cap.pageDown": "PgDn",
  "cap.delete": "Del",
  "cap.insert": "Ins",
  "cap.macro": "＋ Macro",
  "chord.Ctrl": "Ctrl",
  "chord.Alt": "Alt",
  "chord.Shift": "Shift",
  "chord.Space": "Space",
  "chord.Enter": "Enter",
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
  "told.label": "What programs say",
  "told.open": "{from} wants to open a link",
  "told.openButton": "Open",
  "told.clip": "{from} wants to copy this",
  "told.clipButton": "Copy",
  "told.clipFailed": "The browser does not let the page copy.",
  "told.dismiss": "Dismiss",
  "app.connecting": "Connecting…",
  "app.session": "awp session {name}",
  "state.connecting": "connecting",
  "state.live": "live",
  "state.behind": "catching up",
  "state.reconnecting": "reconnecting",
  "state.ended": "ended",
  "state.lost": "not connected",
  "status.readOnly": "read-only",
  "status.size": "Columns by rows",
  "status.delay": "Round trip to the server",
  "status.new": "New",
  "status.newLong": "New session in a new tab",
  "status.refused": "The server refused that: {message}",
  "status.full": "Too much input is waiting: the last of it was not taken.",
  "status.tabMoves": "Tab moves the focus. {keys} gives it back to the program.",
  "status.tabStays": "Tab goes to the program.",
  "login.title": "Log in",
  "login.missing": "You are not logged in here.",
  "login.used": "This link was used already, was taken back, or is too old.",
  "login.ended": "Your login has ended.",
  "login.wrong": "This is not the server's token, or not the name and password of a user.",
  "login.code": "Enter the code that your second device shows now.",
  "login.otherCode": "This is not its code, or it was used before. Wait for the next one.",
  "login.unreachable": "The server does not answer. Try again.",
  "login.codeName": "Code",
  "login.limited": "There were too many attempts. Wait a moment, then try again.",
  "login.how":
    "Open the link that {awp} printed when it started, or enter the token that {show} prints. If you were given a name and a password, enter these.",
  "login.name": "Name, if you have one",
  "login.token": "Token",
  "login.password": "Password",
  "lost.title": "Connection lost",
  "lost.lost": "The connection is lost.",
  "lost.full": "The server is full.",
  "lost.soon": "Trying again in {seconds} s. What you type is kept.",
  "lost.trying": "Trying again now. What you type is kept.",
  "lost.now": "Try now",
  "ended.title": "Ended",
  "ended.text": "The session has ended.",
  "reload.title": "There is a newer page",
  "reload.text": "The server has been updated and no longer speaks with this page.",
  "reload.again": "Load the page again",
  "refused.title": "The server has closed this connection",
  "refused.text": "It does not allow what was asked.",
  "gone.title": "The session is gone",
  "gone.text": "It ended while the connection was lost. What it showed last is behind this note.",
  "unknown.title": "There is no such session",
  "unknown.text": "No session is called {session}. It may have ended.",
  "noApp.title": "There is no such app",
  "noApp.text": "No app of this server is called {app}.",
  "language.choose": "Language: {language}",
  "language.auto": "Language: as the browser says",
} as const;

export type StringKey = keyof typeof ENGLISH;

type Blanks = Readonly<Record<string, string>>;
type Table<Key extends string = string> = Readonly<Record<Key, string>>;

/** The words of a language, made from a text's key and its English words. */
export type Translate = (key: string, english: string) => string;

/** All tables of words that are loaded. */
const tables: Table[] = [];

let translate: Translate = (_, english) => english;
let tag = "en";
let plural = new Intl.PluralRules(tag);
let isolate = (value: string) => value;

/** Speaks another language from now on. One that is read from right to left is said to be. */
export function speak(language: string, translated: Translate, rightToLeft = false): void {
  tag = language;
  translate = translated;
  // What fills a blank is of its own direction, and must not turn the words around it.
  isolate = (value) => (rightToLeft ? `\u2068${value}\u2069` : value);
  plural = new Intl.PluralRules(language);
}

/** The language that is spoken, as a tag. */
export function spoken(): string {
  return tag;
}

/** Every text that the page is able to say so far, in English. */
export function allWords(): ReadonlyMap<string, string> {
  return new Map(tables.flatMap((table) => Object.entries(table)));
}

/** The words of a part of the page that is loaded later, and its words with it. */
export function words<Key extends string>(table: Table<Key>) {
  tables.push(table);
  return (key: Key, values: Blanks = {}): string =>
    translate(key, table[key]).replace(/\{(\w+)\}/g, (blank, name: string) => {
      const value = values[name];
      return value === undefined ? blank : isolate(value);
    });
}

/** A text of the page, with its blanks filled in. */
export const say = words(ENGLISH);

type Counted<K = StringKey> = K extends `${infer Name}.other` ? Name : never;

/** A text with a number, in the form that the number asks for. */
export function count(key: Counted, number: number): string {
  const form = `${key}.${plural.select(number)}`;
  const known = form in ENGLISH ? form : `${key}.other`;
  return say(known as StringKey, { count: inDigits(number) });
}

/** A number in the digits of the language. */
export function inDigits(number: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(tag, options).format(number);
}
