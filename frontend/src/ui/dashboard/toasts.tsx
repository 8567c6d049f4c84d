// What is about to happen and can be taken back, and what went wrong: at the lower edge.

import type { Overview } from "../../dashboard/overview";
import { say } from "../../strings";

export function Toasts({ overview }: { overview: Overview }) {
  const failure = overview.failure.value;
  const close = () => {
    overview.failure.value = "";
  };
  return (
    <div class="endings" role="status">
      {overview.waiting.value.map(({ id, name, over }) => (
        <div class="ending" key={id}>
          <span>{say(over ? "toast.removing" : "toast.ending", { name })}</span>
          <button type="button" onClick={() => overview.undo(id)}>
            {say("toast.undo")}
          </button>
          <span class="ending-time" aria-hidden="true" />
        </div>
      ))}
      {failure !== "" && (
        <div class="ending bad">
          <span>{failure}</span>
          <button type="button" onClick={close}>
            {say("toast.close")}
          </button>
        </div>
      )}
    </div>
  );
}
