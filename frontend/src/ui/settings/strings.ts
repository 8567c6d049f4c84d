// The words of the settings.

import { words } from "../../strings";

const SETTINGS = {
  "settings.title": "Settings",
  "settings.note": "For this device. They hold at once.",
  "settings.appearance": "Appearance",
  "settings.theme": "Theme",
  "theme.system": "System",
  "theme.dark": "Dark",
  "theme.light": "Light",
  "theme.contrast": "High contrast",
  "theme.gruvbox": "Gruvbox",
  "theme.nord": "Nord",
  "theme.solarized": "Solarized light",
  "settings.contrast": "Least contrast of text",
  "contrast.1": "Unchanged",
  "contrast.3": "3 : 1",
  "contrast.4.5": "4.5 : 1",
  "contrast.7": "7 : 1",
  "settings.font": "Font",
  "settings.fontHint": "The usual one",
  "settings.fontMissing": "This device has no font of that name.",
  "settings.fontWrong": "This cannot be the name of a font.",
  "settings.size": "Size of letters",
  "settings.line": "Height of lines",
  "settings.wrong": "From {least} to {most}.",
  "settings.cursor": "Cursor",
  "cursor.block": "Block",
  "cursor.bar": "Bar",
  "cursor.underline": "Underline",
  "settings.blink": "The cursor blinks",
  "settings.terminal": "Terminal",
  "settings.scrollback": "Lines kept above the screen",
  "settings.bell": "Bell",
  "bell.off": "Silent",
  "bell.flash": "A flash",
  "bell.sound": "A sound",
  "settings.askLines": "Ask before several lines are pasted where they would run",
  "settings.copies": "When a program wants to copy",
  "copies.ask": "Ask",
  "copies.never": "Refuse",
  "settings.keep": "Keep and restore",
  "settings.export": "Save as a file",
  "settings.import": "Load a file…",
  "settings.reset": "As they were at first",
  "settings.close": "Close",
  "settings.loaded": "The settings of {file} were taken.",
  "settings.wasReset": "Everything is as it was at first.",
  "import.kind": "Nothing was changed: {file} is no file of settings.",
  "import.version":
    "Nothing was changed: {file} is of version {version}, which this page does not know.",
  "import.value": "Nothing was changed: {name} in {file} is no setting, or cannot be what it is.",
} as const;

export const say = words(SETTINGS);

export type Word = keyof typeof SETTINGS;
