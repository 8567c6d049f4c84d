// The state of a process as a mark: by shape as well as by colour.

import { type ProcessModel, state } from "./model";

export function StateDot({ model }: { model: ProcessModel }) {
  const exit = model.exit.value;
  if (exit !== null) {
    const good = "code" in exit && exit.code === 0;
    return (
      <span class={good ? "mark good" : "mark bad"} aria-hidden="true">
        {good ? "✓" : "✗"}
      </span>
    );
  }
  const now = state.value === "live" && model.behind.value ? "behind" : state.value;
  return (
    <span class={`state ${now}`} aria-hidden="true">
      <span class="dot" />
    </span>
  );
}
