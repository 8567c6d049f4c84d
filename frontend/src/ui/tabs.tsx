// The tabs of a session: one of them can be reached by Tab, the others from it by arrow keys.

import { useRef } from "preact/hooks";
import type { Node } from "../gen/Node";
import { panesOf } from "../layout/tree";
import type { Page } from "../page";
import { say } from "../strings";
import { closePane } from "./actions";
import { alongRow } from "./direction";
import { beginDrag, dragged, landing } from "./drag";
import { role } from "./model";
import { StateDot } from "./state-dot";
import { TabProgress } from "./tab-progress";

export function Tabs({ page }: { page: Page }) {
  const { desk } = page;
  const list = useRef<HTMLDivElement>(null);
  const { tabs } = desk.layout.value;
  const active = desk.active.value;
  const go = (number: number) => {
    const to = (number + tabs.length) % tabs.length;
    const tab = tabs[to];
    if (tab === undefined) return;
    desk.hasKeyboard(desk.lastIn(tab));
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const to = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: -1 }[
      alongRow(event.key)
    ];
    if (to !== undefined) go(to);
    else if (event.key === "Enter" || event.key === " ") desk.grab();
    else if (event.key === "Delete") closePane(page, desk.focused.value);
    else return;
    event.preventDefault();
  };
  const end = landing.value !== null && "before" in landing.value && landing.value.before === null;
  return (
    <div
      class={end ? "tabs at-end" : "tabs"}
      role="tablist"
      aria-label={say("tabs.list")}
      data-tabs=""
      ref={list}
      onKeyDown={key}
    >
      {tabs.map((tab, number) => (
        <Tab key={panesOf(tab)[0]} page={page} tab={tab} number={number} here={number === active} />
      ))}
    </div>
  );
}

interface TabProps {
  page: Page;
  tab: Node;
  number: number;
  here: boolean;
}

function Tab({ page, tab, number, here }: TabProps) {
  const { desk } = page;
  const panes = panesOf(tab);
  const process = desk.lastIn(tab);
  const model = page.panes.value.find((pane) => pane.model.process === process)?.model;
  if (model === undefined) return null;
  const first = panes[0] ?? process;
  const before =
    landing.value !== null && "before" in landing.value && landing.value.before === first;
  const held = dragged.value !== null && panes.includes(dragged.value);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list of tabs has the keys
    <div
      class={`tab ${before ? "before" : ""} ${held ? "held" : ""}`}
      role="tab"
      id={here ? "tab-active" : undefined}
      aria-selected={here}
      aria-controls={here ? "desk" : undefined}
      tabIndex={here ? 0 : -1}
      data-tab={first}
      title={model.longLabel.value}
      onPointerDown={(event) => beginDrag(page, event, process, true)}
      onClick={() => desk.showTab(number)}
      onAuxClick={(event) => {
        if (event.button === 1) closePane(page, process);
      }}
    >
      <StateDot model={model} />
      <span class="title">{model.label.value}</span>
      <TabProgress progress={model.progress.value} />
      {panes.length > 1 && <span class="panes-count">{panes.length}</span>}
      {role.value !== "watch" && (
        // By keyboard it is the Delete key on the tab.
        <span
          class="shut"
          aria-hidden="true"
          onPointerDown={(event) => event.stopPropagation()}
          onClick={(event) => {
            event.stopPropagation();
            closePane(page, process);
          }}
        >
          ×
        </span>
      )}
    </div>
  );
}
