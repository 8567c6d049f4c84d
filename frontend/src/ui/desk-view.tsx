// The panes of a session. Each stays the same element wherever the layout puts it, so that nothing
// is drawn anew when it moves.

import { useRef } from "preact/hooks";
import { type Box, type Boxes, boxesOf } from "../layout/boxes";
import type { Page } from "../page";
import { Divider } from "./divider";
import { narrow } from "./model";
import { PaneFrame } from "./pane-frame";

const NONE: Boxes = { panes: new Map(), lines: [] };
const WHOLE: Box = { left: 0, top: 0, width: 1, height: 1 };

export function DeskView({ page }: { page: Page }) {
  const { desk } = page;
  const place = useRef<HTMLDivElement>(null);
  const active = desk.active.value;
  const tab = desk.layout.value.tabs[active];
  const boxes = tab === undefined ? NONE : boxesOf(tab, active);
  const single = desk.single.value || boxes.panes.size < 2;
  const visible = desk.visible.value;
  return (
    <div
      class="desk"
      ref={place}
      {...(page.kiosk || narrow.value
        ? {}
        : { id: "desk", role: "tabpanel", "aria-labelledby": "tab-active" })}
    >
      {page.inOrder().map((pane) => {
        const { process } = pane.model;
        const box = single ? WHOLE : (boxes.panes.get(process) ?? WHOLE);
        return (
          <PaneFrame
            key={process}
            page={page}
            pane={pane}
            box={box}
            shown={visible.includes(process)}
            several={boxes.panes.size > 1}
          />
        );
      })}
      {!single &&
        boxes.lines.map((line) => (
          <Divider key={`${line.path}/${line.index}`} desk={desk} line={line} place={place} />
        ))}
    </div>
  );
}
