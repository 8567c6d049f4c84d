// The one place that every way to paste ends in: keys, menus, the middle button of a mouse, and what
// the page has of its own for fingers.

import type { Terminal } from "@xterm/xterm";
import { concernOf, type Doubt } from "../paste/doubt";
import { settings } from "../settings/settings";

/** Pastes a text; `seen` says that the person has written its lines here. */
export type Paste = (text: string, seen?: boolean) => void;

/** Takes pastes from the emulator. Where nobody can be asked, controls are left out. */
export function takePastes(
  terminal: Terminal,
  alone: boolean,
  doubtful: (doubt: Doubt) => void,
): Paste {
  const paste = (harmless: string) => terminal.paste(harmless);
  const take: Paste = (text, seen = false) => {
    const { bracketedPasteMode } = terminal.modes;
    const lines = !seen && !bracketedPasteMode && settings.value.askLines && !alone;
    const concern = concernOf(text, lines);
    if (concern === null) paste(text);
    else if (alone) {
      void import("../paste/text").then(({ withoutControls }) => paste(withoutControls(text)));
    } else doubtful({ text, concern, paste });
  };
  const pasted = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    take(event.clipboardData?.getData("text/plain") ?? "");
  };
  // On the way down, so that the emulator does not paste as well.
  terminal.element?.addEventListener("paste", pasted, { capture: true });
  return take;
}
