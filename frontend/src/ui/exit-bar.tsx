// Says how a process ended, below what it left behind.

import { newPath } from "../route";
import { exitWords, type ProcessModel } from "./model";

export function ExitBar({ model }: { model: ProcessModel }) {
  const status = model.exit.value;
  if (status === null) return null;
  const good = "code" in status && status.code === 0;
  return (
    <div class={good ? "exit good" : "exit bad"}>
      <span aria-hidden="true">{good ? "✓" : "✗"}</span>
      <span>{exitWords(model.name, status)}</span>
      <a class="button" href={newPath()}>
        New session
      </a>
    </div>
  );
}
