// The way from a session back to the overview of all.

import { BASE } from "../../route";
import { say } from "../../strings";

export function DashboardLink() {
  return (
    <a class="dash-link" href={BASE} title={say("dash.link")}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M1 1h6v6H1zM9 1h6v6H9zM1 9h6v6H1zM9 9h6v6H9z" fill="currentColor" />
      </svg>
      <span class="unseen">{say("dash.link")}</span>
    </a>
  );
}
