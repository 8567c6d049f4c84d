// Says how a process ended, below what it left behind, and what can be done about it.

import type { Page } from "../page";
import { newPath } from "../route";
import { say } from "../strings";
import { closePane } from "./actions";
import { exitWords, type ProcessModel, role, state } from "./model";

export function ExitBar({ page, model }: { page: Page; model: ProcessModel }) {
  const status = model.exit.value;
  if (status === null) return null;
  const good = "code" in status && status.code === 0;
  const alive = page.panes.value.some((pane) => pane.model.exit.value === null);
  const open = alive && role.value !== "watch" && state.value !== "ended" && !page.kiosk;
  return (
    <div class={good ? "exit good" : "exit bad"}>
      <span aria-hidden="true">{good ? "✓" : "✗"}</span>
      <span>{exitWords(model.name.value, status)}</span>
      {open && (
        <>
          <button type="button" onClick={() => void page.desk.restart(model.process)}>
            {say("pane.restart")}
          </button>
          <button type="button" onClick={() => closePane(page, model.process)}>
            {say("pane.shut")}
          </button>
        </>
      )}
      {!open && !page.kiosk && (
        <a class="button" href={newPath()}>
          {say("pane.newSession")}
        </a>
      )}
    </div>
  );
}
