// The panes of a session as one list to choose from, where there is no room for tabs.

import type { Page } from "../page";
import { say } from "../strings";

export function Switcher({ page }: { page: Page }) {
  const { desk } = page;
  return (
    <select
      class="switcher"
      aria-label={say("tabs.switch")}
      value={String(desk.focused.value)}
      onChange={(event) => desk.focus(Number(event.currentTarget.value))}
    >
      {page.inOrder().map(({ model }, index) => (
        <option key={model.process} value={String(model.process)}>
          {`${index + 1}: ${model.label.value}`}
        </option>
      ))}
    </select>
  );
}
