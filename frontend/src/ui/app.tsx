// The whole page: its panes, what has to be said, and the status line.

import type { Page } from "../page";
import { PipePane, TerminalPane } from "../panes";
import { session, state } from "./model";
import { NoticeCard } from "./notices";
import { PipeView } from "./pipe-view";
import { StatusLine } from "./status-line";
import { TerminalHost } from "./terminal-host";
import { TouchPlace } from "./touch/place";

export function App({ page }: { page: Page }) {
  const panes = page.panes.value;
  const first = panes[0]?.model.label.value;
  document.title = first === undefined ? "awp" : `${first} - awp`;
  return (
    <>
      <main class="page">
        <h1 class="unseen">{first === undefined ? "awp" : `awp session ${session.value ?? ""}`}</h1>
        <div class="panes">
          {panes.length === 0 && state.value === "connecting" && <p class="waiting">Connecting…</p>}
          {panes.map((pane) =>
            pane instanceof TerminalPane ? (
              <TerminalHost key={pane.model.process} pane={pane} />
            ) : pane instanceof PipePane ? (
              <PipeView key={pane.model.process} pane={pane} />
            ) : null,
          )}
          <NoticeCard page={page} />
        </div>
      </main>
      {!page.kiosk && <StatusLine page={page} />}
      <TouchPlace kiosk={page.kiosk} />
    </>
  );
}
