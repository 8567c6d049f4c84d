// The text of a terminal as text of the page: every line that is held, in order, for readers that
// speak or feel it and for whoever reads by keyboard. It stands still until it is asked for anew.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../page";
import { type Pane, TerminalPane } from "../../panes";
import { count, say } from "../../strings";
import { reading } from "./open";
import "../../style/touch.css";

export function Transcript({ page }: { page: Page }) {
  const pane = page.panes.value.find(({ model }) => model.process === reading.value);
  return pane instanceof TerminalPane ? (
    <Sheet key={pane.model.process} page={page} pane={pane} />
  ) : null;
}

function Sheet({ page, pane }: { page: Page; pane: Pane & TerminalPane }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useRef<HTMLDivElement>(null);
  const [lines, show] = useState(() => pane.lines());
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // What was written last is read first: the line above it is one key away.
  useLayoutEffect(() => {
    const { current: place } = text;
    if (place === null) return;
    place.scrollTop = place.scrollHeight;
    place.focus();
  }, [lines]);
  const title = pane.model.label.value;
  const closed = () => {
    reading.value = null;
    page.desk.grab();
  };
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby="transcript-title" onClose={closed}>
      <h2 id="transcript-title">{say("transcript.title", { title })}</h2>
      <div
        class="transcript"
        ref={text}
        role="document"
        aria-label={say("transcript.text", { title })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        tabIndex={0}
      >
        {lines.map((line, index) => (
          <p key={index}>{line === "" ? "\u00a0" : line}</p>
        ))}
      </div>
      <p class="quiet" role="status">
        {count("transcript.lines", lines.length)}
      </p>
      <div class="buttons">
        <button type="button" onClick={() => show(pane.lines())}>
          {say("transcript.again")}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("sheet.close")}
        </button>
      </div>
    </dialog>
  );
}
