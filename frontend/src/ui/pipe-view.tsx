// A process on pipes: its two outputs as text, apart or merged, and a line of input.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PipePane } from "../panes";
import { count, say } from "../strings";
import type { TextLog } from "../term/text-log";
import { focused, grabs, role } from "./model";

export function PipeView({ pane }: { pane: PipePane }) {
  const [merged, setMerged] = useState(false);
  const open = pane.model.exit.value === null && role.value !== "watch";
  const toggle = (
    <button type="button" class="small" aria-pressed={merged} onClick={() => setMerged(!merged)}>
      {merged ? say("pipe.apart") : say("pipe.merge")}
    </button>
  );
  return (
    <div class="pipes">
      {merged ? (
        <Output key="merged" name="merged" title={say("pipe.merged")} log={pane.merged}>
          {toggle}
        </Output>
      ) : (
        <>
          <Output key="stdout" name="stdout" title="stdout" log={pane.stdout}>
            {toggle}
          </Output>
          <Output key="stderr" name="stderr" title="stderr" log={pane.stderr} />
        </>
      )}
      {open && <LineOfInput pane={pane} />}
    </div>
  );
}

interface OutputProps {
  name: string;
  title: string;
  log: TextLog;
  children?: preact.ComponentChildren;
}

export function Output({ name, title, log, children }: OutputProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    log.element.className = "text";
    log.element.tabIndex = 0;
    log.element.setAttribute("role", "region");
    log.element.setAttribute("aria-label", title);
    log.element.dataset["empty"] = say("pipe.nothing");
    place.current?.append(log.element);
    log.element.scrollTop = log.element.scrollHeight;
  }, [log, title]);
  return (
    <div class={`output ${name}`}>
      <div class="head">
        <h2>{title}</h2>
        <span class="count">{count("pipe.lines", log.lines.value)}</span>
        {children}
      </div>
      <div class="place" ref={place} />
    </div>
  );
}

function LineOfInput({ pane }: { pane: PipePane }) {
  const [line, setLine] = useState("");
  const [ended, setEnded] = useState(false);
  /** How far back in what was sent; what was being written is kept at 0. */
  const back = useRef({ steps: 0, draft: "" });
  const box = useRef<HTMLInputElement>(null);
  const grabbed = grabs.value;
  useLayoutEffect(() => {
    if (focused.value === pane.model.process) box.current?.focus();
  }, [grabbed]);
  if (ended) return <p class="input-line">{say("pipe.ended")}</p>;
  const send = (event: Event) => {
    event.preventDefault();
    pane.send(line);
    back.current = { steps: 0, draft: "" };
    setLine("");
  };
  const end = () => {
    pane.end();
    setEnded(true);
  };
  const recall = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const { steps, draft } = back.current;
    const to = Math.min(Math.max(steps + (event.key === "ArrowUp" ? 1 : -1), 0), pane.sent.length);
    back.current = { steps: to, draft: steps === 0 ? line : draft };
    setLine(to === 0 ? back.current.draft : (pane.sent.at(-to) ?? ""));
  };
  return (
    <form class="input-line" onSubmit={send}>
      <input
        ref={box}
        type="text"
        aria-label={say("pipe.input")}
        placeholder={say("pipe.hint")}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={line}
        onInput={(event) => setLine(event.currentTarget.value)}
        onKeyDown={recall}
      />
      <button type="submit">{say("pipe.enter")}</button>
      <button type="button" onClick={end}>
        {say("pipe.end")}
      </button>
    </form>
  );
}
