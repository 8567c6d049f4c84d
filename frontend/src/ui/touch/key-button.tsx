// One key of the row: a tap presses it, a long press repeats it or offers its variants. It never
// takes the focus, so that the on-screen keyboard stays.

import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../strings";
import type { Key } from "../../touch/layout";
import { holdOf } from "./held";

/** Milliseconds that a finger rests before a key repeats or offers more. */
const LONG = 400;

/** Milliseconds between two repeats. */
const REPEAT = 60;

interface Props {
  of: Key;
  press: (key: Key) => void;
  pressed?: boolean;
}

export function nameOf(key: Key): string {
  return key.name === undefined ? key.label : say(key.name);
}

export function KeyButton({ of, press, pressed }: Props) {
  const [open, setOpen] = useState<DOMRect | null>(null);
  const [aimed, aim] = useState<Key | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef<"no" | "down" | "long">("no");
  useEffect(() => () => clearTimeout(timer.current), []);

  const repeat = () => {
    held.current = "long";
    press(of);
    timer.current = setTimeout(repeat, REPEAT);
  };
  const down = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    event.preventDefault();
    if (event.button !== 0) return;
    held.current = "down";
    const box = event.currentTarget.getBoundingClientRect();
    if (of.repeats === true) timer.current = setTimeout(repeat, LONG);
    else if (of.variants !== undefined) {
      timer.current = setTimeout(() => {
        held.current = "long";
        setOpen(box);
      }, LONG);
    }
  };
  const move = (event: PointerEvent) => {
    if (open !== null) aim(variantAt(of, event));
  };
  const up = (event: PointerEvent) => {
    clearTimeout(timer.current);
    const state = held.current;
    held.current = "no";
    if (state === "down") press(of);
    const choice = open === null ? null : variantAt(of, event);
    if (choice !== null) choose(choice);
  };
  const cancel = () => {
    clearTimeout(timer.current);
    held.current = "no";
  };
  const choose = (key: Key) => {
    setOpen(null);
    aim(null);
    press(key);
  };
  const { act } = of;
  const hold = "hold" in act ? holdOf(act.hold) : undefined;
  const state = hold === undefined ? pressed : hold !== "off";
  return (
    <>
      <button
        type="button"
        class={`key ${of.cap === undefined ? "" : "word"} ${hold ?? ""}`}
        aria-label={nameOf(of)}
        aria-pressed={state}
        aria-description={hold === "locked" ? say("keys.locked") : undefined}
        aria-haspopup={of.variants === undefined ? undefined : "true"}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={cancel}
        onMouseDown={(event) => event.preventDefault()}
        onContextMenu={(event) => event.preventDefault()}
        onClick={(event) => {
          // Presses without a pointer: a keyboard, a switch, a screen reader.
          if (event.detail === 0) press(of);
        }}
      >
        {of.icon === undefined ? capOf(of) : <Icon of={of.icon} />}
      </button>
      {open !== null && (
        <Variants of={of} box={open} aimed={aimed} choose={choose} close={() => setOpen(null)} />
      )}
    </>
  );
}

function capOf(key: Key): string {
  return key.cap === undefined ? key.label : say(key.cap);
}

const ICONS = {
  pen: "M4 20l1-4L16.5 4.5l3 3L8 19zM14 7l3 3",
  paste: "M9 4h6v3H9zM9 5.5H6V20h12V5.5h-3M9 12h6M9 15.5h6",
  keyboard: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8",
} as const;

function Icon({ of }: { of: keyof typeof ICONS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICONS[of]} />
    </svg>
  );
}

/** The variant that a finger is over. */
function variantAt(of: Key, { clientX, clientY }: PointerEvent): Key | null {
  const under = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>("[data-variant]");
  return of.variants?.[Number(under?.dataset["variant"] ?? -1)] ?? null;
}

/** CSS pixels of a variant and of the gap around all of them. */
const SIDE = 48;
const GAP = 8;

interface VariantsProps {
  of: Key;
  box: DOMRect;
  aimed: Key | null;
  choose: (key: Key) => void;
  close: () => void;
}

function Variants({ of, box, aimed, choose, close }: VariantsProps) {
  useEffect(() => {
    const outside = (event: Event) => {
      if (!(event.target as Element).closest(".variants")) close();
    };
    document.addEventListener("pointerdown", outside, { capture: true });
    return () => document.removeEventListener("pointerdown", outside, { capture: true });
  }, [close]);
  const keys = of.variants ?? [];
  const width = keys.length * SIDE + 2 * GAP;
  const left = Math.min(Math.max(box.left + box.width / 2 - width / 2, GAP), innerWidth - width);
  const style = { left: `${left}px`, top: `${box.top - SIDE - 2 * GAP}px` };
  const label = say("keys.of", { key: nameOf(of) });
  return (
    <div class="variants" role="group" aria-label={label} style={style}>
      {keys.map((key, index) => (
        <button
          type="button"
          class={key === aimed ? "key aimed" : "key"}
          key={key.label}
          data-variant={index}
          aria-label={nameOf(key)}
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(key)}
        >
          {key.label}
        </button>
      ))}
    </div>
  );
}
