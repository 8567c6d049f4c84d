// The frame of one pane: its title where there are several, what it shows, and how it ended.

import type { Box } from "../layout/boxes";
import type { Page } from "../page";
import { type Pane, PipePane, TerminalPane } from "../panes";
import { say } from "../strings";
import { closePane } from "./actions";
import { beginDrag, zoneOf } from "./drag";
import { ExitBar } from "./exit-bar";
import { over } from "./files/drop";
import { finding, findPart } from "./find/open";
import { focused, role, sizeWords } from "./model";
import { PipeView } from "./pipe-view";
import { StateDot } from "./state-dot";
import { TerminalHost } from "./terminal-host";
import { openTranscript } from "./transcript/open";

interface Props {
  page: Page;
  pane: Pane;
  box: Box;
  shown: boolean;
  several: boolean;
}

export function PaneFrame({ page, pane, box, shown, several }: Props) {
  const { model } = pane;
  const { process } = model;
  const title = model.label.value;
  const share = (part: number) => `${part * 100}%`;
  const zone = zoneOf(process);
  const { value: find } = findPart;
  const kind = pane instanceof PipePane ? "pane.pipes" : "pane.terminal";
  return (
    <div
      class={`pane ${several && focused.value === process ? "front" : ""}`}
      role="group"
      aria-label={say(kind, { title })}
      data-pane={process}
      hidden={!shown}
      style={{
        left: share(box.left),
        top: share(box.top),
        width: share(box.width),
        height: share(box.height),
      }}
      onFocusIn={() => page.desk.hasKeyboard(process)}
    >
      {several && !page.kiosk && <PaneHead page={page} pane={pane} />}
      {pane instanceof TerminalPane && !page.kiosk && (
        <button type="button" class="to-text" onClick={() => void openTranscript(process)}>
          {say("transcript.of", { title })}
        </button>
      )}
      {find !== null && pane instanceof TerminalPane && finding.value === process && (
        <find.FindBar page={page} pane={pane} />
      )}
      {pane instanceof TerminalPane && <TerminalHost pane={pane} />}
      {pane instanceof PipePane && <PipeView pane={pane} />}
      {model.boxed.value && <p class="whose">{sizeWords(model.size.value)}</p>}
      <ExitBar page={page} model={model} />
      {zone !== null && <div class="zone" style={zone} />}
      {over.value === process && <p class="drop-here">{say("files.drop", { title })}</p>}
    </div>
  );
}

function PaneHead({ page, pane }: { page: Page; pane: Pane }) {
  const { model } = pane;
  const title = model.label.value;
  const zoomed = page.desk.single.value;
  return (
    <div
      class="pane-head"
      onPointerDown={(event) => {
        if ((event.target as Element).closest("button") !== null) return;
        page.desk.focus(model.process);
        beginDrag(page, event, model.process, false);
      }}
    >
      <StateDot model={model} />
      <span class="title" title={model.longLabel.value}>
        {title}
      </span>
      <button
        type="button"
        class="small"
        aria-label={zoomed ? say("pane.unzoom") : say("pane.zoom", { title })}
        aria-pressed={zoomed}
        onClick={() => page.desk.zoom(model.process)}
      >
        <span aria-hidden="true">{zoomed ? "⤡" : "⤢"}</span>
      </button>
      {role.value !== "watch" && (
        <button
          type="button"
          class="small"
          aria-label={say("pane.close", { title })}
          onClick={() => closePane(page, model.process)}
        >
          <span aria-hidden="true">×</span>
        </button>
      )}
    </div>
  );
}
