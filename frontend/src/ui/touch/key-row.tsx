// The two rows of keys above an on-screen keyboard: one that stays, and one of pages to swipe.

import type { Signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { say } from "../../strings";
import { FIRST_ROW, type Key, PAGE_KEYS, PAGES } from "../../touch/layout";
import { typedBy } from "../../touch/macros";
import { tapModifier } from "./held";
import { KeyButton } from "./key-button";
import { MacroEditor, macros } from "./macro-editor";
import { unselect } from "./selecting";
import type { Touched } from "./surface";

interface Props {
  to: Touched;
  composing: Signal<boolean>;
}

/** The pages with the person's own keys at their end. */
function allPages(): readonly (readonly Key[])[] {
  const own: Key[] = macros.value.map(({ name, text }) => ({
    label: name,
    act: { bytes: typedBy(text) },
  }));
  const edit: Key = {
    label: "＋",
    name: "key.macros",
    cap: "cap.macro",
    act: { do: "macros" },
  };
  const last = [...own, edit];
  const pages = [...PAGES];
  for (let at = 0; at < last.length; at += PAGE_KEYS) pages.push(last.slice(at, at + PAGE_KEYS));
  return pages;
}

export function KeyRow({ to, composing }: Props) {
  const [editing, setEditing] = useState(false);
  const strip = useRef<HTMLDivElement>(null);

  const turn = () => {
    const { current } = strip;
    if (current === null) return;
    const end = current.scrollWidth - current.clientWidth - 1;
    const left = current.scrollLeft >= end ? 0 : current.scrollLeft + current.clientWidth;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    current.scrollTo({ left, behavior: calm ? "instant" : "smooth" });
  };
  const act = (what: "compose" | "keyboard" | "paste" | "macros") => {
    if (what === "macros") setEditing(true);
    else if (what === "keyboard") toggleKeyboard(to);
    else if (what === "paste") void paste(to);
    else {
      // Its handles lie where the text is no more once there is less room for it.
      unselect();
      composing.value = !composing.value;
      if (!composing.value) to.terminal.focus();
    }
  };
  const press = ({ act: does }: Key) => {
    if ("hold" in does) tapModifier(does.hold);
    else if ("key" in does) to.input.press(does.key, does.shift);
    else if ("text" in does) to.input.type(does.text);
    else if ("bytes" in does) {
      to.input.reset();
      to.terminal.send(does.bytes);
    } else act(does.do);
  };
  const button = (key: Key) => {
    const open = "do" in key.act && key.act.do === "compose";
    const state = open ? { pressed: composing.value } : {};
    return <KeyButton key={key.name ?? key.label} of={key} press={press} {...state} />;
  };
  return (
    <div class="keys" role="toolbar" aria-label={say("keys.row")}>
      <div class="row">{FIRST_ROW.map(button)}</div>
      <div class="row">
        <div class="strip" ref={strip}>
          {allPages().map((page, index) => (
            <div class="leaf" key={index}>
              {page.map(button)}
            </div>
          ))}
        </div>
        <KeyButton of={{ label: "⋯", name: "keys.more", act: { bytes: "" } }} press={turn} />
      </div>
      {editing && (
        <MacroEditor
          close={() => {
            setEditing(false);
            to.terminal.focus();
          }}
        />
      )}
    </div>
  );
}

/** Hides the on-screen keyboard or brings it back; the terminal keeps the focus. */
function toggleKeyboard({ terminal }: Touched): void {
  const { area } = terminal;
  const hide = area.inputMode !== "none" && document.activeElement === area;
  // The keyboard looks at this only when the focus comes.
  area.blur();
  area.inputMode = hide ? "none" : "text";
  terminal.focus();
}

async function paste({ terminal, input }: Touched): Promise<void> {
  input.reset();
  // The browser asks the person; a refusal needs no words of ours.
  const text = await navigator.clipboard?.readText().catch(() => "");
  if (text) terminal.paste(text);
}
