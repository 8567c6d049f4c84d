// The palette: everything that the page can do, found by a few letters of its name.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../page";
import { ranked } from "../../palette/fuzzy";
import { say } from "../../strings";
import { closeOverlay, offered } from "../overlay";
import { type Command, commands, otherSessions } from "./commands";
import { sayPalette } from "./strings";
import "../../style/overlay.css";

/** How far a key goes in the list. */
const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

export function Palette({ page }: { page: Page }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = useRef<Command | null>(null);
  const [own] = useState(() => (offered.value === "all" ? commands(page) : []));
  const [others, found] = useState<Command[] | null>(null);
  const [query, ask] = useState("");
  const [marked, mark] = useState(0);
  const id = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useEffect(() => void otherSessions().then(found), []);
  const all = ranked(query, [...own, ...(others ?? [])], ({ name }) => name);
  const current = Math.min(marked, all.length - 1);
  const choose = (command: Command | undefined) => {
    if (command === undefined) return;
    chosen.current = command;
    dialog.current?.close();
  };
  const closed = () => {
    closeOverlay(page);
    chosen.current?.run();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = STEPS[event.key];
    if (step !== undefined && all.length > 0) mark((current + step + all.length) % all.length);
    else if (event.key === "Enter") choose(all[current]);
    else return;
    event.preventDefault();
  };
  const title = sayPalette(offered.value === "all" ? "palette.title" : "palette.sessions");
  return (
    <dialog class="palette" ref={dialog} aria-label={title} onClose={closed}>
      <input
        type="text"
        role="combobox"
        aria-label={title}
        aria-expanded={all.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={all.length > 0 ? `${id}-${current}` : undefined}
        aria-autocomplete="list"
        placeholder={title}
        autocomplete="off"
        spellcheck={false}
        autofocus
        onInput={(event) => {
          ask(event.currentTarget.value);
          mark(0);
        }}
        onKeyDown={pressed}
      />
      <Choices id={id} all={all} current={current} choose={choose} />
      {all.length === 0 && (
        <p class="quiet" role="status">
          {others === null ? say("dash.loading") : sayPalette("palette.none")}
        </p>
      )}
    </dialog>
  );
}

interface ChoicesProps {
  id: string;
  all: readonly Command[];
  current: number;
  choose: (command: Command) => void;
}

function Choices({ id, all, current, choose }: ChoicesProps) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [current, all.length]);
  return (
    <div
      class="choices"
      ref={list}
      id={`${id}-list`}
      role="listbox"
      aria-label={sayPalette("palette.title")}
      hidden={all.length === 0}
    >
      {all.map((command, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
        <div
          key={`${index}/${command.name}`}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === current}
          onClick={() => choose(command)}
        >
          <span class="title">{command.name}</span>
          {command.keys !== "" && <kbd>{command.keys}</kbd>}
        </div>
      ))}
    </div>
  );
}
