// The kiosk's own keyboard. A key types when it is touched, and again and again while it is held; the
// terminal keeps the focus, and the system's keyboard stays away.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Key, ROWS, typed } from "../../kiosk/layout";
import { say } from "../../strings";
import { touchables } from "../../term/touchable";
import { type Hold, tapped, used } from "../../touch/modifiers";

/** Milliseconds before a held key repeats, and between two repeats: as on a real keyboard. */
const REPEAT = { first: 500, next: 60 };

type Held = Record<"shift" | "ctrl" | "alt", Hold>;

const NOTHING: Held = { shift: "off", ctrl: "off", alt: "off" };

/** The terminal that has, or last had, the keyboard. */
function current() {
  const all = touchables.value.map(({ terminal }) => terminal);
  return all.find(({ element }) => element?.contains(document.activeElement)) ?? all[0];
}

export function ScreenKeyboard() {
  const [held, hold] = useState<Held>(NOTHING);
  const holding = useRef(held);
  holding.current = held;
  const terminals = touchables.value;
  useEffect(() => {
    const areas = terminals.flatMap(({ terminal }) => terminal.textarea ?? []);
    for (const area of areas) area.inputMode = "none";
    return () => {
      for (const area of areas) area.inputMode = "";
    };
  }, [terminals]);
  const press = (key: Key) => {
    if (key.kind === "held") {
      hold((held) => ({ ...held, [key.name]: tapped(held[key.name]) }));
      return;
    }
    const terminal = current();
    if (terminal === undefined) return;
    const { shift, ctrl, alt } = holding.current;
    const down = { shift: shift !== "off", ctrl: ctrl !== "off", alt: alt !== "off" };
    terminal.input(typed(key, down, terminal.modes.applicationCursorKeysMode), true);
    hold({ shift: used(shift), ctrl: used(ctrl), alt: used(alt) });
  };
  return (
    <div class="osk" role="region" aria-label={say("kiosk.keyboard")}>
      {ROWS.map((row) => (
        <div class="osk-row" key={row}>
          {row.map((key) => (
            <KeyCap key={key} of={key} held={held} press={press} />
          ))}
        </div>
      ))}
    </div>
  );
}

function KeyCap({ of, held, press }: { of: Key; held: Held; press(key: Key): void }) {
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);
  const down = (event: PointerEvent) => {
    event.preventDefault();
    press(of);
    if (of.kind === "held") return;
    let timer = setTimeout(function again() {
      press(of);
      timer = setTimeout(again, REPEAT.next);
    }, REPEAT.first);
    stop.current = () => clearTimeout(timer);
  };
  const up = () => stop.current();
  const wide = of.kind === "character" ? (of.plain === " " ? 7 : 1) : (of.wide ?? 1);
  const pressed = of.kind === "held" ? held[of.name] : null;
  return (
    <button
      type="button"
      class={`osk-key ${of.kind}`}
      style={{ flexGrow: wide }}
      aria-label={nameOf(of)}
      aria-pressed={pressed === null ? undefined : pressed !== "off"}
      data-locked={pressed === "locked"}
      onPointerDown={down}
      onPointerUp={up}
      onPointerLeave={up}
      onPointerCancel={up}
      onMouseDown={(event) => event.preventDefault()}
      onClick={(event) => {
        // Without a pointer, such as by a switch or a screen reader.
        if (event.detail === 0) press(of);
      }}
    >
      {labelOf(of, held.shift !== "off")}
    </button>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  left: "←",
  down: "↓",
  up: "↑",
  right: "→",
  backspace: "⌫",
  enter: "⏎",
};

function labelOf(key: Key, shift: boolean): string {
  if (key.kind === "character") return shift ? key.shifted : key.plain;
  if (key.kind === "named" && key.name in SIGNS) return SIGNS[key.name] ?? "";
  return nameOf(key);
}

function nameOf(key: Key): string {
  if (key.kind === "character") return key.plain === " " ? say("kiosk.space") : key.plain;
  switch (key.name) {
    case "shift":
      return say("kiosk.shift");
    case "backspace":
      return say("kiosk.backspace");
    case "ctrl":
    case "alt":
    case "esc":
    case "tab":
    case "enter":
    case "left":
    case "down":
    case "up":
    case "right":
      return say(`key.${key.name}`);
    default:
      return key.name;
  }
}
