// The line at the bottom: what state the session is in, in words; how large, how far away, what it
// is called. Its changes of state are also read out.

import type { Page } from "../page";
import { newPath } from "../route";
import { count, inDigits, say } from "../strings";
import {
  progressWords,
  refusals,
  remark,
  role,
  roundTrip,
  type State,
  session,
  state,
  unsent,
} from "./model";

export function StatusLine({ page }: { page: Page }) {
  const focused = page.desk.focused.value;
  const model = page.panes.value.find((pane) => pane.model.process === focused)?.model;
  const delay = roundTrip.value;
  const ended = model !== undefined && model.exit.value !== null;
  const now: State = ended && state.value === "live" ? "ended" : state.value;
  const progress = progressWords(model?.progress.value ?? null);
  const terminal = model?.mode === "pty" || model?.mode === "pty+err";
  return (
    <footer class="status">
      <span class={`state ${now}`}>
        <span class="dot" aria-hidden="true" />
        <span role="status">{say(`state.${now}`)}</span>
      </span>
      {role.value === "watch" && (
        <span key={refusals.value} class={refusals.value > 0 ? "part refused" : "part"}>
          {say("status.readOnly")}
        </span>
      )}
      {unsent.value > 0 && <span class="part unsent">{count("unsent", unsent.value)}</span>}
      <span class="part title" title={model?.longLabel.value}>
        {model?.label.value ?? ""}
      </span>
      {progress !== "" && <span class="part progress">{progress}</span>}
      <span class="part remark" aria-live="polite">
        {remark.value}
      </span>
      {terminal && (
        <span class="part" dir="ltr" title={say("status.size")}>
          {model.size.value.cols}×{model.size.value.rows}
        </span>
      )}
      {delay !== null && now === "live" && (
        <span class="part delay" title={say("status.delay")}>
          {inMilliseconds(delay)}
        </span>
      )}
      <nav aria-label={say("dash.title")}>
        <a href={newPath()} target="_blank" rel="noopener" aria-label={say("status.newLong")}>
          {say("status.new")}
        </a>
        {session.value !== null && <span class="part id">{session.value}</span>}
      </nav>
    </footer>
  );
}

/** A time in milliseconds; what is less than one is not counted in parts. */
function inMilliseconds(time: number): string {
  const unit = { style: "unit", unit: "millisecond", unitDisplay: "short" } as const;
  const shown = inDigits(Math.max(Math.round(time), 1), unit);
  return time < 1 ? `<${shown}` : shown;
}
