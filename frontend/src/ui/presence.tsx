// Who is here: how many, and, when asked, who.

import { count, say } from "../strings";
import { info } from "./model";

export function Presence() {
  const now = info.value;
  if (now === null) return null;
  const words = count("here", now.count);
  const others = now.count - now.viewers.length;
  return (
    <details class="menu here">
      <summary aria-label={words} title={words}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <circle cx="8" cy="5" r="3" fill="currentColor" />
          <path d="M2 15a6 6 0 0 1 12 0z" fill="currentColor" />
        </svg>
        <span aria-hidden="true">{now.count}</span>
      </summary>
      <div class="sheet-small">
        <h2>{say("here.title")}</h2>
        <ul>
          {now.viewers.map(({ viewer, label, user, role }) => (
            <li key={viewer}>
              <span class="who">
                {label ?? say("here.nameless", { viewer: String(viewer) })}
                {viewer === now.you && <em> ({say("here.you")})</em>}
              </span>
              <span class="quiet">
                {user !== undefined && user !== role ? `${user}, ` : ""}
                {say(`role.${role}`)}
              </span>
            </li>
          ))}
          {others > 0 && <li class="quiet">{count("more", others)}</li>}
        </ul>
      </div>
    </details>
  );
}
