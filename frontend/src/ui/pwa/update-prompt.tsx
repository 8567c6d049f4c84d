// Says that there is a newer page, and waits for as long as the person likes.

import { render } from "preact";
import { say } from "../../strings";
import "../../style/update.css";

let place: HTMLElement | null = null;

/** Shows it, once. */
export function showUpdate(take: () => void): void {
  if (place !== null) return;
  const own = document.createElement("div");
  place = own;
  (document.querySelector(".panes, .dash") ?? document.body).append(own);
  const later = () => render(null, own);
  render(<UpdatePrompt take={take} later={later} />, own);
}

function UpdatePrompt({ take, later }: { take(): void; later(): void }) {
  return (
    <section class="update" aria-label={say("update.there")}>
      <span role="status">{say("update.there")}</span>
      <button type="button" onClick={later}>
        {say("update.later")}
      </button>
      <button type="button" class="main" onClick={take}>
        {say("update.take")}
      </button>
    </section>
  );
}
