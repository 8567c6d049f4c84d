// The place of a terminal on the page.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { TerminalPane } from "../panes";
import { focused, grabs } from "./model";
import { Output } from "./pipe-view";

export function TerminalHost({ pane }: { pane: TerminalPane }) {
  const host = useRef<HTMLDivElement>(null);
  const { value: view } = pane.view;
  const visible = pane.model.visible.value;
  const grabbed = grabs.value;
  // What is opened out of sight measures its letters as nothing.
  const seen = useRef(visible);
  seen.current ||= visible;
  const opened = seen.current;
  useLayoutEffect(() => {
    if (host.current === null || view === null || !opened) return;
    view.mount(host.current);
    return () => view.dispose();
  }, [view, opened]);
  // Before anything else can be typed: a key that follows at once must not reach the old pane.
  const last = useRef(-1);
  useLayoutEffect(() => {
    const given = last.current !== grabbed;
    last.current = grabbed;
    // Who goes along the tabs by arrow keys goes on from there, whatever comes into sight.
    if (!given && document.activeElement?.closest("[role=tablist]") != null) return;
    const asked = document.querySelector("dialog[open]") !== null;
    if (visible && !asked && focused.value === pane.model.process) view?.focus();
  }, [view, visible, grabbed]);
  return (
    <>
      <div class="screen" ref={host} />
      {pane.stderr !== null && (
        <div class="pipes split">
          <Output name="stderr" title="stderr" log={pane.stderr} />
        </div>
      )}
    </>
  );
}
