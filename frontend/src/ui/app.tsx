// The whole page: the bar with the tabs, the panes, what has to be said, and the status line.

import { useEffect } from "preact/hooks";
import type { Page } from "../page";
import { TerminalPane } from "../panes";
import { say } from "../strings";
import { DeskView } from "./desk-view";
import { DialogPlace } from "./dialog";
import { catchFiles } from "./files/drop";
import { filesPart } from "./files/open";
import { LockedPlace } from "./locked/place";
import { info, locked, progressWords, session, state } from "./model";
import { NoticeCard } from "./notices";
import { overlay } from "./overlay";
import { installShortcuts } from "./shortcuts";
import { StatusLine } from "./status-line";
import { TopBar } from "./top-bar";
import { TouchPlace } from "./touch/place";
import { transcriptPart } from "./transcript/open";

export function App({ page }: { page: Page }) {
  const panes = page.panes.value;
  const focused = page.desk.focused.value;
  const model = panes.find(({ model }) => model.process === focused)?.model;
  const front = model?.label.value;
  const progress = progressWords(model?.progress.value ?? null);
  const title = front === undefined ? "awp" : `${front} - awp`;
  document.title = progress === "" ? title : `(${progress}) ${title}`;
  const terminal =
    panes.length === 0
      ? state.value === "connecting"
      : panes.some((pane) => pane instanceof TerminalPane);
  const name = info.value?.name ?? session.value ?? "";
  useEffect(() => (page.kiosk ? undefined : installShortcuts(page)), [page]);
  useEffect(() => catchFiles(!page.kiosk), [page]);
  const files = filesPart.value;
  const transcript = transcriptPart.value;
  const Over = overlay.value;
  return (
    <>
      {!page.kiosk && panes.length > 0 && !locked.value && <TopBar page={page} />}
      <main class="page">
        <h1 class="unseen">{front === undefined ? "awp" : say("app.session", { name })}</h1>
        <div class="panes">
          {panes.length === 0 && state.value === "connecting" && (
            <p class="waiting">{say("app.connecting")}</p>
          )}
          {panes.length > 0 && <DeskView page={page} />}
          <NoticeCard page={page} />
          <LockedPlace page={page} />
          {files !== null && <files.Files page={page} />}
        </div>
      </main>
      {!page.kiosk && <StatusLine page={page} />}
      <DialogPlace page={page} />
      {transcript !== null && <transcript.Transcript page={page} />}
      {Over !== null && <Over page={page} />}
      <TouchPlace kiosk={page.kiosk} terminal={terminal} />
    </>
  );
}
