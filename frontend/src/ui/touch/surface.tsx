// Everything for fingers: typing, gestures, the key row, the compose bar, the selection.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { TouchTerminal } from "../../term/touch-terminal";
import { type Touchable, touchables } from "../../term/touchable";
import { role } from "../model";
import { ComposeBar } from "./compose-bar";
import { Fingers } from "./fingers";
import { InputSurface } from "./input-surface";
import { KeyRow } from "./key-row";
import type { TouchOptions } from "./place";
import { Preedit } from "./preedit";
import { selected } from "./selecting";
import { Selection } from "./selection";
import "../../style/touch.css";

/** One terminal with everything that fingers need. */
export interface Touched {
  terminal: TouchTerminal;
  input: InputSurface;
}

interface Equipped extends Touched {
  fingers: Fingers;
}

const equipped = new Map<Touchable, Equipped>();

/** The terminal that has, or last had, the keyboard. */
const current = signal<Touched | null>(null);

/** Whether the compose bar is shown. */
const composing = signal(false);

function equip(kiosk: boolean): void {
  for (const [touchable, { terminal, input, fingers }] of equipped) {
    if (touchables.value.includes(touchable)) continue;
    fingers.dispose();
    input.dispose();
    equipped.delete(touchable);
    if (selected.value?.terminal === terminal) selected.value = null;
  }
  for (const touchable of touchables.value) {
    if (equipped.has(touchable)) continue;
    const terminal = TouchTerminal.of(touchable);
    if (terminal === null) continue;
    const input = new InputSurface(terminal);
    equipped.set(touchable, { terminal, input, fingers: new Fingers(terminal, !kiosk) });
  }
  follow();
}

/** Finds the terminal that the keys are for. */
function follow(): void {
  const all = [...equipped.values()];
  const active = all.find(({ terminal }) => terminal.element.contains(document.activeElement));
  const before = all.find(({ terminal }) => terminal === current.value?.terminal);
  current.value = active ?? before ?? all[0] ?? null;
}

export function Surface({ kiosk }: TouchOptions) {
  const [coarse, setCoarse] = useState(() => matchMedia("(pointer: coarse)").matches);
  useEffect(() => {
    const stop = touchables.subscribe(() => equip(kiosk));
    const main = matchMedia("(pointer: coarse)");
    const changed = () => setCoarse(main.matches);
    main.addEventListener("change", changed);
    document.addEventListener("focusin", follow);
    return () => {
      stop();
      main.removeEventListener("change", changed);
      document.removeEventListener("focusin", follow);
    };
  }, [kiosk]);
  const now = current.value;
  if (now === null) return null;
  const keys = coarse && !kiosk && role.value !== "watch";
  return (
    <>
      <Preedit terminal={now.terminal} />
      {!kiosk && <Selection />}
      {keys && composing.value && (
        <ComposeBar
          to={now}
          close={() => {
            composing.value = false;
            now.terminal.focus();
          }}
        />
      )}
      {keys && <KeyRow to={now} composing={composing} />}
    </>
  );
}
