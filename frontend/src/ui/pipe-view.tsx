// A process on pipes: its two outputs as text, and a line of input.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PipePane } from "../panes";
import type { TextLog } from "../term/text-log";
import { ExitBar } from "./exit-bar";
import { focused, role } from "./model";

export function PipeView({ pane }: { pane: PipePane }) {
  const { model } = pane;
  const focus = () => {
    focused.value = model.process;
  };
  const open = model.exit.value === null && role.value !== "watch";
  return (
    <div
      class="pane pipes"
      role="group"
      aria-label={`Pipes: ${model.label.value}`}
      onFocusIn={focus}
    >
      <Output name="stdout" log={pane.stdout} />
      <Output name="stderr" log={pane.stderr} />
      {open && <LineOfInput pane={pane} />}
      <ExitBar model={model} />
    </div>
  );
}

export function Output({ name, log }: { name: string; log: TextLog }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    log.element.className = "text";
    log.element.tabIndex = 0;
    log.element.setAttribute("role", "region");
    log.element.setAttribute("aria-label", name);
    place.current?.append(log.element);
  }, [log, name]);
  return (
    <div class={`output ${name}`}>
      <h2>{name}</h2>
      <div class="place" ref={place} />
    </div>
  );
}

function LineOfInput({ pane }: { pane: PipePane }) {
  const [line, setLine] = useState("");
  const [ended, setEnded] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  if (ended) return <p class="input-line">The program's input has ended.</p>;
  const send = (event: Event) => {
    event.preventDefault();
    pane.send(line);
    setLine("");
  };
  const end = () => {
    pane.end();
    setEnded(true);
  };
  return (
    <form class="input-line" onSubmit={send}>
      <input
        ref={box}
        type="text"
        aria-label="Line of input"
        placeholder="A line for the program"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={line}
        onInput={(event) => setLine(event.currentTarget.value)}
      />
      <button type="submit">Enter</button>
      <button type="button" onClick={end}>
        End input
      </button>
    </form>
  );
}
