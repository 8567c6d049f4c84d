// The place of a terminal on the page.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { TerminalPane } from "../panes";
import { ExitBar } from "./exit-bar";
import { focused } from "./model";
import { Output } from "./pipe-view";

export function TerminalHost({ pane }: { pane: TerminalPane }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (host.current === null) return;
    pane.view.mount(host.current);
    pane.view.focus();
    return () => pane.view.dispose();
  }, [pane]);
  const focus = () => {
    focused.value = pane.model.process;
  };
  return (
    <div
      class="pane"
      role="group"
      aria-label={`Terminal: ${pane.model.label.value}`}
      onFocusIn={focus}
    >
      <div class="screen" ref={host} />
      {pane.stderr !== null && (
        <div class="pipes split">
          <Output name="stderr" log={pane.stderr} />
        </div>
      )}
      <ExitBar model={pane.model} />
    </div>
  );
}
