// The bar that searches a terminal: it lies over the terminal's upper edge, so that nothing moves.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Query } from "../../find/matches";
import type { Page } from "../../page";
import type { TerminalPane } from "../../panes";
import { inDigits } from "../../strings";
import { Finder, type Found } from "../../term/finder";
import { findAsked, finding } from "./open";
import { say } from "./strings";
import "../../style/find.css";

/** Characters of a selection that are worth searching for. */
const MAX_SELECTED = 200;

/** What came of it, in words. */
function words({ at, count, more, error, slow }: Found): string {
  if (slow) return say("find.slow");
  if (error !== null) return say("find.wrong", { why: error.replace(/^.*?: /, "") });
  if (count === 0) return say("find.none");
  const numbers = { at: inDigits(at), count: inDigits(count) };
  return say(more ? "find.more" : "find.at", numbers);
}

/** What it did not reach. */
function limits({ full, alternate }: Found): string {
  if (alternate) return say("find.alternate");
  return full === null ? "" : say("find.full", { count: inDigits(full) });
}

export function FindBar({ page, pane }: { page: Page; pane: TerminalPane }) {
  const box = useRef<HTMLInputElement>(null);
  const finder = useRef<Finder | null>(null);
  const [query, ask] = useState<Query>({ text: "", exact: false, regex: false });
  const [found, tell] = useState<Found | null>(null);
  const view = pane.view.value;
  const asked = findAsked.value;
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, [asked]);
  // A selection of one line is what is most often looked for.
  useLayoutEffect(() => {
    const text = view?.lend((terminal) => terminal.getSelection()) ?? "";
    const fits = text !== "" && text.length <= MAX_SELECTED && !text.includes("\n");
    if (fits) ask((before) => ({ ...before, text }));
  }, [asked, view]);
  useEffect(() => {
    const made = view?.lend((terminal) => new Finder(terminal, tell)) ?? null;
    finder.current = made;
    return () => made?.dispose();
  }, [view]);
  useEffect(() => finder.current?.search(query), [query, view]);
  const close = () => {
    finding.value = null;
    page.desk.grab();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter") finder.current?.step(event.shiftKey ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const wrong = found !== null && (found.error !== null || found.slow);
  const searched = query.text !== "" && found !== null;
  return (
    <search
      class={found?.high && found.at > 0 ? "find low" : "find"}
      aria-label={say("find.bar", { title: pane.model.label.value })}
    >
      <div class="find-row">
        <input
          ref={box}
          type="text"
          aria-label={say("find.text")}
          placeholder={say("find.text")}
          aria-invalid={wrong}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={query.text}
          onInput={(event) => ask({ ...query, text: event.currentTarget.value })}
          onKeyDown={pressed}
        />
        <Switch
          name="find.exact"
          sign="Aa"
          on={query.exact}
          turn={(exact) => ask({ ...query, exact })}
        />
        <Switch
          name="find.regex"
          sign=".*"
          on={query.regex}
          turn={(regex) => ask({ ...query, regex })}
        />
        <Sign name="find.previous" sign="↑" act={() => finder.current?.step(-1)} />
        <Sign name="find.next" sign="↓" act={() => finder.current?.step(1)} />
        <Sign name="find.close" sign="×" act={close} />
      </div>
      <p role="status" class={wrong ? "wrong" : ""}>
        {searched && <span>{words(found)}</span>}
        {searched && !wrong && <span class="quiet">{limits(found)}</span>}
      </p>
    </search>
  );
}

interface SignProps {
  name: Parameters<typeof say>[0];
  sign: string;
  act: () => void;
}

function Sign({ name, sign, act }: SignProps) {
  return (
    <button type="button" class="small" aria-label={say(name)} title={say(name)} onClick={act}>
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}

interface SwitchProps {
  name: Parameters<typeof say>[0];
  sign: string;
  on: boolean;
  turn: (on: boolean) => void;
}

function Switch({ name, sign, on, turn }: SwitchProps) {
  return (
    <button
      type="button"
      class="small"
      aria-label={say(name)}
      title={say(name)}
      aria-pressed={on}
      onClick={() => turn(!on)}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
