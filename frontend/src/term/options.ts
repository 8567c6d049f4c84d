// What the settings of the device mean for the emulator.

import type { ITerminalOptions } from "@xterm/xterm";
import type { Settings } from "../settings/kept";
import { familyOf } from "./guess";

/** The emulator's options that a person can choose. */
export function optionsOf(settings: Settings): ITerminalOptions {
  return {
    fontFamily: familyOf(settings),
    fontSize: settings.fontSize,
    lineHeight: settings.lineHeight,
    cursorStyle: settings.cursorStyle,
    cursorBlink: settings.cursorBlink,
    scrollback: settings.scrollback,
    minimumContrastRatio: settings.contrast,
  };
}
