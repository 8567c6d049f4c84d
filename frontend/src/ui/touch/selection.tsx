// What is selected by fingers: its two handles, and what can be done with it.

import { useEffect, useState } from "preact/hooks";
import { say } from "../../strings";
import { type Selected, type Selecting, selected, takeHandle, unselect } from "./selecting";
import { TextSheet } from "./text-sheet";

/** CSS pixels of a handle's side, as fingers need them, and around the bar. */
const HANDLE = 44;
const BAR = { width: 264, height: 52, gap: 8 };

export function Selection() {
  const [sheet, setSheet] = useState<{ text: string } | null>(null);
  const [, redraw] = useState(0);
  const now = selected.value;
  const terminal = now?.terminal;
  useEffect(() => {
    if (terminal === undefined) return;
    const again = () => redraw((count) => count + 1);
    const listeners = [
      terminal.terminal.onRender(again),
      terminal.terminal.onScroll(again),
      terminal.terminal.onResize(unselect),
      terminal.terminal.onSelectionChange(() => {
        if (!terminal.terminal.hasSelection()) selected.value = null;
      }),
    ];
    return () => {
      for (const listener of listeners) listener.dispose();
    };
  }, [terminal]);
  const back = () => {
    setSheet(null);
    terminal?.focus();
  };
  if (sheet !== null) return <TextSheet text={sheet.text} close={back} />;
  if (now === null) return null;
  return (
    <>
      <Handle of={now} which="start" />
      <Handle of={now} which="end" />
      {!now.dragging && <Bar of={now} open={(text) => setSheet({ text })} />}
    </>
  );
}

function Handle({ of, which }: { of: Selected; which: "start" | "end" }) {
  const [finger, setFinger] = useState<Selecting | null>(null);
  const { terminal, span } = of;
  const { width, height } = terminal.cellSize;
  const place = which === "start" ? span.start : { ...span.end, col: span.end.col + 1 };
  const { x, y, shown } = terminal.pointOf(place);
  const style = {
    left: `${x - HANDLE / 2}px`,
    top: `${y + height}px`,
    visibility: shown ? ("visible" as const) : ("hidden" as const),
  };
  // The finger lies below the text that it moves the end of.
  const text = (event: PointerEvent) => ({
    x: event.clientX - (which === "end" ? width / 2 : -width / 2),
    y: event.clientY - height / 2 - HANDLE / 4,
  });
  const drop = () => {
    finger?.drop();
    setFinger(null);
  };
  return (
    <div
      class={`handle ${which}`}
      role="img"
      aria-label={say(`select.${which}`)}
      style={style}
      // Else a quick pull would be a fling to the browser, which swallows the tap that follows.
      onTouchStart={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        setFinger(takeHandle(which));
      }}
      onPointerMove={(event) => finger?.dragTo(text(event))}
      onPointerUp={drop}
      onPointerCancel={drop}
    />
  );
}

function Bar({ of, open }: { of: Selected; open: (text: string) => void }) {
  const [copied, setCopied] = useState(false);
  const { terminal, span } = of;
  const { box } = terminal;
  const { height } = terminal.cellSize;
  const start = terminal.pointOf(span.start);
  const end = terminal.pointOf(span.end);
  const above = start.y - BAR.height - BAR.gap;
  const below = Math.min(end.y + height + HANDLE, box.bottom - BAR.height - BAR.gap);
  const top = above > 0 ? Math.min(above, box.bottom - BAR.height) : Math.max(below, BAR.gap);
  const middle = (start.x + end.x) / 2 - BAR.width / 2;
  const left = Math.max(BAR.gap, Math.min(middle, innerWidth - BAR.width - BAR.gap));
  const stay = (event: Event) => event.preventDefault();
  const copy = () => void copyText(terminal.selected).then(() => setCopied(true));
  return (
    <div
      class="selected"
      role="toolbar"
      aria-label={say("select.bar")}
      style={{ left: `${left}px`, top: `${top}px`, width: `${BAR.width}px` }}
      onMouseDown={stay}
    >
      <button type="button" onClick={copy}>
        {say(copied ? "select.copied" : "select.copy")}
      </button>
      <button type="button" onClick={() => open(terminal.lines())}>
        {say("select.text")}
      </button>
      <button type="button" onClick={unselect}>
        {say("select.done")}
      </button>
    </div>
  );
}

/** Copies text; where there is no clipboard for scripts, by the browser's own command. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const copying = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
  };
  document.addEventListener("copy", copying, { capture: true, once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", copying, { capture: true });
}
