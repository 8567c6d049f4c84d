// What the palette offers on a session's page.

import { askSessions } from "../../dashboard/api";
import { type Listed, nameOf } from "../../dashboard/session";
import type { KeyCommand } from "../../keymap";
import { chooseLanguage, LANGUAGES, languageChosen, languageName } from "../../language";
import { allPanes, panesOf } from "../../layout/tree";
import type { Page } from "../../page";
import { TerminalPane } from "../../panes";
import { BASE, newPath, sessionPath } from "../../route";
import { type StringKey, say, spoken } from "../../strings";
import { begin as beginNotifying, end as endNotifying, notifying } from "../../told/notify";
import { say as words } from "../../told/notify-strings";
import { closePane, endAll } from "../actions";
import { keysOf } from "../chords";
import { chooseFiles, downloadPath } from "../files/open";
import { openFind } from "../find/open";
import { markCommands } from "../marks/actions";
import { role, session } from "../model";
import { openSettings, openShare } from "../overlay";
import { openTranscript } from "../transcript/open";
import { sayPalette } from "./strings";

/** One thing to choose. */
export interface Command {
  readonly name: string;
  /** The keys that do the same, as a person reads them. */
  readonly keys: string;
  run(): void;
}

function command(name: string, run: () => void, key?: KeyCommand): Command {
  return { name, keys: key === undefined ? "" : keysOf(key), run };
}

function panes(page: Page): Command[] {
  const { desk } = page;
  const { tabs } = desk.layout.value;
  return allPanes(desk.layout.value).flatMap((process) => {
    const pane = page.panes.value.find(({ model }) => model.process === process);
    if (pane === undefined || process === desk.focused.value) return [];
    const number = tabs.findIndex((tab) => panesOf(tab).includes(process)) + 1;
    const title = pane.model.label.value;
    const text = sayPalette("palette.pane", { number: String(number), title });
    const alone = panesOf(tabs[number - 1] ?? { pane: process }).length === 1;
    const key = alone && number < 10 ? (`tab${number}` as KeyCommand) : undefined;
    return [command(text, () => desk.focus(process), key)];
  });
}

/** What changes the session, for those who may. */
function changes(page: Page): Command[] {
  const { desk } = page;
  const title = focusedPane(page)?.model.label.value ?? "";
  return [
    command(say("tabs.new"), () => void desk.newTab(), "newTab"),
    command(say("pane.splitRight"), () => void desk.split("right"), "splitRight"),
    command(say("pane.splitDown"), () => void desk.split("down"), "splitDown"),
    command(say("pane.close", { title }), () => closePane(page, desk.focused.value), "closePane"),
    command(say("files.upload"), () => chooseFiles()),
    command(`${say("files.download")}…`, () => void downloadPath()),
  ];
}

function focusedPane(page: Page) {
  const front = page.desk.focused.value;
  return page.panes.value.find(({ model }) => model.process === front);
}

/** The languages that are not spoken now. */
function languages(): Command[] {
  const others = LANGUAGES.filter((tag) => tag !== spoken()).map((tag) =>
    command(say("language.choose", { language: languageName(tag) }), () => chooseLanguage(tag)),
  );
  const back = command(say("language.auto"), () => chooseLanguage(null));
  return languageChosen() === null ? others : [...others, back];
}

/** Everything that can be done here and now. */
export function commands(page: Page): Command[] {
  const { desk } = page;
  const title = focusedPane(page)?.model.label.value ?? "";
  const zoomed = desk.zoomed.value !== null;
  const several = panesOf(desk.layout.value.tabs[desk.active.value] ?? { pane: 0 }).length > 1;
  const go = (text: StringKey, path: string) => command(say(text), () => location.assign(path));
  return [
    ...panes(page),
    ...(several
      ? [
          command(
            zoomed ? say("pane.unzoom") : say("pane.zoom", { title }),
            () => desk.zoom(),
            "zoom",
          ),
        ]
      : []),
    ...(role.value === "watch" ? [] : changes(page)),
    ...(focusedPane(page) instanceof TerminalPane
      ? [
          command(say("find.open"), () => void openFind(page), "find"),
          command(say("transcript.open"), () => void openTranscript()),
        ]
      : []),
    command(say("settings.open"), () => void openSettings(), "settings"),
    ...markCommands(page),
    notifying()
      ? command(words("notify.end"), endNotifying)
      : command(words("notify.begin"), () => void beginNotifying()),
    go("dash.link", BASE),
    go("pane.newSession", newPath()),
    ...languages(),
    ...(role.value === "owner"
      ? [command(say("share.open"), () => void openShare()), command(`${say("end.yes")}…`, endAll)]
      : []),
  ];
}

/** The other sessions of this person, if the server tells. */
export async function otherSessions(): Promise<Command[]> {
  const { status, body } = await askSessions(null);
  if (status !== 200) return [];
  return (JSON.parse(body) as Listed[])
    .filter(({ id }) => id !== session.value)
    .map((other) =>
      command(sayPalette("palette.session", { name: nameOf(other) }), () =>
        location.assign(sessionPath(other.id)),
      ),
    );
}
