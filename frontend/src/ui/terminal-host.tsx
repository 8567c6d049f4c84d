// The place of a terminal on the page.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { TerminalPane } from "../panes";
import { focused, grabs } from "./model";

export function TerminalHost({ pane }: { pane: TerminalPane }) {
  const host = useRef<HTMLDivElement>(null);
  const { value: view } = pane.view;
  const visible = pane.model.visible.value;
  const grabbed = grabs.value;
  useLayoutEffect(() => {
    if (host.current === null || view === null) return;
    view.mount(host.current);
    return () => view.dispose();
  }, [view]);
  useEffect(() => {
    const asked = document.querySelector("dialog[open]") !== null;
    if (visible && !asked && focused.value === pane.model.process) view?.focus();
  }, [view, visible, grabbed]);
  return <div class="screen" ref={host} />;
}
