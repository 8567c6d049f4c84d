// What an input method has not finished yet, shown at the terminal's cursor.

import type { TouchTerminal } from "../../term/touch-terminal";
import { preedit } from "./input-surface";

export function Preedit({ terminal }: { terminal: TouchTerminal }) {
  const text = preedit.value;
  if (text === "") return null;
  const { buffer, cols, options } = terminal.terminal;
  const { baseY, cursorX, cursorY } = buffer.active;
  const { x, y } = terminal.pointOf({ row: baseY + cursorY, col: Math.min(cursorX, cols - 1) });
  const { box } = terminal;
  const { height } = terminal.cellSize;
  const style = {
    left: `${Math.min(x, box.right - height)}px`,
    top: `${y}px`,
    maxWidth: `${box.right - x}px`,
    fontSize: `${options.fontSize}px`,
    lineHeight: `${height}px`,
  };
  return (
    <span class="preedit" aria-hidden="true" style={style}>
      {text}
    </span>
  );
}
